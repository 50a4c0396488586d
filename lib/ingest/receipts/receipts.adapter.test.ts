import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { readReceipt } from '#lib/db/receipts/read.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Flow, PolicyRef } from '#lib/flow/flow.ts';
import { openSigningKeys, type SigningKeys } from '#lib/keys/signing-keys.ts';
import type { Receipt } from '#lib/receipts/receipt.ts';
import { parseTrust } from '#lib/receipts/trust.ts';
import { verifyReceipt } from '#lib/receipts/verify.ts';
import { databaseKinds, type OpenedDatabase } from '#lib/testing/databases.ts';
import { aDroppedFlow, aFlow } from '#lib/testing/flows.ts';
import { bundledWorker } from '#lib/testing/judge-worker.ts';
import { until } from '#lib/testing/postgres.ts';
import { verifyByNode } from '#lib/keys/ed25519.ts';
import { toBase64Url } from '#lib/receipts/base64.ts';
import { Checkpointer } from './checkpointer.ts';
import type { CommittedBatch } from './batch-writer.ts';
import type { PoliciesNow } from './policy-history.ts';
import { Signer } from './signer.ts';
import { ReceiptTap, type TapOptions } from './tap.ts';

const silent = pino({ level: 'silent' });
const NOON = Date.parse('2026-03-02T12:00:00Z');
let uuids = 0;
const uuid = (): string => `00000000-0000-4000-8000-${String((uuids += 1)).padStart(12, '0')}`;
const drop = (more: Partial<Flow> = {}): Flow => aDroppedFlow({ time: NOON, uuid: uuid(), ...more });
const forwarded = (more: Partial<Flow> = {}): Flow => aFlow({ time: NOON, uuid: uuid(), ...more });

describe.each(databaseKinds())('receipts in $name', ({ open }) => {
  const dir = mkdtempSync(join(tmpdir(), 'cw-'));
  let database: OpenedDatabase;
  let db: TrafficDb;
  let keys: SigningKeys;
  let signer: Signer;
  let clusters = 0;
  let cluster = '';
  const taps: ReceiptTap[] = [];
  /** In the console the recorder stores how far the flows went. */
  const placing: NodeJS.Timeout[] = [];

  beforeAll(async () => {
    database = await open();
    await migrate(database.url, readMigrations('prisma/migrations'));
    db = openTrafficDb(database.url, 4);
    keys = await openSigningKeys({ directory: dir, db, log: silent });
    signer = new Signer({ log: silent, workerFile: await bundledWorker('lib/ingest/receipts/sign-worker.ts') });
  });
  afterAll(async () => {
    keys.close();
    await signer.close();
    await db.close();
    await database.close();
    rmSync(dir, { recursive: true, force: true });
  });
  beforeEach(() => {
    cluster = `c${(clusters += 1)}`;
  });
  afterEach(async () => {
    for (const timer of placing.splice(0)) clearInterval(timer);
    for (const tap of taps.splice(0)) await tap.stop();
  });

  /** `clock.now` is the tap's clock; it stands still unless moved. */
  async function started(
    more: Partial<TapOptions> = {},
    { aggregatedUntil = 0, since = NOON - 60_000, storesPlace = true } = {},
  ) {
    const clock = { now: NOON + 1000 };
    const tap = new ReceiptTap({
      cluster,
      org: 'aegis',
      db,
      keys,
      signer,
      log: silent,
      originOf: () => ({ cluster, source: 'hubble-relay', ciliumVersion: '1.19.0' }),
      nodes: () => ({ nodesExpected: 4, nodesReporting: 4 }),
      isSettled: () => true,
      now: () => clock.now,
      ...more,
    });
    taps.push(tap);
    const committed: CommittedBatch[] = [];
    tap.onCommitted((batch) => committed.push(batch));
    await tap.begin({ aggregatedUntil, since });
    if (storesPlace) placing.push(setInterval(() => tap.placed(tap.mark), 20));
    return { tap, clock, committed };
  }
  const stored = async (kind?: string): Promise<{ id: string; body: string; about: string }[]> =>
    db.rows('SELECT id, body, about FROM receipt WHERE cluster = $1 AND ($2::text IS NULL OR class = $2) ORDER BY seq, leaf', [
      cluster,
      kind ?? null,
    ]);
  const bodies = async (kind?: string): Promise<Receipt[]> => (await stored(kind)).map(({ body }) => JSON.parse(body) as Receipt);

  test('each drop, audit verdict and error gets one; what is let through is summed up by the minute', async () => {
    const { tap, clock } = await started();
    tap.observe(drop(), false);
    tap.observe(forwarded({ verdict: 'AUDIT' }), false);
    tap.observe(forwarded({ verdict: 'ERROR' }), false);
    for (let n = 0; n < 5; n += 1) tap.observe(forwarded({ time: NOON + n }), false);
    tap.observe(forwarded({ verdict: 'TRACED' }), false);
    await tap.durable();
    expect((await bodies()).map(({ observation }) => observation.class)).toEqual(['dropped', 'audit', 'error']);
    clock.now = NOON + 69_000;
    await sleep(250);
    expect(await stored('aggregate')).toEqual([]); // flows of that minute may still come
    clock.now = NOON + 71_000;
    await until(async () => (await stored('aggregate')).length > 0, 'the minute to be over');
    const [sum] = await bodies('aggregate');
    expect(sum?.flow?.aggregate).toMatchObject({
      count: '5',
      first_at: '2026-03-02T12:00:00.000000Z',
      last_at: '2026-03-02T12:00:00.004000Z',
    });
    expect(sum?.flow?.aggregate?.samples).toHaveLength(3);
    expect(sum?.flow?.source).not.toHaveProperty('pod');
  });

  test('a receipt is verified from the database alone, once the head over it is signed', async () => {
    const { tap } = await started();
    tap.observe(drop(), false);
    await tap.durable();
    const told: string[] = [];
    const checkpointer = new Checkpointer({
      cluster,
      origin: `causeway.aegis/${cluster}`,
      db,
      keys,
      witnesses: [],
      quorum: 0,
      meter: tap.meter,
      log: silent,
      told: (_head, trouble) => told.push(trouble),
    });
    await checkpointer.run();
    expect(checkpointer.problem).toBe('');
    const [row] = await stored();
    const read = await readReceipt(db, row?.id ?? '', 0);
    const active = (role: 'receipt' | 'checkpoint') => {
      const key = keys.active(role);
      if (!key) throw new Error(`no ${role} key`);
      return { kid: key.kid, role, x: toBase64Url(key.publicKey), valid_from: '2026-01-01T00:00:00Z', state: 'active' as const };
    };
    const trust = parseTrust(
      JSON.stringify({
        schema: 'causeway.trust/1',
        issued_at: '2026-01-01T00:00:00Z',
        origins: [{ cluster_id: cluster, origin: `causeway.aegis/${cluster}` }],
        keys: [active('receipt'), active('checkpoint')],
        witnesses: [],
        quorum: 0,
      }),
    );
    const result = await verifyReceipt(JSON.stringify(read?.receipt), { trust, verify: verifyByNode });
    expect(result.steps.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(result.exit).toBe(0);
    expect(read?.receipt.proof?.header.key_events?.map(({ event }) => event)).toContain('introduced');
  });

  test('what is told again has no second receipt, whoever tells it and however it stands there', async () => {
    const flows = Array.from({ length: 20 }, (_, n) => drop({ time: NOON + n }));
    const first = await started();
    for (const flow of flows.slice(0, 12)) first.tap.observe(flow, false);
    await first.tap.durable();
    const second = await started({ originOf: () => ({ cluster, source: 'another relay', ciliumVersion: undefined }) });
    for (const flow of flows) second.tap.observe(flow, false);
    for (const flow of flows) first.tap.observe(flow, false);
    await Promise.all([first.tap.durable(), second.tap.durable()]);
    const uuidsOf = (await bodies()).map(({ flow }) => flow?.uuid ?? '');
    expect(uuidsOf.toSorted()).toEqual(flows.map((flow) => flow.uuid).toSorted());
    const headers = await db.rows<{ seq: number }>('SELECT seq FROM receipt_batch WHERE cluster = $1 ORDER BY seq', [cluster]);
    expect(headers.map(({ seq }) => seq)).toEqual(headers.map((_, at) => at));
  });

  test('a minute is summed up once: a process that goes on begins where the sums end, and looks again at what was stored', async () => {
    const { tap, clock } = await started();
    tap.observe(forwarded(), false);
    clock.now = NOON + 71_000;
    await until(async () => (await stored('aggregate')).length === 1, 'the first minute');
    const unfinished = [forwarded({ time: NOON + 61_000 }), forwarded({ time: NOON + 62_000 })];
    for (const flow of unfinished) tap.observe(flow, false);
    await tap.stop();
    const [log] = await db.rows<{ until: number }>('SELECT aggregated_until_ms AS until FROM receipt_log WHERE cluster = $1', [
      cluster,
    ]);
    expect(log?.until).toBe(NOON + 60_000);
    const next = await started({}, { aggregatedUntil: NOON + 60_000, since: NOON });
    next.tap.observe(forwarded({ time: NOON + 5 }), true); // in the sum already
    for (const flow of unfinished) next.tap.observe(flow, true);
    next.clock.now = NOON + 131_000;
    await until(async () => (await stored('aggregate')).length === 2, 'the second minute');
    expect((await bodies('aggregate')).map(({ flow }) => flow?.aggregate?.count)).toEqual(['1', '2']);
  });

  test('a minute is written only once the place of its flows is stored, so that whoever goes on knows what it counts', async () => {
    const { tap, clock } = await started({}, { storesPlace: false });
    tap.observe(forwarded(), false);
    clock.now = NOON + 71_000;
    await sleep(300);
    tap.placed(0);
    await sleep(300);
    expect(await stored('aggregate')).toEqual([]);
    tap.placed(tap.mark);
    await until(async () => (await stored('aggregate')).length === 1, 'the minute');
  });

  test('of two processes that sum up the same minute one does', async () => {
    const [one, two] = [await started(), await started()];
    for (const { tap } of [one, two]) tap.observe(forwarded(), false, { reversed: false, encryption: -1 });
    two.tap.observe(forwarded({ time: NOON + 3 }), false, { reversed: false, encryption: 0 });
    one.clock.now = NOON + 71_000;
    await until(async () => (await stored('aggregate')).length === 1, 'the one');
    two.clock.now = NOON + 71_000;
    await sleep(400);
    expect(await stored('aggregate')).toHaveLength(1);
  });

  test('a flow that comes after its minute has a sum of its own, once', async () => {
    const { tap, clock, committed } = await started();
    tap.observe(forwarded(), false);
    clock.now = NOON + 71_000;
    await until(() => committed.length === 1, 'the minute');
    const late = forwarded({ time: NOON + 30_000 });
    for (let n = 0; n < 2; n += 1) {
      tap.observe(late, false);
      await tap.durable();
    }
    const again = await started({}, { aggregatedUntil: NOON + 60_000, since: NOON });
    again.tap.observe(late, false);
    await again.tap.durable();
    expect((await bodies('aggregate')).map(({ flow }) => [flow?.uuid, flow?.aggregate?.count])).toEqual([
      [expect.any(String), '1'],
      [late.uuid, '1'],
    ]);
  });

  test('a batch tells what it cannot have seen: lost events, gaps, clocks that are off', async () => {
    const { tap, clock, committed } = await started({ nodes: () => ({ nodesExpected: 4, nodesReporting: 3 }) });
    tap.lost({ time: NOON, nodeName: 'prd/node-a', source: 'HUBBLE_RING_BUFFER', count: 17, first: undefined, last: undefined });
    tap.lost({ time: NOON, nodeName: 'prd/node-a', source: 'HUBBLE_RING_BUFFER', count: 5, first: undefined, last: undefined });
    tap.gap({ from: NOON - 9000, to: NOON - 1000, reason: 'relay-unreachable', nodeName: '' });
    clock.now = NOON + 3500;
    for (let n = 0; n < 6; n += 1) tap.observe(forwarded({ nodeName: 'prd/node-b' }), false);
    tap.observe(drop(), false);
    await tap.durable();
    expect(committed[0]?.header.completeness).toEqual({
      nodes_expected: 4,
      nodes_connected: 3,
      lost_events: [{ node: 'node-a', source: 'HUBBLE_RING_BUFFER', count: '22' }],
      stream_gaps: [{ from: '2026-03-02T11:59:51.000000Z', to: '2026-03-02T11:59:59.000000Z', reason: 'relay-unreachable' }],
      clock_skew_ms_max: 3500,
    });
    tap.observe(drop(), false);
    await tap.durable();
    expect(committed[1]?.header.completeness).toMatchObject({ lost_events: [], stream_gaps: [] });
  });

  test('a restart leaves no gap before what was in receipts, and a first start none at all', async () => {
    const gap = { from: NOON - 100_000, to: NOON, reason: 'ingest-restarted', nodeName: '' } as const;
    const first = await started();
    first.tap.gap(gap);
    first.tap.observe(drop(), false);
    await first.tap.durable();
    expect(first.committed[0]?.header.completeness.stream_gaps).toEqual([]);
    const second = await started({}, { aggregatedUntil: NOON - 60_000, since: NOON });
    second.tap.gap(gap);
    second.tap.observe(drop(), false);
    await second.tap.durable();
    expect(second.committed[0]?.header.completeness.stream_gaps).toMatchObject([{ from: '2026-03-02T11:59:00.000000Z' }]);
  });

  test('while the database is away flows wait, whoever waits for them is told, and all of them get there', async () => {
    let away = true;
    const flaky: TrafficDb = {
      ...db,
      rows: (text, values) => (away ? Promise.reject(new CausewayError('database-unreachable', 'away')) : db.rows(text, values)),
      transaction: (work) => (away ? Promise.reject(new CausewayError('database-unreachable', 'away')) : db.transaction(work)),
    };
    const { tap, clock } = await started({ db: flaky });
    for (let n = 0; n < 300; n += 1) tap.observe(drop({ time: NOON + n / 1000 }), false);
    await expect(tap.durable()).rejects.toMatchObject({ code: 'database-unreachable' });
    expect(tap.stats()).toMatchObject({ state: 'failing', problem: expect.stringContaining('cannot be stored') });
    away = false;
    clock.now += 10_000;
    await until(async () => (await stored()).length === 300, 'all of them');
    expect(tap.stats()).toMatchObject({ state: 'running', problem: '' });
    expect(tap.waiting).toBe(0);
  });

  test('what found no room is told as a gap', async () => {
    let usable = false;
    const { tap, committed } = await started({
      mostWaiting: 600,
      keys: {
        active: (role) => (usable ? keys.active(role) : undefined),
        problem: 'its file is readable by others',
      },
    });
    for (let n = 0; n < 610; n += 1) tap.observe(drop({ time: NOON + n }), false);
    await tap.durable(); // nobody waits for a key
    expect(tap.overflowed).toBe(10);
    expect(tap.stats()).toMatchObject({ state: 'failing', problem: 'its file is readable by others' });
    await expect(tap.attest([drop()], 'an incident')).rejects.toMatchObject({ code: 'not-configured' });
    usable = true;
    await until(() => tap.waiting === 0, 'all of them');
    const gaps = committed.flatMap(({ header }) => header.completeness.stream_gaps);
    expect(gaps).toMatchObject([{ reason: expect.stringContaining('had no room') }]);
    expect(committed.reduce((sum, { receipts }) => sum + receipts.length, 0)).toBe(600);
  });

  test('flows are attested once, a drop keeps the receipt it has', async () => {
    const { tap } = await started();
    const [dropped, passed] = [drop(), forwarded()];
    tap.observe(dropped, false);
    const ids = await tap.attest([dropped, passed, forwarded({ verdict: 'VERDICT_UNKNOWN' })], 'incident 7');
    expect(await tap.attest([passed], 'again')).toEqual([ids[1]]);
    expect((await stored()).map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect((await bodies('attested'))[0]?.flow?.verdict).toBe('FORWARDED');
  });

  test('a finding has its id at once, and its receipt with the next batch', async () => {
    const { tap } = await started();
    const about = tap.finding({ rule: 'R1', severity: 'suspected', reasons: ['denied, but forwarded'], flow: forwarded() });
    const without = tap.finding({ rule: 'R5', severity: 'confirmed', reasons: ['a node is missing'], subject: 'node-a' });
    await tap.durable();
    expect((await stored('finding')).map(({ id }) => id).toSorted()).toEqual([about, without].toSorted());
    expect((await bodies('finding')).find(({ receipt_id }) => receipt_id === without)).toMatchObject({
      observation: { finding: { rule: 'R5', subject: 'node-a' } },
    });
    expect(() => tap.finding({ rule: 'R6', severity: 'confirmed', reasons: ['x'] })).toThrow(RangeError);
  });

  test('policies are named by Hubble, else by the engine, else not at all, with what the API server held', async () => {
    const named: PolicyRef = { name: 'api', namespace: 'shop', kind: 'CiliumNetworkPolicy', revision: 3, labels: [] };
    const policies: PoliciesNow = {
      since: NOON - 3_600_000,
      setHash: 'ab'.repeat(32),
      inForce: [
        {
          ref: 'cnp:shop/api',
          hash: 'cd'.repeat(32),
          object: { kind: 'CiliumNetworkPolicy', metadata: { name: 'api', namespace: 'shop', uid: 'u-1', generation: 6 } },
        },
      ],
    };
    const engine = vi.fn<NonNullable<TapOptions['engine']>>((flows) =>
      Promise.resolve({ setHash: policies.setHash, says: flows.map(() => ({ policies: ['cnp:shop/api'], agrees: true })) }),
    );
    const { tap, committed } = await started({ policies: () => policies, engine });
    tap.tick();
    const byHubble = drop({ trafficDirection: 'EGRESS', egressDeniedBy: [named] });
    const byEngine = drop({ dropReason: 'POLICY_DENIED' });
    const again = drop({ dropReason: 'POLICY_DENIED', time: NOON + 1 });
    const byNobody = drop({ dropReason: 'CT_MAP_INSERTION_FAILED' });
    const before = drop({ dropReason: 'POLICY_DENIED', time: NOON - 7_200_000 });
    for (const flow of [byHubble, byEngine, again, byNobody, before]) tap.observe(flow, false);
    await tap.durable();
    const of = new Map((await bodies()).map((receipt) => [receipt.flow?.uuid, receipt]));
    const policy = [{ ref: 'cnp:shop/api', uid: 'u-1', generation: 6, spec_hash: 'cd'.repeat(32) }];
    expect(of.get(byHubble.uuid)).toMatchObject({ policy, observation: { policy_attribution: 'hubble' } });
    expect(of.get(byEngine.uuid)).toMatchObject({ policy, observation: { policy_attribution: 'engine' } });
    expect(of.get(again.uuid)).toMatchObject({ observation: { policy_attribution: 'engine' } });
    expect(committed[0]?.header.policy_set_hash).toBe(policies.setHash); // and not in each receipt again
    expect(of.get(again.uuid)?.observation).not.toHaveProperty('policy_set_hash');
    expect(of.get(byNobody.uuid)).toMatchObject({ policy: [], observation: { policy_attribution: 'none' } });
    expect(of.get(before.uuid)).toMatchObject({ policy: [], observation: { grace: ['policies-unknown'] } });
    expect(engine).toHaveBeenCalledTimes(1);
    expect(engine.mock.calls[0]?.[0]).toHaveLength(1); // flows that the engine cannot tell apart are one question
  });

  test('a batch does not wait for an engine that is busy', async () => {
    const policies: PoliciesNow = { since: NOON - 3_600_000, setHash: 'ab'.repeat(32), inForce: [] };
    const { tap } = await started({ policies: () => policies, engine: () => new Promise(() => {}) });
    tap.tick();
    tap.observe(drop(), false);
    const began = performance.now();
    await tap.durable();
    expect(performance.now() - began).toBeLessThan(5000);
    expect((await bodies())[0]).toMatchObject({ observation: { policy_attribution: 'none' } });
    tap.observe(drop(), false);
    const again = performance.now();
    await tap.durable();
    expect(performance.now() - again).toBeLessThan(1500); // it is left alone for a while
  });

  test('hostile text is bounded and stays text', async () => {
    const { tap } = await started();
    const evil = '\u0000\ud800<script>\u202e'.repeat(300);
    const flow = drop();
    tap.observe({ ...flow, source: { ...flow.source, podName: evil, namespace: '__proto__' }, nodeName: evil }, false);
    await tap.durable();
    const [receipt] = await bodies();
    expect(receipt?.flow?.source.namespace).toBe('__proto__');
    expect(receipt?.flow?.source.pod?.length).toBeLessThanOrEqual(512);
    expect(receipt?.flow?.source.pod).not.toMatch(/\u0000|\ud800/);
  });
});
