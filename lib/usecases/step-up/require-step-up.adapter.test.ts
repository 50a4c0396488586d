import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AuditActor } from '#lib/audit-log/event.ts';
import { withDatabase } from '#lib/db/client.ts';
import { recordSignIn } from '#lib/db/platform/members.ts';
import { insertSession } from '#lib/db/platform/sessions.ts';
import { readStepUp, refuseStepUp, verifyStepUp } from '#lib/db/platform/step-ups.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { type Platform, startPlatform } from '#lib/testing/platform.ts';
import { askingForStepUp, readOwnStepUp, requireStepUp, type StepUpDemand } from './require-step-up.ts';

const AUTH = { amr: ['pwd', 'otp'], acr: 'aal2', authTime: 1_700_000_000_000, weakness: '' };
let platform: Platform;
let actor: AuditActor;
let secret = 0;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());
beforeEach(async () => {
  actor = await signedIn('axel');
});

async function signedIn(name: string): Promise<AuditActor> {
  const subject = `demo|${name}`;
  await recordSignIn({ subject, name, email: '', grants: [] });
  const now = Date.now();
  secret += 1;
  const sessionId = await insertSession({ subject, tokenHash: `hash-${secret}`, userAgent: '', now, expiresAt: now + 3_600_000 });
  return { kind: 'person', subject, name, sessionId };
}

const demand = (change: Partial<StepUpDemand> = {}): StepUpDemand => ({
  actor,
  action: 'gate.approve',
  purpose: 'Approve phase 3 in PRD of Platform',
  request: 'r1',
  evidenceHash: 'e'.repeat(64),
  command: { method: 'POST', path: '/api/v1/x', body: { command: 'approve', expectedVersion: 1 } },
  returnTo: '/c/prd/migration/3',
  ...change,
});

/** As a gate does it: in a transaction that is rolled back when a step-up is missing. */
const decide = (change: Partial<StepUpDemand> = {}) =>
  askingForStepUp(() => withDatabase((db) => db.$transaction((tx) => requireStepUp(tx, demand(change)))));

async function asked(change: Partial<StepUpDemand> = {}): Promise<string> {
  const error: unknown = await decide(change).catch((thrown: unknown) => thrown);
  if (!(error instanceof CausewayError) || error.code !== 'step-up-required') throw error;
  return String(error.place?.['stepUp']);
}

const verify = (id: string, by = actor) =>
  verifyStepUp({
    id,
    sessionId: by.sessionId ?? '',
    auth: AUTH,
    tokenHash: `hash-${secret}`,
    newTokenHash: `hash-${secret}`,
    context: { actor: by },
  });

describe('a decision that needs a step-up', () => {
  test('asks for one, and is made with it once it is verified, exactly once', async () => {
    const stepUp = await asked();
    expect(await readOwnStepUp(actor, stepUp)).toMatchObject({ state: 'asked', purpose: 'Approve phase 3 in PRD of Platform' });
    expect(await verify(stepUp)).toBe(true);
    const body = { expectedVersion: 1, stepUp, command: 'approve' }; // another order, and the id itself
    expect(await decide({ stepUp, command: { method: 'POST', path: '/api/v1/x', body } })).toEqual(AUTH);
    expect((await readStepUp(stepUp))?.state).toBe('used');
    expect(await asked({ stepUp })).not.toBe(stepUp);
  });

  test('of twenty at once with one step-up is made once', async () => {
    const stepUp = await asked();
    await verify(stepUp);
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => decide({ stepUp })));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('that fails afterwards leaves the step-up for another try', async () => {
    const stepUp = await asked();
    await verify(stepUp);
    const failing = withDatabase((db) =>
      db.$transaction(async (tx) => {
        await requireStepUp(tx, demand({ stepUp }));
        throw new CausewayError('conflict', 'someone else was faster');
      }),
    );
    await expect(failing).rejects.toThrow('someone else was faster');
    expect(await decide({ stepUp })).toEqual(AUTH);
  });

  test.each([
    { name: 'that was not verified', prepare: async () => {} },
    { name: 'that was refused', prepare: (id: string) => refuseStepUp({ id, final: true }, 'no second factor', { actor }) },
    {
      name: 'that has expired',
      prepare: async (id: string) => {
        await verify(id);
        await withDatabase((db) => db.$executeRaw`UPDATE step_up SET expires_at = now() - interval '1 second' WHERE id = ${id}`);
      },
    },
  ])('is not made with one $name, and asks for another', async ({ prepare }) => {
    const stepUp = await asked();
    await prepare(stepUp);
    expect(await asked({ stepUp })).not.toBe(stepUp);
  });

  test.each([
    { name: 'another action', change: { action: 'gate.break-glass' } },
    { name: 'another request', change: { request: 'r2' } },
    { name: 'other evidence', change: { evidenceHash: 'f'.repeat(64) } },
    { name: 'no evidence', change: { evidenceHash: undefined } },
    { name: 'another body', change: { command: { method: 'POST', path: '/api/v1/x', body: { command: 'reject' } } } },
    { name: 'another path', change: { command: { ...demand().command, path: '/api/v1/y' } } },
  ])('is not made with the step-up of $name', async ({ change }) => {
    const stepUp = await asked(change);
    await verify(stepUp);
    expect(await asked({ stepUp })).not.toBe(stepUp);
    expect((await readStepUp(stepUp))?.state).toBe('verified');
  });

  test('is not made with that of another session, or of another person', async () => {
    const stepUp = await asked();
    await verify(stepUp);
    const first = actor;
    for (const other of [await signedIn('axel'), await signedIn('bea')]) {
      expect(await asked({ actor: other, stepUp })).not.toBe(stepUp);
    }
    expect(await readOwnStepUp({ ...first, subject: 'demo|bea' }, stepUp)).toBeUndefined();
  });

  test('is for people: a token is refused without being asked', async () => {
    const token: AuditActor = { kind: 'token', subject: 'token:1', name: 'robot' };
    await expect(decide({ actor: token })).rejects.toMatchObject({ code: 'forbidden' });
  });
});

test('a step-up is answered once, by the session it was asked in', async () => {
  const stepUp = await asked();
  expect(await verify(stepUp, { ...actor, sessionId: 'another' })).toBe(false);
  expect(await verify(stepUp)).toBe(true);
  expect(await verify(stepUp)).toBe(false);
  await refuseStepUp({ id: stepUp, final: true }, 'too late', { actor });
  expect((await readStepUp(stepUp))?.state).toBe('verified');
});
