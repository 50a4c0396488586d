'use client';
import { type FormEvent, useState } from 'react';
import { ClusterList } from '#lib/api/clusters.ts';
import type { Environment } from '#lib/api/common.ts';
import { type GateRules, Migration, type MigrationChange } from '#lib/api/migration.ts';
import { callApi } from '#components/live/api.ts';
import { useApi } from '#components/live/use-api.ts';
import { useAction } from '#components/settings/use-action.ts';
import { Field } from '#components/settings/Field.tsx';
import { Button } from '#components/ui/Button.tsx';
import { EnvironmentTag } from '#components/ui/Chip.tsx';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { columnsOf } from '../matrix/matrix-view.ts';
import { migrationApi } from '../use-migration.ts';
import { visibleLine } from '../visible-lines.ts';
import { clustersByEnvironment } from './begin-form.ts';
import { ChoiceFields } from './ChoiceFields.tsx';
import { type RulesForm, formOfRules, rulesOfForm } from './rules-form.ts';
import { RulesFields } from './RulesFields.tsx';

/** What an admin may change of a migration. Read at `etag`: a change made meanwhile by someone else is refused, not overwritten. */
export function SettingsDrawer({ migration, etag, cluster, onSaved, onClose }: SettingsDrawerProps) {
  const columns = columnsOf(migration);
  const list = useApi('/api/v1/clusters', ClusterList);
  const { busy, problem, run } = useAction();
  const [name, setName] = useState(migration.name);
  const [choices, setChoices] = useState(migration.choices);
  const [moveOn, setMoveOn] = useState(false);
  const [clusters, setClusters] = useState<ReadonlyMap<Environment, string>>(
    () => new Map(columns.map(({ environment, cluster: one }) => [environment, one?.id ?? ''])),
  );
  const [rules, setRules] = useState<ReadonlyMap<Environment, RulesForm>>(
    () => new Map(columns.map(({ environment, rules: given }) => [environment, formOfRules(given)])),
  );
  const [wrong, setWrong] = useState('');

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const changed = new Map<Environment, GateRules>();
    for (const column of columns) {
      const result = rulesOfForm(rules.get(column.environment) ?? formOfRules(column.rules));
      if (!result.ok) return setWrong(`${column.environment}: ${result.problem}`);
      if (JSON.stringify(result.rules) !== JSON.stringify(column.rules)) changed.set(column.environment, result.rules);
    }
    setWrong('');
    const moved = columns.filter(
      (column) => !column.hidden && (clusters.get(column.environment) ?? '') !== (column.cluster?.id ?? ''),
    );
    const change: MigrationChange = {
      ...(name.trim() !== migration.name && { name: name.trim() }),
      ...(JSON.stringify(choices) !== JSON.stringify(migration.choices) && { choices }),
      ...(moveOn && { planVersion: migration.latestPlanVersion }),
      ...(moved.length > 0 && {
        clusters: Object.fromEntries(moved.map(({ environment }) => [environment, clusters.get(environment) || null])),
      }),
      ...(changed.size > 0 && { rules: Object.fromEntries(changed) }),
    };
    if (Object.keys(change).length === 0) return onClose();
    const done = await run(() =>
      callApi(migrationApi(cluster), Migration, { method: 'PATCH', json: change, headers: { 'if-match': etag ?? '' } }),
    );
    if (!done) return;
    onSaved();
    onClose();
  };
  const newRevision = moveOn || JSON.stringify(choices) !== JSON.stringify(migration.choices);
  return (
    <Drawer
      kind="Migration"
      title={visibleLine(migration.name)}
      wide
      onClose={onClose}
      footer={
        <Button look="primary" type="submit" form="migration-settings" disabled={busy || name.trim() === ''}>
          Save
        </Button>
      }
    >
      <form id="migration-settings" onSubmit={(event) => void save(event)}>
        <DrawerSection title="Migration">
          <div className="flex flex-col gap-3">
            <Field label="Name">
              <input value={name} onChange={(event) => setName(event.target.value)} maxLength={100} className={inputClass} />
            </Field>
            {migration.planVersion !== migration.latestPlanVersion && (
              <label className="flex items-start gap-2 text-13">
                <input
                  type="checkbox"
                  checked={moveOn}
                  onChange={(event) => setMoveOn(event.target.checked)}
                  className="mt-0.5 size-4 shrink-0 accent-accent"
                />
                Move on from plan {visibleLine(migration.planVersion)} to {visibleLine(migration.latestPlanVersion)}
              </label>
            )}
          </div>
        </DrawerSection>
        <DrawerSection title="Clusters">
          <div className="flex flex-col gap-3">
            {clustersByEnvironment(list.data?.clusters ?? []).map(([env, options]) => (
              <Field key={env} label={<EnvironmentTag environment={env} />}>
                <select
                  value={clusters.get(env) ?? ''}
                  disabled={columns.some((column) => column.environment === env && column.hidden)}
                  onChange={(event) => setClusters(new Map(clusters).set(env, event.target.value))}
                  className={inputClass}
                >
                  <option value="">none</option>
                  {options.map(({ id, name: title }) => (
                    <option key={id} value={id}>
                      {visibleLine(title)}
                    </option>
                  ))}
                </select>
              </Field>
            ))}
          </div>
        </DrawerSection>
        <DrawerSection title="Choices of the plan">
          <div className="flex flex-col gap-4">
            <ChoiceFields choices={choices} onChange={setChoices} />
            {newRevision && (
              <p className="flex items-baseline gap-1.5 text-12 text-ink-2">
                <Mark name="advice" className="translate-y-0.5" />
                This makes a new revision: a phase is promoted only within one, and open requests become stale.
              </p>
            )}
          </div>
        </DrawerSection>
        {columns.map(({ environment }) => (
          <DrawerSection
            key={environment}
            title={
              <span className="flex items-center gap-2">
                Gates in <EnvironmentTag environment={environment} />
              </span>
            }
          >
            <RulesFields
              env={environment}
              form={rules.get(environment)}
              onChange={(form) => setRules(new Map(rules).set(environment, form))}
            />
          </DrawerSection>
        ))}
        {wrong !== '' && (
          <p role="alert" className="px-4 py-3 text-13 text-drop-text">
            {wrong}
          </p>
        )}
        {problem && <Failed problem={problem} />}
      </form>
    </Drawer>
  );
}
interface SettingsDrawerProps {
  migration: Migration;
  etag: string | undefined;
  cluster: string;
  onSaved: () => void;
  onClose: () => void;
}
