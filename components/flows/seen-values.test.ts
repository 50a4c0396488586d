import { expect, test } from 'vitest';
import { aDnsFlow, aFlow, anEndpoint } from '#lib/testing/flows.ts';
import { mergeSeen, seenInFlows } from './seen-values.ts';

test('values are offered by how often they were seen', () => {
  const seen = seenInFlows([aFlow(), aFlow({ source: anEndpoint({ namespace: 'gateway' }) })]);
  expect(seen.namespace).toEqual(['payments', 'gateway']);
  expect(seen.workload?.[0]).toBe('payments/ledger');
  expect(seen.port).toEqual(['9090']);
});

test('a seen DNS name is offered as the pattern that matches it alone', () => {
  expect(seenInFlows([aDnsFlow('api.example.com.')]).dns).toEqual(['^api\\.example\\.com\\.$']);
});

test('names of Object.prototype are names like others', () => {
  const flows = [
    aFlow({ source: anEndpoint({ namespace: '__proto__' }) }),
    aFlow({ source: anEndpoint({ namespace: 'constructor' }) }),
  ];
  expect(seenInFlows(flows).namespace).toEqual(['payments', '__proto__', 'constructor']);
});

test('a flood of names is bounded', () => {
  const flows = Array.from({ length: 5_000 }, (_, index) => aDnsFlow(`x${index}.example.com`));
  expect(seenInFlows(flows).dns).toHaveLength(200);
});

test('merged values keep the order of the first', () => {
  expect(mergeSeen({ namespace: ['b', 'a'] }, { namespace: ['a', 'c'] }).namespace).toEqual(['b', 'a', 'c']);
});
