'use client';
import { useState } from 'react';
import type { ChangedTuple } from '#lib/api/what-if.ts';
import { visibleText } from '#lib/flow/text.ts';
import type { Verdict } from '#lib/flow/flow.ts';
import { VERDICTS } from '#lib/flow/flow.ts';
import type { Console } from '#components/live/use-console.ts';
import { pairFilter } from '#components/flows/peer-terms.ts';
import { Button, ButtonLink } from '#components/ui/Button.tsx';
import { PairName } from '#components/ui/EndpointName.tsx';
import { VerdictText } from '#components/ui/Mark.tsx';
import { Time } from '#components/ui/Time.tsx';
import { cx } from '#components/ui/cx.ts';
import { exact } from '#components/ui/format.ts';
import { Judgement } from '../Judgement.tsx';
import { RuleLink } from '../PolicyName.tsx';
import { askedOfNames, paramsOfAsked } from '../why/question.ts';
import { requestOf } from './effect-words.ts';

const FEW = 8;

/** Traffic that the candidate would treat otherwise; a row opens to what is in force against the candidate. */
export function ChangedRows({ rows, total, selected, onSelect, view, label }: ChangedRowsProps) {
  const [all, setAll] = useState(false);
  const open = rows.findIndex(({ id }) => id === selected);
  const shown = all || open >= FEW ? rows : rows.slice(0, FEW);
  return (
    <>
      <ul aria-label={label}>
        {shown.map((row) => (
          <li key={`${row.kind} ${row.id}`} className="border-b border-line">
            <RowButton row={row} open={row.id === selected} onClick={() => onSelect(row.id === selected ? null : row.id)} />
            {row.id === selected && <RowDetail row={row} view={view} />}
          </li>
        ))}
      </ul>
      {(rows.length > shown.length || total > rows.length) && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1 text-12 text-ink-3">
          {rows.length > shown.length && (
            <Button look="quiet" size="sm" onClick={() => setAll(true)}>
              Show {exact(rows.length)}
            </Button>
          )}
          {total > rows.length && (
            <span>
              The {exact(rows.length)} with most flows of {exact(total)} are listed.
            </span>
          )}
        </div>
      )}
    </>
  );
}
interface ChangedRowsProps {
  rows: readonly ChangedTuple[];
  /** Tuples of this kind, listed or not. */
  total: number;
  selected: string | null;
  onSelect: (id: string | null) => void;
  view: Console;
  label: string;
}

function RowButton({ row, open, onClick }: { row: ChangedTuple; open: boolean; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-expanded={open}
      onClick={onClick}
      className={cx(
        'ring-focus grid w-full items-center gap-x-3 px-4 text-left hover:bg-hover',
        'min-h-9 grid-cols-[minmax(0,1fr)_auto] py-1 md:min-h-8 md:grid-cols-[minmax(0,1.5fr)_minmax(0,1fr)_112px_72px] md:py-0',
        open && 'bg-accent-tint shadow-[inset_2px_0_0_var(--accent)]',
      )}
    >
      <PairName source={visibleText(row.source)} destination={visibleText(row.destination)} className="md:flex-nowrap" />
      <span className="truncate font-mono text-12 max-md:order-3 max-md:text-ink-2" title={visibleText(requestOf(row))}>
        {visibleText(requestOf(row))}
      </span>
      <span
        className="truncate text-12 text-ink-3 max-md:order-4 max-md:text-right"
        title={visibleText(row.kind === 'newly-allowed' ? row.before.text : row.after.text)}
      >
        {visibleText(row.kind === 'newly-allowed' ? row.before.text : row.after.text)}
      </span>
      <span className="num text-right" title={`${exact(row.flows)} flows`}>
        {exact(row.flows)}
      </span>
    </button>
  );
}

const isVerdict = (text: string): text is Verdict => VERDICTS.some((verdict) => verdict === text);

function RowDetail({ row, view }: { row: ChangedTuple; view: Console }) {
  const asked = askedOfNames(row.source, row.destination, row.protocol, row.port);
  return (
    <div className="flex flex-col gap-3 bg-sunken px-4 py-3 md:pl-8">
      <dl className="grid gap-x-4 gap-y-3 text-12 sm:grid-cols-2 xl:grid-cols-[1.3fr_1.3fr_1fr]">
        <Side name="In force" judged={row.before} />
        <Side name="Candidate" judged={row.after} />
        <div>
          <dt className="text-ink-3">Seen</dt>
          <dd className="text-13">
            {isVerdict(row.observed) ? <VerdictText verdict={row.observed} className="text-12" /> : visibleText(row.observed)}
          </dd>
          <dd>
            {exact(row.flows)} flows, last <Time at={row.lastSeen} />
          </dd>
          <dd className="text-ink-3">
            first <Time at={row.firstSeen} />
          </dd>
        </div>
      </dl>
      <div className="flex flex-wrap gap-2">
        {asked && (
          <ButtonLink size="sm" href={view.hrefOf('policies/why', paramsOfAsked(asked))}>
            Why
          </ButtonLink>
        )}
        <ButtonLink
          size="sm"
          look="quiet"
          href={view.hrefOf('flows', { filter: pairFilter(row.source, row.destination, row.protocol, row.port) })}
        >
          Open in Flows
        </ButtonLink>
      </div>
    </div>
  );
}

function Side({ name, judged }: { name: string; judged: ChangedTuple['before'] }) {
  return (
    <div className="min-w-0">
      <dt className="text-ink-3">{name}</dt>
      <dd className="text-13">
        <Judgement verdict={judged.verdict} />
      </dd>
      <dd className="wrap-anywhere text-ink-2">{visibleText(judged.text)}</dd>
      {judged.rules.slice(0, 4).map((rule) => (
        <dd key={`${rule.policy} ${rule.path}`}>
          <RuleLink rule={rule} />
        </dd>
      ))}
    </div>
  );
}
