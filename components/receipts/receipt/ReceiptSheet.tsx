'use client';
import type { ReactNode } from 'react';
import { visibleText } from '#lib/flow/text.ts';
import type { Receipt } from '#lib/receipts/receipt.ts';
import { notClaimedBy, type Standing, statementOf } from '#lib/receipts/statement.ts';
import { cx } from '#components/ui/cx.ts';
import { behindFacts, type Fact, findingFacts, seenFacts } from './receipt-facts.ts';
import { type PartHref, Statement } from './Statement.tsx';

/** A receipt as a document: its sentence first, the facts, and in the same frame what it does not claim. */
export function ReceiptSheet({ receipt, standing, chip, note, cluster, hrefOf, level = 1 }: ReceiptSheetProps) {
  const findings = findingFacts(receipt);
  const [Heading, Below] = level === 1 ? (['h1', 'h2'] as const) : (['h3', 'h4'] as const);
  return (
    <article aria-label="Receipt" className="w-full max-w-[736px] rounded-md border border-line-strong bg-surface p-[3px]">
      <div className="border border-line">
        <div className="px-4 pt-5 pb-5 sm:px-8 sm:pt-6">
          <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
            <Heading className="text-20 font-title">Receipt</Heading>
            {chip}
          </div>
          <p className="mt-1 mb-4 font-mono text-12 wrap-anywhere text-ink-2">{receipt.receipt_id}</p>
          {note}
          <Statement parts={statementOf(receipt, standing)} {...(hrefOf && { hrefOf })} />
        </div>
        {findings.length > 0 && (
          <div className="border-t border-line px-4 py-4 sm:px-8">
            <Facts label="What was found" facts={findings} />
          </div>
        )}
        <div className="grid gap-x-8 gap-y-2 border-t border-line px-4 py-4 sm:px-8 lg:grid-cols-2 print:grid-cols-2">
          <Facts label="What was seen" facts={seenFacts(receipt)} />
          <Facts
            label="What stands behind it"
            facts={behindFacts(receipt)}
            first={{ name: 'Cluster', value: cluster ?? <span className="font-mono text-12">{receipt.cluster_id}</span> }}
          />
        </div>
        <section aria-label="What this receipt does not claim" className="border-t border-line bg-sunken px-4 py-4 sm:px-8">
          <Below className="mb-2 text-14 font-title">What this receipt does not claim</Below>
          <ul className="grid gap-x-8 gap-y-1.5 text-13 sm:grid-cols-2">
            {notClaimedBy(receipt).map((claim) => (
              <li key={claim} className="grid grid-cols-[12px_minmax(0,1fr)] gap-x-2">
                <span aria-hidden="true" className="text-ink-3">
                  –
                </span>
                {claim}
              </li>
            ))}
          </ul>
        </section>
      </div>
    </article>
  );
}
interface ReceiptSheetProps {
  receipt: Receipt;
  /** What of log and witnesses was verified; undefined where nothing was. */
  standing: Standing | undefined;
  /** The outcome of the verification. */
  chip: ReactNode;
  /** Stands before the sentence: what has to be known to read it. */
  note?: ReactNode;
  /** The cluster by its name, where it is known. */
  cluster?: ReactNode;
  hrefOf?: PartHref;
  level?: 1 | 3;
}

function Facts({ label, facts, first }: { label: string; facts: readonly Fact[]; first?: { name: string; value: ReactNode } }) {
  return (
    <dl aria-label={label} className="grid grid-cols-[84px_minmax(0,1fr)] content-start gap-x-4 gap-y-2 text-13">
      {first && (
        <>
          <dt className="text-ink-3">{first.name}</dt>
          <dd>{first.value}</dd>
        </>
      )}
      {facts.map((fact) => (
        <FactLine key={`${fact.name} ${fact.value}`} fact={fact} />
      ))}
    </dl>
  );
}

function FactLine({ fact: { name, value, quiet, mono, full, more } }: { fact: Fact }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0">
        <span className={cx('wrap-anywhere', mono && 'font-mono text-12')} title={full}>
          {quiet !== undefined && <span className="text-ink-3">{visibleText(quiet)}</span>}
          {visibleText(value)}
        </span>
        {more?.map((line) => (
          <span key={line} className={cx('block text-12 wrap-anywhere text-ink-3', mono && 'font-mono')}>
            {visibleText(line)}
          </span>
        ))}
      </dd>
    </>
  );
}
