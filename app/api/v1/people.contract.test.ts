import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Problem } from '#lib/api/common.ts';
import { Me, MemberList, SessionList, TokenCreated, TokenList } from '#lib/api/people.ts';
import { BY_CONSOLE } from '#lib/audit-log/event.ts';
import { recordSignIn } from '#lib/db/platform/members.ts';
import { revokeTokenRow } from '#lib/db/platform/tokens.ts';
import { withDatabase } from '#lib/db/client.ts';
import { cookieFor, pageRequest, type Platform, startPlatform, withParams } from '#lib/testing/platform.ts';
import { createToken } from '#lib/usecases/create-token.ts';
import { GET as ME } from './me/route.ts';
import { GET as MEMBERS } from './members/route.ts';
import { GET as SESSIONS } from './sessions/route.ts';
import { GET as TOKENS, POST as CREATE } from './tokens/route.ts';
import { DELETE as REVOKE } from './tokens/[token]/route.ts';

let platform: Platform;
let admin: string;
let viewer: string;
beforeAll(async () => {
  platform = await startPlatform();
  admin = await cookieFor('ada', [{ role: 'admin', scope: '*' }]);
  viewer = await cookieFor('vera', [{ role: 'viewer', scope: 'DEV' }]);
});
afterAll(() => platform.close());

const meAs = (headers: Record<string, string>) => ME(new Request('http://127.0.0.1:3999/api/v1/me', { headers }), withParams());
const create = (body: unknown, cookie = admin, headers: Record<string, string> = {}) =>
  CREATE(
    pageRequest('/api/v1/tokens', {
      method: 'POST',
      cookie,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    }),
    withParams(),
  );
const order = { name: 'robot', grants: [{ role: 'admin', scope: '*' }] };

describe('an API token', () => {
  test('is shown once, works as a bearer, and is listed without its secret', async () => {
    const created = TokenCreated.parse(await (await create(order)).json());
    expect(created.secret).toMatch(/^cwy_[0-9a-f]{16}_[\w-]{43}$/);
    const me = Me.parse(await (await meAs({ authorization: `Bearer ${created.secret}` })).json());
    expect(me).toMatchObject({ kind: 'token', name: 'robot', subject: `token:${created.id}` });
    const text = await (await TOKENS(pageRequest('/api/v1/tokens', { cookie: admin }), withParams())).text();
    expect(TokenList.parse(JSON.parse(text)).tokens[0]).toMatchObject({
      id: created.id,
      prefix: created.prefix,
      createdBy: 'demo|ada',
    });
    expect(text).not.toContain(created.secret.slice(created.prefix.length + 1));
    const rows = await withDatabase((db) => db.apiToken.findMany());
    expect(JSON.stringify(rows)).not.toContain(created.secret.slice(created.prefix.length + 1));
  });

  test('is refused after it was revoked, after it expired, and when a letter of it is wrong', async () => {
    const { secret, id } = await createToken({
      name: 'r',
      grants: [{ role: 'viewer', scope: '*' }],
      expiresInDays: 1,
      createdBy: 'console',
    });
    const old = await createToken(
      { name: 'o', grants: [{ role: 'viewer', scope: '*' }], expiresInDays: 1, createdBy: 'console' },
      BY_CONSOLE,
      Date.now() - 2 * 86_400_000,
    );
    const wrong = `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`;
    const statusOf = async (token: string) => (await meAs({ authorization: `Bearer ${token}` })).status;
    expect([await statusOf(secret), await statusOf(wrong), await statusOf(old.secret), await statusOf('cwy_x_y')]).toEqual([
      200, 401, 401, 401,
    ]);
    expect(await revokeTokenRow(id, Date.now(), BY_CONSOLE)).toBe(true);
    expect(await statusOf(secret)).toBe(401);
  });

  test('beside a session cookie is refused: it is not clear who asks', async () => {
    const { secret } = await createToken({
      ...order,
      grants: [{ role: 'viewer', scope: '*' }],
      expiresInDays: 1,
      createdBy: 'console',
    });
    expect((await meAs({ authorization: `Bearer ${secret}`, cookie: admin })).status).toBe(400);
  });

  test('can do no more than its maker may now', async () => {
    const maker = await cookieFor('mia', [{ role: 'admin', scope: '*' }]);
    const { secret } = TokenCreated.parse(await (await create(order, maker)).json());
    const members = () =>
      MEMBERS(
        new Request('http://127.0.0.1:3999/api/v1/members', { headers: { authorization: `Bearer ${secret}` } }),
        withParams(),
      );
    expect((await members()).status).toBe(200);
    await recordSignIn({
      subject: 'demo|mia',
      name: 'mia',
      email: '',
      grants: [{ grant: { role: 'viewer', scope: '*' }, source: 'demo' }],
    });
    expect((await members()).status).toBe(403);
  });

  test.each(['approver', 'breakglass'] as const)('never is %s', async (role) => {
    const response = await create({ name: 'x', grants: [{ role, scope: '*' }] });
    expect(Problem.parse(await response.json())).toMatchObject({ status: 422, place: { field: 'grants' } });
  });

  test('is created once for an Idempotency-Key, and its secret is stored nowhere', async () => {
    const key = { 'idempotency-key': 'token-key-0001' };
    const { secret } = TokenCreated.parse(await (await create(order, admin, key)).json());
    expect((await create(order, admin, key)).status).toBe(409);
    const rows = await withDatabase((db) => db.idempotencyKey.findMany());
    expect(JSON.stringify(rows)).not.toContain(secret.slice(-20));
  });

  test('is revoked once', async () => {
    const { id } = TokenCreated.parse(await (await create(order)).json());
    const revoke = () =>
      REVOKE(pageRequest(`/api/v1/tokens/${id}`, { method: 'DELETE', cookie: admin }), withParams({ token: id }));
    expect([(await revoke()).status, (await revoke()).status]).toEqual([204, 404]);
  });
});

test('members are listed with the rights that count now', async () => {
  await recordSignIn({
    subject: 'https://idp.example|42',
    name: 'Former',
    email: 'f@example.com',
    grants: [{ grant: { role: 'admin', scope: '*' }, source: 'group:gone' }],
  });
  const { members } = MemberList.parse(
    await (await MEMBERS(pageRequest('/api/v1/members', { cookie: admin }), withParams())).json(),
  );
  expect(members.find(({ name }) => name === 'Former')).toMatchObject({ grants: [], sessions: 0 });
  expect(members.find(({ name }) => name === 'vera')).toMatchObject({ grants: [{ role: 'viewer', scope: 'DEV' }], sessions: 1 });
});

test('sessions are one’s own, or everybody’s for those who may', async () => {
  const ask = async (cookie: string, query = '') => SESSIONS(pageRequest(`/api/v1/sessions${query}`, { cookie }), withParams());
  const own = SessionList.parse(await (await ask(viewer)).json()).sessions;
  expect(own.map(({ name, current }) => [name, current])).toEqual([['vera', true]]);
  expect((await ask(viewer, '?all=true')).status).toBe(403);
  expect(SessionList.parse(await (await ask(admin, '?all=true')).json()).sessions.length).toBeGreaterThan(1);
});

test('a member whose last role was taken away is told so', async () => {
  const cookie = await cookieFor('nobody', []);
  expect((await ME(pageRequest('/api/v1/me', { cookie }), withParams())).status).toBe(403);
});
