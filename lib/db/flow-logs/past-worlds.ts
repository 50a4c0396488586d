import 'server-only';
import type { PastWorld } from '#lib/flow-logs/address-book.ts';
import type { World } from '#lib/policy/model.ts';
import type { TrafficDb } from '../traffic/connection.ts';
import { DAY_MS, HOUR_MS } from '../traffic/partitions.ts';
import { unpack } from '../traffic/packed.ts';

const DAYS = 31;
const EACH_MS = 12 * HOUR_MS;

/** Worlds of a cluster in the last month, the first of each half day, in their order; each until the next, the last until `now`. */
export async function readPastWorlds(db: TrafficDb, cluster: string, now: number): Promise<PastWorld[]> {
  const rows = await db.rows<{ from: number; body: Buffer }>(
    `SELECT DISTINCT ON (floor(from_ms / $3)) from_ms AS "from", body FROM world_snapshot WHERE cluster = $1 AND from_ms >= $2
     ORDER BY floor(from_ms / $3), from_ms`,
    [cluster, now - DAYS * DAY_MS, EACH_MS],
  );
  const worlds: PastWorld[] = [];
  for (const [index, { from, body }] of rows.entries())
    worlds.push({ from, to: rows[index + 1]?.from ?? now, world: await unpack<World>(body) });
  return worlds;
}
