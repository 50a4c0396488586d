import 'server-only';
import type { TrafficDb } from './connection.ts';

/** Where a cluster's pipeline goes on after a restart. */
export interface PipelineState {
  /** Names the writer: one with a lower number may not write any more. */
  readonly run: number;
  /** Unix milliseconds: flows up to here were seen and stored; undefined on a first start. */
  readonly watermark: number | undefined;
  /** Hashes (`flowHash`) of stored flows of the last moments before the watermark. */
  readonly overlap: ReadonlySet<bigint>;
}

/** Takes over the writing of a cluster's traffic: whoever did it before may not any more. */
export async function beginRun(db: TrafficDb, cluster: string): Promise<PipelineState> {
  const [row] = await db.rows<{ run: number; watermark: number | null; overlap: Buffer | null }>(
    `INSERT INTO ingest_state (cluster, run) VALUES ($1, 1)
     ON CONFLICT (cluster) DO UPDATE SET run = ingest_state.run + 1, flush = 0
     RETURNING run, watermark_ms AS watermark, overlap`,
    [cluster],
  );
  if (!row) throw new Error('INSERT ... RETURNING gave no row');
  return { run: row.run, watermark: row.watermark ?? undefined, overlap: unpackHashes(row.overlap) };
}

export function packHashes(hashes: Iterable<bigint>): Buffer {
  const list = [...hashes];
  const bytes = Buffer.alloc(list.length * 8);
  list.forEach((hash, index) => bytes.writeBigUInt64LE(hash, index * 8));
  return bytes;
}

function unpackHashes(bytes: Buffer | null): ReadonlySet<bigint> {
  const hashes = new Set<bigint>();
  for (let at = 0; bytes && at + 8 <= bytes.length; at += 8) hashes.add(bytes.readBigUInt64LE(at));
  return hashes;
}
