import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { countFindings, listFindings, readStandings } from '#lib/db/findings/read.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { CALM, type Part, parts } from '#lib/demo/demo.ts';
import { Player } from '#lib/demo/player.ts';
import type { RelayNode } from '#lib/relay/client.ts';
import { databaseKinds, type OpenedDatabase } from '#lib/testing/databases.ts';
import { bundledWorker } from '#lib/testing/judge-worker.ts';
import { factsOf } from '#lib/world/world-builder.ts';
import { Judge } from '../../judge/judge.ts';
import type { JudgedFacts } from '../../judge/source.ts';
import { ClusterSamples } from './cluster-samples.ts';
import { type FindingReceipt, FindingsWatch } from './findings-watch.ts';

const START = 1_795_000_000_000;
const STEP_MS = 10_000;
const CLUSTER = 'aegis-production';

const [embedded] = databaseKinds();
let database: OpenedDatabase;
let db: TrafficDb;
let judge: Judge;
beforeAll(async () => {
  if (!embedded) throw new Error('there is no database');
  database = await embedded.open();
  await migrate(database.url, readMigrations('prisma/migrations'));
  db = openTrafficDb(database.url);
  judge = new Judge({ databaseUrl: database.url, log: pino({ level: 'silent' }), workerFile: await bundledWorker() });
});
afterAll(async () => {
  await judge?.close();
  await db?.close();
  await database?.close();
});
beforeEach(async () => {
  await db.rows('DELETE FROM finding');
  await db.rows('DELETE FROM rule_standing');
  await db.rows('DELETE FROM policy_presence');
});

/** A watch over one cluster, with its clock in hand. */
function watching(
  facts: JudgedFacts | undefined,
  more: { readonly state?: 'live' | 'reconnecting'; readonly nodes?: RelayNode[]; readonly durable?: () => Promise<void> } = {},
) {
  const receipts: FindingReceipt[] = [];
  let durable = 0;
  const samples = new ClusterSamples(
    () => ({ nodes: more.nodes ?? [], state: more.state ?? 'live' }),
    () => [],
    START,
  );
  const watch = new FindingsWatch({
    db,
    judge,
    log: pino({ level: 'silent' }),
    factsOf: () => facts,
    sourceOf: () => 'kubernetes',
    clusters: () => [
      {
        id: CLUSTER,
        samples,
        receipt: (finding) => `rcpt_${receipts.push(finding)}`,
        durable:
          more.durable ??
          (async () => {
            durable = receipts.length;
          }),
      },
    ],
  });
  return { watch, samples, receipts, durable: () => durable };
}

const factsOfPart = ({ objects }: Part): JudgedFacts => ({
  ...factsOf(objects),
  setHash: 'a'.repeat(64),
  version: Math.floor(Math.random() * 2 ** 31),
  since: START - 3_600_000,
});

/** Plays a demo cluster for a while, looking every ten seconds. */
async function play(part: Part, minutes: number): Promise<ReturnType<typeof watching>> {
  const { world, character } = part;
  const watched = watching(factsOfPart(part));
  const player = new Player({ world, character, seed: 1, from: START, fullAt: START, storyAt: START });
  for (let now = START + STEP_MS; now <= START + minutes * 60_000; now += STEP_MS) {
    for (const flow of player.advance(now)) {
      watched.samples.arrived(flow, now);
      watched.samples.flows.observe(flow);
    }
    await watched.watch.run(now);
  }
  return watched;
}

const found = async (): Promise<string[]> =>
  (await listFindings(db, { cluster: CLUSTER, limit: 500 })).findings.map(
    ({ rule, severity, subject }) => `${rule} ${severity} ${subject}`,
  );

describe('the rules over the demo', () => {
  const of = (environment: Part['environment'], calm = false): Part => {
    const part = parts(1).find((one) => one.environment === environment);
    if (!part) throw new Error(`the demo has no ${environment}`);
    return calm ? { ...part, character: { ...part.character, ...CALM } } : part;
  };

  test('find what is wrong on purpose in production, confirmed, each with receipts that are stored', async () => {
    const { receipts, durable } = await play(of('PRD'), 20);
    const all = await found();
    expect(all).toEqual(
      expect.arrayContaining([
        'R1 confirmed monitoring/grafana → payments/ledger TCP/9090',
        'R2 confirmed identity 60417 in payments',
        'R3 confirmed payments/ledger → payments/payments-db TCP/5432',
        expect.stringMatching(
          /^R4 confirmed GET .*\/v1\/orders\/812\/card-token · gateway\/web-bff → payments\/checkout-api TCP\/8080$/,
        ),
      ]),
    );
    expect(all.filter((one) => !/^R[1-4]/.test(one))).toEqual([]);
    expect(all.length).toBeLessThan(12);
    const { findings } = await listFindings(db, { cluster: CLUSTER, limit: 500 });
    expect(findings.every((finding) => finding.receipts.length > 0)).toBe(true);
    expect(durable()).toBe(receipts.length);
    // Three receipts a minute at most for one finding.
    const [most] = await db.rows<{ n: number }>(
      'SELECT count(*)::int AS n FROM finding_receipt GROUP BY finding_id ORDER BY n DESC LIMIT 1',
    );
    expect(most?.n).toBeLessThanOrEqual(50);
    expect(receipts.length).toBeLessThanOrEqual(20 * 3 * all.length);
    expect((await readStandings(db, CLUSTER)).windows.map(({ rule }) => rule)).toEqual(['R1', 'R2', 'R3', 'R4', 'R5', 'R6']);
  }, 60_000);

  test.each(['PRD', 'TST', 'DEV'] as const)(
    'find nothing in the calm %s',
    async (environment) => {
      await play(of(environment, true), 5);
      expect(await found()).toEqual([]);
      const { notEvaluable } = await readStandings(db, CLUSTER);
      expect(notEvaluable.filter(({ rule }) => rule === 'R2' || rule === 'R5' || rule === 'R6')).toEqual([]);
    },
    60_000,
  );
});

describe('what is not known', () => {
  test('without objects nothing is judged, and that is said', async () => {
    const { watch } = watching(undefined);
    await watch.run(START + STEP_MS);
    const { notEvaluable } = await readStandings(db, CLUSTER);
    expect(notEvaluable.map(({ rule }) => rule)).toEqual(['R1', 'R2', 'R3', 'R4']);
  });

  test('while the relay is away no rule says that all is well', async () => {
    const { watch } = watching(undefined, { state: 'reconnecting' });
    await watch.run(START + STEP_MS);
    expect((await readStandings(db, CLUSTER)).notEvaluable).toContainEqual({
      rule: 'R5',
      reason: 'The relay is not connected: nothing is seen now.',
    });
  });

  test('lost events are one finding of R5, and a node that stays away is counted once', async () => {
    const node = { name: 'c/n1', version: '1.19.0', address: '', uptimeMs: 1, numFlows: 0, maxFlows: 1, seenFlows: 0 };
    const { watch, samples } = watching(undefined, { nodes: [{ ...node, state: 'NODE_UNAVAILABLE' }] });
    samples.lost({ time: START, nodeName: 'c/n2', source: 'HUBBLE_RING_BUFFER', count: 900, first: undefined, last: undefined });
    for (let look = 1; look <= 4; look += 1) await watch.run(START + look * STEP_MS);
    expect(await found()).toEqual(['R5 confirmed node n1', 'R5 confirmed node n2']);
    const { findings } = await listFindings(db, { cluster: CLUSTER, limit: 5 });
    expect(findings.map(({ count }) => count)).toEqual([1, 900]);
    expect(await countFindings(db, CLUSTER)).toContainEqual({ rule: 'R5', open: 2, total: 2 });
  });
});

describe('receipts', () => {
  test('where none can be had a finding is noted without, and gets one when it is seen again', async () => {
    let refuses = true;
    const durable = () => (refuses ? Promise.reject(new Error('not stored')) : Promise.resolve());
    const { watch, samples, receipts } = watching(undefined, { durable });
    const lose = () =>
      samples.lost({ time: START, nodeName: 'c/n2', source: 'HUBBLE_RING_BUFFER', count: 1, first: undefined, last: undefined });
    const named = async () => (await listFindings(db, { cluster: CLUSTER, limit: 5 })).findings.map((one) => one.receipts);
    lose();
    await watch.run(START + STEP_MS);
    expect(await named()).toEqual([[]]);
    refuses = false;
    lose();
    await watch.run(START + 2 * STEP_MS);
    expect(await named()).toEqual([['rcpt_2']]);
    expect(receipts[1]).toMatchObject({ rule: 'R5', severity: 'confirmed', subject: 'node n2', policies: [] });
  });
});

describe('R6', () => {
  test('a policy that changes or goes is found once, after this process began or while it did not run', async () => {
    const { watch } = watching(undefined);
    await watch.run(START);
    const insert = (ref: string, from: number, to: number | null, hash: string) =>
      db.rows('INSERT INTO policy_presence (cluster, ref, from_ms, to_ms, hash, generation) VALUES ($1, $2, $3, $4, $5, 3)', [
        CLUSTER,
        ref,
        from,
        to,
        hash,
      ]);
    await insert('cnp:a/changed', START - 9_000_000, START + 5000, 'h1');
    await insert('cnp:a/changed', START + 5000, null, 'h2');
    await insert('cnp:a/gone', START - 9_000_000, START + 6000, 'h1');
    await insert('cnp:a/new', START + 6000, null, 'h1');
    for (let look = 1; look <= 3; look += 1) await watch.run(START + look * STEP_MS);
    // There is no migration in which the change could have been approved.
    expect(await found()).toEqual(['R6 suspected cnp:a/gone', 'R6 suspected cnp:a/changed']);
    const { findings } = await listFindings(db, { cluster: CLUSTER, limit: 5 });
    expect(findings.map(({ count }) => count)).toEqual([1, 1]);
  });
});
