import { expect, test } from 'vitest';
import { anApproval, aRequest, OTHER_EVIDENCE } from '#lib/testing/gate-values.ts';
import { tally, teamOf } from './tally.ts';

const voidOf = (record: Parameters<typeof aRequest>[0]) => tally(aRequest(record)).decisions.map((each) => each.void);

test.each([
  ['of whoever asked', anApproval('rita'), /requests a gate/],
  ['of whoever made the evidence', anApproval('ulla'), /made the evidence/],
  ['on other evidence', anApproval('axel', { evidenceHash: OTHER_EVIDENCE }), /other evidence/],
])('an approval does not count: %s', (_, decision, why) => {
  expect(voidOf({ decisions: [decision] })).toEqual([expect.stringMatching(why)]);
  expect(tally(aRequest({ decisions: [decision] }))).toMatchObject({ approved: 0, reached: false });
});

test('of two approvals of one person the first counts', () => {
  const record = aRequest({ needed: 2, decisions: [anApproval('axel'), anApproval('axel', { id: 'd2' })] });
  expect(tally(record)).toMatchObject({ approved: 1, reached: false });
  expect(voidOf(record)).toEqual([undefined, expect.stringMatching(/second of the same person/)]);
});

test('a later rejection takes back what the same person approved, and not what others did', () => {
  const decisions = [anApproval('axel'), anApproval('bea'), anApproval('axel', { id: 'd3', decision: 'reject' })];
  expect(voidOf({ decisions })).toEqual([expect.stringMatching(/taken back/), undefined, undefined]);
});

test('a rejection or a revocation is never an approval, and an approval after one counts', () => {
  const reject = anApproval('axel', { id: 'd0', decision: 'reject' });
  expect(tally(aRequest({ decisions: [reject] }))).toMatchObject({ approved: 0, decisions: [{ counts: false }] });
  expect(tally(aRequest({ decisions: [reject, anApproval('axel')] })).approved).toBe(1);
});

test('a rejection right after takes an approval back', () => {
  const decisions = [anApproval('axel'), anApproval('axel', { id: 'd2', decision: 'revoke' })];
  expect(tally(aRequest({ decisions })).approved).toBe(0);
});

test('enough approvals are not enough while a team is missing', () => {
  const record = aRequest({
    needed: 2,
    teams: ['platform', 'security'],
    decisions: [anApproval('axel', { team: 'platform' }), anApproval('bea', { team: 'platform' })],
  });
  expect(tally(record)).toMatchObject({ approved: 2, missingTeams: ['security'], reached: false });
  const third = { ...record, decisions: [...record.decisions, anApproval('sue', { team: 'security' })] };
  expect(tally(third)).toMatchObject({ approved: 3, missingTeams: [], reached: true });
});

test.each(['stale', 'expired', 'revoked', 'rejected', 'withdrawn'] as const)(
  'approvals of a request that is %s are void',
  (state) => {
    expect(tally(aRequest({ state, decisions: [anApproval('axel')] })).approved).toBe(0);
  },
);

test('someone of several teams speaks for the one that is missing', () => {
  const record = aRequest({ needed: 2, teams: ['platform', 'security'], decisions: [anApproval('axel', { team: 'platform' })] });
  expect(teamOf(record, ['platform', 'security'])).toBe('security');
  expect(teamOf(record, ['platform'])).toBe('platform');
  expect(teamOf(record, ['network'])).toBe('network');
  expect(teamOf(record, [])).toBe('');
});
