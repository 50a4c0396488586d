import type { PolicySummary } from '#lib/api/policies.ts';
import { visibleText } from '#lib/flow/text.ts';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { cx } from '#components/ui/cx.ts';
import { invalidReason } from './inventory-view.ts';

/** What one policy is, in the small: the same in a row of the table, on a phone and in the head of its page. */

type SideState = PolicySummary['ingress'];

const SIDES: Record<SideState, { readonly text: string; readonly means: string }> = {
  'default-deny': { text: 'closes', means: 'What it selects is closed in this direction but for what rules allow' },
  'no-default-deny': { text: 'leaves open', means: 'It has rules in this direction and closes nothing by itself' },
  none: { text: '', means: 'It says nothing of this direction' },
};

/** What the policy does to a direction by being there. Where it says nothing there is nothing to see, unless it shall be `spelled` out. */
export function SideText({ side, name, spelled = false }: { side: SideState; name?: string; spelled?: boolean }) {
  const { text, means } = SIDES[side];
  if (text === '') return <span className={spelled ? 'text-ink-3' : 'sr-only'}>{name ? `${name}: ` : ''}no rules</span>;
  return (
    <span title={means} className={cx('whitespace-nowrap', side === 'default-deny' ? 'text-ink' : 'text-ink-3')}>
      {name !== undefined && <span className="text-ink-3">{name} </span>}
      {text}
    </span>
  );
}

/** How many pods it selects now, and of which workload; selecting none is worth a look. */
export function SelectsText({ selects }: { selects: PolicySummary['selects'] }) {
  const { endpoints, workloads, workloadsTotal } = selects;
  if (endpoints === 0)
    return (
      <span className="inline-flex items-center gap-1.5" title="No pod has the labels that it asks for">
        <Mark name="advice" />
        selects nothing
      </span>
    );
  const first = visibleText(workloads[0]?.replace(/^.*\//, '') ?? '');
  const more = workloadsTotal - 1;
  return (
    <span
      className="block truncate"
      title={[...workloads.map(visibleText), ...(workloadsTotal > workloads.length ? ['…'] : [])].join('\n')}
    >
      <span className="num">{exact(endpoints)}</span> {endpoints === 1 ? 'pod' : 'pods'}
      {first !== '' && (
        <span className="text-ink-3">
          {' '}
          of <span className="font-mono text-12">{first}</span>
          {more > 0 && ` and ${exact(more)} more`}
        </span>
      )}
    </span>
  );
}

/** Whether it is in force, as Cilium would say, and why not. Where the cluster itself says otherwise, that too. */
export function StatusText({ policy, long = false }: { policy: PolicySummary; long?: boolean }) {
  const { valid, reported } = policy;
  const disagrees = reported !== undefined && reported.valid !== valid;
  const reason = visibleText(invalidReason(policy));
  return (
    <span className={cx('flex min-w-0 items-center gap-1.5', !long && 'whitespace-nowrap')} title={valid ? undefined : reason}>
      <Mark name={valid ? 'pass' : 'fail'} />
      <span className={cx('shrink-0', !valid && 'text-drop-text')}>{valid ? 'in force' : 'not in force'}</span>
      {!valid && reason !== '' && <span className={cx('text-ink-3', long ? 'wrap-anywhere' : 'min-w-0 truncate')}>{reason}</span>}
      {disagrees && (
        <span
          className={cx('inline-flex items-center gap-1.5 text-12 text-ink-2', !long && 'min-w-0')}
          title={`The cluster says: ${visibleText(reported.message)}`}
        >
          <Mark name="advice" />
          <span className={cx(!long && 'truncate')}>cluster says {reported.valid ? 'valid' : 'invalid'}</span>
        </span>
      )}
    </span>
  );
}

const SEVERITIES = [
  { key: 'error', mark: 'fail', one: 'error' },
  { key: 'warning', mark: 'advice', one: 'warning' },
  { key: 'note', mark: 'trace', one: 'note' },
] as const;

/** Findings of lint by severity; those that are zero are left out. */
export function FindingCounts({ findings }: { findings: PolicySummary['findings'] }) {
  const some = SEVERITIES.filter(({ key }) => findings[key] > 0);
  if (some.length === 0) return <span className="num text-ink-3">0</span>;
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap">
      {some.map(({ key, mark, one }) => (
        <span
          key={key}
          className="inline-flex items-center gap-1"
          title={`${findings[key]} ${one}${findings[key] === 1 ? '' : 's'}`}
        >
          <Mark name={mark} />
          <span className="num">{exact(findings[key])}</span>
          <span className="sr-only"> {findings[key] === 1 ? one : `${one}s`}</span>
        </span>
      ))}
    </span>
  );
}
