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

/** Which messages of a message bus were stored, for messages may come again after they were. */
export interface BusPlace {
  readonly streams: readonly {
    readonly name: string;
    /** When the stream was made: one that was made anew counts from 1 again. */
    readonly created: string;
    /** Sequences that were stored, as `SequenceSet` writes them. */
    readonly stored: string;
  }[];
  /** 64-bit hashes of the last flows, little endian, in base64: the same flow may be on several subjects. */
  readonly recent: string;
}

/** Where a cluster's pipeline goes on after a restart. */
export interface PipelineState {
  /** Names the writer: one with a lower number may not write any more. */
  readonly run: number;
  readonly place: Place;
  /** Null where nothing came from a bus. */
  readonly busPlace: BusPlace | null;
}

/** Takes over the writing of a cluster's traffic: whoever did it before may not any more. */
export async function beginRun(db: TrafficDb, cluster: string): Promise<PipelineState> {
  const [row] = await db.rows<PipelineState>(
    `INSERT INTO ingest_state (cluster, run) VALUES ($1, 1)
     ON CONFLICT (cluster) DO UPDATE SET run = ingest_state.run + 1, flush = 0
     RETURNING run, place, bus_place AS "busPlace"`,
    [cluster],
  );
  if (!row) throw new Error('INSERT ... RETURNING gave no row');
  return row;
}
