'use client';
import Link from 'next/link';
import { useState } from 'react';
import { ReceiptPage } from '#lib/api/receipts.ts';
import type { Verdict } from '#lib/flow/flow.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { DrawerSection } from '#components/ui/Drawer.tsx';
import { Standing } from '../list/ReceiptsTable.tsx';
import { CLASS_WORDS, receiptPath, shortHash } from '../receipt-words.ts';
import { AttestButton } from './AttestButton.tsx';

const REFRESH_MS = 5000;
const NO_RECEIPT_YET: ReadonlySet<Verdict> = new Set(['DROPPED', 'AUDIT', 'ERROR']);

/** The receipts of a flow, and the way to one where it has none of its own. */
export function FlowReceipt({ uuid, verdict, mayAttest }: { uuid: string; verdict: Verdict; mayAttest: boolean }) {
  const view = useConsole();
  const query = new URLSearchParams({ cluster: view.cluster, q: uuid, limit: '5' });
  const { data, error, reload } = useApi(`/api/v1/receipts?${query}`, ReceiptPage, { refreshMs: REFRESH_MS });
  // What was asked for stays told when its receipt appears.
  const [asked, setAsked] = useState(false);
  const done = () => {
    setAsked(true);
    reload();
  };
  // Who may not see receipts is not bothered with them here.
  if (error && !data) return null;
  const receipts = data?.receipts ?? [];
  return (
    <DrawerSection title={receipts.length > 1 ? 'Receipts' : 'Receipt'}>
      {receipts.length > 0 && (
        <ul className="flex flex-col gap-1 text-13">
          {receipts.map(({ id, class: kind, standing }) => (
            <li key={id} className="flex flex-wrap items-center justify-between gap-x-3">
              <Link href={view.hrefOf(receiptPath(id))} className="ring-focus rounded-sm text-accent-text hover:underline">
                <span className="font-mono text-12">{shortHash(id, 13, 4)}</span>
                <span className="sr-only">, open the receipt</span>
              </Link>
              <span className="flex items-center gap-3 text-12 text-ink-3">
                {CLASS_WORDS[kind].name}
                <Standing standing={standing} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {data && (receipts.length === 0 || asked) && (
        <div className="mt-2 flex flex-col items-start gap-2 first:mt-0">
          <p className="text-12 text-ink-3">
            {asked
              ? 'Asked for by you.'
              : NO_RECEIPT_YET.has(verdict)
                ? 'None yet: its batch is being sealed, or it was seen before receipts were written.'
                : 'None of its own: forwarded flows of a kind have one a minute together.'}
          </p>
          {mayAttest && <AttestButton what={{ uuids: [uuid] }} label="Attest this flow" onDone={done} />}
        </div>
      )}
    </DrawerSection>
  );
}
