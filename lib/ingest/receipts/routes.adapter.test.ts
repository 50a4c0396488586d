import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { AttestAnswer, AttestationStatus } from '#lib/api/receipts.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { aFlow } from '#lib/testing/flows.ts';
import { type Platform, startPlatform } from '#lib/testing/platform.ts';
import { anEvidence, CLUSTER } from '#lib/testing/receipts.ts';
import { StoredLog } from '#lib/testing/receipt-log.ts';
import { FlowRing } from '../ring.ts';
import { MOST_ATTESTED } from './attest.ts';
import { type ReceiptRoutes, receiptRoutes } from './routes.ts';

let platform: Platform;
let db: TrafficDb;
beforeAll(async () => {
  platform = await startPlatform();
  db = openTrafficDb(process.env['DATABASE_URL'] ?? '', 1);
});
afterAll(async () => {
  await db.close();
  await platform.close();
});

const ring = new FlowRing(10_000);
const flows = Array.from({ length: 6000 }, (_, index) =>
  aFlow({ uuid: `u${index}`, time: 1000 + index, verdict: index % 3 === 0 ? 'DROPPED' : 'FORWARDED' }),
);
for (const flow of flows) ring.push(flow);

let attested: { flows: readonly Flow[]; reason: string }[] = [];
beforeEach(() => {
  attested = [];
});
const stats = { state: 'running', problem: '', stages: [], series: [] } as const;
const tap: ReturnType<ReceiptRoutes['tapOf']> = {
  attest: (asked, reason) => {
    attested.push({ flows: asked, reason });
    return Promise.resolve(asked.map(({ uuid }) => idOf(uuid)));
  },
  stats: () => ({ ...stats, stages: [], series: [] }),
};
const idOf = (uuid: string) =>
  `rcpt_${uuid
    .split('')
    .map((letter) => 'abcdefghij'[Number(letter)] ?? 'u')
    .join('')
    .padEnd(26, 'z')}`;

type Pipeline = ReturnType<ReceiptRoutes['of']>;
/** A relay that still has one flow which the ring let go. */
const relay = {
  flowByUuid: (uuid: string) =>
    uuid === 'broken' ? Promise.reject(new Error('away')) : Promise.resolve(uuid === 'old' ? aFlow({ uuid }) : undefined),
} as Pipeline['relay'];

const routesWith = (tapOf: ReceiptRoutes['tapOf']) =>
  receiptRoutes({ db, of: () => ({ id: CLUSTER, ring, relay }), tapOf, nats: () => undefined });
async function call(method: string, body?: unknown, tapOf: ReceiptRoutes['tapOf'] = () => tap) {
  const route = routesWith(tapOf).find((each) => each.method === method);
  const answer = await route?.handle({
    params: { cluster: CLUSTER },
    query: {},
    headers: {
      'x-causeway-audit': encodeURIComponent(JSON.stringify({ actor: { kind: 'person', subject: 'demo|olga', name: 'Olga' } })),
    },
    body: Readable.from(body === undefined ? [] : [Buffer.from(JSON.stringify(body))]),
    signal: new AbortController().signal,
  });
  return answer as { json: unknown; status?: number };
}
const attest = async (body: object) => AttestAnswer.parse((await call('POST', { reason: 'an incident', ...body })).json);
const events = () =>
  db.rows<{ action: string; actor: string; body: string }>(
    `SELECT action, actor, body FROM audit_event WHERE action = 'receipt.attest' ORDER BY seq`,
  );

test('flows are attested by uuid, from the ring or else the relay, and what nobody holds is named', async () => {
  const { receipts, missing } = await attest({ uuids: ['u17', 'old', 'gone', 'u3', 'broken', 'u17'] });
  expect(attested[0]?.flows.map(({ uuid }) => uuid)).toEqual(['u17', 'u3', 'old']);
  expect(receipts).toHaveLength(3);
  expect(missing).toEqual(['gone', 'broken']);
});

test('a filter attests the newest that it matches, at most as many as one request may', async () => {
  const { receipts, missing } = await attest({ filter: 'verdict:DROPPED' });
  expect(missing).toEqual([]);
  expect(receipts.length).toBe(MOST_ATTESTED);
  expect(attested[0]?.flows[0]?.uuid).toBe('u5997');
  expect(attested[0]?.flows.every(({ verdict }) => verdict === 'DROPPED')).toBe(true);
});

test('who asked for it and why is in the audit log, and of nothing there is nothing in it', async () => {
  const before = (await events()).length;
  await attest({ uuids: ['u1'], reason: 'ticket 7' });
  await attest({ uuids: ['gone'] });
  await attest({ filter: 'verdict:ERROR' });
  const [event, ...more] = (await events()).slice(before);
  expect(more).toEqual([]);
  expect(event?.actor).toBe('demo|olga');
  expect(JSON.parse(event?.body ?? '')).toMatchObject({
    reason: 'ticket 7',
    cluster: CLUSTER,
    details: { by: 'uuid', flows: 1, receipts: 1, missing: 0 },
  });
});

test.each([
  [{}, 'bad-request'],
  [{ uuids: ['u1'], filter: '' }, 'bad-request'],
  [{ uuids: [] }, 'bad-request'],
  [{ filter: 'verdict:' }, 'bad-filter'],
  [{ uuids: ['u1'], reason: ' x ' }, 'bad-request'],
])('%j is refused as %s', async (body, code) => {
  await expect(attest(body)).rejects.toMatchObject({ code });
  expect(attested).toEqual([]);
});

test('without keys nothing is attested, and the pipeline says so', async () => {
  await expect(call('POST', { uuids: ['u1'], reason: 'an incident' }, () => undefined)).rejects.toMatchObject({
    code: 'not-configured',
  });
  const status = AttestationStatus.parse((await call('GET', undefined, () => undefined)).json);
  expect(status).toMatchObject({ state: 'off', problem: expect.stringContaining('without keys'), nats: { state: 'off' } });
});

test('the state of the pipeline tells what its log holds: receipts of the last hour, the newest batch and head', async () => {
  expect(AttestationStatus.parse((await call('GET')).json)).toMatchObject({
    state: 'running',
    receipts: { total: 0, byClass: {} },
  });
  const log = new StoredLog(db, CLUSTER);
  const now = Date.now();
  await log.append([anEvidence()]); // long ago
  await log.append([anEvidence({ port: 1 }), anEvidence({ port: 2 })], undefined, { at: now - 2000 });
  await log.sign(2, Math.floor(now / 1000));
  await log.append([anEvidence({ port: 3 })], undefined, { at: now - 1000 });
  const status = AttestationStatus.parse((await call('GET')).json);
  expect(status.receipts).toEqual({ total: 3, byClass: { dropped: 3 } });
  expect(status.lastBatch).toMatchObject({ seq: 2, leaves: 1 });
  expect(status.lastCheckpoint).toMatchObject({ size: 2, witnesses: 1 });
});
