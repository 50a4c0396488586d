import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEmbedded } from '#lib/db/embedded.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { LedgerBuffer } from '#lib/ledger/aggregate.ts';
import { type Fact, joinFacts, readFacts } from '#lib/ledger/facts.ts';
import { RollupBuffer } from '#lib/ledger/rollup-buffer.ts';
import { RollupSum } from '#lib/ledger/rollup-sum.ts';
import { dropKeyOf } from '#lib/ledger/rollup.ts';
import { aDroppedFlow, aFlow, anHttpFlow, ledger, world } from '#lib/testing/flows.ts';
import { postgresPrograms, startPostgres } from '#lib/testing/postgres.ts';
import { Attribution } from '#lib/topology/attribution.ts';
import { compactLedger } from './compact-ledger.ts';
import { openTrafficDb, type TrafficDb } from './connection.ts';
import { type Flush, writeFlush } from './flush.ts';
import { pack } from './packed.ts';
import { DAY_MS, DEFAULT_RETENTION, dropExpired, ensurePartitions, HOUR_MS, MINUTE_MS } from './partitions.ts';
import { readLedger } from './read-ledger.ts';
import { compactRollups, dropsSeenBefore, oldestRollup, readGaps, readHours, readMinutes } from './rollups.ts';
import { beginRun } from './state.ts';

/** Noon of a day, so that hours and days before and after are easy to tell. */
const NOON = Date.UTC(2026, 2, 2, 12);
const anIp = { source: '10.0.4.33', destination: '', sourceXlated: '', version: 4, encrypted: false } as const;
const MIGRATIONS = readMigrations('prisma/migrations');

interface Server {
  readonly url: string;
  close(): Promise<void>;
}

async function embedded(): Promise<Server> {
  const dir = mkdtempSync(join(tmpdir(), 'cw-'));
  const database = await openEmbedded(dir);
  return {
    url: database.url,
    async close() {
      await database.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const databases: { readonly name: string; readonly start: () => Promise<Server> }[] = [
  { name: 'the embedded database', start: embedded },
  ...(postgresPrograms() ? [{ name: 'PostgreSQL', start: startPostgres }] : []),
];

describe.each(databases)('the traffic tables of $name', ({ start }) => {
  let server: Server;
  let db: TrafficDb;
  let clusters = 0;
  /** Each test has a cluster of its own. */
  const aCluster = (): string => `cluster-${(clusters += 1)}`;

  beforeAll(async () => {
    server = await start();
    await migrate(server.url, MIGRATIONS);
    db = openTrafficDb(server.url, 2);
    await ensurePartitions(db, NOON - 3 * DAY_MS, NOON + 3 * DAY_MS);
  });
  afterAll(async () => {
    await db.close();
    await server.close();
  });

  /** Counts flows and gives what a flush of them writes. */
  function counter(cluster: string, run: number): (flows: readonly Flow[]) => Promise<Flush> {
    const attribution = new Attribution();
    const buffer = new LedgerBuffer({ directory: attribution.directory });
    const rollups = new RollupBuffer();
    let flushes = 0;
    return async (flows) => {
      for (const flow of flows) {
        const seen = attribution.attribute(flow);
        buffer.add(flow, seen);
        rollups.add(flow, seen);
      }
      const minutes = rollups.drain();
      const drops = minutes.flatMap((rollup) => rollup.drops);
      return {
        cluster,
        run,
        flush: (flushes += 1),
        place: [{ name: 'c/n', newest: NOON, from: NOON, hashes: '' }],
        ledger: buffer.drain(),
        minutes: await Promise.all(minutes.map(async (rollup) => ({ bucket: rollup.bucket, body: await pack(rollup) }))),
        dropPairs: drops.map((drop) => ({ key: dropKeyOf(drop), first: drop.first_seen, last: drop.last_seen })),
        gaps: [],
      };
    };
  }

  const flowsIn = async (cluster: string, from = 0, to = NOON + DAY_MS): Promise<number> =>
    (await readLedger(db, cluster, from, to)).reduce((sum, { flows }) => sum + flows, 0);

  test('a flush whose answer was lost is not added twice', async () => {
    const cluster = aCluster();
    const { run } = await beginRun(db, cluster);
    const flush = await counter(cluster, run)([aFlow({ time: NOON }), aFlow({ time: NOON + 5 })]);
    await writeFlush(db, flush);
    await writeFlush(db, flush);
    expect(await flowsIn(cluster)).toBe(2);
    expect(await readMinutes(db, cluster, NOON, NOON + MINUTE_MS)).toHaveLength(1);
  });

  test('a writer that was taken over from may not write any more', async () => {
    const cluster = aCluster();
    const { run } = await beginRun(db, cluster);
    const next = counter(cluster, run);
    await writeFlush(db, await next([aFlow({ time: NOON })]));
    const { run: later, place } = await beginRun(db, cluster);
    expect(later).toBe(run + 1);
    expect(place).toEqual([{ name: 'c/n', newest: NOON, from: NOON, hashes: '' }]);
    await expect(writeFlush(db, await next([aFlow({ time: NOON })]))).rejects.toMatchObject({ code: 'conflict' });
    expect(await flowsIn(cluster)).toBe(1);
  });

  test('a flush that fails half-way leaves nothing behind', async () => {
    const cluster = aCluster();
    const { run } = await beginRun(db, cluster);
    const flush = await counter(cluster, run)([aFlow({ time: NOON })]);
    const broken = { ...flush, minutes: [{ bucket: NOON + 1000 * DAY_MS, body: Buffer.alloc(1) }] }; // no partition for it
    await expect(writeFlush(db, broken)).rejects.toThrow(/partition/);
    expect(await flowsIn(cluster)).toBe(0);
    await writeFlush(db, flush);
    expect(await flowsIn(cluster)).toBe(1);
  });

  test('the same traffic in two clusters stays apart', async () => {
    const [one, two] = [aCluster(), aCluster()];
    for (const cluster of [one, two]) {
      const { run } = await beginRun(db, cluster);
      await writeFlush(db, await counter(cluster, run)([aFlow({ time: NOON })]));
    }
    expect([await flowsIn(one), await flowsIn(two)]).toEqual([1, 1]);
  });

  test('a tuple keeps what tells it apart, with its nodes and an example', async () => {
    const cluster = aCluster();
    const { run } = await beginRun(db, cluster);
    const next = counter(cluster, run);
    const flow = anHttpFlow('GET', '/v1/orders/812', 0, { time: NOON, nodeName: 'c/a', uuid: 'one' });
    await writeFlush(db, await next([flow]));
    await writeFlush(db, await next([{ ...flow, time: NOON + 1, nodeName: 'c/b', uuid: 'two' }]));
    const [entry, ...others] = await readLedger(db, cluster, NOON, NOON + MINUTE_MS);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      flows: 2,
      nodes: ['c/a', 'c/b'],
      example_uuid: 'one',
      first_seen_ms: NOON,
      last_seen_ms: NOON + 1,
    });
    expect(entry?.l7).toMatchObject({ kind: 'http' });
  });

  test('what flows told of a tuple is joined, the smallest of each kind, as it is in memory', async () => {
    const cluster = aCluster();
    const { run } = await beginRun(db, cluster);
    const next = counter(cluster, run);
    const to = (host: number) =>
      aFlow({
        time: NOON,
        destination: world,
        ip: { ...anIp, destination: `198.51.100.${host}` },
        destinationNames: ['Api.Example.'],
      });
    const batches = [
      [1, 2, 3],
      [2, 9, ...Array.from({ length: 40 }, (_, index) => 100 + index)],
      [250, 1],
    ];
    const lists: Fact[][] = [];
    for (const hosts of batches) {
      const flush = await next(hosts.map(to));
      lists.push(...flush.ledger.tuples.map(({ facts }) => [...facts]));
      await writeFlush(db, flush);
    }
    const [entry, ...others] = await readLedger(db, cluster, NOON, NOON + MINUTE_MS);
    expect(others).toEqual([]);
    expect(entry?.facts).toEqual(joinFacts(...lists));
    expect(readFacts(entry?.facts ?? [])).toMatchObject({
      oriented: true,
      destination: { names: ['api.example'], moreAddresses: true },
      source: { addresses: [], moreAddresses: false },
    });
  });

  test('a tuple of before facts were kept says that it does not know', async () => {
    const cluster = aCluster();
    const { run } = await beginRun(db, cluster);
    await writeFlush(db, await counter(cluster, run)([aFlow({ time: NOON, destination: world })]));
    await db.rows('UPDATE traffic_tuple SET facts = DEFAULT WHERE cluster = $1', [cluster]);
    const [entry] = await readLedger(db, cluster, NOON, NOON + MINUTE_MS);
    expect(readFacts(entry?.facts ?? [])).toMatchObject({ oriented: false, destination: { addresses: [], moreAddresses: true } });
  });

  test('however flows are flushed and compacted, sums over tuples equal counts over flows', async () => {
    const flow = fc.record({
      time: fc.integer({ min: NOON - 26 * HOUR_MS, max: NOON }),
      kind: fc.constantFrom(aFlow, aDroppedFlow),
      port: fc.constantFrom(80, 443),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(flow, { maxLength: 12 }), { minLength: 1, maxLength: 5 }), async (batches) => {
        const cluster = aCluster();
        const { run } = await beginRun(db, cluster);
        const next = counter(cluster, run);
        const all: Flow[] = [];
        for (const batch of batches) {
          const flows = batch.map(({ time, kind, port }) =>
            kind({ time, l4: { protocol: 'TCP', sourcePort: 40_000, destinationPort: port } }),
          );
          all.push(...flows);
          await writeFlush(db, await next(flows));
          await compactLedger(db, NOON + 10 * MINUTE_MS);
          await compactRollups(db, NOON + 10 * MINUTE_MS);
        }
        expect(await flowsIn(cluster)).toBe(all.length);
        const since = NOON - 3 * HOUR_MS;
        expect(await flowsIn(cluster, since)).toBe(all.filter(({ time }) => time >= since).length);
        const dropped = (await readLedger(db, cluster, 0, NOON + DAY_MS)).filter(({ verdict }) => verdict === 'DROPPED');
        expect(dropped.reduce((sum, { flows }) => sum + flows, 0)).toBe(
          all.filter(({ verdict }) => verdict === 'DROPPED').length,
        );
        expect(await rolledUp(cluster)).toEqual([all.length, all.length]);
      }),
      { numRuns: 5 },
    );
  });

  /** Flows by rollups: of all minutes, and of compacted hours with the minutes of the rest. */
  async function rolledUp(cluster: string): Promise<number[]> {
    const minutes = await readMinutes(db, cluster, 0, NOON + DAY_MS);
    const hours = await readHours(db, cluster, 0, NOON + DAY_MS);
    const known = new Set(hours.map(({ bucket }) => bucket));
    const rest = minutes.filter(({ bucket }) => !known.has(bucket - (bucket % HOUR_MS)));
    return [minutes, [...hours, ...rest]].map((rollups) => {
      const sum = new RollupSum();
      for (const rollup of rollups) sum.add(rollup);
      return [...sum.edges.values()].reduce((total, { counters }) => total + counters.flows, 0);
    });
  }

  test('the ledger answers from hours when its minutes are dropped, and from days when its hours are', async () => {
    const cluster = aCluster();
    const { run } = await beginRun(db, cluster);
    const old = NOON - 2 * DAY_MS;
    await writeFlush(db, await counter(cluster, run)([aFlow({ time: old }), aFlow({ time: old + HOUR_MS })]));
    await compactLedger(db, NOON);
    await compactRollups(db, NOON);
    const dropped = await dropExpired(db, NOON, { ...DEFAULT_RETENTION, rollupMinuteDays: 1 });
    expect(dropped.map((name) => name.replace(/_\d+$/, ''))).toContain('ledger_minute');
    expect(await readMinutes(db, cluster, 0, NOON)).toEqual([]);
    expect(await readHours(db, cluster, 0, NOON)).toHaveLength(2);
    expect(await flowsIn(cluster)).toBe(2);
    await dropExpired(db, NOON + 3 * DAY_MS, { ...DEFAULT_RETENTION, ledgerHourDays: 1 });
    expect(await flowsIn(cluster)).toBe(2);
    await ensurePartitions(db, NOON - 3 * DAY_MS, NOON + 3 * DAY_MS);
  });

  test('a drop is newly seen once', async () => {
    const cluster = aCluster();
    const { run } = await beginRun(db, cluster);
    const flush = await counter(cluster, run)([aDroppedFlow({ time: NOON, source: world, destination: ledger })]);
    await writeFlush(db, flush);
    const [key = ''] = flush.dropPairs.map((pair) => pair.key);
    expect(await dropsSeenBefore(db, cluster, [key, 'another'], NOON)).toEqual(new Set());
    expect(await dropsSeenBefore(db, cluster, [key, 'another'], NOON + 1)).toEqual(new Set([key]));
    expect(await oldestRollup(db, cluster)).toBe(NOON);
  });

  test('names of any length and kind are stored', async () => {
    const cluster = aCluster();
    const { run } = await beginRun(db, cluster);
    const name = `__proto__-"';--\u202e${'ж'.repeat(250)}`;
    const hostile = { ...ledger, workload: { name, kind: 'Deployment' }, podName: name, namespace: 'constructor' };
    const flush = await counter(cluster, run)([aDroppedFlow({ time: NOON, source: hostile, destination: hostile })]);
    await writeFlush(db, { ...flush, gaps: [{ from: 1, to: NOON, reason: 'node-unavailable', nodeName: name }] });
    expect((await readLedger(db, cluster, NOON, NOON + 1)).map(({ source }) => source.workload)).toEqual([name]);
    expect(await readGaps(db, cluster, NOON - 5, NOON)).toEqual([
      { from: 1, to: NOON, reason: 'node-unavailable', nodeName: name },
    ]);
  });
});

test.skipIf(!postgresPrograms())(
  'while PostgreSQL is down writing fails as such, and nothing acknowledged is lost over its restart',
  async () => {
    const server = await startPostgres();
    const db = openTrafficDb(server.url, 2);
    try {
      await migrate(server.url, MIGRATIONS);
      await ensurePartitions(db, NOON, NOON);
      const { run } = await beginRun(db, 'c');
      await server.stop();
      await expect(beginRun(db, 'c')).rejects.toMatchObject({ code: 'database-unreachable' });
      await server.start();
      expect(await beginRun(db, 'c')).toMatchObject({ run: run + 1 });
    } finally {
      await db.close();
      await server.close();
    }
  },
);
