'use client';
import type { FindingEntry } from '#lib/api/receipts.ts';
import { visibleText } from '#lib/flow/text.ts';
import { cx } from '#components/ui/cx.ts';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { Time } from '#components/ui/Time.tsx';
import { ruleName, SEVERITY_LOOK, STATE_LOOK } from './finding-words.ts';

/** Findings, open and grave ones first: a table, and on phones cards. */
export function FindingTable({ findings, chosen, onChoose }: FindingTableProps) {
  return (
    <>
      <div className="@container hidden md:block">
        <Table caption="Findings, open and grave ones first" className="table-fixed">
          <thead>
            <tr>
              <Th className="w-30">Severity</Th>
              <Th className="hidden w-58 @3xl:table-cell">Rule</Th>
              <Th>What</Th>
              <Th number className="w-18">
                Seen
              </Th>
              <Th className="hidden w-28 @4xl:table-cell">Last seen</Th>
              <Th number className="hidden w-22 @5xl:table-cell">
                Receipts
              </Th>
              <Th className="w-36">State</Th>
            </tr>
          </thead>
          <tbody>
            {findings.map((finding) => (
              <Row key={finding.id} finding={finding} chosen={finding.id === chosen} onChoose={onChoose} />
            ))}
          </tbody>
        </Table>
      </div>
      <ul className="md:hidden" aria-label="Findings, open and grave ones first">
        {findings.map((finding) => (
          <Card key={finding.id} finding={finding} onChoose={onChoose} />
        ))}
      </ul>
    </>
  );
}
interface FindingTableProps {
  findings: readonly FindingEntry[];
  chosen: string | null;
  onChoose: (id: string) => void;
}

function Row({ finding, chosen, onChoose }: { finding: FindingEntry; chosen: boolean; onChoose: (id: string) => void }) {
  const { id, rule, title, subject, count, lastAt, receipts } = finding;
  return (
    <Tr dense={false} className={cx('hover:bg-hover', chosen && 'bg-accent-tint')}>
      <Td>
        <SeverityMark severity={finding.severity} />
      </Td>
      <Td className="hidden truncate @3xl:table-cell" title={`${rule} ${ruleName(rule)}`}>
        <span className="num text-12 text-ink-3">{rule}</span> {ruleName(rule)}
      </Td>
      <Td className="min-w-0">
        <button
          type="button"
          onClick={() => onChoose(id)}
          aria-expanded={chosen}
          className="ring-focus flex min-h-6 max-w-full min-w-0 flex-col items-start rounded-sm py-0.5 text-left hover:underline"
        >
          <span className="max-w-full truncate">{title}</span>
          <span className="max-w-full truncate font-mono text-12 text-ink-2" title={visibleText(subject)}>
            {visibleText(subject)}
          </span>
        </button>
      </Td>
      <Td number>{exact(count)}</Td>
      <Td className="hidden whitespace-nowrap text-ink-2 @4xl:table-cell">
        <Time at={lastAt} />
      </Td>
      <Td number className="hidden text-ink-2 @5xl:table-cell">
        {exact(receipts.length)}
      </Td>
      <Td>
        <StateMark state={finding.state} />
      </Td>
    </Tr>
  );
}

function Card({ finding, onChoose }: { finding: FindingEntry; onChoose: (id: string) => void }) {
  const { id, rule, title, subject, count, lastAt } = finding;
  return (
    <li className="border-t border-line first:border-t-0">
      <button
        type="button"
        onClick={() => onChoose(id)}
        className="ring-focus flex min-h-12 w-full flex-col gap-1 rounded-sm px-4 py-2.5 text-left hover:bg-hover"
      >
        <span className="flex w-full items-center justify-between gap-2 text-12">
          <SeverityMark severity={finding.severity} />
          <StateMark state={finding.state} />
        </span>
        <span className="text-13">
          <span className="num text-12 text-ink-3">{rule}</span> {title}
        </span>
        <span className="font-mono text-12 wrap-anywhere text-ink-2">{visibleText(subject)}</span>
        <span className="num flex w-full justify-between text-12 text-ink-3">
          <span>{exact(count)} seen</span>
          <Time at={lastAt} />
        </span>
      </button>
    </li>
  );
}

export function SeverityMark({ severity }: Pick<FindingEntry, 'severity'>) {
  const { mark, means } = SEVERITY_LOOK[severity];
  return (
    <span className="inline-flex items-center gap-1.5 text-12 whitespace-nowrap" title={means}>
      <Mark name={mark} />
      {severity}
    </span>
  );
}

export function StateMark({ state }: Pick<FindingEntry, 'state'>) {
  const { mark, name, means } = STATE_LOOK[state];
  return (
    <span className="inline-flex items-center gap-1.5 text-12 whitespace-nowrap" title={means}>
      <Mark name={mark} />
      {name}
    </span>
  );
}
