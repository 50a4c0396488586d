import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deleteImport, failAbandonedImports, findImport, listImports } from '#lib/db/flow-logs/imports.ts';
import { readPairs } from '#lib/db/flow-logs/pairs.ts';
import { readPastWorlds } from '#lib/db/flow-logs/past-worlds.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { recordWorld } from '#lib/db/policies/worlds.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { readLedger } from '#lib/db/traffic/read-ledger.ts';
import { AddressBook } from '#lib/flow-logs/address-book.ts';
import { databaseKinds, type OpenedDatabase } from '#lib/testing/databases.ts';
import { factsOf } from '#lib/world/world-builder.ts';
import { FILE_LIMITS } from '../flow-file.ts';
import { type FlowLogsOptions, importFlowLogs } from './import-flow-logs.ts';

const START = 1_782_864_000;
const NOW = START * 1000 + 3_600_000;
const CONTEXT = { actor: { kind: 'person' as const, subject: 'demo|ada', name: 'ada' } };
const always = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, ports: undefined };
const BOOK = new AddressBook();
BOOK.add('10.0.0.1', { node: { id: 'shop/web', namespace: 'shop', workload: 'web' }, ...always });
BOOK.add('10.0.0.9', { node: { id: 'shop/db', namespace: 'shop', workload: 'db' }, ...always });

const line = (source: string, destination: string, port = 5432, action = 'ACCEPT') =>
  `2 1 eni-1 ${source} ${destination} 40000 ${port} 6 2 300 ${START} ${START + 59} ${action} OK\n`;
const FILE = `${line('10.0.0.1', '10.0.0.9').repeat(3)}${line('10.0.0.1', '203.0.113.5', 443, 'REJECT')}`;

describe.each(databaseKinds())('on $name', ({ open }) => {
  let database: OpenedDatabase;
  let db: TrafficDb;
  beforeAll(async () => {
    database = await open();
    await migrate(database.url, readMigrations('prisma/migrations'));
    db = openTrafficDb(database.url, 2);
  });
  beforeEach(async () => {
    for (const { id } of await listImports(db, 'dev')) await deleteImport(db, 'dev', id, CONTEXT);
  });
  afterAll(async () => {
    await db.close();
    await database.close();
  });

  const bring = (content: string | Buffer | readonly (string | Buffer)[], options: Partial<FlowLogsOptions> = {}) => {
    const contents = Array.isArray(content) ? (content as readonly (string | Buffer)[]) : [content as string | Buffer];
    const files = contents.map((each, index) => ({
      name: contents.length > 1 ? `${index}.log` : '',
      open: () => Readable.from([Buffer.from(each)], { objectMode: false }),
    }));
    const given = { db, cluster: 'dev', name: 'a file', book: BOOK, context: CONTEXT, now: () => NOW, ...options };
    return importFlowLogs(files, given);
  };
  const tuples = async () =>
    (await db.rows<{ n: number }>(`SELECT count(*)::int AS n FROM traffic_tuple WHERE origin = 'vpc-flow-logs'`))[0]?.n;
  const audited = async () =>
    (await db.rows<{ body: string }>('SELECT body FROM audit_event ORDER BY seq')).map(({ body }) => body);

  test('a file becomes a baseline: pairs, coverage, window, and a line in the audit log', async () => {
    const done = await bring(FILE);
    expect(done).toMatchObject({
      state: 'done',
      by: 'ada',
      bytes: Buffer.byteLength(FILE),
      lines: { total: 4, taken: 4, noData: 0, skipData: 0, broken: 0 },
      from: START * 1000,
      to: (START + 59) * 1000,
      tuples: 2,
      accepted: 3,
      rejected: 1,
      coverage: { bothKnown: 3, oneKnown: 1, noneKnown: 0, minutesSeen: 1, minutesTotal: 1 },
      broken: [],
      problem: '',
    });
    expect(done.coverage.unknown).toEqual([{ address: '203.0.113.5', records: 1, as: 'cidr:203.0.113.0/24' }]);
    expect(await findImport(db, 'dev', done.id)).toEqual(done);
    expect(await findImport(db, 'prd', done.id)).toBeUndefined();
    expect(await readPairs(db, done.id)).toEqual([
      {
        source: 'shop/web',
        destination: 'shop/db',
        protocol: 'TCP',
        port: 5432,
        verdict: 'FORWARDED',
        records: 3,
        bytes: 900,
        packets: 6,
        firstSeen: START * 1000,
        lastSeen: (START + 59) * 1000,
      },
      expect.objectContaining({ destination: 'cidr:203.0.113.0/24', verdict: 'DROPPED', records: 1 }),
    ]);
    expect((await audited()).at(-1)).toMatch(/flow-logs\.import.*"outcome":"ok"/);
  });

  test('gzip, several files with formats of their own, and any format given, are read alike', async () => {
    const zipped = await bring(gzipSync(FILE));
    expect(zipped).toMatchObject({ tuples: 2, accepted: 3, bytes: gzipSync(FILE).length });
    const custom = `srcaddr dstaddr srcport dstport protocol start action\n10.0.0.1 10.0.0.9 40000 5432 6 ${START} ACCEPT\n`;
    expect(await bring([FILE, gzipSync(custom), Buffer.from(FILE)])).toMatchObject({ accepted: 7, rejected: 2, tuples: 2 });
  });

  test('one broken line in the middle refuses all of it, with its place', async () => {
    const broken = `${FILE}not a record\n${FILE}`;
    await expect(bring(broken)).rejects.toMatchObject({
      code: 'bad-input',
      message: 'a line cannot be read, and nothing was stored; line 5: 14 fields were expected, there are 3',
      place: { line: 5 },
    });
    const [failed] = await listImports(db, 'dev');
    expect(failed).toMatchObject({ state: 'failed', tuples: 0, lines: { broken: 1, taken: 8 } });
    expect(failed?.broken).toEqual([{ line: 5, reason: '14 fields were expected, there are 3' }]);
    expect(failed?.problem).toContain('nothing was stored');
    expect(await tuples()).toBe(0);
    await expect(bring([FILE, broken])).rejects.toMatchObject({
      message: expect.stringContaining('line 5: 1.log: 14 fields') as unknown,
    });
    expect((await audited()).at(-1)).toMatch(/flow-logs\.import.*"outcome":"failed"/);
  });

  test.each([
    ['', 'the file is empty'],
    [`2 1 eni-1 - - - - - - - ${START} ${START} - NODATA\n`, 'no line of the file has any traffic'],
    [gzipSync(FILE).subarray(0, 40), 'cannot be read'],
    ['PAR1 and so on', 'Parquet'],
    ['x\n'.repeat(20_000), '10,000 or more lines cannot be read'],
  ])('a file that is none is refused: %o', async (content, reason) => {
    await expect(bring(content)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining(reason) as unknown,
    });
    expect(await listImports(db, 'dev')).toMatchObject([{ state: 'failed' }]);
  });

  test('a bomb is refused', async () => {
    const limits = { ...FILE_LIMITS, unpackedFreeBytes: 1000, ratio: 20 };
    await expect(bring(gzipSync(line('10.0.0.1', '10.0.0.9').repeat(50_000)), { limits })).rejects.toMatchObject({
      code: 'too-large',
    });
  });

  const endless = (signal?: AbortSignal) => {
    const forever = function* () {
      for (;;) yield Buffer.from(FILE.repeat(100));
    };
    const files = [{ name: '', open: () => Readable.from(forever(), { objectMode: false }) }];
    const options = { db, cluster: 'dev', name: 'endless', book: BOOK, context: CONTEXT, now: () => NOW };
    return importFlowLogs(files, { ...options, ...(signal && { signal }) });
  };

  test('what is cancelled leaves nothing but a row that says so', async () => {
    const control = new AbortController();
    const work = endless(control.signal);
    setTimeout(() => control.abort(), 100);
    await expect(work).rejects.toThrow('the import was cancelled');
    expect(await listImports(db, 'dev')).toMatchObject([{ state: 'failed', problem: 'the import was cancelled' }]);
  });

  test('one that is deleted while it runs stops by itself', async () => {
    const work = endless();
    const ended = work.catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const [running] = await listImports(db, 'dev');
    expect(running).toMatchObject({ state: 'reading' });
    expect(await deleteImport(db, 'dev', running?.id ?? '', CONTEXT)).toBe(true);
    expect(await ended).toMatchObject({ message: 'the import was cancelled' });
    expect(await listImports(db, 'dev')).toEqual([]);
    expect(await tuples()).toBe(0);
  });

  test('deleting one takes the tuples that only it gave', async () => {
    const first = await bring(FILE);
    const second = await bring(line('10.0.0.1', '10.0.0.9'));
    expect(await tuples()).toBe(2);
    expect(await deleteImport(db, 'dev', first.id, CONTEXT)).toBe(true);
    expect(await tuples()).toBe(1);
    expect(await readPairs(db, second.id)).toMatchObject([{ records: 1 }]);
    expect(await deleteImport(db, 'prd', second.id, CONTEXT)).toBe(false);
    expect(await deleteImport(db, 'dev', second.id, CONTEXT)).toBe(true);
    expect(await tuples()).toBe(0);
    expect((await audited()).at(-1)).toContain('flow-logs.delete');
  });

  test('the ledger of Hubble’s flows never shows them', async () => {
    await bring(FILE);
    expect(await tuples()).toBe(2);
    expect(await readLedger(db, 'dev', 0, NOW + 86_400_000)).toEqual([]);
  });

  test('two clusters with the same traffic keep it apart', async () => {
    const [dev, prd] = [await bring(FILE), await bring(FILE, { cluster: 'prd' })];
    expect(await tuples()).toBe(4);
    await deleteImport(db, 'prd', prd.id, CONTEXT);
    expect(await readPairs(db, dev.id)).toHaveLength(2);
  });

  test('what a stopped ingest was reading has failed', async () => {
    await db.rows(
      `INSERT INTO flow_log_import (id, cluster, name, created_by, created_at_ms) VALUES ('x', 'dev', 'x', 'ada', 1)`,
    );
    await failAbandonedImports(db);
    expect(await listImports(db, 'dev')).toMatchObject([
      { state: 'failed', problem: expect.stringContaining('import it again') as unknown },
    ]);
  });

  test('worlds of the past come one for each half day, each until the next', async () => {
    const { world } = factsOf([]);
    const hour = 3_600_000;
    const day = Math.floor(NOW / 86_400_000) * 86_400_000;
    for (const [index, at] of [day - 40 * 24 * hour, day - 24 * hour, day - 23 * hour, day - 12 * hour].entries())
      await recordWorld(db, 'past', at, `hash ${index}`, world);
    expect((await readPastWorlds(db, 'past', NOW)).map(({ from, to }) => [from, to])).toEqual([
      [day - 24 * hour, day - 12 * hour],
      [day - 12 * hour, NOW],
    ]);
  });
});
