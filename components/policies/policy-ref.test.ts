import { expect, test } from 'vitest';
import { policyParts, policyPath } from './links.ts';
import { getCommand, refOfPath } from './policy-ref.ts';

test.each(['cnp:payments/ledger', 'knp:default/web', 'ccnp:allow-dns', 'ccnp:odd name?x'])(
  '%s comes back from the address of its page',
  (ref) => {
    const [, kind = '', namespace = '', name = ''] = policyPath(ref).split('/');
    expect(refOfPath(kind, namespace, name)).toBe(ref);
  },
);

test.each([
  ['cnp', '-', ''],
  ['ccnp', 'payments', 'allow-dns'],
  ['pod', 'payments', 'ledger'],
  ['constructor', 'payments', 'ledger'],
  ['cnp', 'payments', '%E0%A4%A'],
  ['cnp', 'payments', 'a%2Fb'],
])('an address that names no policy is refused: %s/%s/%s', (kind, namespace, name) => {
  expect(refOfPath(kind, namespace, name)).toBeUndefined();
});

test.each([
  ['cnp:payments/ledger', 'kubectl get ciliumnetworkpolicies -n payments ledger -o yaml'],
  ['ccnp:allow-dns', 'kubectl get ciliumclusterwidenetworkpolicies allow-dns -o yaml'],
  ['knp:default/web', 'kubectl get networkpolicies.networking.k8s.io -n default web -o yaml'],
])('%s is printed by a command', (ref, command) => {
  const parts = policyParts(ref);
  expect(parts && getCommand(parts)).toBe(command);
});
