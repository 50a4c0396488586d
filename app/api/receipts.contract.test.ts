import { hexToBytes } from '@noble/hashes/utils.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BatchList, ConsistencyProof, ReceiptDetail, ReceiptPage } from '#lib/api/receipts.ts';
import { putCluster } from '#lib/db/platform/clusters.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { putTrustSetting } from '#lib/db/receipts/trust.ts';
import { parseCheckpoint } from '#lib/receipts/checkpoint.ts';
import { receiptJsonOf } from '#lib/receipts/forms.ts';
import { sha256 } from '#lib/receipts/hash.ts';
import { MerkleTree } from '#lib/receipts/merkle.ts';
import { parseNote } from '#lib/receipts/note.ts';
import type { Evidence, SignedReceipt } from '#lib/receipts/receipt.ts';
import { verifyReceipt } from '#lib/receipts/verify.ts';
import { aBatch } from '#lib/testing/log-answers.ts';
import { cookieFor, pageRequest, type Platform, startPlatform, withParams } from '#lib/testing/platform.ts';
import { anEvidence, CLUSTER, verifyByNode } from '#lib/testing/receipts.ts';
import { StoredLog } from '#lib/testing/receipt-log.ts';
import { GET as BATCHES } from './v1/batches/route.ts';
import { POST as ATTEST } from './v1/clusters/[cluster]/receipts/route.ts';
import { GET as CHECKPOINT } from './v1/checkpoint/route.ts';
import { GET as CONSISTENCY } from './v1/consistency/route.ts';
import { GET as BUNDLE } from './v1/receipts/[receipt]/bundle/route.ts';
import { GET as DETAIL } from './v1/receipts/[receipt]/route.ts';
import { GET as LIST } from './v1/receipts/route.ts';

let platform: Platform;
let viewer: string;
let stranger: string;
let db: TrafficDb;
let log: StoredLog;
const batches: (readonly SignedReceipt[])[] = [];
const RELAY = { address: '127.0.0.1:4245', tls: false };

const at = (minute: number, second = 0) =>
  `2026-03-02T14:${String(minute).padStart(2, '0')}:${String(second).padStart(2, '0')}.204113Z`;
const uuid = (n: number) => `5f2b7a30-0000-4000-8000-${String(n).padStart(12, '0')}`;
/** One of its own for each minute and place in it. */
function evidenceAt(minute: number, place = 0, verdict: 'DROPPED' | 'AUDIT' = 'DROPPED') {
  const { flow, observation, ...rest } = anEvidence({ port: 5000 + place });
  return {
    ...rest,
    observed_at: at(minute, place),
    observation: { ...observation, class: verdict === 'DROPPED' ? ('dropped' as const) : ('audit' as const) },
    ...(flow && { flow: { ...flow, verdict, uuid: uuid(minute * 100 + place) } }),
  };
}

beforeAll(async () => {
  platform = await startPlatform();
  await putCluster({ id: CLUSTER, name: 'Production', environment: 'PRD', relay: RELAY, demo: false });
  viewer = await cookieFor('vera', [{ role: 'viewer', scope: '*' }]);
  stranger = await cookieFor('dave', [{ role: 'admin', scope: 'DEV' }]);
  db = openTrafficDb(process.env['DATABASE_URL'] ?? '', 1);
  log = new StoredLog(db, CLUSTER);
  const append = async (evidence: readonly Evidence[], missed = {}) => {
    const { completeness } = aBatch().header;
    batches.push((await log.append(evidence, undefined, { completeness: { ...completeness, ...missed } })).receipts);
  };
  await append([evidenceAt(0), evidenceAt(0, 1), evidenceAt(0, 2, 'AUDIT')]);
  await append([evidenceAt(1)]);
  await log.sign(2, 'away');
  const lost_events = [{ node: 'a', source: 'HUBBLE_RING_BUFFER', count: '12' }];
  await append([evidenceAt(2), evidenceAt(2, 1)], { nodes_connected: 3, lost_events });
  await log.sign(3, 1_772_460_168);
  await append([evidenceAt(3)]);
  await log.sign(4, 'away');
  await append([evidenceAt(4)]);
});
afterAll(async () => {
  await db.close();
  await platform.close();
});

type Handler = (request: Request, context: ReturnType<typeof withParams>) => Promise<Response>;
const ask = (handler: Handler, path: string, params: Record<string, string> = {}, cookie = viewer, headers = {}) =>
  handler(pageRequest(path, { cookie, headers }), withParams(params));
const list = async (query = '') =>
  ReceiptPage.parse(await (await ask(LIST, `/api/v1/receipts?cluster=${CLUSTER}${query}`)).json());
const idsOf = async (query: string) => (await list(query)).receipts.map(({ id }) => id);
const idOf = (batch: number, leaf = 0) => batches[batch]?.[leaf]?.receipt_id ?? '';
const detail = (id: string, cookie = viewer) => ask(DETAIL, `/api/v1/receipts/${id}`, { receipt: id }, cookie);
const bundle = (id: string, format: string, cookie = viewer) =>
  ask(BUNDLE, `/api/v1/receipts/${id}/bundle?format=${format}`, { receipt: id }, cookie);
const verify = (text: string, quorum = 0) =>
  verifyReceipt(receiptJsonOf(text).json, { trust: log.trust(), verify: verifyByNode, quorum });

describe('the list of receipts', () => {
  test('is newest first, each with how far it has come', async () => {
    const { receipts, total, nextCursor } = await list();
    expect(receipts.map(({ id }) => id)).toEqual([
      idOf(4),
      idOf(3),
      idOf(2, 1),
      idOf(2),
      idOf(1),
      idOf(0, 2),
      idOf(0, 1),
      idOf(0),
    ]);
    expect(receipts.map(({ standing }) => standing)).toEqual(['sealed', 'logged', ...Array<string>(6).fill('witnessed')]);
    expect({ total, nextCursor }).toEqual({ total: 8, nextCursor: undefined });
    expect(receipts.at(-1)).toMatchObject({
      cluster: CLUSTER,
      class: 'dropped',
      source: 'gateway/web-bff',
      destination: 'payments/payments-db',
      policies: ['cnp:gateway/bff-to-checkout'],
      count: '1',
      batch: 0,
      leaf: 0,
    });
  });

  test('comes in pages that join, whatever their size', async () => {
    const all = await idsOf('');
    for (const limit of [1, 2, 3, 7]) {
      const seen: string[] = [];
      for (let cursor: string | undefined = ''; cursor !== undefined;) {
        const page: ReceiptPage = await list(`&limit=${limit}${cursor && `&cursor=${cursor}`}`);
        seen.push(...page.receipts.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(all);
    }
  });

  test.each([
    ['&class=audit', [[0, 2]]],
    ['&verdict=AUDIT', [[0, 2]]],
    [
      '&batch=2',
      [
        [2, 1],
        [2, 0],
      ],
    ],
    [`&q=${uuid(100)}`, [[1, 0]]],
    ['&q=PAYMENTS-DB%20bff-to&batch=1', [[1, 0]]],
    [
      `&from=${Date.parse(at(3))}&to=${Date.parse(at(4))}`,
      [
        [4, 0],
        [3, 0],
      ],
    ],
  ] as const)('of %s holds what was asked for and nothing else', async (query, expected) => {
    expect(await idsOf(query)).toEqual(expected.map(([batch, leaf]) => idOf(batch, leaf)));
    expect((await list(query)).total).toBe(expected.length);
  });

  test('is found by the id of a receipt, however it is written', async () => {
    expect(await idsOf(`&q=${encodeURIComponent(` ${idOf(1).toUpperCase()} `)}`)).toEqual([idOf(1)]);
  });

  test.each(['.*', '%', 'web_bff', "'; DROP TABLE receipt; --", '(a+)+$', '\0'])('takes %j for plain text', async (q) => {
    expect((await list(`&q=${encodeURIComponent(q)}`)).receipts).toHaveLength(q === '\0' ? 8 : 0);
  });

  test.each(['x', '1-rcpt_short', '-1-rcpt_aaaaaaaaaaaaaaaaaaaaaaaaaa', '1e9-rcpt_aaaaaaaaaaaaaaaaaaaaaaaaaa'])(
    'refuses the cursor %s',
    async (cursor) => {
      const answer = await ask(LIST, `/api/v1/receipts?cluster=${CLUSTER}&cursor=${cursor}`);
      expect(answer.status).toBe(400);
    },
  );
});

describe('a receipt', () => {
  test('is proved to the first head that a witness saw, and verifies', async () => {
    const { receipt, standing, witnesses, cluster } = ReceiptDetail.parse(await (await detail(idOf(0, 1))).json());
    expect(receipt.proof?.log).toMatchObject({ index: 0, size: 3 });
    expect({ standing, witnesses, cluster }).toEqual({
      standing: 'witnessed',
      witnesses: [{ name: 'security-witness', at: 1_772_460_168_000 }],
      cluster: { id: CLUSTER, name: 'Production', environment: 'PRD' },
    });
    expect(await verify(JSON.stringify(receipt), 1)).toMatchObject({ exit: 0 });
  });

  test.each([
    { batch: 2, leaf: 1, standing: 'witnessed', exit: 5 },
    { batch: 3, leaf: 0, standing: 'logged', exit: 0 },
    { batch: 4, leaf: 0, standing: 'sealed', exit: 0 },
  ])('of batch $batch is $standing, and its proof says as much', async ({ batch, leaf, standing, exit }) => {
    const answer = ReceiptDetail.parse(await (await detail(idOf(batch, leaf))).json());
    expect(answer.standing).toBe(standing);
    expect(answer.receipt.proof?.checkpoint !== undefined).toBe(standing !== 'sealed');
    expect(await verify(JSON.stringify(answer.receipt))).toMatchObject({ exit });
  });

  test('is witnessed only once as many have seen its head as are asked for', async () => {
    const setting = { organisation: 'aegis', witnesses: [], quorum: 2 };
    await putTrustSetting(db, setting, 0);
    const { standing, witnesses } = ReceiptDetail.parse(await (await detail(idOf(0))).json());
    expect([standing, witnesses.length]).toEqual(['logged', 1]);
    expect(new Set((await list()).receipts.map((row) => row.standing))).toEqual(new Set(['sealed', 'logged']));
    await putTrustSetting(db, { ...setting, quorum: 0 }, 0);
    expect((await list('&batch=0')).receipts[0]?.standing).toBe('witnessed');
  });

  test.each(['json', 'dsse', 'tlog-proof'] as const)('is handed out as %s, and verifies as that', async (format) => {
    const answer = await bundle(idOf(0, 1), format);
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="rcpt_[a-z2-7]{26}\.[a-z.-]+"$/);
    const text = await answer.text();
    expect(receiptJsonOf(text).form).toBe(format);
    expect(await verify(text)).toMatchObject({ exit: 0 });
  });

  test('that is in no signed head has no proof of the log to hand out', async () => {
    const answer = await bundle(idOf(4), 'tlog-proof');
    expect([answer.status, await answer.text()]).toEqual([409, expect.stringContaining('no signed head of the log yet')]);
    expect((await bundle(idOf(4), 'json')).status).toBe(200);
  });

  test('is not there in the same words for whom it is hidden from, and for everybody where there is none', async () => {
    const none = `rcpt_${'a'.repeat(26)}`;
    const answers = await Promise.all([
      detail(idOf(0), stranger),
      detail(none, stranger),
      detail(none),
      detail('../../etc', viewer),
      bundle(idOf(0), 'json', stranger),
    ]);
    const problems = await Promise.all(answers.map((answer) => answer.json() as Promise<{ detail: string }>));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    expect(new Set(problems.map((problem) => problem.detail))).toEqual(new Set(['there is no such receipt']));
  });
});

describe('the log', () => {
  const batchesOf = async (query = '') =>
    BatchList.parse(await (await ask(BATCHES, `/api/v1/batches?cluster=${CLUSTER}${query}`)).json());

  test('lists its batches newest first, with what each did not see and how far it has come', async () => {
    const { batches: rows, head } = await batchesOf();
    expect(rows.map(({ header }) => header.seq)).toEqual([4, 3, 2, 1, 0]);
    expect(rows.map(({ standing }) => standing)).toEqual(['sealed', 'logged', 'witnessed', 'witnessed', 'witnessed']);
    expect(rows.map(({ gaps }) => gaps)).toEqual([[], [], ['3 of 4 nodes reported', '12 events were lost'], [], []]);
    for (const [index, { header }] of rows.entries())
      expect(header.prev_header_hash).toBe(rows[index + 1]?.headerHash ?? '0'.repeat(64));
    expect(head).toMatchObject({ size: 4, witnesses: [] });
    expect((await batchesOf('&before=3&limit=2')).batches.map(({ header }) => header.seq)).toEqual([2, 1]);
    expect((await batchesOf('&before=9999999999')).batches).toHaveLength(5);
  });

  test('lists only batches that missed something where that is asked for, in pages that join', async () => {
    const { batches: rows, next } = await batchesOf('&gaps=1');
    expect([rows.map(({ header }) => header.seq), next]).toEqual([[2], undefined]);
    expect(await batchesOf('&gaps=1&limit=1')).toMatchObject({ next: 2 });
    expect((await batchesOf('&gaps=1&limit=1&before=2')).batches).toEqual([]);
    expect((await batchesOf('&limit=2')).next).toBe(3);
    expect((await batchesOf('&limit=5')).next).toBeUndefined();
  });

  test('gives its newest head as a note, and says when it is the one that is known', async () => {
    const path = `/api/v1/checkpoint?cluster=${CLUSTER}`;
    const answer = await ask(CHECKPOINT, path);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const note = await answer.text();
    expect(parseCheckpoint(parseNote(note).text)).toMatchObject({ origin: `causeway.aegis/${CLUSTER}`, size: 4 });
    expect((await batchesOf()).head?.note).toBe(note);
    const again = await ask(CHECKPOINT, path, {}, viewer, { 'if-none-match': answer.headers.get('etag') ?? '' });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  test('proves of any two of its sizes that the one grew out of the other', async () => {
    for (let to = 1; to <= 4; to += 1)
      for (let from = 1; from <= to; from += 1) {
        const answer = await ask(CONSISTENCY, `/api/v1/consistency?cluster=${CLUSTER}&from=${from}&to=${to}`);
        const { fromRoot, toRoot, path, ...sizes } = ConsistencyProof.parse(await answer.json());
        expect(sizes).toEqual({ from, to });
        const claim = { olderSize: from, olderRoot: hexToBytes(fromRoot), size: to, root: hexToBytes(toRoot) };
        expect(new MerkleTree(sha256).verifyConsistency({ ...claim, proof: path.map(hexToBytes) })).toBe(true);
      }
  });

  test('proves a size up to its newest signed head where none is named, and nothing beyond', async () => {
    const consistency = (query: string) => ask(CONSISTENCY, `/api/v1/consistency?cluster=${CLUSTER}&${query}`);
    expect(await (await consistency('from=2')).json()).toMatchObject({ from: 2, to: 4 });
    for (const query of ['from=5', 'from=1&to=5', 'from=3&to=2', 'from=0', 'from=x'])
      expect([query, (await consistency(query)).status]).toEqual([query, 400]);
  });

  test('without a signed head has none to show', async () => {
    await putCluster({ id: 'empty', name: 'Empty', environment: 'DEV', relay: RELAY, demo: false });
    expect((await ask(CHECKPOINT, '/api/v1/checkpoint?cluster=empty')).status).toBe(404);
    expect((await ask(CONSISTENCY, '/api/v1/consistency?cluster=empty&from=1')).status).toBe(404);
    const empty = await ask(BATCHES, '/api/v1/batches?cluster=empty');
    expect(await empty.json()).toEqual({ batches: [] });
  });

  test.each([
    ['receipts', LIST, ''],
    ['batches', BATCHES, ''],
    ['checkpoint', CHECKPOINT, ''],
    ['consistency', CONSISTENCY, '&from=1'],
  ] as const)('%s of a cluster that is hidden is that of one that does not exist', async (name, handler, query) => {
    const hidden = await ask(handler, `/api/v1/${name}?cluster=${CLUSTER}${query}`, {}, stranger);
    const none = await ask(handler, `/api/v1/${name}?cluster=no-such${query}`, {}, stranger);
    const strip = async (answer: Response) => ({ ...((await answer.json()) as object), requestId: '' });
    expect([hidden.status, await strip(hidden)]).toEqual([404, await strip(none)]);
  });
});

describe('attesting on demand', () => {
  const path = `/clusters/${CLUSTER}/receipts`;
  const post = async (body: object, key?: string, cookie?: string) => {
    const headers = { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) };
    const operator = await cookieFor('olga', [{ role: 'operator', scope: 'PRD' }]);
    return ATTEST(
      pageRequest(`/api/v1${path}`, { method: 'POST', cookie: cookie ?? operator, headers, body: JSON.stringify(body) }),
      withParams({ cluster: CLUSTER }),
    );
  };
  const asked = () => platform.asked.filter(({ url }) => url === path);
  const ANSWER = { receipts: [`rcpt_${'a'.repeat(26)}`], missing: ['u2'] };
  beforeAll(() => platform.answers.set(path, { status: 201, body: JSON.stringify(ANSWER) }));

  test('is asked of ingest once for each key, with who asks and what they gave as reason', async () => {
    const body = { uuids: ['u1', 'u2'], reason: ' ticket 7 ' };
    const first = await post(body, 'attest-key-1');
    expect([first.status, await first.json()]).toEqual([201, ANSWER]);
    const again = await post(body, 'attest-key-1');
    expect([again.status, again.headers.get('idempotency-replayed'), await again.json()]).toEqual([201, 'true', ANSWER]);
    expect((await post({ ...body, reason: 'another' }, 'attest-key-1')).status).toBe(409);
    const [request, ...more] = asked();
    expect(more).toEqual([]);
    expect(JSON.parse(request?.body.toString() ?? '')).toEqual({ uuids: ['u1', 'u2'], reason: 'ticket 7' });
    const audit = JSON.parse(decodeURIComponent(String(request?.headers['x-causeway-audit']))) as object;
    expect(audit).toMatchObject({ actor: { subject: 'demo|olga' } });
  });

  test('takes uuids or a filter, never both, never none, and no more than it may', async () => {
    const before = asked().length;
    const reason = 'an incident';
    for (const body of [
      { reason },
      { reason, uuids: ['u1'], filter: '' },
      { reason, uuids: Array.from({ length: 501 }, (_, index) => `u${index}`) },
      { uuids: ['u1'] },
      { uuids: ['u1'], reason: '  ' },
    ])
      expect([body, (await post(body)).status]).toEqual([body, 422]);
    expect((await post({ reason, uuids: ['u1'] }, undefined, viewer)).status).toBe(403);
    expect(asked()).toHaveLength(before);
  });
});
