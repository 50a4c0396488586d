'use client';
import { Focus, Ungroup } from 'lucide-react';
import type { MapEdge, MapNode, Topology } from '#lib/topology/topology.ts';
import { visibleText } from '#lib/flow/text.ts';
import type { Console } from '#components/live/use-console.ts';
import { Button, ButtonLink } from '#components/ui/Button.tsx';
import { Chip } from '#components/ui/Chip.tsx';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { EndpointName, endpointOfId } from '#components/ui/EndpointName.tsx';
import { Mark, VERDICT_LOOK } from '#components/ui/Mark.tsx';
import { exact, percent } from '#components/ui/format.ts';
import { perSecond } from './drawn-line.ts';
import { windowWords } from './EdgeDrawer.tsx';
import { droppedShare, lineStyle, PILL_SHARE, rateOf, totalOf } from './line-style.ts';
import { filterOfNode, filterOfPair } from './map-filter.ts';
import type { Card, Line } from './model.ts';
import { VerdictTable } from './VerdictTable.tsx';

interface Common {
  readonly topology: Topology;
  readonly view: Console;
  readonly onClose: () => void;
  readonly onEdge: (key: string) => void;
}

/** One workload, pod, namespace, entity or outside name: what it calls and what calls it. */
export function NodeDrawer({
  node,
  topology,
  view,
  onClose,
  onEdge,
  onFocus,
}: Common & { node: MapNode; onFocus: (() => void) | undefined }) {
  const filter = filterOfNode(node, topology.level);
  const outgoing = topology.edges.filter(({ source }) => source === node.id);
  const incoming = topology.edges.filter(({ destination }) => destination === node.id);
  return (
    <Drawer
      kind={node.kind === 'workload' ? node.workloadKind || 'Workload' : node.kind}
      title={<EndpointName {...endpointOfId(visibleText(node.id))} className="text-14" />}
      chips={<NodeChips node={node} />}
      onClose={onClose}
      footer={
        <>
          <ButtonLink look="primary" href={view.hrefOf('flows', filter === '' ? {} : { filter })}>
            Open in Flows
          </ButtonLink>
          {onFocus && (
            <Button onClick={onFocus}>
              <Focus size={14} aria-hidden="true" />
              Neighbourhood
            </Button>
          )}
        </>
      }
    >
      <DrawerSection title="Verdicts" aside={`${exact(totalOf(node.verdicts))} flows, ${windowWords(topology)}`}>
        <VerdictTable verdicts={node.verdicts} caption={`Flows of ${visibleText(node.id)} by verdict`} />
      </DrawerSection>
      <EdgeList title="Calls" other="destination" edges={outgoing} topology={topology} onEdge={onEdge} />
      <EdgeList title="Called by" other="source" edges={incoming} topology={topology} onEdge={onEdge} />
    </Drawer>
  );
}

function NodeChips({ node }: { node: MapNode }) {
  return (
    <>
      {node.pods > 0 && (
        <Chip>
          {node.pods} {node.pods === 1 ? 'pod' : 'pods'}
        </Chip>
      )}
      {node.addresses > 0 && (
        <Chip>
          {node.addresses} {node.addresses === 1 ? 'address' : 'addresses'}
        </Chip>
      )}
      {node.identities.slice(0, 4).map((identity) => (
        <Chip key={identity} title="Cilium security identity">
          identity <span className="font-mono">{identity}</span>
        </Chip>
      ))}
    </>
  );
}

/** A folded namespace or group of outside names. */
export function GroupDrawer({
  card,
  lines,
  topology,
  view,
  onClose,
  onEdge,
  onUnfold,
}: Common & { card: Card; lines: readonly Line[]; onUnfold: () => void }) {
  const outgoing = lines.filter(({ source }) => source === card.id).flatMap(({ edges }) => edges);
  const incoming = lines.filter(({ source, target }) => target === card.id && source !== card.id).flatMap(({ edges }) => edges);
  const filter = card.namespace === '' ? undefined : `ns:${card.namespace}`;
  return (
    <Drawer
      kind={card.namespace === '' ? 'Outside, folded' : 'Namespace, folded'}
      title={visibleText(card.title)}
      chips={<Chip>{card.subtitle}</Chip>}
      onClose={onClose}
      footer={
        <>
          <Button look="primary" onClick={onUnfold}>
            <Ungroup size={14} aria-hidden="true" />
            Unfold
          </Button>
          {filter !== undefined && <ButtonLink href={view.hrefOf('flows', { filter })}>Open in Flows</ButtonLink>}
        </>
      }
    >
      <DrawerSection title="Verdicts" aside={`${exact(totalOf(card.verdicts))} flows, ${windowWords(topology)}`}>
        <VerdictTable verdicts={card.verdicts} caption={`Flows of ${visibleText(card.title)} by verdict`} />
      </DrawerSection>
      <EdgeList title="Calls" other="destination" edges={outgoing} topology={topology} onEdge={onEdge} />
      <EdgeList title="Called by" other="source" edges={incoming} topology={topology} onEdge={onEdge} />
    </Drawer>
  );
}

/** Several edges that share a line: ports of one pair, or pairs of two folded namespaces. */
export function LineDrawer({ line, topology, view, onClose, onEdge }: Common & { line: Line }) {
  const filter = filterOfPair(line.source, line.target, topology.level);
  const strip = (id: string) => visibleText(id.startsWith('to ') ? id.slice(3) : id);
  return (
    <Drawer
      kind={`${line.edges.length} edges`}
      title={
        <span className="flex flex-wrap items-center gap-x-2">
          <EndpointName {...endpointOfId(strip(line.source))} /> <span className="text-ink-3">→</span>{' '}
          <EndpointName {...endpointOfId(strip(line.target))} />
        </span>
      }
      onClose={onClose}
      footer={
        <ButtonLink look="primary" href={view.hrefOf('flows', filter === '' ? {} : { filter })}>
          Open in Flows
        </ButtonLink>
      }
    >
      <DrawerSection title="Verdicts" aside={`${exact(line.flows)} flows, ${windowWords(topology)}`}>
        <VerdictTable verdicts={line.verdicts} caption="Flows of these edges by verdict" />
      </DrawerSection>
      <EdgeList title="Edges" other="both" edges={line.edges} topology={topology} onEdge={onEdge} />
    </Drawer>
  );
}

interface EdgeListProps {
  readonly title: string;
  readonly other: 'source' | 'destination' | 'both';
  readonly edges: readonly MapEdge[];
  readonly topology: Topology;
  readonly onEdge: (key: string) => void;
}

const MOST_ROWS = 100;

/** Edges as buttons, those with drops first, then by flows. */
function EdgeList({ title, other, edges, topology, onEdge }: EdgeListProps) {
  if (edges.length === 0) return null;
  const sorted = edges.toSorted((a, b) => droppedShare(b.verdicts) - droppedShare(a.verdicts) || b.flows - a.flows);
  return (
    <DrawerSection title={title} aside={`${edges.length} ${edges.length === 1 ? 'edge' : 'edges'}, drops first`}>
      <ul className="-mx-2 flex flex-col">
        {sorted.slice(0, MOST_ROWS).map((edge) => {
          const style = lineStyle(edge.verdicts);
          const share = droppedShare(edge.verdicts);
          return (
            <li key={edge.key}>
              <button
                type="button"
                onClick={() => onEdge(edge.key)}
                className="ring-focus flex min-h-7 w-full items-center gap-2 rounded-sm px-2 py-1 text-left text-12 hover:bg-hover max-md:min-h-9"
              >
                <Mark
                  name={share >= PILL_SHARE ? 'dropped' : VERDICT_LOOK[style].mark}
                  label={share >= PILL_SHARE ? 'share dropped' : style}
                />
                <span className="flex min-w-0 flex-1 flex-col">
                  {other !== 'destination' && <EndpointName {...endpointOfId(visibleText(edge.source))} />}
                  {other !== 'source' && (
                    <span className="flex min-w-0">
                      {other === 'both' && <span className="mr-1 text-ink-3">→</span>}
                      <EndpointName {...endpointOfId(visibleText(edge.destination))} />
                    </span>
                  )}
                </span>
                <span className="shrink-0 font-mono text-ink-3">
                  {edge.port > 0 ? `${edge.protocol}/${edge.port}` : edge.protocol}
                </span>
                <span className="num w-16 shrink-0 text-right">
                  {share >= PILL_SHARE ? (
                    <span className="text-drop-text">{percent(share, 1)}</span>
                  ) : (
                    perSecond(rateOf(edge.flows, topology))
                  )}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {edges.length > MOST_ROWS && <p className="mt-1 text-12 text-ink-3">{edges.length - MOST_ROWS} more: see the table.</p>}
    </DrawerSection>
  );
}
