import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Problem } from '#lib/api/common.ts';
import { ApprovalInbox, Elevation, GateRequest, PhaseDetail } from '#lib/api/migration.ts';
import type { Grant } from '#lib/api/people.ts';
import { fresh, hashOf, seedMigration, sql, writeEvidence } from '#lib/testing/gates.ts';
import { cookieFor, pageRequest, type Platform, startPlatform, withParams } from '#lib/testing/platform.ts';
import { createToken } from '#lib/usecases/create-token.ts';
import { GET as APPROVALS } from './approvals/route.ts';
import { POST as ELEVATION } from './clusters/[cluster]/migration/elevations/[elevation]/route.ts';
import { POST as COMMAND } from './clusters/[cluster]/migration/gate-requests/[request]/commands/route.ts';
import { GET as REQUEST } from './clusters/[cluster]/migration/gate-requests/[request]/route.ts';
import { POST as GLASS } from './clusters/[cluster]/migration/phases/[phase]/break-glass/route.ts';
import { POST as ELEVATIONS } from './clusters/[cluster]/migration/phases/[phase]/elevations/route.ts';
import { POST as GATE } from './clusters/[cluster]/migration/phases/[phase]/gate/route.ts';
import { GET as PHASE } from './clusters/[cluster]/migration/phases/[phase]/route.ts';
import { POST as REVIEW } from './clusters/[cluster]/migration/reviews/[review]/route.ts';

let platform: Platform;
const cookies = new Map<string, string>();
const GRANTS: Readonly<Record<string, readonly Grant[]>> = {
  olga: [{ role: 'operator', scope: '*' }],
  axel: [{ role: 'approver', scope: '*', team: 'platform' }],
  bea: [{ role: 'approver', scope: '*', team: 'security' }],
  ada: [{ role: 'admin', scope: '*' }],
  gus: [{ role: 'breakglass', scope: '*' }],
  vera: [{ role: 'viewer', scope: '*' }],
  devon: [{ role: 'approver', scope: 'DEV' }],
};

beforeAll(async () => {
  platform = await startPlatform();
  for (const [name, grants] of Object.entries(GRANTS)) cookies.set(name, await cookieFor(name, grants));
});
afterAll(() => platform.close());
beforeEach(() => {
  platform.answers.clear();
  platform.answers.set('*', { status: 204, body: '' });
});

type Handler = (request: Request, context: ReturnType<typeof withParams>) => Promise<Response>;
const post = (
  handler: Handler,
  name: string,
  path: string,
  params: Record<string, string>,
  body: unknown,
  headers: Record<string, string> = {},
) =>
  handler(
    pageRequest(`/api/v1/clusters/${params['cluster']}/migration/${path}`, {
      method: 'POST',
      cookie: cookies.get(name),
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    }),
    withParams(params),
  );
const ask = (name: string, cluster: string, evidenceHash: string, phase = '0', headers = {}) =>
  post(GATE, name, `phases/${phase}/gate`, { cluster, phase }, { evidenceHash, comment: 'please' }, headers);
const command = (name: string, cluster: string, request: string, body: object) =>
  post(COMMAND, name, `gate-requests/${request}/commands`, { cluster, request }, body);
const problem = async (response: Response) => Problem.parse(await response.json());
const request = async (response: Response) => GateRequest.parse(await response.json());
const inbox = async (name: string) =>
  ApprovalInbox.parse(
    await (await APPROVALS(pageRequest('/api/v1/approvals', { cookie: cookies.get(name) }), withParams())).json(),
  ).items;

/** What a sign-in does for the step-up that an answer names. */
async function verified(response: Response): Promise<string> {
  const { status, type, place } = await problem(response);
  expect([status, type]).toEqual([403, '/problems/step-up-required']);
  const id = String(place?.['stepUp']);
  await sql(
    `UPDATE step_up SET verified_at = clock_timestamp(), auth = '{"amr": ["otp"], "weakness": ""}'::jsonb WHERE id = $1`,
    id,
  );
  return id;
}

describe('a gate in DEV', () => {
  test('is requested, approved, passed and completed; the answers are what the contract says', async () => {
    const { cluster } = await seedMigration(fresh('http'));
    const dev = cluster('DEV');
    const evidenceHash = await writeEvidence(dev, 0, 'a');
    const response = await ask('olga', dev, evidenceHash);
    expect(response.status).toBe(201);
    const { id, ...asked } = await request(response);
    expect(asked).toMatchObject({
      state: 'requested',
      comment: 'please',
      needed: 1,
      requestedBy: { subject: 'demo|olga', name: 'olga' },
    });
    expect(platform.asked.at(-1)).toMatchObject({ method: 'POST', url: `/clusters/${dev}/migration/evaluate?phase=0` });

    expect((await inbox('axel')).find((item) => item.request === id)).toMatchObject({ kind: 'gate', mine: true });
    expect((await inbox('olga')).find((item) => item.request === id)).toMatchObject({ kind: 'own', mine: false });
    expect((await inbox('vera')).filter((item) => item.request === id)).toEqual([]);

    const approved = await request(
      await command('axel', dev, id, { command: 'approve', expectedVersion: 1, evidenceHash, comment: 'fine' }),
    );
    expect(approved).toMatchObject({
      state: 'approved',
      decisions: [{ by: { name: 'axel' }, team: 'platform', comment: 'fine', counts: true }],
    });
    expect(await request(await command('olga', dev, id, { command: 'execute', expectedVersion: 2 }))).toMatchObject({
      state: 'executing',
    });
    const done = await request(await command('olga', dev, id, { command: 'complete', expectedVersion: 3 }));
    expect(done.state).toBe('completed');
    const read = await REQUEST(
      pageRequest(`/api/v1/clusters/${dev}/migration/gate-requests/${id}`, { cookie: cookies.get('vera') }),
      withParams({ cluster: dev, request: id }),
    );
    expect(await request(read)).toEqual(done);
    const detail = await PHASE(
      pageRequest(`/api/v1/clusters/${dev}/migration/phases/0`, { cookie: cookies.get('vera') }),
      withParams({ cluster: dev, phase: '0' }),
    );
    const { gate, cell, history } = PhaseDetail.parse(await detail.json());
    expect(cell).toMatchObject({ state: 'completed', by: ['olga', 'axel'] });
    expect(gate.request).toEqual(done);
    expect(gate.choices.every(({ allowed }) => !allowed)).toBe(true);
    expect(history.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['gate.request', 'gate.approve', 'gate.execute', 'gate.complete']),
    );
    const [row] = await sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM audit_event WHERE object_id = $1 AND body LIKE '%"agent"%'`,
      id,
    );
    expect(row).toEqual({ n: 5 });
  });

  test('tells whoever was too late how it stands now', async () => {
    const { cluster } = await seedMigration(fresh('late'));
    const evidenceHash = await writeEvidence(cluster('DEV'), 0, 'a');
    const { id } = await request(await ask('olga', cluster('DEV'), evidenceHash));
    await command('axel', cluster('DEV'), id, {
      command: 'reject',
      expectedVersion: 1,
      evidenceHash,
      comment: 'not on a Friday',
    });
    const late = await problem(
      await command('bea', cluster('DEV'), id, { command: 'approve', expectedVersion: 1, evidenceHash }),
    );
    expect(late).toMatchObject({
      status: 409,
      type: '/problems/conflict',
      place: { request: id, state: 'rejected', version: 2 },
    });
  });

  test('does once what is sent twice under one Idempotency-Key', async () => {
    const { cluster } = await seedMigration(fresh('twice'));
    const evidenceHash = await writeEvidence(cluster('DEV'), 0, 'a');
    const key = { 'idempotency-key': fresh('gate-request-') };
    const first = await ask('olga', cluster('DEV'), evidenceHash, '0', key);
    const second = await ask('olga', cluster('DEV'), evidenceHash, '0', key);
    expect([first.status, second.status, second.headers.get('idempotency-replayed')]).toEqual([201, 201, 'true']);
    expect(await second.json()).toEqual(await first.json());
  });

  test('is requested on the evidence that was seen, and not while ingest cannot read it', async () => {
    const { cluster } = await seedMigration(fresh('seen'));
    await writeEvidence(cluster('DEV'), 0, 'a');
    expect(await problem(await ask('olga', cluster('DEV'), hashOf('other')))).toMatchObject({
      status: 409,
      type: '/problems/evidence-changed',
    });
    platform.answers.set('*', {
      status: 503,
      type: 'application/problem+json',
      body: JSON.stringify({ type: '/problems/database-unreachable', title: 'x', status: 503, detail: 'away' }),
    });
    expect((await ask('olga', cluster('DEV'), hashOf('a'))).status).toBe(503);
  });
});

describe('who may not', () => {
  let dev: string;
  let prd: string;
  let id: string;
  const evidenceHash = hashOf('a');
  beforeAll(async () => {
    platform.answers.set('*', { status: 204, body: '' });
    const { cluster } = await seedMigration(fresh('who'), { environments: ['DEV', 'PRD'] });
    dev = cluster('DEV');
    prd = cluster('PRD');
    await writeEvidence(dev, 0, 'a');
    ({ id } = await request(await ask('olga', dev, evidenceHash)));
  });
  const approve = { command: 'approve', expectedVersion: 1, evidenceHash };

  test.each(['olga', 'ada', 'gus', 'vera'])('%s does not approve, and that is written down', async (name) => {
    expect(await problem(await command(name, dev, id, approve))).toMatchObject({ status: 403, type: '/problems/forbidden' });
    const denied = await sql(
      `SELECT 1 FROM audit_event WHERE action = 'access.denied' AND actor = $1 AND cluster = $2`,
      `demo|${name}`,
      dev,
    );
    expect(denied.length).toBeGreaterThan(0);
  });

  test('an API token does nothing with gates, whatever it grants', async () => {
    const { secret } = await createToken({
      name: 'robot',
      grants: [{ role: 'operator', scope: '*' }],
      expiresInDays: 1,
      createdBy: 'console',
    });
    const answer = await COMMAND(
      new Request(`http://127.0.0.1:3999/api/v1/clusters/${dev}/migration/gate-requests/${id}/commands`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ command: 'fail', expectedVersion: 1, comment: 'because' }),
      }),
      withParams({ cluster: dev, request: id }),
    );
    expect(answer.status).toBe(403);
  });

  test('somebody with rights in DEV alone knows nothing of PRD', async () => {
    expect((await command('devon', prd, id, approve)).status).toBe(404);
    expect((await inbox('devon')).filter(({ cluster }) => cluster.id === prd)).toEqual([]);
    expect((await inbox('devon')).filter(({ cluster }) => cluster.id === dev)).toHaveLength(1);
  });

  test('an edited address finds nothing', async () => {
    expect((await command('axel', prd, id, approve)).status).toBe(404);
    expect((await command('axel', dev, `${id}x`, approve)).status).toBe(404);
    expect((await ask('olga', dev, evidenceHash, '9')).status).toBe(404);
  });

  test.each([
    ['no version', { command: 'approve', evidenceHash }],
    ['an approval that names no evidence', { command: 'approve', expectedVersion: 1 }],
    ['a rejection without a reason', { command: 'reject', expectedVersion: 1, evidenceHash }],
    ['an unknown command', { command: 'force', expectedVersion: 1 }],
    ['control characters', { command: 'withdraw', expectedVersion: 1, comment: 'a\u0000b' }],
  ])('a command with %s is refused before anything is looked at', async (_, body) => {
    expect((await command('axel', dev, id, body)).status).toBe(422);
  });

  test('a cluster without a migration says how one begins', async () => {
    const lonely = fresh('lonely');
    await sql(`INSERT INTO cluster (id, name, environment) VALUES ($1, $1, 'DEV')`, lonely);
    expect(await problem(await ask('olga', lonely, evidenceHash))).toMatchObject({
      status: 404,
      detail: expect.stringContaining('begin') as string,
    });
  });
});

test('in PRD an approval and a grant wait for a fresh sign-in, which counts for that command alone', async () => {
  const { cluster } = await seedMigration(fresh('prd'), { environments: ['PRD'] });
  const prd = cluster('PRD');
  const evidenceHash = await writeEvidence(prd, 0, 'a');
  const elevate = await post(
    ELEVATIONS,
    'olga',
    'phases/0/elevations',
    { cluster: prd, phase: '0' },
    { reason: 'tonight', minutes: 30 },
  );
  expect(elevate.status).toBe(201);
  const elevation = Elevation.parse(await elevate.json());
  const decide = (name: string, body: object) =>
    post(ELEVATION, name, `elevations/${elevation.id}`, { cluster: prd, elevation: elevation.id }, body);
  expect((await inbox('ada')).find((item) => item.request === elevation.id)).toMatchObject({ kind: 'elevation', mine: true });
  const first = await verified(await decide('ada', { command: 'grant' }));
  expect((await decide('axel', { command: 'grant', stepUp: first })).status).toBe(403);
  expect(Elevation.parse(await (await decide('ada', { command: 'grant', stepUp: first })).json())).toMatchObject({
    state: 'running',
    grantedBy: { name: 'ada' },
  });

  const { id } = await request(await ask('olga', prd, evidenceHash));
  const approve = (expectedVersion: number, more: object = {}) => ({
    command: 'approve',
    expectedVersion,
    evidenceHash,
    ...more,
  });
  const stepUp = await verified(await command('axel', prd, id, approve(1)));
  // Of another command, and used twice.
  expect((await command('axel', prd, id, approve(1, { comment: 'other', stepUp }))).status).toBe(403);
  expect(await request(await command('axel', prd, id, approve(1, { stepUp })))).toMatchObject({
    state: 'approving',
    decisions: [{ auth: { amr: ['otp'] } }],
  });
  expect((await command('axel', prd, id, approve(2, { stepUp }))).status).toBe(409);
  const other = await verified(await command('bea', prd, id, approve(2)));
  expect(await request(await command('bea', prd, id, approve(2, { stepUp: other })))).toMatchObject({
    state: 'approved',
    approved: 2,
  });
  expect((await command('olga', prd, id, { command: 'execute', expectedVersion: 3 })).status).toBe(200);
  expect(Elevation.parse(await (await decide('olga', { command: 'end' })).json())).toMatchObject({ state: 'ended' });
});

test('glass is broken after a fresh sign-in, and reviewed by another', async () => {
  const { cluster } = await seedMigration(fresh('glass'));
  const dev = cluster('DEV');
  const smash = (body: object) => post(GLASS, 'gus', 'phases/1/break-glass', { cluster: dev, phase: '1' }, body);
  const reason = 'nodes lose their network, nobody answers';
  expect((await smash({ reason: 'short', ticket: 'INC-1' })).status).toBe(422);
  const stepUp = await verified(await smash({ reason, ticket: 'INC-1' }));
  const response = await smash({ reason, ticket: 'INC-1', stepUp });
  expect(response.status).toBe(201);
  const broken = await request(response);
  expect(broken).toMatchObject({ state: 'executing', brokenGlass: true, approved: 0 });
  expect((await inbox('axel')).find((item) => item.request === broken.id)).toMatchObject({ kind: 'review', mine: true });
  const review = (name: string, finding: string) =>
    post(REVIEW, name, `reviews/${broken.id}`, { cluster: dev, review: broken.id }, { finding });
  expect((await review('gus', 'it was right, I would do it again')).status).toBe(403);
  expect((await review('axel', 'fine')).status).toBe(422);
  expect((await review('axel', 'it was right, the pager is mended')).status).toBe(200);
  expect((await review('bea', 'it was right, the pager is mended')).status).toBe(409);
});
