import 'server-only';
import type { ReceiptPage, ReceiptsQuery, ReceiptSummary } from '#lib/api/receipts.ts';
import { withStatements } from '#lib/db/client.ts';
import { countReceipts, type ListedReceipt, listReceipts, type ReceiptPlace } from '#lib/db/receipts/list.ts';
import { type LogReach, readReach } from '#lib/db/receipts/read-log.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { rangeOf } from '#lib/ingest/time-range.ts';
import { enoughWitnesses, standingOf } from './standing.ts';

/** A page of receipts, newest first. Throws `bad-request` for a cursor that is none. */
export async function readReceipts({ cursor, limit, ...query }: ReceiptsQuery, now: number): Promise<ReceiptPage> {
  const after = cursor === undefined ? undefined : placeOf(cursor);
  const { cluster, class: kind, verdict, q, batch } = query;
  const filter = { cluster, class: kind, verdict, q, batch, ...rangeOf(query, now) };
  return withStatements(async (db) => {
    const [page, count, reach] = [
      await listReceipts(db, filter, { limit, after }),
      await countReceipts(db, filter),
      await readReach(db, cluster, await enoughWitnesses(db)),
    ];
    return {
      receipts: page.receipts.map((row) => summaryOf(row, reach)),
      ...(page.next && { nextCursor: `${page.next.observedAt}-${page.next.id}` }),
      total: count.total,
      ...(count.atLeast && { atLeast: true }),
    };
  });
}

function summaryOf({ seq, signed, ...row }: ListedReceipt, reach: LogReach): ReceiptSummary {
  const { finding } = signed.observation;
  return {
    id: row.id,
    cluster: row.cluster,
    class: row.class as ReceiptSummary['class'],
    verdict: row.verdict,
    observedAt: row.observedAt,
    source: row.source,
    destination: row.destination,
    port: row.port,
    protocol: row.protocol,
    reason: row.reason,
    policies: [...row.policies],
    count: signed.flow?.aggregate?.count ?? '1',
    ...(finding && { finding }),
    batch: seq,
    leaf: row.leaf,
    standing: standingOf(seq, reach),
  };
}

/** `1772460161204.113-rcpt_…` */
function placeOf(cursor: string): ReceiptPlace {
  const [, observedAt, id] = /^(\d{1,16}(?:\.\d{1,6})?)-(rcpt_[a-z2-7]{26})$/.exec(cursor) ?? [];
  if (observedAt === undefined || id === undefined)
    throw new CausewayError('bad-request', 'this cursor is none of ours', { place: { parameter: 'cursor' } });
  return { observedAt: Number(observedAt), id };
}
