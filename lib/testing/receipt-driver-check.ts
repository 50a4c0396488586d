import { checkLogs } from '#lib/cli/fsck/fsck.ts';
import type { Statements } from '#lib/db/traffic/connection.ts';
import { MINUTE_MS } from '#lib/topology/minutes.ts';
import { type DriverOptions, driverFlow, isDropped } from './receipt-driver-flows.ts';
import type { Acknowledged } from './receipt-driver-run.ts';

/**
 * What is wrong with what `receipt-driver.ts` has written, by what it acknowledged: every finding of fsck; receipts and heads that are not there or are others;
 * drops before the stored place without a receipt, or with two; minutes whose aggregates do not count what happened. At most a few of each.
 */
export async function driverProblems(
  db: Statements,
  acknowledged: readonly Acknowledged[],
  { cluster, begin, everyMs }: Pick<DriverOptions, 'cluster' | 'begin' | 'everyMs'>,
): Promise<string[]> {
  const { findings } = await checkLogs(db, { cluster });
  const told = findings.told.map(({ table, row, problem }) => `${table} ${row}: ${problem}`);
  const problems = [
    ...told,
    ...acknowledged.flatMap(({ contradictions }) => contradictions),
    ...(await lostReceipts(db, cluster, acknowledged)),
    ...(await lostHeads(db, cluster, acknowledged)),
    ...(await wrongDrops(db, cluster, Math.max(...acknowledged.map(({ place }) => place)))),
    ...(await wrongMinutes(db, cluster, { begin, everyMs })),
  ];
  return problems.slice(0, 20);
}

async function lostReceipts(db: Statements, cluster: string, acknowledged: readonly Acknowledged[]): Promise<string[]> {
  const rows = await db.rows<{ id: string }>('SELECT id FROM receipt WHERE cluster = $1', [cluster]);
  const there = new Set(rows.map(({ id }) => id));
  const lost = acknowledged.flatMap(({ receipts }) => [...receipts].filter((id) => !there.has(id)));
  return lost.map((id) => `receipt ${id} was acknowledged and is not there`);
}

async function lostHeads(db: Statements, cluster: string, acknowledged: readonly Acknowledged[]): Promise<string[]> {
  const rows = await db.rows<{ size: number; note: string }>('SELECT size, note FROM checkpoint WHERE cluster = $1', [cluster]);
  const roots = new Map(rows.map(({ size, note }) => [size, note.split('\n')[2]]));
  const lost = acknowledged.flatMap(({ heads }) => [...heads].filter(([size, root]) => roots.get(size) !== root));
  return lost.map(([size]) => `the head of ${size} batches was acknowledged and is not there, or is another`);
}

async function wrongDrops(db: Statements, cluster: string, place: number): Promise<string[]> {
  const rows = await db.rows<{ uuid: string; count: number }>(
    `SELECT flow_uuid AS uuid, count(*)::int AS count FROM receipt WHERE cluster = $1 AND class = 'dropped' GROUP BY flow_uuid`,
    [cluster],
  );
  const there = new Set(rows.map(({ uuid }) => uuid));
  const numbers = Array.from({ length: place }, (_, number) => number).filter((number) => isDropped(number));
  return [
    ...rows.filter(({ count }) => count !== 1).map(({ uuid, count }) => `${uuid} has ${count} receipts`),
    ...numbers.filter((number) => !there.has(`flow-${number}`)).map((number) => `flow-${number} is stored and has no receipt`),
  ];
}

/** Minutes with aggregates count what was let through in them: all but the first one, which had begun when the program did. */
async function wrongMinutes(
  db: Statements,
  cluster: string,
  options: Pick<DriverOptions, 'begin' | 'everyMs'>,
): Promise<string[]> {
  const rows = await db.rows<{ first: string; count: string }>(
    `SELECT body::jsonb #>> '{flow,aggregate,first_at}' AS first, body::jsonb #>> '{flow,aggregate,count}' AS count
     FROM receipt WHERE cluster = $1 AND class = 'aggregate'`,
    [cluster],
  );
  const counted = new Map<number, number>();
  for (const { first, count } of rows) add(counted, minuteOf(Date.parse(first)), Number(count));
  const last = Math.max(...counted.keys());
  const happened = new Map<number, number>();
  for (let number = 0; ; number += 1) {
    const minute = minuteOf(driverFlow(number, options).time);
    if (minute > last) break;
    if (!isDropped(number)) add(happened, minute, 1);
  }
  happened.delete(minuteOf(options.begin));
  return [...happened]
    .filter(([minute, count]) => counted.get(minute) !== count)
    .map(
      ([minute, count]) =>
        `${count} flows were let through in minute ${minute}, its aggregates count ${counted.get(minute) ?? 0}`,
    );
}

const minuteOf = (time: number): number => Math.floor(time / MINUTE_MS);
const add = (counts: Map<number, number>, key: number, count: number): void =>
  void counts.set(key, (counts.get(key) ?? 0) + count);
