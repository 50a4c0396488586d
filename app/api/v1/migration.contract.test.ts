import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { createGunzip, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Problem } from '#lib/api/common.ts';
import {
  EvidenceUpload,
  EvidenceUploadList,
  Migration,
  MigrationChanged,
  PhaseDetail,
  RiskEntry,
  RiskRegister,
} from '#lib/api/migration.ts';
import { withDatabase } from '#lib/db/client.ts';
import { inTransaction } from '#lib/db/migration/transaction.ts';
import { lockEvidence, writeEvidence } from '#lib/db/migration/evidence.ts';
import { putCluster } from '#lib/db/platform/clusters.ts';
import { LATEST_PLAN } from '#lib/migration/plan/plan.ts';
import { hashOf } from '#lib/migration/snapshot.ts';
import { cookieFor, pageRequest, type Platform, startPlatform, withParams } from '#lib/testing/platform.ts';
import { GET as EVIDENCE } from './clusters/[cluster]/migration/evidence/[hash]/route.ts';
import { GET as EXPORT } from './clusters/[cluster]/migration/export/route.ts';
import { PUT as CHECK } from './clusters/[cluster]/migration/phases/[phase]/checks/[check]/route.ts';
import { POST as EVALUATE } from './clusters/[cluster]/migration/phases/[phase]/evaluation/route.ts';
import { GET as PHASE } from './clusters/[cluster]/migration/phases/[phase]/route.ts';
import { PUT as STEP } from './clusters/[cluster]/migration/phases/[phase]/steps/[step]/route.ts';
import { GET as RISKS } from './clusters/[cluster]/migration/risks/route.ts';
import { PUT as RISK } from './clusters/[cluster]/migration/risks/[risk]/route.ts';
import { GET as READ, PATCH as CHANGE, POST as BEGIN } from './clusters/[cluster]/migration/route.ts';
import { GET as STREAM } from './clusters/[cluster]/migration/stream/route.ts';
import { GET as UPLOADS, POST as UPLOAD } from './clusters/[cluster]/migration/uploads/route.ts';

let platform: Platform;
let admin: string;
let olga: string;
let otto: string;
let devViewer: string;
const CLUSTERS = { DEV: 'dev', TST: 'tst', PRD: 'prd' } as const;

beforeAll(async () => {
  platform = await startPlatform();
  admin = await cookieFor('ada', [{ role: 'admin', scope: '*' }]);
  olga = await cookieFor('olga', [{ role: 'operator', scope: '*' }]);
  otto = await cookieFor('otto', [{ role: 'operator', scope: '*' }]);
  devViewer = await cookieFor('vera', [{ role: 'viewer', scope: 'DEV' }]);
});
afterAll(() => platform.close());
beforeEach(async () => {
  platform.asked.length = 0;
  platform.answers.clear();
  await withDatabase((db) => db.migration.deleteMany());
  for (const [environment, id] of Object.entries(CLUSTERS)) {
    const relay = { address: 'a:1', tls: false };
    await putCluster({ id, name: id.toUpperCase(), environment: environment as 'DEV', relay, demo: false });
  }
});

const BASE = '/api/v1/clusters';
interface Sent {
  readonly cookie?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly method?: string;
}
const send = (path: string, { cookie = olga, body, headers = {}, method }: Sent = {}) =>
  pageRequest(`${BASE}/${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'PUT'),
    cookie,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const begin = (input: object = {}, cookie = admin) =>
  BEGIN(
    send('dev/migration', { cookie, method: 'POST', body: { name: 'Platform', clusters: CLUSTERS, ...input } }),
    withParams({ cluster: 'dev' }),
  );
const read = async (cluster = 'dev', cookie = olga) => READ(send(`${cluster}/migration`, { cookie }), withParams({ cluster }));
const phase = async (number: number, cluster = 'dev', cookie = olga) =>
  PhaseDetail.parse(
    await (
      await PHASE(send(`${cluster}/migration/phases/${number}`, { cookie }), withParams({ cluster, phase: String(number) }))
    ).json(),
  );
const tick = (step: string, body: object, cookie = olga) =>
  STEP(send(`dev/migration/phases/0/steps/${step}`, { cookie, body }), withParams({ cluster: 'dev', phase: '0', step }));
const check = (id: string, body: object, cookie = olga, number = 0) =>
  CHECK(
    send(`dev/migration/phases/${number}/checks/${id}`, { cookie, body }),
    withParams({ cluster: 'dev', phase: String(number), check: id }),
  );
const problem = async (response: Response) => Problem.parse(await response.json());
const audit = () =>
  withDatabase((db) => db.$queryRaw<{ body: string }[]>`SELECT body FROM audit_event ORDER BY seq`).then((rows) =>
    rows.map(({ body }) => JSON.parse(body) as { action: string; actor: { subject: string }; details: Record<string, unknown> }),
  );
const inputs = (cluster: string, number: number) =>
  withDatabase((db) =>
    db.phaseEvidence.findUniqueOrThrow({ where: { clusterId_phase: { clusterId: cluster, phase: number } } }),
  ).then(({ inputsVersion }) => inputsVersion);
const aStep = LATEST_PLAN.phases[0]?.steps[0]?.id ?? '';

describe('a migration', () => {
  test('is begun by an admin with one cluster of each environment, and shown as phases by environments', async () => {
    expect((await read()).status).toBe(404);
    const response = await begin();
    expect(response.status).toBe(201);
    const migration = Migration.parse(await response.json());
    expect(migration).toMatchObject({ name: 'Platform', planVersion: LATEST_PLAN.version, revision: 1, planGone: false });
    expect(migration.environments.map(({ cluster }) => cluster?.id)).toEqual(['dev', 'tst', 'prd']);
    expect(migration.phases).toHaveLength(5);
    expect(migration.phases[0]?.cells.map(({ state, waitsFor }) => [state, waitsFor])).toEqual([
      ['collecting', expect.stringMatching(/\d+ checks and \d+ steps/)],
      ['locked', 'phase 0 in DEV'],
      ['locked', 'phase 0 in TST'],
    ]);
    expect(migration.phases[1]?.cells[0]).toMatchObject({ state: 'locked', waitsFor: 'phase 0' });
    expect((await audit()).map(({ action }) => action)).toContain('migration.create');
    expect(platform.asked.map(({ url }) => url).toSorted()).toEqual(
      ['dev', 'prd', 'tst'].map((id) => `/clusters/${id}/migration/evaluate`),
    );
  });

  test('takes no cluster twice, of another environment or that the caller may not manage', async () => {
    const devAdmin = await cookieFor('dora', [{ role: 'admin', scope: 'DEV' }]);
    expect((await begin({ clusters: { DEV: 'dev', PRD: 'tst' } })).status).toBe(422);
    expect(await problem(await begin({}, devAdmin))).toMatchObject({ status: 422, place: { field: 'clusters.TST' } });
    expect((await begin({ clusters: { PRD: 'prd' } })).status).toBe(422);
    await begin();
    expect((await begin()).status).toBe(409);
  });

  test('hides clusters that the caller may not see, from the matrix and from the stream', async () => {
    await begin();
    const migration = Migration.parse(await (await read('dev', devViewer)).json());
    expect(migration.environments.map(({ cluster, hidden }) => [cluster?.id, hidden])).toEqual([
      ['dev', false],
      [undefined, true],
      [undefined, true],
    ]);
    expect(migration.phases.flatMap(({ cells }) => cells).every(({ environment }) => environment === 'DEV')).toBe(true);
  });

  test('is changed by one at a time: the ETag says on what', async () => {
    const etag = (await (await begin()).json()) && ((await read()).headers.get('etag') ?? '');
    const change = (body: object, match: string, cookie = admin) =>
      CHANGE(
        send('dev/migration', { cookie, method: 'PATCH', body, headers: { 'if-match': match } }),
        withParams({ cluster: 'dev' }),
      );
    expect((await change({ name: 'X' }, etag, olga)).status).toBe(403);
    const changed = await change({ choices: { method: 'wireguard', route: 'per-node' } }, etag);
    expect(Migration.parse(await changed.json())).toMatchObject({ revision: 2, version: 2, choices: { method: 'wireguard' } });
    expect(await inputs('prd', 3)).toBe(2);
    expect((await change({ name: 'Y' }, etag)).status).toBe(412);
    const next = changed.headers.get('etag') ?? '';
    expect(await problem(await change({ planVersion: '1999.1' }, next))).toMatchObject({ status: 422 });
    const rules = {
      approvals: 3,
      teams: ['security'],
      ttlMinutes: 60,
      soakMinutes: 0,
      windows: [],
      stepUp: false,
      elevation: false,
    };
    const ruled = Migration.parse(await (await change({ rules: { PRD: rules }, clusters: { TST: null } }, next)).json());
    expect(ruled).toMatchObject({ revision: 2, version: 3 });
    expect(ruled.environments.map(({ cluster, rules: { approvals } }) => [cluster?.id, approvals])).toEqual([
      ['dev', 1],
      [undefined, 1],
      ['prd', 3],
    ]);
  });

  test('whose plan is gone is shown by what was kept, and takes no edit', async () => {
    await begin();
    await withDatabase(async (db) => {
      const body = { ...LATEST_PLAN, version: '2020.1' };
      await db.storedPlan.upsert({
        where: { version: '2020.1' },
        create: { version: '2020.1', body: JSON.parse(JSON.stringify(body)) as object },
        update: {},
      });
      await db.migration.updateMany({ data: { planVersion: '2020.1' } });
    });
    expect(Migration.parse(await (await read()).json())).toMatchObject({ planVersion: '2020.1', planGone: true });
    expect((await phase(0)).steps.length).toBeGreaterThan(0);
    const refused = await problem(await tick(aStep, { done: true, version: 0 }));
    expect(refused).toMatchObject({ status: 409, detail: expect.stringContaining('move the migration on') as string });
  });
});

describe('a phase', () => {
  test('shows steps with commands, checks that nobody has read yet as unknown, the gate and its history', async () => {
    await begin();
    const detail = await phase(1, 'prd');
    expect(detail).toMatchObject({ cluster: 'prd', environment: 'PRD', name: 'Chaining' });
    expect(new Set(detail.checks.map(({ status }) => status))).toEqual(new Set(['unknown']));
    expect(detail.steps.every(({ version, done }) => version === 0 && done === undefined)).toBe(true);
    expect(detail.gate.rules).toMatchObject({ approvals: 2, stepUp: true, elevation: true });
    const none = await PHASE(send('dev/migration/phases/7'), withParams({ cluster: 'dev', phase: '7' }));
    expect(none.status).toBe(404);
  });

  test('is read anew when somebody asks, and says when ingest cannot', async () => {
    await begin();
    const evaluate = () =>
      EVALUATE(send('dev/migration/phases/0/evaluation', { method: 'POST' }), withParams({ cluster: 'dev', phase: '0' }));
    expect((await evaluate()).status).toBe(404);
    platform.answers.set('/clusters/dev/migration/evaluate', { body: '{}' });
    expect(PhaseDetail.parse(await (await evaluate()).json()).cell.phase).toBe(0);
    expect(platform.asked.at(-1)).toMatchObject({ method: 'POST', url: '/clusters/dev/migration/evaluate?phase=0' });
  });

  test('two people who tick a step at once: one does, the other is told', async () => {
    await begin();
    const before = await inputs('dev', 0);
    const answers = await Promise.all([
      tick(aStep, { done: true, version: 0, note: 'mine' }, olga),
      tick(aStep, { done: true, version: 0, note: 'no, mine' }, otto),
    ]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    const [step] = (await phase(0)).steps;
    expect(step).toMatchObject({ version: 1, done: { by: { subject: expect.stringMatching(/demo\|(olga|otto)/) as string } } });
    expect(await inputs('dev', 0)).toBe(before + 1);
    expect((await audit()).filter(({ action }) => action === 'step.tick')).toHaveLength(1);
    expect((await tick(aStep, { done: false, version: 1 }, otto)).status).toBe(200);
    expect((await phase(0)).steps[0]).toMatchObject({ version: 2 });
    expect((await phase(0)).steps[0]?.done).toBeUndefined();
    expect((await phase(0)).history.map(({ action }) => action).slice(0, 2)).toEqual(['step.undone', 'step.done']);
    expect((await tick('0.nothing', { done: true, version: 0 })).status).toBe(404);
  });

  test('is attested, taken on, and measured by other thresholds, each by whom it may be', async () => {
    await begin();
    const attested = PhaseDetail.parse(await (await check('0.tag', { edit: 'attest', statement: 'tag v1' })).json());
    expect(attested.checks.find(({ id }) => id === '0.tag')?.attested).toMatchObject({ statement: 'tag v1' });
    expect((await check('0.tag', { edit: 'acknowledge', reason: 'fine' })).status).toBe(422);
    expect((await check('0.kernels', { edit: 'attest', statement: 'all fine' })).status).toBe(422);
    const taken = PhaseDetail.parse(await (await check('0.preflight-11', { edit: 'acknowledge', reason: 'known' })).json());
    expect(taken.checks.find(({ id }) => id === '0.preflight-11')).toMatchObject({ status: 'unknown', met: true });
    expect((await check('0.kernels', { edit: 'threshold', value: 90, reason: 'old nodes go' })).status).toBe(403);
    const set = await check('0.kernels', { edit: 'threshold', value: 90, reason: 'old nodes go' }, admin);
    expect(PhaseDetail.parse(await set.json()).checks.find(({ id }) => id === '0.kernels')?.threshold).toMatchObject({
      value: 90,
      default: 100,
      changedBy: { name: 'ada' },
    });
    expect((await check('0.kernels', { edit: 'threshold', value: null, reason: 'gone' }, admin)).status).toBe(200);
    expect((await check('0.kernels', { edit: 'threshold', value: null, reason: 'gone' }, admin)).status).toBe(409);
    expect((await check('0.tag', { edit: 'attest', statement: 'an admin attests nothing' }, admin)).status).toBe(403);
    expect((await check('0.nothing', { edit: 'attest', statement: 'x y z' })).status).toBe(404);
    expect((await audit()).map(({ action }) => action).filter((action) => action.startsWith('check.'))).toEqual([
      'check.attest',
      'check.acknowledge',
      'check.threshold',
      'check.threshold',
    ]);
  });
});

describe('an evidence file', () => {
  const upload = (body: Uint8Array<ArrayBuffer> | string, search = '', type = 'application/octet-stream') =>
    UPLOAD(
      pageRequest(`${BASE}/dev/migration/uploads${search}`, {
        method: 'POST',
        cookie: olga,
        headers: { 'content-type': type },
        body,
      }),
      withParams({ cluster: 'dev' }),
    );
  const readable = (kind: string, summary: string) =>
    platform.answers.set('/clusters/dev/migration/read-upload', { body: JSON.stringify({ kind, summary }) });

  test('plain or packed, is read by ingest, stored with its hash, and takes the place of the one before', async () => {
    await begin();
    readable('helm-values', '3 settings at the top');
    const text = 'hubble: {}\n';
    const first = EvidenceUpload.parse(await (await upload(text, '?name=values.yaml')).json());
    expect(first).toMatchObject({ kind: 'helm-values', fileName: 'values.yaml', sha256: hashOf(text), superseded: false });
    const second = EvidenceUpload.parse(await (await upload(new Uint8Array(gzipSync('cni: {}\n')), '?kind=helm-values')).json());
    const asked = platform.asked.filter(({ url }) => url.includes('read-upload'));
    expect(asked.map(({ url, body }) => [url.split('?')[1], body.toString()])).toEqual([
      ['name=values.yaml', text],
      ['name=helm-values&kind=helm-values', 'cni: {}\n'],
    ]);
    const { uploads } = EvidenceUploadList.parse(
      await (await UPLOADS(send('dev/migration/uploads'), withParams({ cluster: 'dev' }))).json(),
    );
    expect(uploads.map(({ id, superseded }) => [id, superseded])).toEqual([
      [second.id, false],
      [first.id, true],
    ]);
    expect(await inputs('dev', 3)).toBe(3);
  });

  test('that cannot be read, is too large or is no text is refused with the place, and nothing is stored', async () => {
    await begin();
    platform.answers.set('/clusters/dev/migration/read-upload', {
      status: 400,
      type: 'application/problem+json',
      body: JSON.stringify({
        type: '/problems/bad-input',
        title: 'bad input',
        status: 400,
        detail: 'line 3: no',
        place: { line: 3 },
      }),
    });
    expect(await problem(await upload('x'))).toMatchObject({ status: 422, detail: 'line 3: no', place: { line: 3 } });
    expect((await upload(new Uint8Array(31 * 1024 * 1024))).status).toBe(413);
    expect((await upload(new Uint8Array(gzipSync(Buffer.alloc(40 * 1024 * 1024))))).status).toBe(413);
    expect((await upload(new Uint8Array([0x1f, 0x8b, 1, 2]))).status).toBe(422);
    expect((await upload(new Uint8Array([0xff, 0xfe, 0xfd]))).status).toBe(422);
    expect((await upload('', '', 'text/plain')).status).toBe(422);
    const stored = await UPLOADS(send('dev/migration/uploads'), withParams({ cluster: 'dev' }));
    expect(await stored.json()).toEqual({ uploads: [] });
  });
});

test('a snapshot is answered byte for byte, for its own cluster only', async () => {
  await begin();
  const body = `{"seed":${Date.now()}}`;
  await inTransaction(async (tx) => {
    const row = await lockEvidence(tx, 'dev', 0);
    await writeEvidence(tx, {
      cluster: 'dev',
      phase: 0,
      snapshot: { hash: hashOf(body), body },
      met: false,
      results: [],
      contributors: ['demo|olga'],
      evaluatedVersion: row?.inputsVersion ?? 0,
    });
  });
  const evidence = (cluster: string, hash: string) =>
    EVIDENCE(send(`${cluster}/migration/evidence/${hash}`), withParams({ cluster, hash }));
  const answer = await evidence('dev', hashOf(body));
  expect(await answer.text()).toBe(body);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect((await evidence('prd', hashOf(body))).status).toBe(404);
  expect((await evidence('dev', 'nothing')).status).toBe(404);
  await expect(withDatabase((db) => db.$executeRaw`UPDATE evidence_snapshot SET body = 'x'`)).rejects.toThrow('never changed');
  await expect(withDatabase((db) => db.$executeRaw`DELETE FROM evidence_snapshot`)).rejects.toThrow('never changed');
  expect((await phase(0)).gate.evidenceHash).toBe(hashOf(body));
});

test('a risk stands by its checks, and by the word of a person where they leave it open; the faster of two wins', async () => {
  await begin();
  const register = RiskRegister.parse(await (await RISKS(send('dev/migration/risks'), withParams({ cluster: 'dev' }))).json());
  expect(register.risks.length).toBe(LATEST_PLAN.risks.length);
  expect(register.impacts.length).toBe(LATEST_PLAN.impacts.length);
  const [first] = register.risks;
  expect(first).toMatchObject({ state: 'open', version: 0, owner: '' });
  const edit = (id: string, body: object) =>
    RISK(send(`dev/migration/risks/${id}`, { body }), withParams({ cluster: 'dev', risk: id }));
  const body = { version: 0, owner: 'olga', likelihood: 'high', impact: null, state: 'watched', note: 'looked at' };
  const changed = RiskEntry.parse(await (await edit(first?.id ?? '', body)).json());
  expect(changed).toMatchObject({ owner: 'olga', likelihood: 'high', impact: first?.impact, state: 'watched', version: 1 });
  expect((await edit(first?.id ?? '', body)).status).toBe(409);
  expect((await edit('nothing', body)).status).toBe(404);
});

test('the export is a document or data, without what the caller may not see, and is written down', async () => {
  await begin();
  const exported = (search: string, cookie = olga) =>
    EXPORT(send(`dev/migration/export${search}`, { cookie }), withParams({ cluster: 'dev' }));
  const markdown = await exported('');
  expect(markdown.headers.get('content-type')).toContain('text/markdown');
  expect(markdown.headers.get('content-disposition')).toMatch(/filename="migration-dev-\d{4}-\d\d-\d\d\.md"/);
  expect(await markdown.text()).toContain('## Phase 3 Mutual auth and WireGuard in PRD (prd)');
  expect(await (await exported('', devViewer)).text()).not.toContain('PRD (prd)');
  const json = (await (await exported('?format=json')).json()) as { phases: unknown[]; migration: unknown };
  Migration.parse(json.migration);
  expect(json.phases.map((each) => PhaseDetail.parse(each))).toHaveLength(15);
  expect((await audit()).filter(({ action }) => action === 'migration.export')).toHaveLength(3);
});

describe('the stream of changes', () => {
  async function* changesOf(response: Response): AsyncGenerator<MigrationChanged> {
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString('utf8');
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
        text = text.slice(end + 2);
        if (data !== undefined) yield MigrationChanged.parse(JSON.parse(data));
      }
    }
  }
  const open = async (cookie: string, headers: Record<string, string> = {}) => {
    const leave = new AbortController();
    const request = pageRequest(`${BASE}/dev/migration/stream`, { cookie, headers, signal: leave.signal });
    const response = await STREAM(request, withParams({ cluster: 'dev' }));
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    return { changes: changesOf(response), leave };
  };

  test('tells each who watches of what the other did, within a second, and goes on from where a browser was', async () => {
    await begin();
    const [one, other] = await Promise.all([open(olga), open(devViewer)]);
    const began = Date.now();
    await tick(aStep, { done: true, version: 0 }, otto);
    for (const { changes, leave } of [one, other]) {
      let told: MigrationChanged | undefined;
      for await (const change of changes) {
        told = change;
        if (change.what === 'step') break;
      }
      expect(told).toMatchObject({ cluster: 'dev', phase: 0, what: 'step', by: { name: 'otto' } });
      expect(Date.now() - began).toBeLessThan(1500);
      leave.abort();
    }
    const seq = (await withDatabase((db) => db.migrationChange.findFirst({ orderBy: { seq: 'desc' } })))?.seq ?? 0n;
    const back = await open(olga, { 'last-event-id': String(seq - 1n) });
    expect((await back.changes.next()).value).toMatchObject({ seq: Number(seq), what: 'step' });
    back.leave.abort();
  });

  test('is packed for whoever takes it packed, piece by piece', async () => {
    await begin();
    const request = pageRequest(`${BASE}/dev/migration/stream`, { cookie: olga, headers: { 'accept-encoding': 'gzip' } });
    const response = await STREAM(request, withParams({ cluster: 'dev' }));
    expect(response.headers.get('content-encoding')).toBe('gzip');
    const body = Readable.fromWeb(response.body as WebStream<Uint8Array>).pipe(createGunzip());
    const changes = changesOf({ body } as unknown as Response);
    await tick(aStep, { done: true, version: 0 });
    expect((await changes.next()).value).toMatchObject({ what: 'step' });
    body.destroy();
  });

  test('is refused where no migration has begun', async () => {
    const answer = await STREAM(send('dev/migration/stream'), withParams({ cluster: 'dev' }));
    expect(answer.status).toBe(404);
  });
});
