import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aPolicySummary } from '#lib/testing/policy-answers.ts';
import {
  SORTS,
  countShown,
  figuresOf,
  findPolicies,
  groupPolicies,
  inOrderOf,
  invalidReason,
  sortPolicies,
} from './inventory-view.ts';

const ledger = aPolicySummary();
const nobody = { endpoints: 0, workloads: [], workloadsTotal: 0 };
const unused = aPolicySummary({ namespace: 'gateway', name: 'edge', selects: nobody, unusedRules: 1, hits: 9, lastHit: 7 });
const broken = aPolicySummary({
  namespace: '',
  name: 'deny-all',
  selects: nobody,
  valid: false,
  hits: 0,
  findings: { error: 1, warning: 0, note: 0 },
  problems: [
    { layer: 'lint', class: 'x', message: 'not meant', path: 'spec' },
    {
      layer: 'engine',
      class: 'combined-peers',
      message: 'two kinds of peers in one rule',
      path: 'spec.ingress[0]',
      place: { line: 12, column: 5 },
    },
  ],
});
const names = (policies: readonly { name: string }[]) => policies.map(({ name }) => name);

test('a policy is found by name, namespace, kind and by what it selects, all words together', () => {
  const all = [ledger, unused, broken];
  expect(names(findPolicies(all, 'LEDGER', 'all'))).toEqual(['ledger-from-checkout']);
  expect(names(findPolicies(all, 'gateway/', 'all'))).toEqual(['edge']);
  expect(names(findPolicies(all, 'clusterwide', 'all'))).toEqual(['deny-all']);
  expect(findPolicies(all, 'ledger gateway/', 'all')).toEqual([]);
  expect(findPolicies(all, '  ', 'all')).toEqual(all);
});

test('buttons narrow to what is not in force, not used, or has findings, and count the same', () => {
  const all = [ledger, unused, broken];
  expect(names(findPolicies(all, '', 'invalid'))).toEqual(['deny-all']);
  expect(names(findPolicies(all, '', 'unused'))).toEqual(['edge']);
  expect(names(findPolicies(all, '', 'findings'))).toEqual(['deny-all']);
  expect(countShown(all)).toEqual({ all: 3, invalid: 1, unused: 1, findings: 1 });
});

test('sorted by name upwards, by all else the most first', () => {
  const all = [ledger, unused, broken];
  expect(names(sortPolicies(all, 'name'))).toEqual(['deny-all', 'edge', 'ledger-from-checkout']);
  expect(names(sortPolicies(all, 'hits'))).toEqual(['ledger-from-checkout', 'edge', 'deny-all']);
  expect(names(sortPolicies(all, 'findings'))[0]).toBe('deny-all');
});

test('no sort loses a policy, whatever order they come in', () => {
  const policies = fc
    .uniqueArray(fc.record({ name: fc.string({ minLength: 1 }), hits: fc.nat(3), lastHit: fc.nat(3) }), {
      selector: ({ name }) => name,
    })
    .map((some) => some.map(aPolicySummary));
  fc.assert(
    fc.property(policies, fc.constantFrom(...SORTS), (some, sort) => {
      const sorted = sortPolicies(some, sort);
      expect(new Set(sorted)).toEqual(new Set(some));
      expect(sortPolicies(some.toReversed(), sort).map(({ name, hits }) => [name, hits])).toEqual(
        sorted.map(({ name, hits }) => [name, hits]),
      );
    }),
  );
});

test('an order is kept while somebody points at it: what is new comes last, what is gone is gone', () => {
  const kept = inOrderOf(sortPolicies([ledger, broken, unused], 'hits'), [broken.ref, 'cnp:a/gone', ledger.ref]);
  expect(names(kept)).toEqual(['deny-all', 'ledger-from-checkout', 'edge']);
});

test('clusterwide policies come first, and a namespace without a policy is listed when all are shown', () => {
  const coverage = [
    { namespace: 'payments', pods: 6, ingressClosed: 6, egressClosed: 3, auditFlows: 0 },
    { namespace: 'sandbox', pods: 2, ingressClosed: 0, egressClosed: 0, auditFlows: 0 },
    { namespace: 'empty', pods: 0, ingressClosed: 0, egressClosed: 0, auditFlows: 0 },
  ];
  const all = groupPolicies([ledger, broken], coverage, true);
  expect(all.map(({ namespace, policies }) => [namespace, policies.length])).toEqual([
    ['', 1],
    ['payments', 1],
    ['sandbox', 0],
  ]);
  expect(all[1]?.coverage?.pods).toBe(6);
  expect(groupPolicies([ledger], coverage, false).map(({ namespace }) => namespace)).toEqual(['payments']);
});

test('a namespace may have any name', () => {
  const odd = aPolicySummary({ namespace: '__proto__', name: 'x' });
  expect(groupPolicies([odd], [], true)).toEqual([{ namespace: '__proto__', policies: [odd], coverage: undefined }]);
});

test('figures add up over policies and namespaces', () => {
  const figures = figuresOf({
    policies: [ledger, unused, broken],
    namespaces: [
      { namespace: 'payments', pods: 6, ingressClosed: 6, egressClosed: 3, auditFlows: 2 },
      { namespace: 'gateway', pods: 4, ingressClosed: 1, egressClosed: 0, auditFlows: 5 },
    ],
  });
  expect(figures).toMatchObject({ policies: 3, invalid: 1, rules: 6, unusedRules: 1 });
  expect(figures).toMatchObject({ pods: 10, ingressClosed: 7, egressClosed: 3, auditFlows: 7 });
  expect(figures.byKind).toEqual([
    { kind: 'CiliumNetworkPolicy', count: 2 },
    { kind: 'CiliumClusterwideNetworkPolicy', count: 1 },
  ]);
});

test('why a policy is not in force is told with its place, and lint is no reason', () => {
  expect(invalidReason(broken)).toBe('spec.ingress[0]: two kinds of peers in one rule (line 12)');
  expect(invalidReason(aPolicySummary({ valid: false, reported: { valid: false, message: 'bad CIDR' } }))).toBe('bad CIDR');
});
