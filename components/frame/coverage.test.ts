import { expect, test } from 'vitest';
import type { ClusterStatus } from '#lib/api/clusters.ts';
import { coverageView } from './coverage.ts';

const NOW = 1_000_000;

function aStatus(coverage: Partial<ClusterStatus['coverage']> = {}, more: Partial<ClusterStatus> = {}): ClusterStatus {
  return {
    cluster: 'c',
    state: 'live',
    stateDetail: '',
    stateSince: 0,
    relayVersion: '1.19.0',
    flowsPerSecond: 500,
    flowsPerSecondMinute: 500,
    received: 1,
    duplicates: 0,
    malformed: 0,
    now: NOW,
    coverage: {
      nodesReporting: 4,
      nodesExpected: 4,
      missing: [],
      lost: {},
      lostTotal: 0,
      gaps: [],
      newestFlow: NOW - 800,
      ...coverage,
    },
    ...more,
  };
}

test('all is seen when all nodes report, nothing was lost and flows are fresh', () => {
  const view = coverageView(aStatus(), 50, 50, undefined);
  expect(view).toMatchObject({ seen: 'all', nodes: '4/4', lost: 0, ageMs: 800, old: false });
});

test.each([
  ['a node that does not report', { nodesReporting: 3, missing: ['ip-10-20-3-11'] }, /1 of 4 nodes do not report: ip-10-20-3-11/],
  ['lost events', { lostTotal: 212, lost: { 'ip-10-20-3-11': 212, other: 0 } }, /212 events were lost: 212 on ip-10-20-3-11\.$/],
  [
    'a gap',
    { gaps: [{ from: 0, to: 60_000, reason: 'relay-unreachable', nodeName: '' }] },
    /00:00–00:01 UTC: the relay could not be reached/,
  ],
  ['an old newest flow', { newestFlow: NOW - 60_000 }, /newest flow is 60\u00a0s old/],
  ['no flow at all', { newestFlow: undefined }, /No flow has been received/],
  ['no node expected', { nodesReporting: 0, nodesExpected: 0 }, /^No node is known/],
] satisfies [string, Partial<ClusterStatus['coverage']>, RegExp][])('not all is seen with %s', (_name, coverage, sentence) => {
  const view = coverageView(aStatus(coverage), 50, 50, undefined);
  expect(view.seen).toBe('part');
  expect(view.sentences.join(' ')).toMatch(sentence);
});

test('the age of the newest flow is by the clock of the console, whatever the clock of the browser', () => {
  const hoursAhead = NOW + 7_200_000;
  expect(coverageView(aStatus(), hoursAhead, hoursAhead + 1500, undefined).ageMs).toBe(2300);
});

test('a relay that is not live is said first', () => {
  const view = coverageView(aStatus({}, { state: 'reconnecting', stateDetail: 'The stream was closed.' }), 50, 50, undefined);
  expect(view.seen).toBe('part');
  expect(view.sentences[0]).toBe('The relay is reconnecting. The stream was closed.');
});

test('nothing known is not all seen and not zero', () => {
  const view = coverageView(undefined, 0, 50, { type: '/problems/offline', title: 'no answer', status: 0 });
  expect(view).toMatchObject({ seen: 'unknown', nodes: '–', lost: undefined, ageMs: undefined, sentences: ['no answer.'] });
});
