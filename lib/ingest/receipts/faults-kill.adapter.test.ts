import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkLogs } from '#lib/cli/fsck/fsck.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { databaseKinds, type OpenedDatabase } from '#lib/testing/databases.ts';
import { mulberry32 } from '#lib/testing/random.ts';
import { driverProblems } from '#lib/testing/receipt-driver-check.ts';
import type { DriverOptions } from '#lib/testing/receipt-driver-flows.ts';
import { Acknowledged, buildDriver, type Driver, type DriverEnd, type DriverLife } from '#lib/testing/receipt-driver-run.ts';

const CLUSTER = 'prod';
/** So many times it is killed: a few on each database, a hundred in continuous integration, as many as one likes by hand. */
const KILLS = Number(process.env['CAUSEWAY_KILLS'] ?? (process.env['CI'] === 'true' ? 100 : 12));
const PACE = 20;
/** Some 700 flows in a second of the wall clock, and all that were missed while it began. */
const EVERY_MS = 30;

/** Where it ends itself: before a statement of the transactions that write, and between a commit and whoever would hear of it. */
const HOOKS = [
  'INSERT INTO receipt_batch',
  'INSERT INTO receipt (',
  'INSERT INTO log_node',
  'INSERT INTO key_event_entry',
  'UPDATE receipt_log',
  'INSERT INTO checkpoint',
  'INSERT INTO driver_place',
  'committed',
];

/** One in five is killed while it begins. */
const lifeOf = (kill: number, chance: number) =>
  kill % 5 === 1
    ? ({ ms: 250 + chance * 500, from: 'beginning' } as const)
    : ({ ms: 50 + chance * 800, from: 'readiness' } as const);

describe.each(databaseKinds())('kill -9 of what makes receipts, on $name', ({ name, open }) => {
  const kills = name.includes('embedded') ? Math.min(KILLS, 8) : KILLS;
  const dir = mkdtempSync(join(tmpdir(), 'cw-kill-'));
  const acknowledged = new Acknowledged();
  const begin = Date.now();
  const random = mulberry32(Number(process.env['CAUSEWAY_SEED'] ?? 20_260_302));
  let database: OpenedDatabase;
  let db: TrafficDb;
  let driver: Driver;

  beforeAll(async () => {
    database = await open();
    await migrate(database.url, readMigrations('prisma/migrations'));
    db = openTrafficDb(database.url, 1);
    driver = await buildDriver(
      {
        url: database.url,
        cluster: CLUSTER,
        keys: join(dir, 'keys'),
        begin,
        pace: PACE,
        everyMs: EVERY_MS,
        checkpointEveryMs: 150,
      },
      acknowledged,
    );
  });
  afterAll(async () => {
    await db.close();
    await database.close();
    rmSync(dir, { recursive: true, force: true });
  });

  let busyMs = 0;
  /** Runs it; flows come only while it does, so that what it has to catch up with does not grow with each kill. */
  async function run(more: Partial<DriverOptions>, life: DriverLife): Promise<DriverEnd> {
    const from = Date.now();
    const end = await driver.run({ ...more, idleMs: from - begin - busyMs }, life);
    busyMs += Date.now() - from;
    return end;
  }
  const problems = (): Promise<string[]> => driverProblems(db, [acknowledged], { cluster: CLUSTER, begin, everyMs: EVERY_MS });

  test(
    `killed ${kills} times at any point under load: nothing that was acknowledged is lost, doubled or contradicted`,
    { timeout: kills * 20_000 + 60_000, retry: 0 },
    async () => {
      const found: string[] = [];
      for (let kill = 1; kill <= kills; kill += 1) {
        const hook = kill % 3 === 0 ? HOOKS[Math.floor(random() * HOOKS.length)] : undefined;
        const dieAt = hook === undefined ? {} : { dieAt: { statement: hook, nth: 1 + Math.floor(random() * 4) } };
        const { signal, complaints } = await run(dieAt, lifeOf(kill, random()));
        expect({ signal, complaints }).toMatchObject({ signal: 'SIGKILL' });
        found.push(...(kill % Math.max(10, Math.floor(kills / 5)) === 0 ? await problems() : []));
        expect(found).toEqual([]);
      }
      await run({}, { ms: 2_500, from: 'readiness' }); // one that ends in peace: what was left half done is taken up
      expect(await problems()).toEqual([]);
      expect(acknowledged.receipts.size).toBeGreaterThan(kills * 20);
      expect(acknowledged.heads.size).toBeGreaterThan(kills / 4);
      const [counts] = (await checkLogs(db, {})).logs;
      console.info(
        `${kills} kills on ${name}: ${acknowledged.receipts.size} receipts and ${acknowledged.heads.size} heads acknowledged; ${counts?.receipts} receipts in ${counts?.batches} batches stored`,
      );
    },
  );
});
