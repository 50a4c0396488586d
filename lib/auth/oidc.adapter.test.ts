import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readGrants } from '#lib/db/platform/members.ts';
import { pageRequest, type Platform, PUBLIC_URL, SESSION_COOKIE, startPlatform } from '#lib/testing/platform.ts';
import { actorOf } from './actor.ts';
import { type AuthCall, answerAuth } from './next-auth.ts';

/** People at the provider and the claims each brings. */
const PEOPLE: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  olga: { name: 'Olga', email: 'Olga@Example.com', groups: ['group-ops', 'unrelated'] },
  stranger: { name: 'Stranger', groups: ['unrelated'] },
  many: { name: 'Many', groups: ['group-ops'], _claim_names: { groups: 'src1' } },
  bare: { name: 'Bare' },
};

let identityProvider: Server;
let issuer: string;
let platform: Platform;

beforeAll(async () => {
  identityProvider = createServer((request, response) => void provider.callback()(request, response));
  await new Promise<void>((resolve) => identityProvider.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(identityProvider.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'causeway', client_secret: 'hush', redirect_uris: [`${PUBLIC_URL}/api/auth/callback/oidc`] }],
    claims: { openid: ['sub', 'groups', '_claim_names'], profile: ['name'], email: ['email'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['a-key-of-tests'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
  });
  provider.on('server_error', (_, error) => console.error(error));
  platform = await startPlatform({
    CAUSEWAY_DEMO: '0',
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: 'causeway',
    OIDC_CLIENT_SECRET: 'hush',
    OIDC_ROLE_MAP: JSON.stringify({ 'group-ops': [{ role: 'operator', scope: 'PRD' }] }),
  });
});
afterAll(async () => {
  identityProvider.closeAllConnections();
  identityProvider.close();
  await platform.close();
});

const call: AuthCall = {
  log: { info: () => {}, warn: () => {} },
  request: { id: 'r', address: '', userAgent: '' },
  note: () => {},
};

/** A browser that keeps cookies per origin and follows redirects by hand, the console's own by calling its handler. */
class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  async send(url: string, init: { method?: string; form?: Record<string, string> } = {}): Promise<Response> {
    const { origin, pathname, search } = new URL(url);
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(cookie && { cookie }), ...(init.form && { 'content-type': 'application/x-www-form-urlencoded' }) };
    const body = init.form && new URLSearchParams(init.form).toString();
    const method = init.method ?? 'GET';
    const response =
      origin === PUBLIC_URL
        ? await answerAuth(
            pageRequest(pathname + search, { method, headers, ...(body && { body }) }),
            pathname.split('/').slice(3),
            call,
          )
        : await fetch(url, { method, headers, ...(body && { body }), redirect: 'manual' });
    for (const line of response?.headers.getSetCookie() ?? []) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      if (pair.slice(at + 1) === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response ?? new Response(null, { status: 404 });
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(PUBLIC_URL)?.get(name);
  }

  /** Follows redirects, fills in the provider's forms, and stops where the console sends the person in the end. */
  async follow(url: string, person: string, onCallback: (url: URL) => void = () => {}): Promise<string> {
    let next = url;
    for (let step = 0; step < 20; step += 1) {
      const target = new URL(next);
      if (target.origin === PUBLIC_URL && !target.pathname.startsWith('/api/auth/')) return next;
      if (target.pathname === '/api/auth/callback/oidc') {
        onCallback(target);
        next = target.href;
      }
      const response = await this.send(next);
      const location = response.headers.get('location');
      if (location !== null) {
        next = new URL(location, next).href;
        continue;
      }
      const page = await response.text();
      const action = /action="([^"]+)"/.exec(page)?.[1];
      if (!action) throw new Error(`no way on from ${next} (${response.status}): ${page.slice(0, 300)}`);
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? 'login';
      const answer = await this.send(new URL(action, next).href, {
        method: 'POST',
        form: { prompt, login: person, password: 'x' },
      });
      next = new URL(answer.headers.get('location') ?? '', next).href;
    }
    throw new Error('the sign-in goes round in circles');
  }
}

async function begin(browser: Browser): Promise<string> {
  const csrf = await browser.send(`${PUBLIC_URL}/api/auth/csrf`);
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  const started = await browser.send(`${PUBLIC_URL}/api/auth/signin/oidc`, {
    method: 'POST',
    form: { csrfToken, json: 'true', callbackUrl: '/c/prd/map' },
  });
  return ((await started.json()) as { url: string }).url;
}

async function signIn(person: string, onCallback?: (url: URL) => void): Promise<{ browser: Browser; landed: string }> {
  const browser = new Browser();
  const url = await begin(browser);
  return { browser, landed: await browser.follow(url, person, onCallback) };
}

const actorIn = (browser: Browser) => actorOf(new Headers({ cookie: `${SESSION_COOKIE}=${browser.cookie(SESSION_COOKIE)}` }));

describe('a sign-in at an OpenID provider', () => {
  test('asks with PKCE, state and nonce', async () => {
    const asked = new URL(await begin(new Browser())).searchParams;
    expect(asked.get('code_challenge_method')).toBe('S256');
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)?.length).toBeGreaterThan(20);
    expect(asked.get('redirect_uri')).toBe(`${PUBLIC_URL}/api/auth/callback/oidc`);
  });

  test('gives the roles of one’s groups, and comes back to where one wanted to go', async () => {
    const { browser, landed } = await signIn('olga');
    expect(landed).toBe(`${PUBLIC_URL}/c/prd/map`);
    expect(await actorIn(browser)).toMatchObject({
      kind: 'person',
      subject: `${issuer}|olga`,
      name: 'Olga',
      demo: false,
      grants: [{ role: 'operator', scope: 'PRD' }],
    });
    expect(await readGrants(`${issuer}|olga`)).toEqual([
      { grant: { role: 'operator', scope: 'PRD' }, source: 'group:group-ops' },
    ]);
  });

  test.each([
    { person: 'stranger', error: 'no-role' },
    { person: 'many', error: 'groups-overage' },
    { person: 'bare', error: 'no-groups' },
  ])('lets nobody in with $error', async ({ person, error }) => {
    const { browser, landed } = await signIn(person);
    expect(landed).toBe(`${PUBLIC_URL}/sign-in?error=${error}`);
    expect(browser.cookie(SESSION_COOKIE)).toBeUndefined();
  });

  test.each([
    { name: 'another state', change: (url: URL) => url.searchParams.set('state', 'forged') },
    { name: 'a code that was not given', change: (url: URL) => url.searchParams.set('code', 'forged') },
    { name: 'another issuer', change: (url: URL) => url.searchParams.set('iss', 'https://evil.example') },
  ])('is refused with $name in the answer', async ({ change }) => {
    const { browser, landed } = await signIn('olga', change);
    expect(landed).toContain('/sign-in');
    expect(landed).toContain('error=OAuthCallback');
    expect(browser.cookie(SESSION_COOKIE)).toBeUndefined();
  });

  test('cannot be finished in another browser than the one that began it', async () => {
    const victim = new Browser();
    const other = new Browser();
    await begin(other);
    const url = await begin(victim);
    let stolen = '';
    await victim.follow(url, 'olga', (callback) => {
      stolen = callback.href;
      callback.searchParams.set('state', 'kept-from-the-victim');
    });
    const landed = await other.follow(stolen, 'olga');
    expect(landed).toContain('error=OAuthCallback');
    expect(other.cookie(SESSION_COOKIE)).toBeUndefined();
  });
});

test('demo users do not exist beside a provider', async () => {
  const browser = new Browser();
  const providers = (await (await browser.send(`${PUBLIC_URL}/api/auth/providers`)).json()) as object;
  expect(Object.keys(providers)).toEqual(['oidc']);
  const csrf = await browser.send(`${PUBLIC_URL}/api/auth/csrf`);
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  const response = await browser.send(`${PUBLIC_URL}/api/auth/callback/demo`, {
    method: 'POST',
    form: { csrfToken, json: 'true', user: 'ada' },
  });
  expect(response.status).toBe(400);
  expect(browser.cookie(SESSION_COOKIE)).toBeUndefined();
});
