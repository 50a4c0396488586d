import { expect, test } from 'vitest';
import { policyHref, policyLabel, policyPath, refOfHubbleName, ruleName } from './links.ts';

const view = {
  hrefOf: (page: string, extra: Readonly<Record<string, string>> = {}) => `/c/x/${page}?${new URLSearchParams(extra)}`,
};

test('a policy is reached by kind, namespace and name; a clusterwide one has no namespace', () => {
  expect(policyPath('cnp:payments/ledger')).toBe('policies/cnp/payments/ledger');
  expect(policyPath('ccnp:allow-dns')).toBe('policies/ccnp/-/allow-dns');
  expect(policyPath('knp:a/b c?')).toBe('policies/knp/a/b%20c%3F');
  expect(policyPath('nonsense')).toBe('policies');
});

test('a rule is reached by its place and its line', () => {
  expect(policyHref(view, 'cnp:a/b', { path: 'spec.ingress[0]', line: 7 })).toBe(
    '/c/x/policies/cnp/a/b?rule=spec.ingress%5B0%5D&line=7',
  );
});

test.each([
  ['CiliumNetworkPolicy:payments/ledger', 'cnp:payments/ledger'],
  ['CiliumClusterwideNetworkPolicy:allow-dns', 'ccnp:allow-dns'],
  ['cnp:payments/ledger', 'cnp:payments/ledger'],
  ['reserved:derived', undefined],
  ['alone', undefined],
])('%s is the policy %s', (name, ref) => expect(refOfHubbleName(name)).toBe(ref));

test('what is shown of a policy and a rule is what tells it apart', () => {
  expect(policyLabel('ccnp:allow-dns')).toBe('allow-dns');
  expect(ruleName('spec.egress[1]')).toBe('egress[1]');
  expect(ruleName('specs[1].egress[0]')).toBe('specs[1].egress[0]');
});
