import 'server-only';
import type { Statements } from '#lib/db/traffic/connection.ts';
import type { BatchHeader, Receipt, SignedReceipt } from '#lib/receipts/receipt.ts';
import { readNewestHead } from './read-log.ts';

/** How far a cluster's log was published. */
export interface Published {
  readonly cluster: string;
  /** Sequence of the next batch to publish. */
  readonly nextSeq: number;
  /** Size of the newest head that was, and how many witnesses had signed it. */
  readonly size: number;
  readonly witnesses: number;
}

/** Clusters whose log has more than was published of it, with how far that is. */
export async function readBehind(db: Statements): Promise<(Published & { readonly batches: number })[]> {
  return db.rows<Published & { batches: number }>(
    `SELECT log.cluster, coalesce(done.next_seq, 0) AS "nextSeq", coalesce(done.size, 0) AS size, coalesce(done.witnesses, 0) AS witnesses,
       log.next_seq - coalesce(done.next_seq, 0) AS batches
     FROM receipt_log log LEFT JOIN attestation_published done ON done.cluster = log.cluster
     WHERE log.next_seq > coalesce(done.next_seq, 0)
       OR EXISTS (SELECT 1 FROM checkpoint head WHERE head.cluster = log.cluster AND head.size > coalesce(done.size, 0))
       OR (SELECT count(*) FROM cosignature seen WHERE seen.cluster = log.cluster AND seen.size = done.size) > done.witnesses
     ORDER BY log.cluster`,
  );
}

/** Up to `limit` batches from `seq` on, whole: header and receipts in the order of their leaves. */
export async function readWholeBatches(
  db: Statements,
  cluster: string,
  seq: number,
  limit: number,
): Promise<{ readonly header: BatchHeader; readonly receipts: Receipt[] }[]> {
  const batches = await db.rows<{ seq: number; header: string }>(
    'SELECT seq, header FROM receipt_batch WHERE cluster = $1 AND seq >= $2 ORDER BY seq LIMIT $3',
    [cluster, seq, limit],
  );
  const rows = await db.rows<{ seq: number; body: string; sig: string }>(
    'SELECT seq, body, sig FROM receipt WHERE cluster = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq, leaf',
    [cluster, seq, batches.at(-1)?.seq ?? -1],
  );
  return batches.map((batch) => {
    const header = JSON.parse(batch.header) as BatchHeader;
    const receipts = rows
      .filter((row) => row.seq === batch.seq)
      .map(({ body, sig }): Receipt => {
        const signed = JSON.parse(body) as SignedReceipt;
        return { ...signed, signature: { alg: 'Ed25519', kid: header.kid, sig } };
      });
    return { header, receipts };
  });
}

/** The newest head where it is another than was published, or more witnesses have signed it. */
export async function readUnpublishedHead(
  db: Statements,
  { cluster, size, witnesses }: Published,
): Promise<{ readonly size: number; readonly note: string; readonly witnesses: number } | undefined> {
  const head = await readNewestHead(db, cluster);
  if (!head || (head.size === size && head.witnesses.length <= witnesses)) return undefined;
  return { size: head.size, note: head.note, witnesses: head.witnesses.length };
}

/** Notes that all before was acknowledged by the bus. Never goes back: another process may have published more. */
export async function notePublished(db: Statements, { cluster, nextSeq, size, witnesses }: Published): Promise<void> {
  await db.rows(
    `INSERT INTO attestation_published AS done (cluster, next_seq, size, witnesses) VALUES ($1, $2, $3, $4)
     ON CONFLICT (cluster) DO UPDATE SET
       next_seq = GREATEST(done.next_seq, excluded.next_seq),
       witnesses = CASE WHEN excluded.size > done.size THEN excluded.witnesses
         WHEN excluded.size = done.size THEN GREATEST(done.witnesses, excluded.witnesses) ELSE done.witnesses END,
       size = GREATEST(done.size, excluded.size)`,
    [cluster, nextSeq, size, witnesses],
  );
}
