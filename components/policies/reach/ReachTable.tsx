import type { ReachMatrix } from '#lib/api/what-if.ts';
import { visibleText } from '#lib/flow/text.ts';
import { PairName } from '#components/ui/EndpointName.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { exact } from '#components/ui/format.ts';
import { keyOf } from './MatrixGrid.tsx';
import { ReachMark } from './ReachMark.tsx';
import { type ReachState, STATES, STATE_WORDS, stateOf } from './reach-view.ts';

/** The matrix as rows: every pair that is not plainly denied and untried. */
export function ReachTable({ matrix, only, selected, onSelect }: ReachTableProps) {
  const rows = matrix.cells
    .map((cell) => ({
      cell,
      state: stateOf(cell, matrix.names[cell.source] ?? '', matrix.names[cell.destination] ?? ''),
      source: matrix.names[cell.source] ?? '',
      destination: matrix.names[cell.destination] ?? '',
    }))
    .filter(({ state }) => only === undefined || state === only)
    .toSorted(
      (a, b) =>
        STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
        b.cell.used + b.cell.tried - a.cell.used - a.cell.tried ||
        (a.source < b.source ? -1 : 1),
    );
  return (
    <Table caption="Reachability by pair">
      <thead>
        <tr>
          <Th>Pair</Th>
          <Th>State</Th>
          <Th>Open ports</Th>
          <Th number>Let through</Th>
          <Th number>Denied</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ cell, state, source, destination }) => (
          <Tr key={keyOf(source, destination)} selected={selected === keyOf(source, destination)}>
            <Td>
              <button
                type="button"
                onClick={() => onSelect(keyOf(source, destination))}
                className="ring-focus min-h-6 rounded-sm text-left hover:underline"
              >
                <PairName source={visibleText(source)} destination={visibleText(destination)} />
              </button>
            </Td>
            <Td>
              <span className="inline-flex items-center gap-2 whitespace-nowrap">
                <ReachMark state={state} />
                {STATE_WORDS[state]}
              </span>
            </Td>
            <Td className="max-w-72 truncate font-mono text-12">{visibleText(cell.ports.join(', '))}</Td>
            <Td number>{exact(cell.used)}</Td>
            <Td number>{exact(cell.tried)}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
interface ReachTableProps {
  matrix: ReachMatrix;
  only: ReachState | undefined;
  selected: string | null;
  onSelect: (key: string | null) => void;
}
