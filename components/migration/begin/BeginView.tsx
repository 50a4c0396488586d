'use client';
import { type FormEvent, useState } from 'react';
import { useRouter } from 'next/navigation';
import { type Cluster, ClusterList } from '#lib/api/clusters.ts';
import type { Environment } from '#lib/api/common.ts';
import { Migration } from '#lib/api/migration.ts';
import type { PlanChoices } from '#lib/migration/model.ts';
import { callApi } from '#components/live/api.ts';
import { Loaded } from '#components/live/Loaded.tsx';
import { useApi } from '#components/live/use-api.ts';
import { useAction } from '#components/settings/use-action.ts';
import { Field } from '#components/settings/Field.tsx';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { EnvironmentTag } from '#components/ui/Chip.tsx';
import { Empty, Failed } from '#components/ui/Faces.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { MigrationHead } from '../MigrationTabs.tsx';
import { migrationApi, onceHeaders } from '../use-migration.ts';
import { visibleLine } from '../visible-lines.ts';
import { ChoiceFields } from './ChoiceFields.tsx';
import { clustersByEnvironment } from './begin-form.ts';

/** No migration yet: an admin begins one, others read whom to ask. */
export function BeginView({ cluster, mayBegin, onBegun }: BeginViewProps) {
  const state = useApi('/api/v1/clusters', ClusterList);
  return (
    <div className="mx-auto flex max-w-[1040px] flex-col gap-3 px-3 py-3 md:px-6 md:py-5">
      <MigrationHead title="plan" />
      <Card title="No migration has begun for this cluster" flush>
        {mayBegin ? (
          <Loaded state={state}>{({ clusters }) => <BeginForm clusters={clusters} cluster={cluster} onBegun={onBegun} />}</Loaded>
        ) : (
          <Empty title="An administrator begins it">
            A migration takes up to three clusters, one for each environment, from the AWS VPC CNI to Cilium in five phases. Ask
            someone with the role admin to begin it, and name the clusters of DEV, TST and PRD. Preflight and the values of each
            phase can be read before.
          </Empty>
        )}
      </Card>
    </div>
  );
}
interface BeginViewProps {
  cluster: string;
  mayBegin: boolean;
  onBegun: () => void;
}

function BeginForm({ clusters, cluster, onBegun }: { clusters: readonly Cluster[]; cluster: string; onBegun: () => void }) {
  const own = clusters.find(({ id }) => id === cluster);
  const router = useRouter();
  const { busy, problem, run } = useAction();
  const [name, setName] = useState('Platform');
  const [chosen, setChosen] = useState<ReadonlyMap<Environment, string>>(() => new Map(own ? [[own.environment, own.id]] : []));
  const [choices, setChoices] = useState<PlanChoices>({ method: 'mutual-auth', route: 'node-groups' });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await run(() =>
      callApi(migrationApi(cluster), Migration, {
        method: 'POST',
        json: { name: name.trim(), clusters: Object.fromEntries([...chosen].filter(([, id]) => id !== '')), choices },
        headers: onceHeaders(),
      }),
    );
    if (!done) return;
    onBegun();
    // The frame shows where the cluster stands.
    router.refresh();
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4 p-4">
      <p className="max-w-prose text-13 text-ink-2">
        Phase by phase each cluster goes from the AWS VPC CNI to Cilium. A phase reaches TST when it is completed and has soaked
        in DEV, and PRD when it has in TST. Clusters can be added later.
      </p>
      <div className="max-w-sm">
        <Field label="Name" hint="As people speak of it.">
          <input value={name} onChange={(event) => setName(event.target.value)} required maxLength={100} className={inputClass} />
        </Field>
      </div>
      <div className="grid gap-3 md:grid-cols-3">
        {clustersByEnvironment(clusters).map(([env, options]) => (
          <Field
            key={env}
            label={
              <span className="flex items-center gap-2">
                <EnvironmentTag environment={env} /> cluster
              </span>
            }
            {...(options.length === 0 && { hint: 'No cluster of this environment is set up, or you may not see it.' })}
          >
            <select
              value={chosen.get(env) ?? ''}
              disabled={options.length === 0 || own?.environment === env}
              onChange={(event) => setChosen(new Map(chosen).set(env, event.target.value))}
              className={inputClass}
            >
              <option value="">none yet</option>
              {options.map(({ id, name: title }) => (
                <option key={id} value={id}>
                  {visibleLine(title)}
                </option>
              ))}
            </select>
          </Field>
        ))}
      </div>
      <ChoiceFields choices={choices} onChange={setChoices} />
      {problem && <Failed problem={problem} className="p-0" />}
      <Button type="submit" look="primary" className="self-start" disabled={busy || name.trim() === ''}>
        Begin migration
      </Button>
    </form>
  );
}
