'use client';
import { type FormEvent, useId, useState } from 'react';
import { TopologyJson } from '#lib/api/topology.ts';
import { PolicySetList } from '#lib/api/policies.ts';
import { ENTITIES, POLICY_PROTOCOLS } from '#lib/policy/model.ts';
import { useApi } from '#components/live/use-api.ts';
import type { Console } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { cx } from '#components/ui/cx.ts';
import { type AskedParams, type Asked, askedOfParams, peerProblem } from './question.ts';

export type WhyDraft = AskedParams & { readonly set: string };

/** A question typed in: both ends with completion from what is seen, port, and a request where one matters. */
export function WhyForm({ view, draft: given, onAsk }: WhyFormProps) {
  const id = useId();
  const [draft, setDraft] = useState(given);
  const [tried, setTried] = useState(false);
  // The question changes from outside too: links, the back button.
  const [known, setKnown] = useState(given);
  if (known !== given) {
    setKnown(given);
    setDraft(given);
  }
  const { data: map } = useApi(`${view.api}/topology?level=workload&range=3h`, TopologyJson);
  const { data: sets } = useApi(`${view.api}/policy-sets`, PolicySetList);
  const peers = [
    ...new Set([...(map?.nodes.map((node) => peerText(node.id)) ?? []), ...ENTITIES.map((name) => `entity:${name}`)]),
  ]
    .filter((peer) => peer !== '')
    .toSorted();
  const icmp = draft.protocol?.startsWith('ICMP') === true;
  const set = (change: Partial<WhyDraft>) => setDraft({ ...draft, ...change });
  const asked = askedOfParams(draft);
  const problems = {
    src: peerProblem(draft.src ?? ''),
    dst: peerProblem(draft.dst ?? ''),
    port: portProblem(draft.port ?? '', icmp),
  };
  const shown = (name: keyof typeof problems) => (tried ? problems[name] : '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (asked && !problems.src && !problems.dst && !problems.port) onAsk(asked, draft.set);
  };

  const field = (name: 'src' | 'dst' | 'port' | 'method' | 'path' | 'host' | 'dns', label: string, more: FieldLook = {}) => {
    const problem = name in problems ? shown(name as keyof typeof problems) : '';
    return (
      <label className={cx('flex min-w-0 flex-col gap-1 text-12 text-ink-2', more.className)}>
        {label}
        <input
          name={name}
          value={draft[name] ?? ''}
          onChange={(event) => set({ [name]: event.target.value === '' ? null : event.target.value })}
          list={more.list}
          inputMode={name === 'port' ? 'numeric' : undefined}
          placeholder={more.placeholder}
          autoComplete="off"
          spellCheck={false}
          aria-invalid={problem !== '' || undefined}
          aria-describedby={problem === '' ? undefined : `${id}-${name}`}
          className={cx(inputClass, 'w-full font-mono text-12')}
        />
        {problem !== '' && (
          <span id={`${id}-${name}`} className="text-12 text-drop-text">
            {problem}
          </span>
        )}
      </label>
    );
  };

  return (
    <form
      aria-label="Question"
      onSubmit={submit}
      className="flex flex-col gap-3 rounded-md border border-line bg-surface p-4"
      noValidate
    >
      <datalist id={`${id}-peers`}>
        {peers.map((peer) => (
          <option key={peer} value={peer}>
            {peer}
          </option>
        ))}
      </datalist>
      <div className="grid grid-cols-1 gap-3 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_104px_96px]">
        {field('src', 'From', { list: `${id}-peers`, placeholder: 'payments/checkout-api' })}
        {field('dst', 'To', { list: `${id}-peers`, placeholder: 'payments/ledger, fqdn:api.example.com, an address' })}
        <label className="flex min-w-0 flex-col gap-1 text-12 text-ink-2">
          Protocol
          <select
            value={draft.protocol ?? 'TCP'}
            onChange={(event) => set({ protocol: event.target.value })}
            className={cx(inputClass, 'w-full')}
          >
            {POLICY_PROTOCOLS.map((protocol) => (
              <option key={protocol}>{protocol}</option>
            ))}
          </select>
        </label>
        {field('port', icmp ? 'Type' : 'Port', { placeholder: icmp ? '8' : '443' })}
      </div>
      <details open={Boolean(draft.method ?? draft.path ?? draft.host ?? draft.dns)}>
        <summary className="ring-focus min-h-6 w-max rounded-sm text-12 text-ink-2">A request in it (HTTP or DNS)</summary>
        <div className="mt-2 grid grid-cols-1 gap-3 md:grid-cols-[104px_minmax(0,2fr)_minmax(0,1fr)_minmax(0,1fr)]">
          {field('method', 'Method', { placeholder: 'GET' })}
          {field('path', 'Path', { placeholder: '/v1/balances/7' })}
          {field('host', 'Host', { placeholder: 'ledger:9090' })}
          {field('dns', 'DNS name', { placeholder: 'api.example.com' })}
        </div>
      </details>
      <div className="flex flex-wrap items-end justify-between gap-3">
        <label className="flex min-w-0 flex-col gap-1 text-12 text-ink-2">
          Judged by
          <select
            value={draft.set}
            onChange={(event) => set({ set: event.target.value })}
            className={cx(inputClass, 'max-w-full min-w-48')}
          >
            <option value="in-force">the set in force</option>
            {sets?.sets.map(({ id: key, name }) => (
              <option key={key} value={key}>
                candidate {name}
              </option>
            ))}
            {draft.set !== 'in-force' && !sets?.sets.some(({ id: key }) => key === draft.set) && (
              <option value={draft.set}>candidate {draft.set}</option>
            )}
          </select>
        </label>
        <Button type="submit" look="primary">
          Ask why
        </Button>
      </div>
    </form>
  );
}
interface WhyFormProps {
  view: Console;
  draft: WhyDraft;
  onAsk: (asked: Asked, set: string) => void;
}
interface FieldLook {
  className?: string;
  list?: string;
  placeholder?: string;
}

/** A node of the map as a question names it; empty for a range of addresses, which is not one end. */
const peerText = (id: string): string => (id.startsWith('cidr:') ? '' : id);

function portProblem(text: string, icmp: boolean): string {
  const number = Number(text);
  if (text.trim() === '') return icmp ? 'A type is needed' : 'A port is needed';
  return Number.isInteger(number) && number >= 0 && number <= 65_535 ? '' : 'A number up to 65535';
}
