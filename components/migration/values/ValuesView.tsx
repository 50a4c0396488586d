'use client';
import { Download } from 'lucide-react';
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { GeneratedValues } from '#lib/api/preflight.ts';
import { PHASES, type Phase } from '#lib/migration/model.ts';
import { STAGES } from '#lib/preflight/values/model.ts';
import { downloadText } from '#components/flows/download.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { DIFF_VIEWS, type DiffView } from '#components/policies/policy/diff-views.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { cx } from '#components/ui/cx.ts';
import { Stale } from '#components/ui/Faces.tsx';
import { exact } from '#components/ui/format.ts';
import { Segmented } from '#components/ui/Segmented.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { MigrationHead } from '../MigrationTabs.tsx';
import { TargetVersion } from '../preflight/TargetVersion.tsx';
import { NoMigration } from '../risks/NoMigration.tsx';
import { ValuesChanges } from './ValuesChanges.tsx';
import { MissingFacts, ValuesNotes } from './ValuesNotes.tsx';
import { SHOWN, STAGE_WORDS, type Shown, fileOf, valuesQuery } from './values-view.ts';
import { YamlLines } from './YamlLines.tsx';

const OWN = {
  phase: parseAsInteger.withDefault(1),
  stage: parseAsStringLiteral(STAGES).withDefault('begin'),
  target: parseAsString.withDefault(''),
  show: parseAsStringLiteral(SHOWN).withDefault('values'),
  diff: parseAsStringLiteral(DIFF_VIEWS).withDefault('split'),
};

/** Values: what to give the chart for a phase, from the facts of this cluster, each value with its reason and against what runs. */
export function ValuesView() {
  const view = useConsole();
  const [own, setOwn] = useQueryStates(OWN, { history: 'replace' });
  const phase: Phase = PHASES.find((each) => each === own.phase) ?? 1;
  const query = valuesQuery(phase, own.stage, own.target);
  const { data, error, loading, changing, staleSince, reload } = useApi(`${view.api}/migration/values?${query}`, GeneratedValues);
  const stages = STAGE_WORDS[phase];
  return (
    <div className="mx-auto flex max-w-[1760px] flex-col gap-3 px-3 py-3 md:px-6 md:py-5">
      <MigrationHead title="Values" />
      {staleSince !== undefined && (
        <Stale asOf={staleSince} problem={error} className="rounded-md border border-line bg-surface" />
      )}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Segmented
          label="Phase"
          value={String(phase)}
          onChange={(next) => void setOwn({ phase: Number(next), stage: null })}
          className="max-w-full overflow-x-auto"
          options={PHASES.map((each) => ({ value: String(each), label: `Phase ${each}` }))}
        />
        {stages && (
          <Segmented
            label="Step"
            value={own.stage}
            onChange={(stage) => void setOwn({ stage })}
            options={STAGES.map((value) => ({ value, label: stages[value] }))}
          />
        )}
        <TargetVersion
          key={own.target}
          target={own.target}
          shown={data?.version ?? ''}
          action="Generate for it"
          onChange={(target) => void setOwn({ target: target || null })}
        />
      </div>
      {loading && (
        <Card flush title="Values">
          <SkeletonRows rows={16} label="Generating values" />
        </Card>
      )}
      {!data && error && <NoMigration title="Values" problem={error} onRetry={reload} />}
      {data && (
        <div
          className={cx(
            'grid grid-cols-1 items-start gap-3 xl:grid-cols-[minmax(0,1fr)_420px]',
            (staleSince !== undefined || changing) && 'stale',
          )}
        >
          <Texts
            values={data}
            shown={own.show}
            onShow={(show) => void setOwn({ show })}
            diffView={own.diff}
            onDiffView={(diff) => void setOwn({ diff })}
          />
          <div className="flex min-w-0 flex-col gap-3">
            {data.missing.length > 0 && <MissingFacts missing={data.missing} />}
            <ValuesNotes notes={data.notes} />
          </div>
        </div>
      )}
    </div>
  );
}

const TITLES: Record<Shown, string> = {
  values: 'Helm values',
  application: 'Argo CD Application',
  objects: 'Objects beside the chart',
  changes: 'Changes',
};

function Texts({ values, shown, onShow, diffView, onDiffView }: TextsProps) {
  const { diff, manifests, missing } = values;
  const names = missing.map(({ name }) => name);
  const labels: Record<Shown, string> = {
    values: 'Values',
    application: 'Application',
    objects: `Objects ${exact(manifests.length)}`,
    changes: `Changes ${diff ? exact(diff.changes.length) : ''}`.trim(),
  };
  // Most phases need no object beside the chart.
  const offered = SHOWN.filter((each) => each !== 'objects' || manifests.length > 0);
  const chosen = offered.includes(shown) ? shown : 'values';
  const file = fileOf(values, chosen);
  return (
    <Card flush title={TITLES[chosen]} hint={`Cilium ${values.version}, phase ${values.phase}`}>
      <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-2">
        <Segmented
          label="Shown"
          value={chosen}
          onChange={onShow}
          className="max-w-full overflow-x-auto"
          options={offered.map((value) => ({ value, label: labels[value] }))}
        />
        <span className="flex flex-wrap gap-2">
          <CopyButton text={file.text} label={`Copy ${file.name}`}>
            Copy
          </CopyButton>
          <Button disabled={file.text === ''} onClick={() => downloadText(file.name, file.type, file.text)}>
            <Download size={14} aria-hidden="true" />
            Download
          </Button>
        </span>
      </div>
      {chosen === 'changes' && <ValuesChanges diff={diff} view={diffView} onView={onDiffView} />}
      {chosen === 'objects' &&
        manifests.map(({ name, why, yaml }) => (
          <section key={name} aria-label={name} className="border-t border-line first:border-t-0">
            <h3 className="px-4 pt-3 font-mono text-12">{name}</h3>
            <p className="px-4 pb-1 text-13 text-ink-2">{why}</p>
            <YamlLines yaml={yaml} label={`Text of ${name}`} missing={names} />
          </section>
        ))}
      {(chosen === 'values' || chosen === 'application') && (
        <YamlLines yaml={file.text} label={`Text of the ${TITLES[chosen]}`} missing={names} />
      )}
    </Card>
  );
}
interface TextsProps {
  values: GeneratedValues;
  shown: Shown;
  onShow: (shown: Shown) => void;
  diffView: DiffView;
  onDiffView: (view: DiffView) => void;
}
