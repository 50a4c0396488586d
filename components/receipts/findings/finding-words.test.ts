import { expect, test } from 'vitest';
import { aFinding } from '#lib/testing/finding-answers.ts';
import { endName, linksOf } from './finding-words.ts';

test.each([
  { end: { identity: 7, namespace: 'shop', workload: 'web' }, name: 'shop/web' },
  { end: { identity: 2, labels: ['reserved:world-ipv4'] }, name: 'entity:world' },
  { end: { identity: 1, labels: ['reserved:host'] }, name: 'entity:host' },
  { end: { identity: 60_417, namespace: 'payments', labels: ['k8s:app=x'] }, name: 'identity:60417' },
])('an end is named as maps and filters name it: $name', ({ end, name }) => expect(endName(end)).toBe(name));

test('a finding about a connection leads to its flows, its explanation and its edge', () =>
  expect(linksOf(aFinding())).toEqual({
    flows: 'from-workload:monitoring/grafana to-workload:payments/ledger to-port:9090',
    why: { src: 'monitoring/grafana', dst: 'payments/ledger', port: '9090' },
    edge: 'monitoring/grafana->payments/ledger:TCP/9090',
  }));

test('one about a node leads to the node’s flows, one about a policy nowhere but to the policy', () => {
  expect(linksOf({ about: { policies: [], nodes: ['n1'] } })).toEqual({ flows: 'node:n1' });
  expect(linksOf({ about: { policies: ['cnp:a/b'], nodes: [] } })).toEqual({});
});
