'use client';
import type { BatchSummary } from '#lib/api/receipts.ts';
import { clockMs, day, exact, utcAndLocal } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { CLASS_WORDS, STANDING_WORDS } from '../receipt-words.ts';
import { countsOf, sawWords } from './log-view.ts';

/** Batches of the log, newest first. What a batch did not see stands in its row. */
export function BatchesTable({ batches, chosen, onChoose }: BatchesTableProps) {
  return (
    <div className="@container">
      <Table caption="Batches, newest first">
        <thead>
          <tr>
            <Th className="md:w-24">Batch</Th>
            <Th className="md:w-36">Sealed, UTC</Th>
            <Th>Saw</Th>
            <Th number className="@max-xl:pr-4">
              Receipts
            </Th>
            <Th className="hidden @3xl:table-cell">Of them</Th>
            <Th className="hidden w-30 @xl:table-cell">Standing</Th>
          </tr>
        </thead>
        <tbody>
          {batches.map((batch) => (
            <Row key={batch.header.seq} batch={batch} selected={batch.header.seq === chosen} onChoose={onChoose} />
          ))}
        </tbody>
      </Table>
    </div>
  );
}
interface BatchesTableProps {
  batches: readonly BatchSummary[];
  /** Sequence of the one whose drawer is open. */
  chosen: number | null;
  onChoose: (seq: number) => void;
}

function Row({ batch: { header, sealedAt, standing }, selected, onChoose }: RowProps) {
  const saw = sawWords(header.completeness);
  const { name, mark, why } = STANDING_WORDS[standing];
  return (
    <Tr selected={selected}>
      <Td>
        <button
          type="button"
          onClick={() => onChoose(header.seq)}
          className="ring-focus num min-h-6 rounded-sm text-accent-text hover:underline"
        >
          <span className="sr-only">Batch </span>
          {exact(header.seq)}
        </button>
      </Td>
      <Td className="num whitespace-nowrap text-ink-2" title={utcAndLocal(sealedAt)}>
        <span className="max-md:sr-only">{day(sealedAt)} </span>
        {clockMs(sealedAt).slice(0, 8)}
      </Td>
      <Td>
        <span className="inline-flex items-center gap-1.5">
          <Mark name={saw.mark} />
          <span className={saw.full ? 'whitespace-nowrap text-ink-2' : 'text-audit-text'}>{saw.words}</span>
        </span>
      </Td>
      <Td number className="@max-xl:pr-4">
        {exact(header.leaf_count)}
      </Td>
      <Td className="hidden text-ink-2 @3xl:table-cell">
        {countsOf(header)
          .map(({ class: each, count }) => `${exact(count)} ${CLASS_WORDS[each].name}`)
          .join(', ')}
      </Td>
      <Td className="hidden whitespace-nowrap @xl:table-cell" title={why}>
        <span className="inline-flex items-center gap-1.5">
          <Mark name={mark} />
          {name}
        </span>
      </Td>
    </Tr>
  );
}
interface RowProps {
  batch: BatchSummary;
  selected: boolean;
  onChoose: (seq: number) => void;
}
