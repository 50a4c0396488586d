'use client';
import { useState } from 'react';
import type { MapEdge, Topology } from '#lib/topology/topology.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Button } from '#components/ui/Button.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { EndpointName, endpointOfId } from '#components/ui/EndpointName.tsx';
import { VerdictText } from '#components/ui/Mark.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { exact, percent } from '#components/ui/format.ts';
import { perSecond } from './drawn-line.ts';
import { encryptionLook } from './overlays.ts';
import { lineStyle, rateOf } from './line-style.ts';
import { type SortKey, sortEdges } from './sort-edges.ts';

const COLUMNS: readonly { readonly key: SortKey; readonly word: string; readonly number?: boolean }[] = [
  { key: 'source', word: 'From' },
  { key: 'destination', word: 'To' },
  { key: 'port', word: 'Port' },
  { key: 'verdict', word: 'Mostly' },
  { key: 'flows', word: 'Flows', number: true },
  { key: 'rate', word: 'Rate', number: true },
  { key: 'dropped', word: 'Dropped', number: true },
  { key: 'encryption', word: 'Encryption' },
  { key: 'policies', word: 'Policies named', number: true },
];
const PAGE = 200;

/** The map as a table: every edge of it, sortable, with the same selection. Folded platform edges are rows like all others. */
export function MapTable({
  edges,
  topology,
  selected,
  onEdge,
}: {
  edges: readonly MapEdge[];
  topology: Topology;
  selected: string | null;
  onEdge: (key: string) => void;
}) {
  const [sort, setSort] = useState<{ key: SortKey; down: boolean }>({ key: 'dropped', down: true });
  const [most, setMost] = useState(PAGE);
  if (edges.length === 0)
    return <Empty title="No edge matches">Change what is hidden or searched for, or choose a longer time.</Empty>;
  const sorted = sortEdges(edges, sort.key, sort.down);
  return (
    <div className="size-full overflow-auto bg-surface">
      <Table caption={`Edges of the map, ${edges.length} in all, sorted by ${sort.key}`}>
        <thead className="sticky top-0 z-10 bg-surface">
          <tr>
            {COLUMNS.map(({ key, word, number }) => (
              <Th
                key={key}
                number={number ?? false}
                aria-sort={sort.key === key ? (sort.down ? 'descending' : 'ascending') : 'none'}
              >
                <button
                  type="button"
                  className="ring-focus rounded-sm hover:text-ink"
                  onClick={() => setSort({ key, down: sort.key === key ? !sort.down : (number ?? false) })}
                >
                  {word}
                  <span aria-hidden="true">{sort.key === key ? (sort.down ? ' ↓' : ' ↑') : ''}</span>
                </button>
              </Th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, most).map((edge) => (
            <Tr key={edge.key} selected={edge.key === selected}>
              <Td>
                <button
                  type="button"
                  onClick={() => onEdge(edge.key)}
                  className="ring-focus flex max-w-72 rounded-sm text-left hover:underline"
                >
                  <EndpointName {...endpointOfId(visibleText(edge.source))} />
                </button>
              </Td>
              <Td>
                <EndpointName {...endpointOfId(visibleText(edge.destination))} className="inline-block max-w-72 align-middle" />
              </Td>
              <Td className="font-mono text-12 whitespace-nowrap">
                {edge.port > 0 ? `${edge.protocol}/${edge.port}` : edge.protocol}
                {edge.l7 !== '' && <span className="text-ink-3"> {edge.l7}</span>}
                {edge.platform !== '' && edge.platform !== edge.l7 && <span className="text-ink-3"> {edge.platform}</span>}
              </Td>
              <Td>
                <VerdictText verdict={lineStyle(edge.verdicts)} className="align-middle text-12" />
              </Td>
              <Td number>{exact(edge.flows)}</Td>
              <Td number>{perSecond(rateOf(edge.flows, topology))}</Td>
              <Td number className={edge.verdicts.DROPPED ? 'text-drop-text' : 'text-ink-3'}>
                {percent(edge.verdicts.DROPPED ?? 0, edge.flows) ?? '–'}
              </Td>
              <Td className="text-12 whitespace-nowrap text-ink-2">{encryptionLook(edge.encryption).words}</Td>
              <Td number>{edge.policies.length}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {sorted.length > most && (
        <div className="p-3">
          <Button onClick={() => setMost(most + 5 * PAGE)}>Show more ({exact(sorted.length - most)} left)</Button>
        </div>
      )}
    </div>
  );
}
