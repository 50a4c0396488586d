import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withDatabase } from '#lib/db/client.ts';
import { readGrants } from '#lib/db/platform/members.ts';
import { readStepUp } from '#lib/db/platform/step-ups.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { type FakeProvider, type FakeSignIn, startFakeProvider } from '#lib/testing/fake-provider.ts';
import { type Platform, PUBLIC_URL, SESSION_COOKIE, startPlatform } from '#lib/testing/platform.ts';
import { SignInBrowser } from '#lib/testing/sign-in-browser.ts';
import { askingForStepUp, requireStepUp } from '#lib/usecases/step-up/require-step-up.ts';
import { actorOf } from './actor.ts';

let provider: FakeProvider;
let platform: Platform;
let browser: SignInBrowser;

beforeAll(async () => {
  provider = await startFakeProvider();
  platform = await startPlatform({
    CAUSEWAY_DEMO: '0',
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: 'causeway',
    OIDC_CLIENT_SECRET: 'hush',
    OIDC_ROLE_MAP: JSON.stringify({
      'group-ops': [{ role: 'approver', scope: 'PRD', team: 'platform' }],
      'group-view': [{ role: 'viewer', scope: '*' }],
    }),
    OIDC_STEP_UP_ACR: 'urn:aal2',
    OIDC_STEP_UP_AMR: 'otp',
  });
});
afterAll(async () => {
  await provider.close();
  await platform.close();
});
beforeEach(async () => {
  browser = await signedIn();
});
afterEach(() => {
  provider.next = {};
});

/** A browser in which somebody is signed in by what they know alone. */
async function signedIn(claims: Record<string, unknown> = {}): Promise<SignInBrowser> {
  const other = new SignInBrowser();
  provider.next = { claims: { amr: ['pwd'], ...claims } };
  await other.follow(await other.begin('/'), 'olga');
  provider.next = {};
  return other;
}

const whoIs = (session: string) => actorOf(new Headers({ cookie: session }));
const COMMAND = { method: 'POST', path: '/api/v1/x', body: { command: 'approve' } };

/** What a decision of whoever is signed in needs: the id of a step-up, or with one that counts how they proved who they are. */
async function decide(stepUp?: string, of = browser): Promise<unknown> {
  const actor = await whoIs(of.session);
  if (!actor?.sessionId) throw new Error('nobody is signed in');
  const { kind, subject, name, sessionId } = actor;
  return askingForStepUp(() =>
    requireStepUp(undefined, {
      actor: { kind, subject, name, sessionId },
      action: 'gate.approve',
      purpose: 'Approve phase 3',
      request: 'r1',
      command: COMMAND,
      returnTo: '/',
      stepUp,
    }),
  );
}

async function asked(of = browser): Promise<string> {
  const error: unknown = await decide(undefined, of).catch((thrown: unknown) => thrown);
  if (!(error instanceof CausewayError) || error.code !== 'step-up-required') throw error;
  return String(error.place?.['stepUp']);
}

/** Goes through the step-up as the page does, with what the provider answers. */
async function confirm(id: string, answer: FakeSignIn, onCallback?: (url: URL) => void): Promise<string> {
  const url = await browser.begin(`/step-up/${id}`);
  provider.next = answer;
  const landed = await browser.follow(url, 'olga', onCallback);
  provider.next = {};
  return landed.slice(PUBLIC_URL.length);
}

const stateOf = async (id: string) => (await readStepUp(id))?.state;
const STEP_UP_COOKIE = SESSION_COOKIE.replace('session', 'step-up');
const STRONG = { claims: { amr: ['pwd', 'otp'] } };
const secondsAgo = (seconds: number) => Math.floor(Date.now() / 1000) - seconds;

test('a sign-in is written down with how the provider says it was proved', async () => {
  const row = await withDatabase((db) =>
    db.auditEvent.findFirstOrThrow({ where: { action: 'session.sign-in' }, orderBy: { seq: 'desc' } }),
  );
  expect(JSON.parse(row.body)).toMatchObject({
    actor: { subject: `${provider.issuer}|olga` },
    details: { provider: 'oidc', amr: 'pwd' },
    request: { address: '192.0.2.7' },
  });
});

describe('a step-up', () => {
  test('asks for a fresh sign-in with a second factor, whatever the caller writes into the address', async () => {
    const id = await asked();
    await browser.begin(`/step-up/${id}`, '?max_age=9999&prompt=none&acr_values=urn:aal0&scope=all&client_id=evil');
    const url = new URL(await browser.begin(`/step-up/${id}`, '?prompt=none'));
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      max_age: '0',
      prompt: 'login',
      acr_values: 'urn:aal2',
      client_id: 'causeway',
      scope: 'openid profile email',
    });
    const ordinary = new URL(await browser.begin('/', '?prompt=none&scope=all')).searchParams;
    expect([ordinary.get('prompt'), ordinary.get('max_age'), ordinary.get('scope')]).toEqual([
      null,
      null,
      'openid profile email',
    ]);
  });

  test.each([
    { name: 'an acr that counts', claims: { acr: 'urn:aal2' }, auth: { acr: 'urn:aal2', amr: [] } },
    { name: 'one in the list that Entra sends', claims: { acrs: ['c1', 'urn:aal2'] }, auth: { acr: 'urn:aal2', amr: [] } },
    { name: 'a method that counts', claims: { amr: ['pwd', 'otp'] }, auth: { amr: ['pwd', 'otp'] } },
  ])('is verified by $name; the session goes on under a new secret', async ({ claims, auth }) => {
    const before = browser.session;
    const sessionId = (await whoIs(before))?.sessionId;
    const id = await asked();
    expect(await confirm(id, { claims })).toBe(`/step-up/${id}`);
    expect(await stateOf(id)).toBe('verified');
    expect(browser.session).not.toBe(before);
    expect(await whoIs(before)).toBeUndefined();
    expect((await whoIs(browser.session))?.sessionId).toBe(sessionId);
    expect(await decide(id)).toMatchObject({ ...auth, weakness: '', authTime: expect.any(Number) });
    expect(await stateOf(id)).toBe('used');
  });

  test.each([
    { name: 'an old sign-in', claims: { amr: ['otp'], auth_time: secondsAgo(120) }, reason: /older than the decision/ },
    { name: 'no auth_time', claims: { amr: ['otp'], auth_time: undefined }, reason: /auth_time/ },
    { name: 'an auth_time that is text', claims: { amr: ['otp'], auth_time: String(secondsAgo(0)) }, reason: /readable/ },
    { name: 'an auth_time to come', claims: { amr: ['otp'], auth_time: secondsAgo(-600) }, reason: /future/ },
    { name: 'neither acr nor amr', claims: {}, reason: /acr is missing, amr is missing; needed is acr urn:aal2, or amr otp/ },
    { name: 'a password alone', claims: { acr: 'urn:aal1', amr: ['pwd'] }, reason: /no second factor/ },
    { name: 'methods that are no list', claims: { amr: 'otp' }, reason: /no second factor/ },
    { name: 'groups that give no role any more', claims: { amr: ['otp'], groups: [] }, reason: /groups give no role/ },
  ])('is refused by $name, says why, and cannot be tried again', async ({ claims, reason }) => {
    const id = await asked();
    expect(await confirm(id, { claims })).toBe(`/step-up/${id}`);
    expect(await readStepUp(id)).toMatchObject({ state: 'refused', reason: expect.stringMatching(reason) });
    await confirm(id, STRONG);
    expect(await stateOf(id)).toBe('refused');
  });

  test.each<{ name: string; answer: FakeSignIn }>([
    { name: 'an unsigned token', answer: { ...STRONG, signedWith: 'none' } },
    { name: 'a token signed with the secret of the client', answer: { ...STRONG, signedWith: 'HS256' } },
    { name: 'a token signed by another key', answer: { ...STRONG, signedWith: 'other-key' } },
    { name: 'another nonce', answer: { ...STRONG, nonce: 'replayed' } },
    { name: 'a token for another application', answer: { claims: { amr: ['otp'], aud: 'another' } } },
    { name: 'a token of another issuer', answer: { claims: { amr: ['otp'], iss: 'https://evil.example' } } },
    { name: 'an expired token', answer: { claims: { amr: ['otp'], exp: secondsAgo(3600) } } },
    { name: 'a provider that is down', answer: { ...STRONG, down: true } },
  ])('is not verified by $name; the session goes on as it was', async ({ answer }) => {
    const before = browser.session;
    const id = await asked();
    expect(await confirm(id, answer)).toBe(`/step-up/${id}?error=OAuthCallback`);
    expect(await stateOf(id)).toBe('asked');
    expect(browser.session).toBe(before);
    expect(await whoIs(before)).toBeDefined();
    await expect(decide(id)).rejects.toMatchObject({ code: 'step-up-required' });
  });

  test('by another person ends both sessions, and the audit log has it', async () => {
    const before = browser.session;
    const id = await asked();
    expect(await confirm(id, { claims: { sub: 'mallory', amr: ['otp'] } })).toBe('/sign-in?error=other-person');
    expect(await whoIs(before)).toBeUndefined();
    expect(await whoIs(browser.session)).toBeUndefined();
    expect(await stateOf(id)).toBe('refused');
    const rows = await withDatabase((db) => db.auditEvent.findMany({ orderBy: { seq: 'desc' }, take: 2 }));
    expect(rows.map(({ action, outcome, actor }) => [action, outcome, actor])).toEqual([
      ['session.revoke', 'ok', `${provider.issuer}|mallory`],
      ['session.step-up', 'denied', `${provider.issuer}|mallory`],
    ]);
  });

  test('is not done by sending the same answer twice', async () => {
    const id = await asked();
    let answer = '';
    await confirm(id, STRONG, (url) => (answer = url.href));
    const second = await asked();
    expect(await browser.follow(answer, 'olga')).toContain('error=OAuthCallback');
    expect(await stateOf(second)).toBe('asked');
  });

  test('is not done by a sign-in that comes back to another place, or by its page alone', async () => {
    const id = await asked();
    const url = await browser.begin(`/c/prd/map?next=/step-up/${id}`);
    provider.next = STRONG;
    await browser.follow(url, 'olga');
    expect(await stateOf(id)).toBe('asked');
  });

  test('of somebody else is neither verified nor spoilt by naming it', async () => {
    const other = await signedIn({ sub: 'bea' });
    const theirs = await asked(other);
    await confirm(theirs, STRONG);
    expect(await stateOf(theirs)).toBe('asked');
    browser.setCookie(STEP_UP_COOKIE, theirs);
    const url = await browser.begin('/');
    browser.setCookie(STEP_UP_COOKIE, theirs);
    provider.next = STRONG;
    await browser.follow(url, 'olga');
    expect(await stateOf(theirs)).toBe('asked');
    const row = await withDatabase((db) => db.auditEvent.findFirst({ where: { objectId: theirs } }));
    expect(row?.body).toContain('the session that asked for it has ended, or is another one');
  });

  test('asked in one browser is not verified in another of the same person', async () => {
    const id = await asked();
    const first = browser;
    browser = await signedIn();
    await confirm(id, STRONG);
    expect(await stateOf(id)).toBe('asked');
    await expect(decide(id, first)).rejects.toMatchObject({ code: 'step-up-required' });
  });

  test.each([
    { name: 'expired', sql: `UPDATE step_up SET expires_at = now() - interval '1 second' WHERE id = $1`, state: 'refused' },
    { name: 'used', sql: `UPDATE step_up SET auth = '{}', verified_at = now(), used_at = now() WHERE id = $1`, state: 'used' },
  ])('that is $name in the meantime is not verified', async ({ sql, state }) => {
    const id = await asked();
    const url = await browser.begin(`/step-up/${id}`);
    await withDatabase((db) => db.$executeRawUnsafe(sql, id));
    provider.next = STRONG;
    await browser.follow(url, 'olga');
    expect(await stateOf(id)).toBe(state);
  });

  test('that comes back with a cookie that names no step-up is an ordinary sign-in', async () => {
    const url = await browser.begin('/');
    browser.setCookie(STEP_UP_COOKIE, '//evil.example/x');
    expect(await browser.follow(url, 'olga')).toBe(`${PUBLIC_URL}/`);
  });

  test('brings the groups of now: rights given in between count, rights withdrawn do not', async () => {
    await confirm(await asked(), { claims: { amr: ['otp'], groups: ['group-view'] } });
    expect((await whoIs(browser.session))?.grants).toEqual([{ role: 'viewer', scope: '*' }]);
    await confirm(await asked(), { claims: { amr: ['otp'], groups: [] } });
    expect(await readGrants(`${provider.issuer}|olga`)).toEqual([]);
  });
});
