'use client';
import Link from 'next/link';
import { ReceiptPage } from '#lib/api/receipts.ts';
import { windowQuery } from '#components/live/range.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { DrawerSection } from '#components/ui/Drawer.tsx';
import { endpointOfId } from '#components/ui/EndpointName.tsx';
import { clockMs, exact, utcAndLocal } from '#components/ui/format.ts';
import { Standing } from '../list/ReceiptsTable.tsx';
import { receiptPath } from '../receipt-words.ts';
import { AttestButton } from './AttestButton.tsx';

const SHOWN = 4;

/** The newest receipts of a dropped pair, the way to all of them, and for an incident to more. */
export function PairReceipts({ source, destination, reason, filter, mayAttest }: PairReceiptsProps) {
  const view = useConsole();
  const q = wordsOf(source, destination, reason);
  const query = new URLSearchParams({ cluster: view.cluster, verdict: 'DROPPED', q, limit: String(SHOWN) });
  const { data, error } = useApi(`/api/v1/receipts?${query}&${windowQuery(view.window)}`, ReceiptPage, {
    refreshMs: view.refreshMs,
  });
  // Who may not see receipts is not bothered with them here.
  if (error && !data) return null;
  return (
    <DrawerSection
      title="Receipts"
      aside={
        <Link
          href={view.hrefOf('receipts', { verdict: 'DROPPED', q })}
          className="ring-focus rounded-sm text-accent-text hover:underline"
        >
          {data && data.total > SHOWN ? `All ${data.atLeast ? 'of them' : exact(data.total)}` : 'Open in Receipts'}
        </Link>
      }
    >
      {data?.receipts.length === 0 && (
        <p className="text-12 text-ink-3">
          None of this time names both ends: these drops were seen before receipts were written.
        </p>
      )}
      <ul>
        {data?.receipts.map(({ id, observedAt, standing }) => (
          <li key={id} className="border-t border-line first:border-t-0">
            <Link
              href={view.hrefOf(receiptPath(id))}
              title={utcAndLocal(observedAt)}
              className="ring-focus grid h-9 grid-cols-[88px_minmax(0,1fr)_auto] items-center gap-2 rounded-sm text-12 hover:bg-hover md:h-7"
            >
              <span className="num text-ink-3">{clockMs(observedAt)}</span>
              <span className="truncate font-mono">{id}</span>
              <Standing standing={standing} />
            </Link>
          </li>
        ))}
      </ul>
      {mayAttest && view.live && (
        <div className="mt-2">
          <AttestButton what={{ filter }} label="Attest these flows" />
        </div>
      )}
    </DrawerSection>
  );
}
interface PairReceiptsProps {
  /** Ids of the ends, as the map has them. */
  source: string;
  destination: string;
  /** Hubble's `drop_reason_desc`. */
  reason: string;
  /** The flows of the pair, as a filter. */
  filter: string;
  mayAttest: boolean;
}

/**
 * Words that find the receipts of a pair: namespaces and names of the ends in the cluster, and the reason. An end outside may be one of many that are
 * counted under a range or a name, which a receipt has by its own address.
 */
function wordsOf(source: string, destination: string, reason: string): string {
  const inside = [source, destination].map(endpointOfId).filter(({ namespace }) => namespace !== '');
  return [...inside.flatMap(({ namespace, name }) => [namespace, name]), reason].join(' ');
}
