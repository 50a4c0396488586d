import { expect, test } from 'vitest';
import { PolicyMessage } from '#lib/api/bus.ts';
import { EVENT_TYPE, type Verdict } from '#lib/flow/flow.ts';
import { aFlow, anEndpoint } from '#lib/testing/flows.ts';
import { policyChanges } from './policy-changes.ts';
import { VerdictWatch } from './verdict-watch.ts';

const verdictOf = (verdict: Verdict, overrides: Parameters<typeof aFlow>[0] = {}) =>
  aFlow({ verdict, eventType: { type: EVENT_TYPE.policyVerdict, subType: 0 }, isReply: false, ...overrides });

test('another verdict for the same traffic is told once, whichever pod it is', () => {
  const watch = new VerdictWatch('prd');
  expect(watch.see(verdictOf('FORWARDED'))).toBeUndefined();
  const change = watch.see(verdictOf('DROPPED', { uuid: 'x', source: anEndpoint({ podName: 'another', identity: 9 }) }));
  expect(PolicyMessage.parse(change)).toMatchObject({
    type: 'verdict',
    cluster: 'prd',
    from: 'FORWARDED',
    to: 'DROPPED',
    flow: 'x',
  });
  expect(watch.see(verdictOf('DROPPED'))).toBeUndefined();
});

test('replies, traces and drops for other reasons say nothing of policies', () => {
  const watch = new VerdictWatch('prd');
  watch.see(verdictOf('FORWARDED'));
  const trace = { type: EVENT_TYPE.trace, subType: 0 };
  const drop = { type: EVENT_TYPE.drop, subType: 0 };
  expect(watch.see(verdictOf('DROPPED', { isReply: true }))).toBeUndefined();
  expect(watch.see(verdictOf('DROPPED', { eventType: trace }))).toBeUndefined();
  expect(watch.see(verdictOf('DROPPED', { eventType: drop, dropReason: 'CT_TRUNCATED_OR_INVALID_HEADER' }))).toBeUndefined();
  expect(watch.see(verdictOf('REDIRECTED'))).toBeUndefined();
  expect(watch.see(verdictOf('DROPPED', { eventType: drop, dropReason: 'POLICY_DENIED' }))).toMatchObject({ to: 'DROPPED' });
});

test('policies that were added, changed and removed are named', () => {
  const set = (setHash: string, ...policies: [string, string][]) => ({
    setHash,
    inForce: policies.map(([ref, hash]) => ({ ref, hash, object: {} as never })),
  });
  const change = policyChanges('prd', set('1', ['a', 'x'], ['b', 'x']), set('2', ['b', 'y'], ['c', 'z']), 5);
  expect(PolicyMessage.parse(change)).toMatchObject({
    previousSetHash: '1',
    changes: [
      { policy: 'b', change: 'changed', specHash: 'y' },
      { policy: 'c', change: 'added', specHash: 'z' },
      { policy: 'a', change: 'removed' },
    ],
  });
  expect(policyChanges('prd', set('1'), set('1'), 5)).toBeUndefined();
});
