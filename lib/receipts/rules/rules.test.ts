import { expect, test } from 'vitest';
import { aFlow, anEndpoint, anHttpFlow } from '#lib/testing/flows.ts';
import { aRuleContext, aSample, aVerdict, closingLedger } from '#lib/testing/rules.ts';
import { isClean } from './rule.ts';
import { type FlowWindow, judgeFlows } from './rules.ts';

const empty: FlowWindow = {
  verdicts: [],
  ends: [],
  traces: { inClear: [], toCrypto: 3, toNetwork: 3, lossy: new Set(), forgot: false },
  requests: [],
  incomplete: [],
};

test('a complete window in which nothing was found is clean for every rule', () =>
  expect(judgeFlows(empty, aRuleContext()).map((report) => [report.rule, isClean(report)])).toEqual([
    ['R1', true],
    ['R2', true],
    ['R3', true],
    ['R4', true],
  ]));

test('a window of which something is missing is clean for none', () => {
  const reports = judgeFlows({ ...empty, incomplete: ['1 node does not report.'] }, aRuleContext());
  expect(reports.map(isClean)).toEqual([false, false, false, false]);
  expect(reports[3]?.notEvaluable).toEqual(['1 node does not report.']);
});

test('each rule finds its own in one window', () => {
  const verdict = aVerdict();
  const ghost = aVerdict({ source: anEndpoint({ identity: 60_417, podName: '' }) });
  const window: FlowWindow = {
    verdicts: [aSample(verdict)],
    ends: [{ flow: ghost, side: 'source', count: 1, first: ghost.time, last: ghost.time }],
    traces: { ...empty.traces, inClear: [aSample(aFlow({ traceObservationPoint: 'TO_NETWORK' }))] },
    requests: [aSample(anHttpFlow('GET', 'http://ledger.payments:9090/other'))],
    incomplete: [],
  };
  const rules = (policy: Readonly<Record<string, unknown>>) =>
    judgeFlows(window, aRuleContext({ policies: [policy] })).flatMap(({ sightings }) => sightings.map(({ rule }) => rule));
  expect(rules(closingLedger('nobody'))).toEqual(['R1', 'R2', 'R3']);
  expect(rules(closingLedger('checkout-api', { http: [{ path: '/v1' }] }))).toEqual(['R2', 'R3', 'R4']);
});
