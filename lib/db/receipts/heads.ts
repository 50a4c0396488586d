import 'server-only';
import type { Statements, TrafficDb } from '../traffic/connection.ts';
import { readIntroductions } from './keys.ts';
import { nodesOf } from './read-log.ts';
import type { ReadNodes } from '#lib/receipts/log-nodes.ts';

/** A head as it was signed last. */
export interface SignedHead {
  readonly size: number;
  /** Hexadecimal. */
  readonly root: string;
  /** The note with the signature of the log alone. */
  readonly note: string;
  readonly kid: string;
}

/** The end of a log and its last signed head, while nobody can add to it. */
export interface LockedLog {
  readonly size: number;
  /** Of the last batch's header, as the end of the log says; and the header itself, in its canonical form. */
  readonly headerHash: string;
  readonly lastHeader: string;
  readonly signed: SignedHead | undefined;
  readonly read: ReadNodes;
  /** Entry that introduced a key; undefined while none has. */
  introducedAt(kid: string): Promise<number | undefined>;
}

/**
 * Lets `sign` decide on the head of a log while its end is locked; what it gives is stored in the same transaction. Undefined where the log is empty, or
 * where `sign` gives nothing. Throws what `sign` throws.
 */
export function signHead(
  db: TrafficDb,
  cluster: string,
  sign: (log: LockedLog) => Promise<SignedHead | undefined>,
): Promise<SignedHead | undefined> {
  return db.transaction(async (tx) => {
    const [end] = await tx.rows<{ size: number; header_hash: string }>(
      'SELECT next_seq AS size, header_hash FROM receipt_log WHERE cluster = $1 FOR UPDATE',
      [cluster],
    );
    if (!end || end.size === 0) return undefined;
    const [batch] = await tx.rows<{ header: string }>('SELECT header FROM receipt_batch WHERE cluster = $1 AND seq = $2', [
      cluster,
      end.size - 1,
    ]);
    const head = await sign({
      size: end.size,
      headerHash: end.header_hash,
      lastHeader: batch?.header ?? '',
      signed: await readSignedHead(tx, cluster),
      read: nodesOf(tx, cluster),
      introducedAt: async (kid) => (await readIntroductions(tx, cluster)).get(kid),
    });
    if (!head) return undefined;
    await tx.rows(
      `INSERT INTO checkpoint (cluster, size, root, note, kid, at_ms) VALUES ($1, $2, $3, $4, $5, extract(epoch FROM clock_timestamp()) * 1000)`,
      [cluster, head.size, head.root, head.note, head.kid],
    );
    return head;
  });
}

/** The newest signed head. */
export async function readSignedHead(db: Statements, cluster: string): Promise<SignedHead | undefined> {
  const [row] = await db.rows<SignedHead>(
    'SELECT size, root, note, kid FROM checkpoint WHERE cluster = $1 ORDER BY size DESC LIMIT 1',
    [cluster],
  );
  return row;
}

/** Size of the newest head that each witness has seen, by its name. */
export async function readWitnessed(db: Statements, cluster: string): Promise<Map<string, number>> {
  const rows = await db.rows<{ witness: string; size: number }>(
    'SELECT witness, max(size)::int AS size FROM cosignature WHERE cluster = $1 GROUP BY witness',
    [cluster],
  );
  return new Map(rows.map(({ witness, size }) => [witness, size]));
}

/** Stores what a witness said of a head; once is enough. `at`: Unix milliseconds. */
export async function addCosignature(
  db: Statements,
  cosignature: {
    readonly cluster: string;
    readonly size: number;
    readonly witness: string;
    readonly line: string;
    readonly at: number;
  },
): Promise<void> {
  const { cluster, size, witness, line, at } = cosignature;
  await db.rows(
    `INSERT INTO cosignature (cluster, size, witness, line, at_ms) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (cluster, size, witness) DO NOTHING`,
    [cluster, size, witness, line, at],
  );
}
