'use client';
import { visibleText } from '#lib/flow/text.ts';
import { exact } from '#components/ui/format.ts';
import { ScrollArea } from '#components/ui/ScrollArea.tsx';
import { cx } from '#components/ui/cx.ts';
import type { DiffView } from './diff-views.ts';
import { type DiffLine, type DiffRow, diffRows, diffSize } from './diff-rows.ts';

/** What changed from one text to another: side by side, or one below the other. Signs say what colours do. */
export const TextDiff = ({ before, after, ...rest }: TextDiffProps) => <DiffTable rows={diffRows(before, after)} {...rest} />;
interface TextDiffProps extends Omit<DiffTableProps, 'rows'> {
  before: string;
  after: string;
}

/** A difference that is known already. */
export function DiffTable({ rows, names, view }: DiffTableProps) {
  const { added, removed } = diffSize(rows);
  if (rows.length === 0) return <p className="p-4 text-13 text-ink-2">Both texts are the same.</p>;
  return (
    <>
      <p className="border-b border-line px-4 py-1.5 text-12 text-ink-3">
        {names.before} against {names.after}: {exact(added)} {added === 1 ? 'line' : 'lines'} added, {exact(removed)} removed
      </p>
      <ScrollArea label="Difference">
        <table className="w-full table-fixed font-mono text-12 leading-4.5 text-code-str">
          <caption className="sr-only">
            {names.before} against {names.after}
          </caption>
          <Columns view={view} names={names} />
          <tbody>
            {rows.map((row) =>
              view === 'split' ? <SplitRow key={keyOf(row)} row={row} /> : <UnifiedRows key={keyOf(row)} row={row} />,
            )}
          </tbody>
        </table>
      </ScrollArea>
    </>
  );
}
interface DiffTableProps {
  rows: readonly DiffRow[];
  names: { readonly before: string; readonly after: string };
  view: DiffView;
}

/** Widths and names of the columns: line numbers as narrow as they can be. */
function Columns({ view, names }: Pick<DiffTableProps, 'view' | 'names'>) {
  const columns =
    view === 'split' ? ['Line before', names.before, 'Line after', names.after] : ['Line before', 'Line after', 'Text'];
  return (
    <>
      <colgroup>
        {columns.map((name) => (
          <col key={name} className={cx(name.startsWith('Line ') && 'w-10')} />
        ))}
      </colgroup>
      <thead className="sr-only">
        <tr>
          {columns.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
    </>
  );
}

function SplitRow({ row }: { row: DiffRow }) {
  if (row.kind === 'folded') return <Folded lines={row.lines} columns={4} />;
  const same = row.kind === 'same';
  return (
    <tr>
      <NumberCell line={row.left} />
      <TextCell line={row.left} side={same ? 'same' : 'removed'} className="border-r border-line" />
      <NumberCell line={row.right} />
      <TextCell line={row.right} side={same ? 'same' : 'added'} />
    </tr>
  );
}

function UnifiedRows({ row }: { row: DiffRow }) {
  if (row.kind === 'folded') return <Folded lines={row.lines} columns={3} />;
  if (row.kind === 'same')
    return (
      <tr>
        <NumberCell line={row.left} />
        <NumberCell line={row.right} />
        <TextCell line={row.right} side="same" />
      </tr>
    );
  return (
    <>
      {row.left && (
        <tr>
          <NumberCell line={row.left} />
          <NumberCell line={undefined} />
          <TextCell line={row.left} side="removed" />
        </tr>
      )}
      {row.right && (
        <tr>
          <NumberCell line={undefined} />
          <NumberCell line={row.right} />
          <TextCell line={row.right} side="added" />
        </tr>
      )}
    </>
  );
}

const NumberCell = ({ line }: { line: DiffLine | undefined }) => (
  <td className="h-4.5 px-2 text-right align-top text-ink-3 select-none">{line?.number}</td>
);

const SIDES = {
  same: { sign: ' ', word: '', row: '', part: '' },
  removed: { sign: '−', word: 'removed: ', row: 'bg-drop-tint', part: 'font-title text-drop-text underline' },
  added: { sign: '+', word: 'added: ', row: 'bg-fwd-tint', part: 'font-title text-fwd-text underline' },
} as const;

function TextCell({ line, side, className }: { line: DiffLine | undefined; side: keyof typeof SIDES; className?: string }) {
  if (!line)
    return (
      <td className={cx('bg-sunken', className)}>
        <span className="sr-only">no line</span>
      </td>
    );
  const { sign, word, row, part } = SIDES[side];
  return (
    <td className={cx('pr-4 whitespace-pre-wrap wrap-anywhere align-top', row, className)}>
      <span aria-hidden="true" className="inline-block w-5 text-center text-ink-2 select-none">
        {sign}
      </span>
      <span className="sr-only">{word}</span>
      {line.spans.map(({ text, changed }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a part is its place in the line
        <span key={index} className={cx(changed && line.spans.length > 1 && part)}>
          {visibleText(text)}
        </span>
      ))}
    </td>
  );
}

const Folded = ({ lines, columns }: { lines: number; columns: number }) => (
  <tr className="border-y border-line bg-sunken">
    <td colSpan={columns} className="px-4 py-0.5 font-sans text-ink-3">
      {exact(lines)} equal {lines === 1 ? 'line' : 'lines'}
    </td>
  </tr>
);

const keyOf = (row: DiffRow): string =>
  row.kind === 'folded' ? `folded ${row.from}` : `${row.left?.number ?? ''} ${row.right?.number ?? ''}`;
