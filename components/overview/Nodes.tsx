'use client';
import type { z } from 'zod';
import type { NodeInfo, NodeList } from '#lib/api/clusters.ts';
import { Loaded } from '#components/live/Loaded.tsx';
import type { ApiState } from '#components/live/use-api.ts';
import { useNow } from '#components/live/use-now.ts';
import { Card } from '#components/ui/Card.tsx';
import { cx } from '#components/ui/cx.ts';
import { duration, exact, shortNode } from '#components/ui/format.ts';
import { Empty } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { Num, Unknown } from '#components/ui/Num.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';

const MOST = 8;

/** Which nodes report, how much, and what was lost on each; those that do not report stand first. */
export function Nodes({ state, lost, window }: NodesProps) {
  const nodes = state.data?.nodes ?? [];
  return (
    <Card title="Nodes reporting" aside={state.data && `${nodes.filter(isReporting).length} of ${nodes.length}`} flush>
      <Loaded state={state}>{(data) => <NodeTable nodes={data.nodes} lost={lost} window={window} />}</Loaded>
    </Card>
  );
}
interface NodesProps {
  state: ApiState<z.infer<typeof NodeList>>;
  /** Events lost in the window, by node; undefined while not known. */
  lost: Readonly<Record<string, number>> | undefined;
  /** `last 1 h` */
  window: string;
}

function NodeTable({ nodes, lost, window }: Omit<NodesProps, 'state'> & { nodes: readonly NodeInfo[] }) {
  if (nodes.length === 0) {
    return <Empty title="No node is known">The relay has not named any yet. It may still be connecting to its peers.</Empty>;
  }
  const sorted = nodes.toSorted((a, b) => Number(isReporting(a)) - Number(isReporting(b)) || a.name.localeCompare(b.name));
  // Of the record, which outlives a restart of the console; the count beside a node does not.
  const byNode = lost && new Map(Object.entries(lost));
  return (
    <div>
      <Table caption="Nodes behind the relay">
        <thead>
          <tr>
            <Th>Node</Th>
            <Th number>Flows/s</Th>
            <Th number title={`Events lost, ${window}`}>
              Lost{window.startsWith('last ') && `, ${window.slice(5)}`}
            </Th>
            <Th number>Newest</Th>
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, MOST).map((node) => (
            <NodeRow key={node.name} node={node} lost={byNode && (byNode.get(node.name) ?? 0)} />
          ))}
        </tbody>
      </Table>
      {sorted.length > MOST && (
        <p className="border-t border-line px-4 py-2 text-12 text-ink-3">
          {sorted.length - MOST} more nodes; those that do not report stand first
        </p>
      )}
    </div>
  );
}

function NodeRow({ node, lost }: { node: NodeInfo; lost: number | undefined }) {
  const now = useNow();
  const here = isReporting(node);
  const why = node.message ?? `the relay says ${node.state}`;
  return (
    <Tr>
      <Td className="w-full max-w-0">
        <span className="flex items-center gap-2">
          <Mark name={here ? 'pass' : 'gap'} label={here ? 'reports' : 'does not report'} />
          <span
            className="truncate font-mono text-12"
            title={[node.name, node.version, here ? '' : why].filter(Boolean).join('\n')}
          >
            {shortNode(node.name)}
          </span>
        </span>
      </Td>
      <Td number>{here ? <Num value={Math.round(node.flowsPerSecond * 10) / 10} /> : <Unknown why={why} />}</Td>
      <Td number className={cx(lost !== undefined && lost > 0 && 'text-audit-text')}>
        {lost === undefined ? <Unknown why="the record has not answered yet" /> : exact(lost)}
      </Td>
      <Td number className="text-ink-3">
        {node.newestFlow === undefined || now === 0 ? (
          <Unknown why="no flow of this node was received" />
        ) : (
          duration(now - node.newestFlow)
        )}
      </Td>
    </Tr>
  );
}

const isReporting = ({ state }: NodeInfo) => state === 'NODE_CONNECTED';
