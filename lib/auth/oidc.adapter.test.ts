import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withDatabase } from '#lib/db/client.ts';
import { readGrants } from '#lib/db/platform/members.ts';
import { readStepUp, type StoredStepUp } from '#lib/db/platform/step-ups.ts';
import { type Platform, PUBLIC_URL, SESSION_COOKIE, startPlatform } from '#lib/testing/platform.ts';
import { SignInBrowser } from '#lib/testing/sign-in-browser.ts';
import { askingForStepUp, requireStepUp } from '#lib/usecases/step-up/require-step-up.ts';
import { actorOf } from './actor.ts';

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
  identityProvider = createServer((request, response) =>
    request.url?.startsWith('/interaction/') ? void interact(request, response) : void provider.callback()(request, response),
  );
  await new Promise<void>((resolve) => identityProvider.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(identityProvider.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'causeway',
        client_secret: 'hush',
        redirect_uris: [`${PUBLIC_URL}/api/auth/callback/oidc`],
        require_auth_time: true,
      },
    ],
    claims: { openid: ['sub', 'groups', '_claim_names', 'acr', 'amr'], profile: ['name'], email: ['email'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['a-key-of-tests'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
    loadExistingGrant: async ({ oidc }) => {
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });
  provider.on('server_error', (_, error) => console.error(error));

  /** The provider's page of sign-in: whoever adds `+otp` to their name shows a second factor, too. */
  async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET')
      return void response.writeHead(200, { 'content-type': 'text/html' }).end(`<form action="${request.url}">`);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const [accountId = '', factor] = (new URLSearchParams(body).get('login') ?? '').split('+');
    const login = { accountId, amr: ['pwd', ...(factor ? [factor] : [])] };
    await provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
  }

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

const PAGE = '/c/prd/map';

async function signIn(person: string, onCallback?: (url: URL) => void): Promise<{ browser: SignInBrowser; landed: string }> {
  const browser = new SignInBrowser();
  const url = await browser.begin(PAGE);
  return { browser, landed: await browser.follow(url, person, onCallback) };
}

const actorIn = (browser: SignInBrowser) => actorOf(new Headers({ cookie: browser.session }));

describe('a sign-in at an OpenID provider', () => {
  test('asks with PKCE, state and nonce', async () => {
    const asked = new URL(await new SignInBrowser().begin(PAGE)).searchParams;
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
    const victim = new SignInBrowser();
    const other = new SignInBrowser();
    await other.begin(PAGE);
    const url = await victim.begin(PAGE);
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

describe('a step-up at an OpenID provider', () => {
  /** Asks for one in the browser's session, and gives its id. */
  async function asked(browser: SignInBrowser): Promise<string> {
    const actor = await actorIn(browser);
    if (!actor?.sessionId) throw new Error('nobody is signed in');
    const { kind, subject, name, sessionId } = actor;
    const command = { method: 'POST', path: '/api/v1/x', body: {} };
    const demand = { action: 'gate.approve', purpose: 'Approve', request: 'r1', command, returnTo: '/' };
    const error: unknown = await askingForStepUp(() =>
      requireStepUp(undefined, { ...demand, actor: { kind, subject, name, sessionId } }),
    ).catch((thrown: unknown) => thrown);
    return String((error as { place?: { stepUp?: unknown } }).place?.stepUp);
  }

  /** `change` is what a person does to the provider's address before going there. */
  async function confirmed(
    browser: SignInBrowser,
    person: string,
    change: (url: URL, id: string) => void | Promise<void> = () => {},
  ): Promise<StoredStepUp | undefined> {
    const id = await asked(browser);
    const url = new URL(await browser.begin(`/step-up/${id}`));
    await change(url, id);
    await browser.follow(url.href, person);
    return readStepUp(id);
  }

  test('is verified by signing in again with a second factor, and not by a password alone', async () => {
    const { browser } = await signIn('olga');
    expect((await confirmed(browser, 'olga'))?.reason).toContain('amr pwd; needed is amr mfa or otp');
    expect((await confirmed(browser, 'olga+otp'))?.state).toBe('verified');
  });

  test('is not verified by the sign-in of before, whatever is taken out of the address', async () => {
    const { browser } = await signIn('olga+otp');
    const silent = async (url: URL, id: string) => {
      for (const name of ['max_age', 'prompt', 'acr_values']) url.searchParams.delete(name);
      // As if the decision came two minutes after the sign-in.
      await withDatabase(
        (db) => db.$executeRaw`UPDATE step_up SET created_at = created_at + interval '2 minutes' WHERE id = ${id}`,
      );
    };
    expect(await confirmed(browser, 'olga+otp', silent)).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining('did not ask again'),
    });
  });
});

test('demo users do not exist beside a provider', async () => {
  const browser = new SignInBrowser();
  const providers = (await (await browser.send(`${PUBLIC_URL}/api/auth/providers`)).json()) as object;
  expect(Object.keys(providers)).toEqual(['oidc']);
  const response = await browser.post('callback/demo', { user: 'ada' });
  expect(response.status).toBe(400);
  expect(browser.cookie(SESSION_COOKIE)).toBeUndefined();
});
