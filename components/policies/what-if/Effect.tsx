'use client';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { Problem } from '#lib/api/common.ts';
import type { WhatIfReport } from '#lib/api/what-if.ts';
import { visibleText } from '#lib/flow/text.ts';
import type { Console } from '#components/live/use-console.ts';
import { EndpointName, endpointOfId } from '#components/ui/EndpointName.tsx';
import { Empty, Failed } from '#components/ui/Faces.tsx';
import { Mark, type MarkName } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { cx } from '#components/ui/cx.ts';
import { exact } from '#components/ui/format.ts';
import { policyLabel } from '../links.ts';
import { ChangedRows } from './ChangedRows.tsx';
import { EffectFigures } from './EffectFigures.tsx';
import { refusedOf, rowsOf, totalWords, tuples, windowOf } from './effect-words.ts';

export interface EffectProps {
  report: WhatIfReport | undefined;
  problem: Problem | undefined;
  onRetry: () => void;
  /** What is shown is of the text before: a newer one is being judged, or cannot be read. */
  old: 'judging' | 'unreadable' | undefined;
  /** Why the server judges and not this browser; undefined when the browser does. */
  byServer: string | undefined;
  selected: string | null;
  onSelect: (id: string | null) => void;
  view: Console;
  mapHref: string | undefined;
  /** The chart of a watched candidate, below all else. */
  children?: ReactNode;
}

/** What the candidate would do to the traffic that was seen. */
export function Effect(props: EffectProps) {
  const { report, problem, onRetry, old, byServer, mapHref, children } = props;
  return (
    <section aria-labelledby="effect" className="flex min-w-0 flex-col">
      <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2">
        <h2 id="effect" className="text-14 font-title">
          Effect
        </h2>
        <output className="min-w-0 flex-1 text-12 text-ink-3">
          {report && `${totalWords(report)}, ${windowOf(report)}, judged in ${Math.max(1, Math.round(report.judgedMs))} ms`}
          {old === 'judging' && (report ? ', judging the newest text' : 'Judging')}
        </output>
        {report && mapHref !== undefined && (
          <Link className="ring-focus rounded-sm text-13 text-accent-text hover:underline" href={mapHref}>
            Show on map
          </Link>
        )}
      </header>
      {byServer !== undefined && (
        <p className="flex gap-2 border-b border-line bg-sunken px-4 py-1.5 text-12 text-ink-2">
          <Mark name="trace" className="mt-0.5" />
          {byServer}
        </p>
      )}
      {old === 'unreadable' && (
        <p className="flex gap-2 border-b border-line bg-sunken px-4 py-1.5 text-12 text-ink-2">
          <Mark name="stale" className="mt-0.5" />
          The text cannot be read as it stands: what is shown is of the last text that could. See Lint.
        </p>
      )}
      {problem && !report && <Failed problem={problem} onRetry={onRetry} />}
      {problem && report && (
        <p role="alert" className="flex gap-2 border-b border-line px-4 py-1.5 text-12 text-ink-2">
          <Mark name="error" className="mt-0.5" />
          {problem.detail ?? problem.title}. What is shown is of the text before.
        </p>
      )}
      {!report && !problem && (old === 'unreadable' ? <Unread /> : <SkeletonRows rows={12} dense={false} label="Judging" />)}
      {report && (
        <div className={cx('flex min-w-0 flex-col', old !== undefined && '*:stale')}>
          <EffectBody {...props} report={report} />
        </div>
      )}
      {children}
      {report && report.incompleteMinutes > 0 && (
        <p className="mt-auto flex gap-2 border-t border-line px-4 py-2.5 text-12 text-ink-2">
          <Mark name="gap" className="mt-0.5" />
          {exact(report.incompleteMinutes)} of {exact(Math.round((report.to - report.from) / 60_000))} minutes have lost events or
          a missing node. A denied call that ran only then would not show here.
        </p>
      )}
    </section>
  );
}

const Unread = () => (
  <Empty title="Nothing is judged yet">
    The text cannot be read as YAML. What is wrong is marked in it and listed under Lint.
  </Empty>
);

function EffectBody({ report, selected, onSelect, view }: EffectProps & { report: WhatIfReport }) {
  const common = { selected, onSelect, view };
  if (report.total.tuples === 0) {
    return (
      <Empty title="No traffic to judge in this time">
        Nothing was seen between these times, so this says nothing about the candidate. A longer time range, or a capture, tells
        more.
      </Empty>
    );
  }
  const { newlyDenied, newlyAllowed, unknown } = report;
  return (
    <>
      <EffectFigures report={report} />
      <Refused report={report} />
      {newlyDenied.tuples + newlyAllowed.tuples === 0 && (
        <p className="flex gap-2 border-b border-line px-4 py-2.5 text-13">
          <Mark name="pass" className="mt-1" />
          <span>
            No traffic that was seen is newly denied or newly allowed.
            {unknown.tuples > 0 && ` Of ${tuples(unknown.tuples)} it cannot be told.`}
          </span>
        </p>
      )}
      {newlyDenied.tuples > 0 && (
        <Part mark="dropped" title="Newly denied" hint={tuples(newlyDenied.tuples)} aside="flows">
          <ChangedRows {...common} rows={rowsOf(report, 'newly-denied')} total={newlyDenied.tuples} label="Newly denied" />
        </Part>
      )}
      {newlyAllowed.tuples > 0 && (
        <Part mark="forwarded" title="Newly allowed" hint={tuples(newlyAllowed.tuples)} aside="flows">
          <ChangedRows {...common} rows={rowsOf(report, 'newly-allowed')} total={newlyAllowed.tuples} label="Newly allowed" />
        </Part>
      )}
      {unknown.tuples > 0 && (
        <Part mark="unknown" title="Unknown" hint={`${tuples(unknown.tuples)}, never counted as allowed`} aside="flows">
          <UnknownReasons report={report} />
          <details>
            <summary className="ring-focus min-h-8 border-b border-line px-4 py-1.5 text-12 text-ink-2">Which tuples</summary>
            <ChangedRows {...common} rows={rowsOf(report, 'unknown')} total={unknown.tuples} label="Unknown" />
          </details>
        </Part>
      )}
      {report.isolated.length > 0 && (
        <Part mark="advice" title="Newly isolated endpoints" hint="open by default before">
          <Isolated report={report} />
        </Part>
      )}
      {report.byWorkload.length > 0 && (
        <Part title="By workload" hint="flows with this workload at either end">
          <ByWorkload report={report} />
        </Part>
      )}
    </>
  );
}

/** A part with its bar of 32. */
export function Part({ mark, title, hint, aside, children }: PartProps) {
  return (
    <section aria-label={title}>
      <header className="flex min-h-8 flex-wrap items-center gap-x-2 border-b border-line bg-sunken px-4 py-1">
        {mark !== undefined && <Mark name={mark} />}
        <h3 className="text-13 font-title">{title}</h3>
        {hint !== undefined && <span className="text-12 text-ink-3">{hint}</span>}
        {aside !== undefined && <span className="ml-auto text-12 text-ink-3">{aside}</span>}
      </header>
      {children}
    </section>
  );
}
interface PartProps {
  mark?: MarkName;
  title: string;
  hint?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}

/** A policy that is not enforced is judged as it would be: not at all. What only the API server refuses is judged as it is written. */
function Refused({ report }: { report: WhatIfReport }) {
  const { agent, server } = refusedOf(report);
  return (
    <>
      {agent.length > 0 && (
        <RefusedLine refs={agent}>
          would not be enforced: the effect is that of a set without {them(agent)}. See Lint.
        </RefusedLine>
      )}
      {server.length > 0 && (
        <RefusedLine refs={server}>
          would be refused by the API server; the effect is that of {them(server)} as written. See Lint.
        </RefusedLine>
      )}
    </>
  );
}

const them = (refs: readonly string[]) => (refs.length === 1 ? 'it' : 'them');

function RefusedLine({ refs, children }: { refs: readonly string[]; children: ReactNode }) {
  return (
    <p className="flex gap-2 border-b border-line px-4 py-2.5 text-13">
      <Mark name="fail" className="mt-1" />
      <span>
        <span className="font-mono text-12">{refs.map((ref) => visibleText(policyLabel(ref))).join(', ')}</span> {children}
      </span>
    </p>
  );
}

function UnknownReasons({ report }: { report: WhatIfReport }) {
  return (
    <ul aria-label="Why it cannot be told">
      {report.unknownReasons.map((reason) => (
        <li
          key={`${reason.code} ${reason.detail}`}
          className="grid min-h-8 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 border-b border-line px-4 py-1 md:grid-cols-[minmax(0,1fr)_88px_72px]"
        >
          <span className="text-13 wrap-anywhere first-letter:uppercase">{visibleText(reason.detail.replace(/\.$/, ''))}</span>
          <span className="num text-right">{tuples(reason.tuples)}</span>
          <span className="num text-right text-ink-3 max-md:hidden">{exact(reason.flows)}</span>
        </li>
      ))}
    </ul>
  );
}

function Isolated({ report }: { report: WhatIfReport }) {
  return (
    <ul>
      {report.isolated.map(({ workload, direction, endpoints, of }) => (
        <li
          key={`${workload} ${direction}`}
          className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1.5"
        >
          <EndpointName {...endpointOfId(visibleText(workload))} />
          <span className="text-12 text-ink-2">
            {exact(endpoints.length)} of {exact(of)} endpoints, {direction}
          </span>
          <span className="flex min-w-0 flex-wrap gap-1.5">
            {endpoints.slice(0, 6).map((endpoint) => (
              <span key={endpoint} className="rounded-sm bg-hover px-1.5 py-0.5 font-mono text-12 wrap-anywhere text-ink-2">
                {visibleText(endpoint)}
              </span>
            ))}
            {endpoints.length > 6 && <span className="text-12 text-ink-3">and {exact(endpoints.length - 6)} more</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

function ByWorkload({ report }: { report: WhatIfReport }) {
  return (
    <Table caption="Flows that change, by workload">
      <thead>
        <tr>
          <Th>Workload</Th>
          <Th number>Newly denied</Th>
          <Th number>Newly allowed</Th>
          <Th number>Unknown</Th>
        </tr>
      </thead>
      <tbody>
        {report.byWorkload.slice(0, 50).map((row) => (
          <Tr key={row.workload}>
            <Td>
              <EndpointName {...endpointOfId(visibleText(row.workload))} />
            </Td>
            <Td number>{exact(row.newlyDenied)}</Td>
            <Td number>{exact(row.newlyAllowed)}</Td>
            <Td number>{exact(row.unknown)}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
