import { expect, test } from 'vitest';
import { anApproval, aRequest, HOUR, NOON, OTHER_EVIDENCE, someFacts } from '#lib/testing/gate-values.ts';
import { GATE_STATES } from '../model.ts';
import { DECIDING_STATES } from './edges.ts';
import { lapseOf } from './lapse.ts';
import { DEFAULT_RULES } from './rules.ts';

const { evidence } = someFacts();
if (!evidence) throw new Error('there is evidence');

test('a request stands while nothing changes', () => expect(lapseOf(aRequest(), someFacts())).toBeUndefined());

test.each([
  ['other evidence', { evidence: { ...evidence, hash: OTHER_EVIDENCE } }, /evidence changed/],
  ['no evidence any more', { evidence: undefined }, /evidence changed/],
  ['another plan', { planVersion: '2027.1' }, /plan of the migration/],
  ['another revision', { planRevision: 2 }, /plan of the migration/],
  ['more approvals needed', { rules: { ...DEFAULT_RULES.DEV, approvals: 2 } }, /rules of this gate/],
  ['another team needed', { rules: { ...DEFAULT_RULES.DEV, teams: ['security'] } }, /rules of this gate/],
  ['another time to live', { rules: { ...DEFAULT_RULES.DEV, ttlMinutes: 5 } }, /rules of this gate/],
  ['another place in the migration', { environment: 'TST' as const }, /another place/],
  ['the phase before rolled back', { phaseBefore: undefined }, /phase 0 is not completed here/],
  [
    'the environment before rolled back',
    { environmentBefore: { environment: 'DEV' as const, completion: undefined } },
    /not completed in DEV/,
  ],
  [
    'an approver who made evidence afterwards',
    { evidence: { ...evidence, contributors: ['axel'] } },
    /axel approved, and made evidence/,
  ],
  ['a clock that was set back', { now: NOON - 2 * HOUR }, /set back/],
])('a request becomes stale: %s', (_, more, reason) => {
  const record = aRequest({ decisions: [anApproval('axel')] });
  expect(lapseOf(record, someFacts(more))).toEqual({
    to: 'stale',
    by: 'go-stale',
    reason: expect.stringMatching(reason) as string,
  });
});

test('a clock may be put right by five seconds, and whatever was written latest tells that it was not', () => {
  const record = aRequest({ decisions: [anApproval('axel', { at: NOON })] });
  expect(lapseOf(record, someFacts({ now: NOON - 5000 }))).toBeUndefined();
  expect(lapseOf(record, someFacts({ now: NOON - 5001 }))?.reason).toMatch(/set back/);
  expect(lapseOf(aRequest({ stateSince: NOON }), someFacts({ now: NOON - 5001 }))?.reason).toMatch(/set back/);
  expect(lapseOf(aRequest({ requestedAt: NOON }), someFacts({ now: NOON - 5001 }))?.reason).toMatch(/set back/);
});

test('somebody who made evidence and whose approval did not count anyway changes nothing', () => {
  expect(lapseOf(aRequest({ decisions: [anApproval('ulla'), anApproval('axel')] }), someFacts())).toBeUndefined();
});

test('teams are the same in any order', () => {
  const rules = { ...DEFAULT_RULES.DEV, teams: ['security', 'platform'] };
  expect(lapseOf(aRequest({ teams: ['platform', 'security'] }), someFacts({ rules }))).toBeUndefined();
  expect(lapseOf(aRequest({ teams: ['platform', 'network'] }), someFacts({ rules }))?.to).toBe('stale');
  expect(lapseOf(aRequest({ teams: ['platform'] }), someFacts({ rules }))?.to).toBe('stale');
});

test('a figure that moves without turning a check, or an evaluation anew, makes nothing stale', () => {
  expect(lapseOf(aRequest(), someFacts({ evidence: { ...evidence, evaluatedAt: NOON, checks: [] } }))).toBeUndefined();
});

test('a request expires at its time, to the millisecond', () => {
  const { expiresAt } = aRequest();
  expect(lapseOf(aRequest(), someFacts({ now: expiresAt - 1 }))).toBeUndefined();
  expect(lapseOf(aRequest(), someFacts({ now: expiresAt }))).toEqual({
    to: 'expired',
    by: 'expire',
    reason: 'it was not decided within 1 d',
  });
  expect(lapseOf(aRequest({ state: 'approved' }), someFacts({ now: expiresAt }))?.reason).toBe('it was not passed within 1 d');
});

test.each(GATE_STATES.filter((state) => !DECIDING_STATES.has(state)))('nothing lapses once it is %s', (state) => {
  expect(lapseOf(aRequest({ state }), someFacts({ now: NOON + 1000 * HOUR, evidence: undefined }))).toBeUndefined();
});

test('broken glass carries for thirty minutes, or until the clock is set back', () => {
  const glass = aRequest({ state: 'executing', brokenGlass: true, requestedAt: NOON, stateSince: NOON });
  expect(lapseOf(glass, someFacts({ now: NOON + HOUR / 2 - 1 }))).toBeUndefined();
  expect(lapseOf(glass, someFacts({ now: NOON + HOUR / 2 }))).toMatchObject({ to: 'failed', by: 'glass-ends' });
  expect(lapseOf(glass, someFacts({ now: NOON - HOUR }))).toMatchObject({ to: 'failed', by: 'glass-ends' });
  expect(lapseOf({ ...glass, state: 'verifying' }, someFacts({ now: NOON + HOUR }))).toBeUndefined();
});
