import 'server-only';
import { bytesToHex } from '@noble/hashes/utils.js';
import { parseCheckpoint } from '#lib/receipts/checkpoint.ts';
import { MOST_SKEW_MS } from '#lib/receipts/rules/r5-observation-gap.ts';
import { type LogNode, logConsistency, logRoot, type ReadNodes } from '#lib/receipts/log-nodes.ts';
import { parseNote } from '#lib/receipts/note.ts';
import type { BatchHeader } from '#lib/receipts/receipt.ts';
import type { Statements } from '../traffic/connection.ts';

/** A batch as the log holds it. */
export interface StoredBatch {
  readonly header: BatchHeader;
  readonly headerHash: string;
  /** Unix milliseconds. */
  readonly sealedAt: number;
}

/** A signed head with what witnesses added to it. */
export interface StoredHead {
  readonly size: number;
  /** Hexadecimal. */
  readonly root: string;
  /** Unix milliseconds, as are those of the witnesses. */
  readonly at: number;
  /** The signed note, with a line for each witness. */
  readonly note: string;
  readonly witnesses: readonly { readonly name: string; readonly at: number }[];
}

/** Sizes of the newest signed head, and of the newest that enough witnesses have seen; 0 where there is none. */
export interface LogReach {
  readonly logged: number;
  readonly witnessed: number;
}

/** Batches that one search for gaps looks at: the rest is for the next page. */
const MOST_LOOKED_AT = 5000;
/** Whether the header `h` tells of something that was missed. */
const MISSED = `(h->>'nodes_connected')::bigint < (h->>'nodes_expected')::bigint OR (h->>'clock_skew_ms_max')::bigint > ${MOST_SKEW_MS}
  OR jsonb_array_length(h->'lost_events') > 0 OR jsonb_array_length(h->'stream_gaps') > 0`;

/** Batches of a cluster, newest first, those before sequence `before`; `next` is where older ones begin, undefined at the beginning of the log. */
export async function readBatches(
  db: Statements,
  cluster: string,
  {
    before,
    limit,
    onlyGaps = false,
  }: { readonly before?: number | undefined; readonly limit: number; readonly onlyGaps?: boolean },
): Promise<{ readonly batches: StoredBatch[]; readonly next: number | undefined }> {
  const most = onlyGaps ? MOST_LOOKED_AT : limit;
  const values = [cluster, Math.min(before ?? MOST_SEQ, MOST_SEQ)];
  const looked = `(SELECT seq, header, header_hash, sealed_at_ms FROM receipt_batch WHERE cluster = $1 AND seq < $2 ORDER BY seq DESC LIMIT ${most}) looked`;
  const rows = await db.rows<{ header: string; header_hash: string; sealed_at_ms: number }>(
    onlyGaps
      ? `SELECT header, header_hash, sealed_at_ms FROM ${looked}, LATERAL (SELECT header::jsonb -> 'completeness' AS h) parsed
         WHERE ${MISSED} ORDER BY seq DESC LIMIT ${limit}`
      : `SELECT header, header_hash, sealed_at_ms FROM ${looked} ORDER BY seq DESC`,
    values,
  );
  const batches = rows.map(({ header, header_hash, sealed_at_ms }) => ({
    header: JSON.parse(header) as BatchHeader,
    headerHash: header_hash,
    sealedAt: sealed_at_ms,
  }));
  if (batches.length === limit) return { batches, next: batches.at(-1)?.header.seq || undefined };
  if (!onlyGaps) return { batches, next: undefined };
  const [least] = await db.rows<{ seq: number | null }>(`SELECT min(seq) AS seq FROM ${looked}`, values);
  return { batches, next: least?.seq || undefined };
}

/** How far heads reach. `enough` is how many witnesses make a head a witnessed one, at least one. */
export async function readReach(db: Statements, cluster: string, enough: number): Promise<LogReach> {
  const [row] = await db.rows<LogReach>(
    `SELECT coalesce((SELECT max(size) FROM checkpoint WHERE cluster = $1), 0)::int AS logged,
       coalesce((SELECT size FROM cosignature WHERE cluster = $1 GROUP BY size HAVING count(*) >= $2 ORDER BY size DESC LIMIT 1), 0)::int AS witnessed`,
    [cluster, enough],
  );
  return row ?? { logged: 0, witnessed: 0 };
}

/** The newest signed head, or undefined before the first. */
export async function readNewestHead(db: Statements, cluster: string): Promise<StoredHead | undefined> {
  const { logged } = await readReach(db, cluster, 1);
  return logged === 0 ? undefined : readHead(db, cluster, logged);
}

/**
 * The head that proves entry `seq` best: of the first hundred that hold it the one that most witnesses saw, and where they were away the first that
 * enough of them did. The earliest of equals: it says most about how long the entry has been there, and what was handed out stays what it is.
 */
export async function readHeadOver(
  db: Statements,
  cluster: string,
  seq: number,
  enough: number,
): Promise<StoredHead | undefined> {
  const [best] = await db.rows<{ size: number; seen: number }>(
    `SELECT h.size, count(c.witness)::int AS seen
     FROM (SELECT size FROM checkpoint WHERE cluster = $1 AND size > $2 ORDER BY size LIMIT 100) h
       LEFT JOIN cosignature c ON c.cluster = $1 AND c.size = h.size
     GROUP BY h.size ORDER BY seen DESC, h.size LIMIT 1`,
    [cluster, seq],
  );
  if (!best) return undefined;
  const [later] =
    best.seen >= enough
      ? []
      : await db.rows<{ size: number }>(
          `SELECT size FROM cosignature WHERE cluster = $1 AND size > $2 GROUP BY size HAVING count(*) >= $3 ORDER BY size LIMIT 1`,
          [cluster, seq, enough],
        );
  return readHead(db, cluster, later?.size ?? best.size);
}

async function readHead(db: Statements, cluster: string, size: number): Promise<StoredHead | undefined> {
  const [head] = await db.rows<{ note: string; at_ms: number }>(
    `SELECT note, at_ms FROM checkpoint WHERE cluster = $1 AND size = $2`,
    [cluster, size],
  );
  if (!head) return undefined;
  const seen = await db.rows<{ witness: string; line: string; at_ms: number }>(
    `SELECT witness, line, at_ms FROM cosignature WHERE cluster = $1 AND size = $2 ORDER BY at_ms, witness`,
    [cluster, size],
  );
  return {
    size,
    root: bytesToHex(parseCheckpoint(parseNote(head.note).text).root),
    at: head.at_ms,
    note: head.note + seen.map(({ line }) => `${line.trimEnd()}\n`).join(''),
    witnesses: seen.map(({ witness, at_ms }) => ({ name: witness, at: at_ms })),
  };
}

/** Two heads of a log and why the one is the beginning of the other; hexadecimal. */
export interface StoredConsistency {
  readonly fromRoot: string;
  readonly toRoot: string;
  readonly path: string[];
}

/** Proof that the first `from` entries are the beginning of the first `to`; both lie within a signed head. */
export async function readConsistency(db: Statements, cluster: string, from: number, to: number): Promise<StoredConsistency> {
  const read = nodesOf(db, cluster);
  const [fromRoot, toRoot, path] = [await logRoot(from, read), await logRoot(to, read), await logConsistency(from, to, read)];
  return { fromRoot: bytesToHex(fromRoot), toRoot: bytesToHex(toRoot), path: path.map(bytesToHex) };
}

/** Stored nodes of a cluster's log. Fails where one is missing: `causeway fsck` names it. */
export const nodesOf =
  (db: Statements, cluster: string): ReadNodes =>
  async (nodes) => {
    if (nodes.length === 0) return [];
    const rows = await db.rows<LogNode & { hash: Uint8Array }>(
      `SELECT level, "index", hash FROM log_node JOIN unnest($2::int[], $3::int[]) AS asked(at_level, at_index)
         ON level = at_level AND "index" = at_index WHERE cluster = $1`,
      [cluster, nodes.map(({ level }) => level), nodes.map(({ index }) => index)],
    );
    const stored = new Map(rows.map(({ level, index, hash }) => [`${level}/${index}`, Uint8Array.from(hash)]));
    return nodes.map(({ level, index }) => {
      const hash = stored.get(`${level}/${index}`);
      if (!hash) throw new Error(`the log of ${cluster} has no node ${level}/${index}: run causeway fsck`);
      return hash;
    });
  };

/** Beyond any sequence: the largest value of its column. */
const MOST_SEQ = 2_147_483_647;
