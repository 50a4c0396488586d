'use client';
import { useState } from 'react';
import type { AuditFinding } from '#lib/api/what-if.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { EndpointName, PairName, endpointOfId } from '#components/ui/EndpointName.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Num } from '#components/ui/Num.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { Time } from '#components/ui/Time.tsx';
import { cx } from '#components/ui/cx.ts';
import { SEVERITY_MARKS } from '../policy/policy-lines.ts';
import { type AuditGroup, portText, whatOf } from './audit-view.ts';

/** Rows of a group drawn at first. */
const FIRST = 50;

/** Findings of one kind: what such a thing means, and each of them with its evidence behind a press. */
export function AuditGroupCard({ group, selected, onSelect, window }: AuditGroupProps) {
  const [whole, setWhole] = useState(false);
  const { title, explanation, findings, total } = group;
  const shown = whole ? findings : findings.slice(0, FIRST);
  const worst = worstOf(findings);
  return (
    <Card
      flush
      title={
        <span className="inline-flex items-center gap-2">
          <Mark name={SEVERITY_MARKS[worst]} label={worst} />
          {visibleText(title)}
        </span>
      }
      hint={`${exact(total)} ${total === 1 ? 'finding' : 'findings'}`}
    >
      <p className="max-w-prose px-4 pt-2 pb-2.5 text-13 text-ink-2">{visibleText(explanation)}</p>
      <div className="hidden border-t border-line md:block">
        <Table caption={`${title}, ${window}`} className="min-w-[700px] table-fixed">
          <thead>
            <tr>
              <Th>Source → destination</Th>
              <Th className="w-24">Port</Th>
              <Th className="w-1/5">What</Th>
              <Th number className="w-18">
                Flows
              </Th>
              <Th number className="w-24">
                Last seen
              </Th>
            </tr>
          </thead>
          <tbody>
            {shown.map((finding) => (
              <FindingRow
                key={finding.id}
                finding={finding}
                what={whatOf(group, finding)}
                selected={finding.id === selected}
                onSelect={onSelect}
              />
            ))}
          </tbody>
        </Table>
      </div>
      <ul className="border-t border-line md:hidden" aria-label={`${title}, ${window}`}>
        {shown.map((finding) => (
          <FindingCard
            key={finding.id}
            finding={finding}
            what={whatOf(group, finding)}
            selected={finding.id === selected}
            onSelect={onSelect}
          />
        ))}
      </ul>
      {shown.length < total && (
        <p className="flex items-center gap-2 border-t border-line px-4 py-1.5 text-12 text-ink-3">
          {shown.length < findings.length ? (
            <Button look="quiet" size="sm" onClick={() => setWhole(true)}>
              Show all {exact(findings.length)}
            </Button>
          ) : (
            `The ${exact(findings.length)} with most flows of ${exact(total)}.`
          )}
        </p>
      )}
    </Card>
  );
}
interface AuditGroupProps {
  group: AuditGroup;
  selected: string | null;
  onSelect: (id: string) => void;
  window: string;
}

interface FindingProps {
  finding: AuditFinding;
  /** What tells it from the others of its kind. */
  what: string;
  selected: boolean;
  onSelect: (id: string) => void;
}

function FindingRow({ finding, what, selected, onSelect }: FindingProps) {
  const { id, source, destination, flows, lastSeen, title } = finding;
  return (
    <Tr selected={selected} className="cursor-pointer hover:bg-hover" onClick={() => onSelect(id)}>
      <Td className="min-w-0">
        <button
          type="button"
          aria-expanded={selected}
          title={visibleText(title)}
          className="ring-focus flex max-w-full min-w-0 items-center gap-2 rounded-sm text-left"
        >
          <EndpointName {...endpointOfId(visibleText(source))} />
          {destination !== '' && (
            <>
              <span aria-hidden="true" className="shrink-0 font-mono text-12 text-ink-3">
                →
              </span>
              <span className="sr-only">to</span>
              <EndpointName {...endpointOfId(visibleText(destination))} />
            </>
          )}
        </button>
      </Td>
      <Td className="truncate font-mono text-12 text-ink-2">{portText(finding)}</Td>
      <Td className="truncate font-mono text-12 text-ink-2" title={visibleText(what)}>
        {visibleText(what)}
      </Td>
      <Td number>
        <Num value={flows} full />
      </Td>
      <Td number>
        <Time at={lastSeen} />
      </Td>
    </Tr>
  );
}

function FindingCard({ finding, what, selected, onSelect }: FindingProps) {
  const { id, source, destination, flows } = finding;
  return (
    <li className={cx('border-t border-line first:border-t-0', selected && 'bg-accent-tint')}>
      <button
        type="button"
        aria-expanded={selected}
        onClick={() => onSelect(id)}
        className="ring-focus flex w-full flex-col gap-1 px-4 py-2.5 text-left"
      >
        <PairName source={visibleText(source)} destination={visibleText(destination)} />
        <span className="flex w-full items-center gap-2 text-12 text-ink-2">
          <span className="font-mono">{portText(finding)}</span>
          <span className="truncate font-mono">{visibleText(what)}</span>
          <Num value={flows} full unit={flows === 1 ? 'flow' : 'flows'} className="num ml-auto whitespace-nowrap text-ink" />
        </span>
      </button>
    </li>
  );
}

const worstOf = (findings: readonly AuditFinding[]): AuditFinding['severity'] =>
  (['error', 'warning', 'note'] as const).find((severity) => findings.some((finding) => finding.severity === severity)) ?? 'note';
