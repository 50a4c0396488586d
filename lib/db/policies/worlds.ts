import 'server-only';
import type { World } from '#lib/policy/model.ts';
import type { TrafficDb } from '../traffic/connection.ts';
import { DAY_MS, HOUR_MS } from '../traffic/partitions.ts';
import { pack, unpack } from '../traffic/packed.ts';

/** A world as it was stored; it was so from `from` to `to` at least. */
export interface StoredWorld {
  readonly from: number;
  readonly to: number;
  readonly hash: string;
  readonly world: World;
}

/** Stores the facts of a cluster as they are at `time`. The same facts as last time only move their end on. */
export async function recordWorld(db: TrafficDb, cluster: string, time: number, hash: string, world: World): Promise<void> {
  const moved = await db.rows(
    `UPDATE world_snapshot SET to_ms = GREATEST(to_ms, $2)
     WHERE cluster = $1 AND hash = $3 AND from_ms = (SELECT max(from_ms) FROM world_snapshot WHERE cluster = $1) RETURNING from_ms`,
    [cluster, time, hash],
  );
  if (moved.length > 0) return;
  await db.rows(
    `INSERT INTO world_snapshot (cluster, from_ms, to_ms, hash, body) VALUES ($1, $2, $2, $3, $4)
     ON CONFLICT (cluster, from_ms) DO NOTHING`,
    [cluster, time, hash, await pack(world)],
  );
}

/** The world that was stored last before `time`; undefined when there is none. */
export async function readWorldAt(db: TrafficDb, cluster: string, time: number): Promise<StoredWorld | undefined> {
  const [row] = await db.rows<Omit<StoredWorld, 'world'> & { body: Buffer }>(
    `SELECT from_ms AS "from", to_ms AS "to", hash, body FROM world_snapshot
     WHERE cluster = $1 AND from_ms <= $2 ORDER BY from_ms DESC LIMIT 1`,
    [cluster, time],
  );
  if (!row) return undefined;
  const { body, ...stored } = row;
  return { ...stored, world: await unpack<World>(body) };
}

/** Of two days every snapshot is kept, of a month the last of each day, and always the newest of each cluster. */
export async function thinWorlds(db: TrafficDb, now: number): Promise<void> {
  await db.rows(
    `DELETE FROM world_snapshot WHERE from_ms < $1 AND (from_ms < $2 OR EXISTS (
       SELECT 1 FROM world_snapshot AS later WHERE later.cluster = world_snapshot.cluster AND later.from_ms > world_snapshot.from_ms
         AND floor(later.from_ms / $3) = floor(world_snapshot.from_ms / $3)))
     AND from_ms < (SELECT max(from_ms) FROM world_snapshot AS newest WHERE newest.cluster = world_snapshot.cluster)`,
    [now - 48 * HOUR_MS, now - 30 * DAY_MS, DAY_MS],
  );
}
