'use client';
import { useId } from 'react';
import { TopologyJson } from '#lib/api/topology.ts';
import { useApi } from '#components/live/use-api.ts';
import type { Console } from '#components/live/use-console.ts';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { cx } from '#components/ui/cx.ts';
import type { Scope } from './suggest-input.ts';

/** For whom policies are suggested: a namespace, or one workload of it; which directions; requests or ports only. */
export function SuggestForm({ view, scope, onChange }: FormProps) {
  const id = useId();
  const { data: map } = useApi(`${view.api}/topology?level=workload&${view.rangeQuery()}`, TopologyJson);
  const seen = map?.nodes.filter(({ namespace }) => namespace !== '') ?? [];
  const namespaces = listed(
    seen.map(({ namespace }) => namespace),
    scope.ns,
  );
  const workloads = listed(
    seen.filter(({ namespace }) => namespace === scope.ns).map(({ name }) => name),
    scope.workload,
  );
  return (
    <form
      aria-label="Scope"
      onSubmit={(event) => event.preventDefault()}
      className="flex flex-wrap items-end gap-3 rounded-md border border-line bg-surface p-4"
    >
      <Choice
        id={`${id}-ns`}
        label="Namespace"
        none="Choose"
        value={scope.ns}
        options={namespaces}
        onChange={(ns) => onChange({ ...scope, ns, workload: null })}
      />
      <Choice
        id={`${id}-workload`}
        label="Workload"
        none="all of them"
        value={scope.workload}
        options={workloads}
        onChange={(workload) => onChange({ ...scope, workload })}
      />
      <div className="flex flex-col gap-1">
        <span className="text-12 text-ink-2">Directions</span>
        <Segmented
          label="Directions"
          value={scope.side}
          onChange={(side) => onChange({ ...scope, side })}
          options={[
            { value: 'both', label: 'Both' },
            { value: 'ingress', label: 'Ingress' },
            { value: 'egress', label: 'Egress' },
          ]}
        />
      </div>
      <label className="flex min-h-9 items-center gap-2 text-13 md:min-h-7">
        <input
          type="checkbox"
          checked={scope.l7}
          onChange={(event) => onChange({ ...scope, l7: event.target.checked })}
          className="ring-focus size-4 accent-accent"
        />
        HTTP requests as rules
      </label>
    </form>
  );
}
interface FormProps {
  view: Console;
  scope: Scope;
  onChange: (scope: Scope) => void;
}

/** Sorted, each once; what is chosen is among them even where it was not seen. */
const listed = (names: readonly string[], chosen: string | null): string[] =>
  [...new Set(chosen === null ? names : [...names, chosen])].toSorted();

function Choice({ id, label, none, value, options, onChange }: ChoiceProps) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-12 text-ink-2">
        {label}
      </label>
      <select
        id={id}
        value={value ?? ''}
        onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}
        className={cx(inputClass, 'max-w-full min-w-44 font-mono text-12')}
      >
        <option value="">{none}</option>
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    </div>
  );
}
interface ChoiceProps {
  id: string;
  label: string;
  none: string;
  value: string | null;
  options: readonly string[];
  onChange: (value: string | null) => void;
}
