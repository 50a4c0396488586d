'use client';
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { RiskRegister } from '#lib/api/migration.ts';
import { PHASES } from '#lib/migration/model.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { cx } from '#components/ui/cx.ts';
import { Empty, Stale } from '#components/ui/Faces.tsx';
import { exact } from '#components/ui/format.ts';
import { Segmented } from '#components/ui/Segmented.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { MigrationHead } from '../MigrationTabs.tsx';
import { PhaseFilter } from '../PhaseFilter.tsx';
import { useMigrationChanges } from '../use-migration.ts';
import { NoMigration } from './NoMigration.tsx';
import { ImpactTable } from './ImpactTable.tsx';
import { RiskDrawer } from './RiskDrawer.tsx';
import { RiskStateMark } from './RiskStateWord.tsx';
import { RiskTable } from './RiskTable.tsx';
import { SHOWN_RISKS, type ShownRisks, countStates, filterRisks, inOrder } from './risks-view.ts';

const OWN = {
  risk: parseAsString,
  phase: parseAsInteger,
  state: parseAsStringLiteral(SHOWN_RISKS).withDefault('all'),
};

const STATE_WORDS: Record<ShownRisks, string> = {
  all: 'All',
  happened: 'Happened',
  open: 'Open',
  watched: 'Watched',
  closed: 'Closed',
};

/** The risk register of the migration, and what each phase does to each component. */
export function RisksView({ mayEdit }: { mayEdit: boolean }) {
  const view = useConsole();
  const [own, setOwn] = useQueryStates(OWN, { history: 'push' });
  const { data, error, loading, staleSince, reload } = useApi(`${view.api}/migration/risks`, RiskRegister, {
    refreshMs: view.refreshMs === 0 ? 0 : 30_000,
  });
  useMigrationChanges(view.live && data !== undefined ? view.cluster : null);
  const phase = PHASES.find((each) => each === own.phase) ?? null;
  const chosen = data?.risks.find(({ id }) => id === own.risk);
  const shown = data && inOrder(filterRisks(data.risks, phase, own.state));
  const counts = data && countStates(filterRisks(data.risks, phase, 'all'));
  return (
    <div className="mx-auto flex max-w-[1760px] flex-col gap-3 px-3 py-3 md:px-6 md:py-5">
      <MigrationHead title="Risks" />
      {staleSince !== undefined && (
        <Stale asOf={staleSince} problem={error} className="rounded-md border border-line bg-surface" />
      )}
      {loading && (
        <Card flush title="Register">
          <SkeletonRows rows={12} dense={false} label="Loading risks" />
        </Card>
      )}
      {!data && error && <NoMigration title="Register" problem={error} onRetry={reload} />}
      {data && shown && counts && (
        <div className={cx('flex flex-col gap-3', staleSince !== undefined && 'stale')}>
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <PhaseFilter phase={phase} onChange={(next) => void setOwn({ phase: next })} />
            <Segmented
              label="State"
              value={own.state}
              onChange={(state) => void setOwn({ state })}
              className="max-w-full overflow-x-auto"
              options={SHOWN_RISKS.map((value) => ({
                value,
                label: (
                  <>
                    {value !== 'all' && <RiskStateMark state={value} />}
                    {STATE_WORDS[value]} {exact(counts[value])}
                  </>
                ),
              }))}
            />
          </div>
          <Card flush title="Register" hint={`${exact(shown.length)} of ${exact(data.risks.length)} risks`}>
            {shown.length === 0 ? (
              <Empty
                title="No risk matches"
                action={<Button onClick={() => void setOwn({ phase: null, state: null })}>Show all risks</Button>}
              />
            ) : (
              <RiskTable risks={shown} chosen={own.risk} onChoose={(risk) => void setOwn({ risk })} />
            )}
          </Card>
          <ImpactTable impacts={data.impacts} phase={phase} />
        </div>
      )}
      {chosen && (
        <RiskDrawer
          key={`${chosen.id} ${chosen.version}`}
          risk={chosen}
          mayEdit={mayEdit}
          onClose={() => void setOwn({ risk: null })}
          onSaved={reload}
        />
      )}
    </div>
  );
}
