'use client';
import Link from 'next/link';
import type { ReceiptSummary } from '#lib/api/receipts.ts';
import { VERDICTS, type Verdict } from '#lib/flow/flow.ts';
import { visibleText } from '#lib/flow/text.ts';
import { RULE_WORDS } from '#lib/receipts/statement.ts';
import { useConsole } from '#components/live/use-console.ts';
import { PolicyName } from '#components/policies/PolicyName.tsx';
import { EndpointName, endpointOfId } from '#components/ui/EndpointName.tsx';
import { clockMs, day, exact, utcAndLocal } from '#components/ui/format.ts';
import { Mark, VerdictMark, VerdictText } from '#components/ui/Mark.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { CLASS_WORDS, receiptPath, STANDING_WORDS } from '../receipt-words.ts';

/** Receipts, newest first: a table, and on phones cards. */
export function ReceiptsTable({ receipts }: { receipts: readonly ReceiptSummary[] }) {
  return (
    <>
      <div className="@container hidden md:block">
        <Table caption="Receipts, newest first" className="table-fixed">
          <thead>
            <tr>
              <Th className="w-38">Observed, UTC</Th>
              <Th className="w-31">What</Th>
              <Th>About</Th>
              <Th className="hidden w-26 @4xl:table-cell">Port</Th>
              <Th className="hidden w-42 @5xl:table-cell">Reason</Th>
              <Th className="hidden w-60 @7xl:table-cell">Policy</Th>
              <Th number className="hidden w-17 @4xl:table-cell">
                Flows
              </Th>
              <Th number className="hidden w-20 @4xl:table-cell">
                Batch
              </Th>
              <Th className="w-28">Standing</Th>
            </tr>
          </thead>
          <tbody>
            {receipts.map((receipt) => (
              <Row key={receipt.id} receipt={receipt} />
            ))}
          </tbody>
        </Table>
      </div>
      <ul className="md:hidden" aria-label="Receipts, newest first">
        {receipts.map((receipt) => (
          <Card key={receipt.id} receipt={receipt} />
        ))}
      </ul>
    </>
  );
}

function Row({ receipt }: { receipt: ReceiptSummary }) {
  const view = useConsole();
  const { observedAt, port, protocol, reason, policies, count, batch, leaf } = receipt;
  const [policy] = policies;
  return (
    <Tr dense={false} className="hover:bg-hover">
      <Td className="num whitespace-nowrap text-ink-2" title={utcAndLocal(observedAt)}>
        <span className="text-12 text-ink-3">{day(observedAt)} </span>
        {clockMs(observedAt)}
      </Td>
      <Td className="truncate">
        <What receipt={receipt} />
      </Td>
      <Td className="truncate">
        <Link
          href={view.hrefOf(receiptPath(receipt.id))}
          className="ring-focus inline-flex min-h-6 max-w-full items-center gap-x-2 rounded-sm hover:underline"
        >
          <About receipt={receipt} />
        </Link>
      </Td>
      <Td className="hidden truncate font-mono text-12 @4xl:table-cell">{portWords(protocol, port)}</Td>
      <Td className="hidden truncate font-mono text-12 @5xl:table-cell" title={visibleText(reason)}>
        {visibleText(reason)}
      </Td>
      <Td className="hidden truncate @7xl:table-cell">
        {policy === undefined ? (
          <span className="text-12 text-ink-3">none named</span>
        ) : (
          <span className="flex items-baseline gap-1.5">
            <PolicyName policy={policy} />
            {policies.length > 1 && <span className="shrink-0 text-12 text-ink-3">+{policies.length - 1}</span>}
          </span>
        )}
      </Td>
      <Td number className="hidden @4xl:table-cell">
        {countWords(count)}
      </Td>
      <Td number className="hidden text-12 text-ink-2 @4xl:table-cell" title={`leaf ${leaf} of batch ${batch}`}>
        {exact(batch)}
      </Td>
      <Td className="truncate">
        <Standing standing={receipt.standing} />
      </Td>
    </Tr>
  );
}

function Card({ receipt }: { receipt: ReceiptSummary }) {
  const view = useConsole();
  const { observedAt, port, protocol, reason } = receipt;
  return (
    <li className="border-t border-line first:border-t-0">
      <Link
        href={view.hrefOf(receiptPath(receipt.id))}
        className="ring-focus flex min-h-12 flex-col gap-1 rounded-sm px-4 py-2.5 hover:bg-hover"
      >
        <span className="flex items-center justify-between gap-2 text-12">
          <What receipt={receipt} />
          <span className="num text-ink-3">{clockMs(observedAt)}</span>
        </span>
        <span className="flex min-w-0 flex-wrap items-center gap-x-2">
          <About receipt={receipt} />
        </span>
        <span className="flex items-center justify-between gap-2 text-12 text-ink-3">
          <span className="truncate font-mono">
            {[portWords(protocol, port), visibleText(reason)].filter((text) => text !== '').join(', ')}
          </span>
          <Standing standing={receipt.standing} />
        </span>
      </Link>
    </li>
  );
}

const isVerdict = (text: string): text is Verdict => (VERDICTS as readonly string[]).includes(text);

/** The verdict, and why there is a receipt where that is not plain from it. */
function What({ receipt: { class: kind, verdict, finding } }: { receipt: ReceiptSummary }) {
  if (finding)
    return (
      <span className="inline-flex items-center gap-1.5 whitespace-nowrap" title={RULE_WORDS[finding.rule]}>
        <Mark name={finding.severity === 'not-evaluable' ? 'unknown' : 'advice'} />
        {finding.rule} {finding.severity}
      </span>
    );
  const plain = kind === 'dropped' || kind === 'audit' || kind === 'error';
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap" title={CLASS_WORDS[kind].why}>
      {isVerdict(verdict) && (plain ? <VerdictText verdict={verdict} className="text-12" /> : <VerdictMark verdict={verdict} />)}
      {!plain && <span className="text-12">{CLASS_WORDS[kind].name}</span>}
    </span>
  );
}

/** Between whom; of a finding without a flow its subject. */
function About({ receipt: { source, destination, finding } }: { receipt: ReceiptSummary }) {
  if (destination === '')
    return <span className="min-w-0 truncate font-mono text-12">{visibleText(finding?.subject ?? (source || 'no flow'))}</span>;
  return (
    <>
      <EndpointName {...endpointOfId(visibleText(source))} />
      <span aria-hidden="true" className="font-mono text-12 text-ink-3">
        →
      </span>
      <span className="sr-only"> to </span>
      <EndpointName {...endpointOfId(visibleText(destination))} />
    </>
  );
}

export function Standing({ standing }: Pick<ReceiptSummary, 'standing'>) {
  const { name, why, mark } = STANDING_WORDS[standing];
  return (
    <span className="inline-flex items-center gap-1.5 text-12 whitespace-nowrap" title={why}>
      <Mark name={mark} />
      {name}
    </span>
  );
}

const portWords = (protocol: string, port: number): string =>
  protocol === '' ? '' : port === 0 ? visibleText(protocol) : `${visibleText(protocol)}/${port}`;

const countWords = (count: string): string => exact(Number(count));
