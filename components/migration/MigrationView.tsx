'use client';
import { Settings2, Upload } from 'lucide-react';
import type { ReactNode } from 'react';
import { Migration } from '#lib/api/migration.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Empty, Failed, Stale } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { BeginView } from './begin/BeginView.tsx';
import { SettingsDrawer } from './begin/SettingsDrawer.tsx';
import { BrokenGlassBanner } from './BrokenGlassBanner.tsx';
import { ChangeLine } from './ChangeLine.tsx';
import { ExportMenu } from './ExportMenu.tsx';
import { Matrix } from './matrix/Matrix.tsx';
import { MatrixSkeleton } from './matrix/MatrixSkeleton.tsx';
import { type CellPlace, columnsOf, currentPhase, environmentOf } from './matrix/matrix-view.ts';
import { MigrationHead } from './MigrationTabs.tsx';
import { PhasePanels } from './phase/PhasePanels.tsx';
import { PhaseSkeleton } from './phase/PhaseSkeleton.tsx';
import { PrintMatrix } from './print/PrintMatrix.tsx';
import { usePrinting } from './print/use-printing.ts';
import { type Looker, rightsIn } from './rights.ts';
import { UploadsDrawer } from './uploads/UploadsDrawer.tsx';
import { migrationApi, useMigrationChanges } from './use-migration.ts';
import { usePlace } from './use-place.ts';
import { visibleLine } from './visible-lines.ts';

/** The plan: phases by environments, and below it the phase that is chosen. Without a migration, how one is begun. */
export function MigrationView({ looker }: { looker: Looker }) {
  const view = useConsole();
  const state = useApi(migrationApi(view.cluster), Migration, { refreshMs: 30_000 });
  const { data: migration, error, reload } = state;
  if (migration) return <Plan migration={migration} state={state} cluster={view.cluster} looker={looker} />;
  if (error?.status === 404)
    return <BeginView cluster={view.cluster} mayBegin={rightsIn(looker, view.cluster).manage} onBegun={reload} />;
  return (
    <Body>
      <MigrationHead title="plan" />
      {error ? (
        <Card title="Plan" flush>
          <Failed problem={error} onRetry={reload} />
        </Card>
      ) : (
        <>
          <MatrixSkeleton />
          <PhaseSkeleton />
        </>
      )}
    </Body>
  );
}

const Body = ({ children }: { children: ReactNode }) => (
  <div className="@container mx-auto flex max-w-[1360px] flex-col gap-3 px-3 py-3 md:px-6 md:py-5 print:max-w-none print:p-0">
    {children}
  </div>
);

function Plan({ migration, state, cluster, looker }: PlanProps) {
  const [own, setOwn] = usePlace();
  const seen = useMigrationChanges(cluster);
  const printing = usePrinting();
  const columns = columnsOf(migration);
  const home = environmentOf(migration, cluster) ?? columns[0]?.environment ?? 'DEV';
  const env = own.env ?? home;
  const place: CellPlace = { phase: own.phase ?? currentPhase(migration, env), env };
  const column = columns.find(({ environment }) => environment === env);
  const rights = rightsIn(looker, column?.cluster?.id ?? '');
  const mayManage = columns.some((one) => one.cluster && rightsIn(looker, one.cluster.id).manage);
  const choose = (next: CellPlace) => void setOwn({ phase: next.phase, env: next.env, step: null, check: null, figure: null });
  return (
    <Body>
      <div className="print:hidden">
        <MigrationHead
          title="plan"
          actions={
            <>
              {mayManage && (
                <Button look="quiet" onClick={() => void setOwn({ open: 'settings', check: null })}>
                  <Settings2 size={14} aria-hidden="true" />
                  Settings
                </Button>
              )}
              <Button onClick={() => void setOwn({ open: 'uploads', check: null })} disabled={!column?.cluster}>
                <Upload size={14} aria-hidden="true" />
                {rights.edit ? 'Upload evidence' : 'Evidence files'}
              </Button>
              <ExportMenu cluster={cluster} />
            </>
          }
        />
      </div>
      <div className="-mt-1 flex flex-wrap items-center justify-between gap-x-4 gap-y-1 print:hidden">
        <p className="min-w-0 text-13 wrap-anywhere text-ink-3">
          {visibleLine(migration.name)} · plan {visibleLine(migration.planVersion)} ·{' '}
          {columns
            .filter((one) => one.cluster)
            .map((one) => `${one.environment} ${visibleLine(one.cluster?.name ?? '')}`)
            .join(', ')}
        </p>
        <ChangeLine seen={seen} />
      </div>
      {!printing && <BrokenGlassBanner broken={migration.brokenGlass} onOpen={choose} />}
      <PlanNote migration={migration} mayManage={mayManage} onSettings={() => void setOwn({ open: 'settings', check: null })} />
      {state.staleSince !== undefined && (
        <Stale asOf={state.staleSince} problem={state.error} className="rounded-md border border-line bg-surface print:hidden" />
      )}
      {printing && <PrintMatrix migration={migration} />}
      <div className={state.staleSince === undefined ? 'print:hidden' : 'stale print:hidden'}>
        <Matrix migration={migration} selected={place} onSelect={choose} />
      </div>
      {column?.cluster ? (
        <PhasePanels
          key={`${column.cluster.id} ${place.phase}`}
          migration={migration}
          place={place}
          cluster={column.cluster}
          page={cluster}
          looker={looker}
          own={own}
          setOwn={setOwn}
        />
      ) : (
        <Card title={`Phase ${place.phase} in ${env}`} flush>
          {column?.hidden ? (
            <Empty title="You may not see the cluster of this environment">
              Your roles do not include it. An administrator can grant them.
            </Empty>
          ) : (
            <Empty title={`The migration has no cluster in ${env}`}>
              {mayManage ? 'Set one in Settings.' : 'An administrator can set one.'} Without it the environments after {env} wait
              for the one before it.
            </Empty>
          )}
        </Card>
      )}
      {own.open === 'uploads' && own.check === null && column?.cluster && (
        <UploadsDrawer
          key={column.cluster.id}
          cluster={column.cluster.id}
          clusterName={column.cluster.name}
          environment={env}
          mayEdit={rights.edit && !migration.planGone}
          onUploaded={state.reload}
          onClose={() => void setOwn({ open: null })}
        />
      )}
      {own.open === 'settings' && own.check === null && mayManage && (
        <SettingsDrawer
          key={migration.version}
          migration={migration}
          etag={state.etag}
          cluster={cluster}
          onSaved={state.reload}
          onClose={() => void setOwn({ open: null })}
        />
      )}
    </Body>
  );
}
interface PlanProps {
  migration: Migration;
  state: ReturnType<typeof useApi<Migration>>;
  cluster: string;
  looker: Looker;
}

/** A plan version that is gone, or a newer one that waits. */
function PlanNote({ migration, mayManage, onSettings }: { migration: Migration; mayManage: boolean; onSettings: () => void }) {
  const { planGone, planVersion, latestPlanVersion } = migration;
  if (!planGone && planVersion === latestPlanVersion) return null;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md border border-line bg-surface px-4 py-2 text-13 print:hidden">
      <Mark name="advice" />
      <p className="min-w-0 flex-1 basis-64 wrap-anywhere">
        {planGone
          ? `This console does not have plan ${visibleLine(planVersion)} any more. The migration is shown by what is stored and takes no new decision until it is moved on to plan ${visibleLine(latestPlanVersion)}.`
          : `Plan ${visibleLine(latestPlanVersion)} is newer than the plan of this migration. What is ticked and passed stays; promotion begins anew with the new revision.`}
      </p>
      {mayManage && (
        <Button size="sm" onClick={onSettings}>
          Move on
        </Button>
      )}
    </div>
  );
}
