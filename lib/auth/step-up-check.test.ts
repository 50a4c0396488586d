import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkStepUp, NO_AUTH_TIME, type StepUpRules } from './step-up-check.ts';

const NOW = 1_800_000_060_000;
const ASKED = { subject: 'https://idp.example|olga', createdAt: NOW - 30_000, expiresAt: NOW + 570_000 };
const RULES: StepUpRules = {
  issuer: 'https://idp.example',
  clientId: 'causeway',
  acr: ['aal2'],
  amr: ['otp', 'hwk'],
  acrValues: undefined,
  noAuthTime: false,
};
const GOOD = {
  iss: 'https://idp.example',
  sub: 'olga',
  aud: 'causeway',
  auth_time: NOW / 1000 - 5,
  iat: NOW / 1000 - 4,
  amr: ['otp'],
};
const check = (claims: Record<string, unknown>, rules: Partial<StepUpRules> = {}, now = NOW) =>
  checkStepUp({ ...GOOD, ...claims }, ASKED, now, { ...RULES, ...rules });

test('a fresh sign-in with a second factor counts, and says how', () => {
  expect(check({ acr: 'aal1' })).toEqual({
    ok: true,
    auth: { acr: 'aal1', amr: ['otp'], authTime: NOW - 5000, weakness: '' },
  });
});

test.each([
  { name: 'the bounds of the skew: a minute before the decision', claims: { auth_time: ASKED.createdAt / 1000 - 60 }, ok: true },
  { name: 'a second more', claims: { auth_time: ASKED.createdAt / 1000 - 61 }, ok: false },
  { name: 'a minute ahead of us', claims: { auth_time: NOW / 1000 + 60 }, ok: true },
  { name: 'more than that', claims: { auth_time: NOW / 1000 + 61 }, ok: false },
  { name: 'the audience as a list of one', claims: { aud: ['causeway'] }, ok: true },
  { name: 'several audiences and us as the party it is for', claims: { aud: ['api', 'causeway'], azp: 'causeway' }, ok: true },
  { name: 'several audiences and nobody it is for', claims: { aud: ['api', 'causeway'] }, ok: false },
  { name: 'one audience and another party', claims: { aud: ['causeway'], azp: 'evil' }, ok: false },
  { name: 'another audience', claims: { aud: 'causeway2' }, ok: false },
  { name: 'another issuer', claims: { iss: 'https://idp.example.evil' }, ok: false },
  { name: 'no subject', claims: { sub: undefined }, ok: false },
  { name: 'a level that counts', claims: { amr: undefined, acr: 'aal2' }, ok: true },
  { name: 'a level that begins like one', claims: { amr: undefined, acr: 'aal22' }, ok: false },
  { name: 'a single acrs that is no list', claims: { amr: undefined, acrs: 'aal2' }, ok: true },
  { name: 'a list with something else in it', claims: { amr: ['otp', 7] }, ok: false },
])('$name: counts $ok', ({ claims, ok }) => expect(check(claims).ok).toBe(ok));

test('after ten minutes nothing counts', () => expect(check({}, {}, ASKED.expiresAt).ok).toBe(false));

test('another person is told apart from a sign-in that is too weak', () => {
  expect(check({ sub: 'mallory' })).toMatchObject({ ok: false, otherPerson: true });
  expect(check({ amr: ['pwd'] })).not.toHaveProperty('otherPerson');
});

describe('a provider that cannot send auth_time', () => {
  test('refuses unless the operator said so, and then the decision says that it is weak', () => {
    const { auth_time: _, ...without } = GOOD;
    expect(checkStepUp(without, ASKED, NOW, RULES).ok).toBe(false);
    expect(checkStepUp(without, ASKED, NOW, { ...RULES, noAuthTime: true })).toEqual({
      ok: true,
      auth: { amr: ['otp'], weakness: NO_AUTH_TIME },
    });
  });

  test('does not make an old auth_time count', () => {
    expect(check({ auth_time: NOW / 1000 - 3600 }, { noAuthTime: true }).ok).toBe(false);
  });
});

test('with nothing that would count, nothing does, and the reason names the setting', () => {
  expect(check({ acr: 'aal2' }, { acr: [], amr: [] })).toMatchObject({
    ok: false,
    reason: expect.stringContaining('OIDC_STEP_UP_ACR'),
  });
});

test('whatever a token says, it counts only for its person, fresh, and with a factor that is configured', () => {
  const word = fc.constantFrom('otp', 'pwd', 'aal2', 'aal1', '__proto__', 'constructor');
  const claims = fc.record(
    {
      iss: fc.constantFrom('https://idp.example', 'https://evil.example'),
      sub: fc.constantFrom('olga', 'bea'),
      aud: fc.oneof(fc.constantFrom('causeway', 'api'), fc.array(fc.constantFrom('causeway', 'api'), { maxLength: 3 })),
      auth_time: fc.oneof(fc.integer({ min: NOW / 1000 - 300, max: NOW / 1000 + 300 }), fc.string(), fc.constant(null)),
      acr: fc.oneof(word, fc.integer()),
      amr: fc.oneof(fc.array(word, { maxLength: 3 }), word),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(claims, (given) => {
      if (!checkStepUp(given, ASKED, NOW, RULES).ok) return;
      expect(`${given.iss}|${given.sub}`).toBe(ASKED.subject);
      expect([given.aud].flat()).toContain('causeway');
      expect(Number(given.auth_time) * 1000).toBeGreaterThanOrEqual(ASKED.createdAt - 60_000);
      expect(given.acr === 'aal2' || (Array.isArray(given.amr) && given.amr.includes('otp'))).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
