'use client';
import type { ReachMatrix } from '#lib/api/what-if.ts';
import { quoted } from '#lib/flow/filter-tokens.ts';
import { visibleText } from '#lib/flow/text.ts';
import { pairFilter } from '#components/flows/peer-terms.ts';
import type { Console } from '#components/live/use-console.ts';
import { ButtonLink } from '#components/ui/Button.tsx';
import { Chip } from '#components/ui/Chip.tsx';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { PairName } from '#components/ui/EndpointName.tsx';
import { exact } from '#components/ui/format.ts';
import { ShortWindow } from '../ShortWindow.tsx';
import { askedOfNames, paramsOfAsked } from '../why/question.ts';
import { ReachMark } from './ReachMark.tsx';
import { type Cell, STATE_WORDS, conditionWord, firstPort, isPods, stateOf } from './reach-view.ts';

/** One pair of the matrix: what is open, on what it depends, what was seen, and the ways on. */
export function ReachDrawer({ matrix, source, destination, cell, view, onUnfold, onClose }: ReachDrawerProps) {
  const state = stateOf(cell, source, destination);
  const open = cell && firstPort(cell);
  const asked = matrix.level === 'workload' && open ? askedOfNames(source, destination, open.protocol, open.port) : undefined;
  return (
    <Drawer
      kind="Who may reach whom"
      title={<PairName source={visibleText(source)} destination={visibleText(destination)} />}
      chips={
        <Chip>
          <ReachMark state={state} />
          {STATE_WORDS[state]}
        </Chip>
      }
      onClose={onClose}
      footer={
        <>
          {asked ? (
            <ButtonLink look="primary" href={view.hrefOf('policies/why', paramsOfAsked(asked))}>
              Why
            </ButtonLink>
          ) : (
            matrix.level === 'namespace' &&
            isPods(source) && (
              <ButtonLink look="primary" href={onUnfold(source)}>
                Unfold {visibleText(source)}
              </ButtonLink>
            )
          )}
          <ButtonLink href={view.hrefOf('flows', { filter: filterOf(matrix.level, source, destination) })}>
            Open in Flows
          </ButtonLink>
        </>
      }
    >
      <DrawerSection title="By policy">
        <p className="text-13 text-ink-2">
          {state === 'not-judged' ? 'Neither end is a pod: no policy is enforced between them.' : explain(cell)}
        </p>
        {cell && cell.ports.length > 0 && (
          <ul aria-label="Open ports" className="mt-2 flex flex-wrap gap-1.5">
            {cell.ports.map((port) => (
              <li key={port} className="rounded-sm bg-hover px-1.5 py-0.5 font-mono text-12 text-ink-2">
                {visibleText(port)}
              </li>
            ))}
          </ul>
        )}
      </DrawerSection>
      <DrawerSection title="Seen">
        <dl className="grid grid-cols-[104px_minmax(0,1fr)] gap-x-3 gap-y-1 text-13">
          <dt className="text-ink-3">Let through</dt>
          <dd className="num">{exact(cell?.used ?? 0)} flows</dd>
          <dt className="text-ink-3">Denied</dt>
          <dd className="num">{exact(cell?.tried ?? 0)} flows</dd>
        </dl>
        {state === 'unused' && (
          <p className="mt-2 text-12 text-ink-3">
            Open and not used in this time: a candidate for tightening, if the time is long enough to have seen all that runs.
          </p>
        )}
        <ShortWindow view={view} className="mt-2" />
      </DrawerSection>
    </Drawer>
  );
}
interface ReachDrawerProps {
  matrix: ReachMatrix;
  source: string;
  destination: string;
  cell: Cell | undefined;
  view: Console;
  onUnfold: (namespace: string) => string;
  onClose: () => void;
}

function explain(cell: Cell | undefined): string {
  switch (cell?.policy) {
    case 'allowed':
      return 'At least one connection between them is allowed in both directions.';
    case 'conditional':
      return `It depends on ${cell.conditions.map(conditionWord).join(' and ') || 'more than addresses and ports'}.`;
    case 'unknown':
      return 'It cannot be told from what is known of the cluster.';
    case 'denied':
    case undefined:
      return 'No connection between them is allowed: a direction is closed and no rule opens it, or a rule denies.';
  }
}

/** Namespaces are named by a term of their own; workloads as pairs everywhere. */
function filterOf(level: ReachMatrix['level'], source: string, destination: string): string {
  if (level === 'workload') return pairFilter(source, destination, '', 0);
  const term = (side: string, name: string) => {
    const entity = /^(?:entity:)?(world|host|remote-node|kube-apiserver|health|init|ingress|unmanaged)$/.exec(name)?.[1];
    return entity === undefined
      ? `${side}-ns:${quoted(name)}`
      : pairFilter(side === 'from' ? name : '', side === 'to' ? name : '', '', 0);
  };
  return `${term('from', source)} ${term('to', destination)}`;
}
