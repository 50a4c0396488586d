import 'server-only';
import type { TrafficDb } from './connection.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** How long each grain is kept, in days. A query for longer ago finds the next coarser grain. */
export interface Retention {
  readonly ledgerMinuteDays: number;
  readonly ledgerHourDays: number;
  readonly ledgerDayDays: number;
  readonly rollupMinuteDays: number;
  readonly rollupHourDays: number;
}

export const DEFAULT_RETENTION: Retention = {
  ledgerMinuteDays: 1,
  ledgerHourDays: 30,
  ledgerDayDays: 400,
  rollupMinuteDays: 8,
  rollupHourDays: 400,
};

/** Tables cut by time, the days one partition spans, and which retention drops it. */
const PARTITIONED = [
  { table: 'ledger_minute', days: 1, keep: 'ledgerMinuteDays' },
  { table: 'ledger_hour', days: 1, keep: 'ledgerHourDays' },
  { table: 'ledger_day', days: 30, keep: 'ledgerDayDays' },
  { table: 'rollup_minute', days: 1, keep: 'rollupMinuteDays' },
] as const;

/** Makes the partitions that rows of `from..to` (Unix milliseconds) need, where they are missing. Safe beside another process that does the same. */
export async function ensurePartitions(db: TrafficDb, from: number, to: number): Promise<void> {
  const existing = new Set(await partitionNames(db));
  for (const { table, days } of PARTITIONED) {
    const span = days * DAY_MS;
    for (let start = Math.floor(from / span) * span; start <= to; start += span) {
      const name = `${table}_${dayName(start)}`;
      if (existing.has(name)) continue;
      // The name is made of constants and digits: nothing from outside is in this statement.
      await db.rows(
        `CREATE TABLE IF NOT EXISTS "${name}" PARTITION OF "${table}" FOR VALUES FROM ('${iso(start)}') TO ('${iso(start + span)}') WITH (fillfactor = 80)`,
      );
    }
  }
}

/** Drops partitions (and deletes rows of small tables) of which everything is older than its retention. Returns the names of what was dropped. */
export async function dropExpired(db: TrafficDb, now: number, retention: Retention): Promise<string[]> {
  const dropped: string[] = [];
  for (const name of await partitionNames(db)) {
    const rule = PARTITIONED.find(({ table }) => name.startsWith(`${table}_`));
    const start = rule && timeOfName(name.slice(rule.table.length + 1));
    if (!rule || start === undefined || start + rule.days * DAY_MS > now - retention[rule.keep] * DAY_MS) continue;
    await db.rows(`DROP TABLE IF EXISTS "${name}"`);
    dropped.push(name);
  }
  const daysAgo = (days: number): number => now - days * DAY_MS;
  await db.rows('DELETE FROM rollup_hour WHERE bucket < to_timestamp($1 / 1000.0)', [daysAgo(retention.rollupHourDays)]);
  await db.rows('DELETE FROM traffic_gap WHERE to_ms < $1', [daysAgo(retention.rollupHourDays)]);
  await db.rows('DELETE FROM drop_pair WHERE last_seen_ms < $1', [daysAgo(30)]);
  await db.rows(`DELETE FROM traffic_tuple WHERE last_seen_ms < $1 AND origin = ''`, [daysAgo(retention.ledgerDayDays + 1)]);
  return dropped;
}

async function partitionNames(db: TrafficDb): Promise<string[]> {
  const rows = await db.rows<{ name: string }>(
    `SELECT child.relname AS name FROM pg_inherits
     JOIN pg_class child ON child.oid = inhrelid JOIN pg_class parent ON parent.oid = inhparent
     WHERE parent.relname = ANY (SELECT jsonb_array_elements_text($1::jsonb)) AND child.relkind = 'r'`,
    [JSON.stringify(PARTITIONED.map(({ table }) => table))],
  );
  return rows.map(({ name }) => name);
}

const iso = (time: number): string => new Date(time).toISOString();
const dayName = (time: number): string => iso(time).slice(0, 10).replaceAll('-', '');

function timeOfName(day: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(day);
  return match ? Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) : undefined;
}
