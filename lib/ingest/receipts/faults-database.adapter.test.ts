import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { openSigningKeys } from '#lib/keys/signing-keys.ts';
import { postgresPrograms, startPostgres, type TestPostgres, until } from '#lib/testing/postgres.ts';
import { driverProblems } from '#lib/testing/receipt-driver-check.ts';
import { Acknowledged, buildDriver, type Driver, type DriverEnd } from '#lib/testing/receipt-driver-run.ts';

const PACE = 20;
const EVERY_MS = 30;
/** How long the log is locked by somebody else: thirty seconds when asked for. */
const LOCK_SECONDS = Number(process.env['CAUSEWAY_LOCK_SECONDS'] ?? 5);

// Where they fail is a matter of chance, not how long they take: a busy machine has the time it needs.
describe.runIf(postgresPrograms())('what makes receipts, while its database fails', { timeout: 240_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'cw-faults-'));
  let postgres: TestPostgres;
  let db: TrafficDb;
  let clusters = 0;
  let cluster: string;
  let begin: number;

  beforeAll(async () => {
    postgres = await startPostgres();
    await migrate(postgres.url, readMigrations('prisma/migrations'));
    db = openTrafficDb(postgres.url, 1);
    // By the clock of the wall, which those of the programs run ahead of: none of them is before its keys.
    mkdirSync(join(dir, 'keys'));
    (await openSigningKeys({ directory: join(dir, 'keys'), db, log: pino({ level: 'silent' }) })).close();
  });
  beforeEach(() => {
    cluster = `cluster-${(clusters += 1)}`;
    begin = Date.now();
  });
  afterAll(async () => {
    await db.close();
    await postgres.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const driverFor = (acknowledged: Acknowledged): Promise<Driver> =>
    buildDriver(
      { url: postgres.url, cluster, keys: join(dir, 'keys'), begin, pace: PACE, everyMs: EVERY_MS, checkpointEveryMs: 150 },
      acknowledged,
    );
  const problems = (...acknowledged: Acknowledged[]): Promise<string[]> =>
    driverProblems(db, acknowledged, { cluster, begin, everyMs: EVERY_MS });

  /** Starts it, waits until it takes flows, and gives how to wait for its end. */
  async function running(driver: Driver, ms: number): Promise<{ pid: number; ended: Promise<DriverEnd> }> {
    let pid = 0;
    const ended = driver.run({}, { ms, from: 'readiness', onReady: (id) => (pid = id) });
    const early = ended.then(({ complaints }) => Promise.reject(new Error(`it ended too early: ${complaints}`)));
    await Promise.race([until(() => pid !== 0, 'the program to take flows', 60_000), early]);
    early.catch(() => {});
    return { pid, ended };
  }

  test('Postgres is killed under load and comes back: nothing is lost, and it goes on by itself', async () => {
    const acknowledged = new Acknowledged();
    const { ended } = await running(await driverFor(acknowledged), 14_000);
    for (const round of [1, 2, 3]) {
      const before = acknowledged.receipts.size;
      await until(() => acknowledged.receipts.size > before + 50, `receipts in round ${round}`, 60_000);
      await postgres.kill();
      await sleep(300);
      await postgres.start();
    }
    const before = acknowledged.receipts.size;
    await until(() => acknowledged.receipts.size > before + 50, 'receipts after the last kill', 60_000);
    await ended;
    expect(await problems(acknowledged)).toEqual([]);
  });

  test('two of them on one log: one history, each flow has one receipt, and one goes on when the other is killed', async () => {
    const [first, second] = [new Acknowledged(), new Acknowledged()];
    const one = await running(await driverFor(first), 4_000);
    const other = await running(await driverFor(second), 7_000);
    await one.ended;
    const taken = second.receipts.size;
    await other.ended;
    expect(await problems(first, second)).toEqual([]);
    expect([...second.receipts].filter((id) => first.receipts.has(id))).toEqual([]);
    expect(first.receipts.size).toBeGreaterThan(50);
    expect(second.receipts.size - taken).toBeGreaterThan(50);
  });

  test(
    `the log is locked for ${LOCK_SECONDS} s: flows wait in bounded memory and are stored afterwards`,
    { timeout: LOCK_SECONDS * 3000 + 240_000 },
    async () => {
      const acknowledged = new Acknowledged();
      const { pid, ended } = await running(await driverFor(acknowledged), LOCK_SECONDS * 1000 + 6_000);
      await until(() => acknowledged.receipts.size > 50, 'receipts', 60_000);
      const locker = new Client({ connectionString: postgres.url });
      await locker.connect();
      await locker.query('BEGIN');
      await locker.query('SELECT FROM receipt_log WHERE cluster = $1 FOR UPDATE', [cluster]);
      await sleep(200);
      const [before, memory] = [acknowledged.receipts.size, residentMb(pid)];
      await sleep(LOCK_SECONDS * 1000);
      expect(acknowledged.receipts.size).toBe(before);
      const grown = residentMb(pid) - memory;
      await locker.query('COMMIT');
      await locker.end();
      await until(() => acknowledged.receipts.size > before + 100, 'receipts after the lock', 60_000);
      await ended;
      expect(await problems(acknowledged)).toEqual([]);
      expect(grown).toBeLessThan(80);
    },
  );
});

describe.runIf(postgresPrograms())('what makes receipts, on a database whose disk is full', { timeout: 240_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'cw-full-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('nothing is acknowledged that is not stored, what is there can be read, and it goes on when there is room', async () => {
    const postgres = await startPostgres({ walSegmentMb: 1 });
    await migrate(postgres.url, readMigrations('prisma/migrations'));
    const options = {
      url: postgres.url,
      cluster: 'full',
      keys: join(dir, 'keys'),
      begin: Date.now(),
      pace: PACE,
      everyMs: EVERY_MS,
    };
    const acknowledged = new Acknowledged();
    const driver = await buildDriver({ ...options, checkpointEveryMs: 150 }, acknowledged);
    const db = openTrafficDb(postgres.url, 1);
    await driver.run({}, { ms: 1_500, from: 'readiness' });
    await postgres.stop();
    await postgres.start({ mostFileKb: 1536 }); // tables grow no further
    const ended = driver.run({}, { ms: 9_000, from: 'readiness' });
    let before = -1;
    await until(async () => {
      const same = before === acknowledged.receipts.size;
      before = acknowledged.receipts.size;
      await sleep(1_000);
      return same;
    }, 'the disk to be full');
    const { complaints } = await ended;
    expect(complaints).toMatch(/could not extend file|File too large|No space left/);
    expect(await driverProblems(db, [acknowledged], { ...options })).toEqual([]);
    await postgres.restart();
    await driver.run({}, { ms: 3_000, from: 'readiness' });
    expect(acknowledged.receipts.size).toBeGreaterThan(before);
    expect(await driverProblems(db, [acknowledged], { ...options })).toEqual([]);
    await db.close();
    await postgres.close();
  });
});

/** Resident memory of a process, in MB. */
const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
