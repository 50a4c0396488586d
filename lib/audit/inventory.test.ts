import { describe, expect, test } from 'vitest';
import { compilePolicies } from '#lib/policy/compile.ts';
import type { PolicyObject, World } from '#lib/policy/model.ts';
import { aDroppedFlow, aFlow, anEndpoint, ledger } from '#lib/testing/flows.ts';
import { coverageOf } from './coverage.ts';
import { judge } from './judge.ts';
import { policyFacts } from './policy-facts.ts';
import { replay } from './replay.ts';
import { replayFlows } from './replay-tuples.ts';
import { Selection } from './selected.ts';
import { ruleKey, useOf } from './use.ts';
import { wouldDeny } from './would-deny.ts';

const world: World = {
  config: { clusterName: 'aegis-production', disablePolicyDefaultLocalCluster: true },
  namespaces: { payments: {}, shop: {} },
  endpoints: [
    { id: 'payments/ledger-1', namespace: 'payments', workload: 'ledger', labels: {}, identityLabels: ledger.labels },
    {
      id: 'payments/checkout-1',
      namespace: 'payments',
      workload: 'checkout-api',
      labels: {},
      identityLabels: anEndpoint().labels,
    },
    { id: 'shop/web-abcde', namespace: 'shop', labels: { app: 'web' } },
    { id: 'payments/far', namespace: 'payments', cluster: 'other', labels: { app: 'ledger' } },
  ],
  nodes: [],
  ips: [],
  fqdnCache: {},
  cidrGroups: [],
  services: [],
};
const policy = (spec: object, more: Partial<PolicyObject> = {}): PolicyObject => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'ledger', namespace: 'payments' },
  spec: { endpointSelector: { matchLabels: { app: 'ledger' } }, ...spec },
  ...more,
});
const allow = policy({ ingress: [{ fromEndpoints: [{ matchLabels: { app: 'checkout-api' } }] }, { fromEntities: ['world'] }] });
const factsOf = (object: PolicyObject) => policyFacts(object, world, new Selection(world));

describe('a policy', () => {
  test('selects the endpoints of this cluster with its labels, by workload', () => {
    const facts = factsOf(allow);
    expect(facts).toMatchObject({ ref: 'cnp:payments/ledger', valid: true, ingress: 'default-deny', egress: 'none' });
    expect(facts.endpoints.map(({ id }) => id)).toEqual(['payments/ledger-1']);
    expect(facts.workloads).toEqual(['payments/ledger']);
    expect(facts.rules.map(({ path, direction, kind }) => [path, direction, kind])).toEqual([
      ['spec.ingress[0]', 'ingress', 'allow'],
      ['spec.ingress[1]', 'ingress', 'allow'],
    ]);
  });

  test('that does not close its direction says so', () => {
    expect(factsOf(policy({ enableDefaultDeny: { egress: false }, egress: [{ toEntities: ['all'] }] })).egress).toBe(
      'no-default-deny',
    );
  });

  test('that Cilium refuses selects nobody, and shows its rules and what is wrong', () => {
    const facts = factsOf(policy({ ingress: [{ fromEntities: ['nobody-i-know'] }] }));
    expect(facts).toMatchObject({ valid: false, endpoints: [], rules: [{ path: 'spec.ingress[0]' }] });
    expect(facts.problems.length).toBeGreaterThan(0);
  });

  test('of any shape breaks nothing', () => {
    for (const spec of [null, 7, 'text', [], { ingress: 'all' }, { ingress: [null, 7] }, { egress: { a: 1 } }])
      expect(factsOf({ ...allow, spec }).endpoints.length).toBeLessThanOrEqual(1);
  });

  test('repeats what the cluster says of it', () => {
    const status = { conditions: [{ type: 'Valid', status: 'False', message: 'no such field' }] };
    expect(factsOf({ ...allow, status }).reported).toEqual({ valid: false, message: 'no such field' });
    expect(factsOf({ ...allow, status: { conditions: 'none' } }).reported).toBeUndefined();
  });
});

describe('traffic', () => {
  const { tuples, labelSets } = replayFlows([
    aFlow(),
    aFlow(),
    aDroppedFlow({ l4: { protocol: 'TCP', sourcePort: 1, destinationPort: 22, flags: ['SYN'] } }),
  ]);
  const input = { world, policies: [], setHash: '', tuples, labelSets, from: 0, to: 1, incompleteMinutes: 0 };
  const compiled = compilePolicies(world, [allow]);

  test('is counted at each rule that covers it and once at its policy', () => {
    const twice = policy({ ingress: [{ fromEntities: ['all'] }, { fromEndpoints: [{}] }, { fromEntities: ['world'] }] });
    const set = compilePolicies(world, [twice]);
    const use = useOf(
      tuples,
      replay(input).map((each) => judge(set, each)),
    );
    expect(use.policies.get('cnp:payments/ledger')).toMatchObject({ flows: 3, tuples: 2 });
    const flowsAt = (path: string) => use.rules.get(ruleKey({ policy: 'cnp:payments/ledger', path }))?.flows;
    expect([0, 1, 2].map((place) => flowsAt(`spec.ingress[${place}]`))).toEqual([3, 3, undefined]);
  });

  test('that passed and would be denied is counted at the workload that denies; what was dropped is not', () => {
    const closed = compilePolicies(world, [policy({ ingress: [{}] })]);
    expect(wouldDeny(input, closed)).toEqual({ judged: 2, denied: 2, unknown: 0, workloads: [['payments/ledger', 2]] });
    expect(wouldDeny(input, compiled)).toMatchObject({ judged: 2, denied: 0 });
  });

  test('leaves the coverage of each namespace as its policies make it', () => {
    const audited = tuples.map((tuple) => ({ ...tuple, seen: [{ verdict: 'AUDIT', dropReason: '', flows: 5 }] }));
    expect(coverageOf(world, compiled, audited)).toEqual([
      { namespace: 'payments', pods: 2, ingressClosed: 1, egressClosed: 0, auditFlows: 10 },
      { namespace: 'shop', pods: 1, ingressClosed: 0, egressClosed: 0, auditFlows: 0 },
    ]);
  });
});
