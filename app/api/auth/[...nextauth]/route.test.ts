import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StepUp } from '#lib/api/audit-log.ts';
import { Me, SessionList } from '#lib/api/people.ts';
import { DEMO_USERS } from '#lib/auth/demo-users.ts';
import { withDatabase } from '#lib/db/client.ts';
import { pageRequest, type Platform, PUBLIC_URL, SESSION_COOKIE, startPlatform, withParams } from '#lib/testing/platform.ts';
import { DELETE } from '#app/api/v1/sessions/[session]/route.ts';
import { GET as SESSIONS } from '#app/api/v1/sessions/route.ts';
import { GET as STEP_UP } from '#app/api/v1/step-ups/[stepUp]/route.ts';
import { askingForStepUp, requireStepUp } from '#lib/usecases/step-up/require-step-up.ts';
import { GET as ME } from '#app/api/v1/me/route.ts';
import { GET, POST } from './route.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

const at = (...segments: string[]) => ({ params: Promise.resolve({ nextauth: segments }) });

/** The cookies of a browser, kept across requests. */
class Jar {
  readonly #cookies = new Map<string, string>();
  keep(response: Response): Response {
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const equals = pair.indexOf('=');
      const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
      if (value === '' || /max-age=0/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }
  get header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
  has(name: string): boolean {
    return this.#cookies.has(name);
  }
}

async function post(
  jar: Jar,
  path: string[],
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  const csrf = jar.keep(await GET(pageRequest('/api/auth/csrf', { cookie: jar.header }), at('csrf')));
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  return jar.keep(
    await POST(
      pageRequest(`/api/auth/${path.join('/')}`, {
        method: 'POST',
        cookie: jar.header,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams({ csrfToken, json: 'true', ...form }).toString(),
      }),
      at(...path),
    ),
  );
}

async function signIn(user: string, form: Record<string, string> = {}): Promise<Jar> {
  const jar = new Jar();
  const response = await post(jar, ['callback', 'demo'], { user, ...form });
  expect(response.status).toBe(200);
  return jar;
}
const me = (cookie: string) => ME(pageRequest('/api/v1/me', { cookie }), withParams());

describe('a demo user', () => {
  test.each(DEMO_USERS.map(({ id, name, role, team }) => ({ id, name, grant: { role, scope: '*', ...(team && { team }) } })))(
    '$name signs in as $grant.role',
    async ({ id, name, grant }) => {
      const jar = await signIn(id);
      expect(Me.parse(await (await me(jar.header)).json())).toMatchObject({
        name,
        demo: true,
        kind: 'person',
        grants: [grant],
      });
    },
  );

  test('gets a session cookie that scripts cannot read and other sites cannot send', async () => {
    const jar = new Jar();
    const response = await post(jar, ['callback', 'demo'], { user: 'vera' });
    const cookie = response.headers.getSetCookie().find((line) => line.startsWith(SESSION_COOKIE));
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(cookie).toMatch(/Path=\//);
    expect(cookie?.length).toBeLessThan(1000);
  });

  test('who does not exist is not let in', async () => {
    const jar = new Jar();
    const response = await post(jar, ['callback', 'demo'], { user: 'mallory' });
    expect(response.status).toBe(401);
    expect(jar.has(SESSION_COOKIE)).toBe(false);
    expect(((await response.json()) as { url: string }).url).toContain('error=CredentialsSignin');
  });

  test('is not signed in by a form without the right token', async () => {
    const jar = new Jar();
    const response = await post(jar, ['callback', 'demo'], { user: 'vera', csrfToken: 'guess' });
    expect(jar.has(SESSION_COOKIE)).toBe(false);
    expect(((await response.json()) as { url: string }).url).toContain('csrf=true');
  });

  test('is not signed in by another site', async () => {
    const response = await post(
      new Jar(),
      ['callback', 'demo'],
      { user: 'vera' },
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    );
    expect(response.status).toBe(403);
  });

  test.each(['https://evil.example', '//evil.example/x', '/\\evil.example', 'javascript:alert(1)'])(
    'is never sent to %s afterwards',
    async (callbackUrl) => {
      const response = await post(new Jar(), ['callback', 'demo'], { user: 'vera', callbackUrl });
      expect(new URL(((await response.json()) as { url: string }).url).origin).toBe(PUBLIC_URL);
    },
  );
});

describe('a session', () => {
  test('is a new one at each sign-in, and is listed as such', async () => {
    const first = await signIn('auri');
    const list = async () =>
      SessionList.parse(await (await SESSIONS(pageRequest('/api/v1/sessions', { cookie: first.header }), withParams())).json())
        .sessions;
    const before = await list();
    const second = await signIn('auri');
    expect(second.header).not.toBe(first.header);
    const after = await list();
    expect(after).toHaveLength(before.length + 1);
    expect(after.filter(({ current }) => current).map(({ id }) => id)).toEqual(
      before.filter(({ current }) => current).map(({ id }) => id),
    );
  });

  test('ends on the server at sign-out: the old cookie is dead', async () => {
    const jar = await signIn('vera');
    const before = jar.header;
    expect((await me(before)).status).toBe(200);
    expect((await post(jar, ['signout'], {})).status).toBe(200);
    expect(jar.has(SESSION_COOKIE)).toBe(false);
    expect((await me(before)).status).toBe(401);
  });

  test('is ended by an administrator at once, and not by another member', async () => {
    const [victim, admin, other] = [await signIn('olga'), await signIn('ada'), await signIn('axel')];
    const id = Me.parse(await (await me(victim.header)).json()).sessionId ?? '';
    const end = (cookie: string) =>
      DELETE(pageRequest(`/api/v1/sessions/${id}`, { method: 'DELETE', cookie }), withParams({ session: id }));
    expect((await end(other.header)).status).toBe(403);
    expect((await me(victim.header)).status).toBe(200);
    expect((await end(admin.header)).status).toBe(204);
    expect((await me(victim.header)).status).toBe(401);
    expect((await end(admin.header)).status).toBe(404);
  });

  test.each(['', 'x', 'a.b.c', 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..x.y.z'])(
    'is not made by the cookie %j',
    async (value) => {
      expect((await me(`${SESSION_COOKIE}=${value}`)).status).toBe(401);
    },
  );
});

describe('a step-up in demo mode', () => {
  /** Asks for one as a gate would, and gives its id. */
  async function asked(jar: Jar): Promise<string> {
    const { subject, name, sessionId = '' } = Me.parse(await (await me(jar.header)).json());
    const error: unknown = await askingForStepUp(() =>
      requireStepUp(undefined, {
        actor: { kind: 'person', subject, name, sessionId },
        action: 'gate.approve',
        purpose: 'Approve phase 1',
        request: 'r1',
        command: { method: 'POST', path: '/api/v1/x', body: {} },
        returnTo: '/c/prd/migration/1',
      }),
    ).catch((thrown: unknown) => thrown);
    return String((error as { place?: { stepUp?: unknown } }).place?.stepUp);
  }
  const read = async (id: string, cookie: string) =>
    STEP_UP(pageRequest(`/api/v1/step-ups/${id}`, { cookie }), withParams({ stepUp: id }));
  const confirm = async (jar: Jar, user: string, id: string) =>
    ((await (await post(jar, ['callback', 'demo'], { user, callbackUrl: `/step-up/${id}` })).json()) as { url: string }).url;

  test('is verified by the same demo user, who proves nothing, and is told so', async () => {
    const jar = await signIn('axel');
    const before = jar.header;
    const id = await asked(jar);
    expect(StepUp.parse(await (await read(id, jar.header)).json())).toMatchObject({
      state: 'asked',
      provider: 'demo',
      parameters: {},
      purpose: 'Approve phase 1',
      returnTo: '/c/prd/migration/1',
      command: { method: 'POST', path: '/api/v1/x' },
    });
    expect(await confirm(jar, 'axel', id)).toBe(`${PUBLIC_URL}/step-up/${id}`);
    expect(StepUp.parse(await (await read(id, jar.header)).json()).state).toBe('verified');
    expect((await me(before)).status).toBe(401);
    const row = await withDatabase((db) => db.stepUp.findUniqueOrThrow({ where: { id } }));
    expect(row.auth).toMatchObject({ amr: ['demo'], weakness: 'demo sign-in: nothing was proved' });
  });

  test('is one’s own: another member does not find it', async () => {
    const id = await asked(await signIn('axel'));
    expect((await read(id, (await signIn('bea')).header)).status).toBe(404);
  });

  test('by another demo user ends both sessions', async () => {
    const jar = await signIn('axel');
    const before = jar.header;
    expect(await confirm(jar, 'bea', await asked(jar))).toBe('/sign-in?error=other-person');
    expect([(await me(before)).status, (await me(jar.header)).status]).toEqual([401, 401]);
  });

  test('that is not to be done any more is no reason to let nobody in: its page is reached by an ordinary sign-in', async () => {
    const id = await asked(await signIn('axel'));
    const jar = new Jar();
    expect(await confirm(jar, 'axel', id)).toBe(`${PUBLIC_URL}/step-up/${id}`);
    expect((await me(jar.header)).status).toBe(200);
    expect(StepUp.parse(await (await read(id, jar.header)).json()).state).toBe('asked');
  });
});

test.each([['_log'], ['nothing'], ['callback', 'demo', 'more'], ['__proto__']])('%s is not served', async (...segments) => {
  const response = await POST(
    pageRequest(`/api/auth/${segments.join('/')}`, {
      method: 'POST',
      body: 'level=error&code=x',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }),
    at(...segments),
  );
  expect(response.status).toBe(404);
});

test('only the demo provider is there in demo mode', async () => {
  const response = await GET(pageRequest('/api/auth/providers'), at('providers'));
  expect(Object.keys((await response.json()) as object)).toEqual(['demo']);
});
