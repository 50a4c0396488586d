import 'server-only';
import type { TrafficDb } from './connection.ts';

/** How far the flows of each node were stored. */
export type Place = readonly {
  /** `cluster/node`. */
  readonly name: string;
  /** Unix milliseconds of its newest stored flow. */
  readonly newest: number;
  /** All flows before this time were stored; of those up to `newest`, the ones in `hashes`. */
  readonly from: number;
  /** 64-bit hashes of flows, little endian, in base64. */
  readonly hashes: string;
}[];

/** Where a cluster's pipeline goes on after a restart. */
export interface PipelineState {
  /** Names the writer: one with a lower number may not write any more. */
  readonly run: number;
  readonly place: Place;
}

/** Takes over the writing of a cluster's traffic: whoever did it before may not any more. */
export async function beginRun(db: TrafficDb, cluster: string): Promise<PipelineState> {
  const [row] = await db.rows<PipelineState>(
    `INSERT INTO ingest_state (cluster, run) VALUES ($1, 1)
     ON CONFLICT (cluster) DO UPDATE SET run = ingest_state.run + 1, flush = 0
     RETURNING run, place`,
    [cluster],
  );
  if (!row) throw new Error('INSERT ... RETURNING gave no row');
  return row;
}
