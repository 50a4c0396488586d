import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Flow } from '#lib/flow/flow.ts';
import { compilePolicies } from '#lib/policy/compile.ts';
import { decide } from '#lib/policy/decide.ts';
import { aFlow, anEndpoint, arbFlow, host, ledger, world } from '#lib/testing/flows.ts';
import { factsOf } from '#lib/world/world-builder.ts';
import { auditToJson } from './audit-json.ts';
import { auditToText } from './audit-text.ts';
import { Auditor } from './audit.ts';

const policy = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'ledger', namespace: 'payments' },
  spec: {
    endpointSelector: { matchLabels: { app: 'ledger' } },
    ingress: [
      { fromEndpoints: [{ matchLabels: { app: 'checkout-api' } }], toPorts: [{ ports: [{ port: '9090', protocol: 'TCP' }] }] },
    ],
  },
};

/** An audit of flows by the real engine, with nothing known of the cluster but one policy. */
function audited(flows: readonly Flow[]) {
  const facts = factsOf([policy]);
  const auditor = new Auditor(facts);
  for (const flow of flows) auditor.add(flow);
  const compiled = compilePolicies(auditor.world(), facts.policies);
  return auditor.audit((question) => decide(compiled, question));
}

describe('for any flows', () => {
  test('each is in one tuple or left out, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(arbFlow, { maxLength: 40 }), (flows) => {
        const { tuples, leftOut, flows: all } = audited(flows);
        const inTuples = tuples.reduce((sum, { count }) => sum + count, 0);
        expect(inTuples + leftOut.reply + leftOut['no-request'] + leftOut['too-many']).toBe(flows.length);
        expect(all).toBe(flows.length);
        expect(new Set(tuples.map(({ id }) => id)).size).toBe(tuples.length);
      }),
    );
  });

  test('the order of flows does not matter to what is said of them', () => {
    fc.assert(
      fc.property(fc.array(arbFlow, { maxLength: 20 }), fc.infiniteStream(fc.nat()), (flows, order) => {
        const said = (some: readonly Flow[]) =>
          auditToJson(audited(some))
            .tuples.map(({ event, direction, source, destination, observed, count, first, last, agree, finding }) =>
              JSON.stringify([event, direction, source, destination, observed, count, first, last, agree, finding]),
            )
            .toSorted();
        const keyed = flows.map((flow) => [order.next().value ?? 0, flow] as const);
        const mixed = keyed.toSorted(([a], [b]) => a - b).map(([, flow]) => flow);
        expect(said(mixed)).toEqual(said(flows));
      }),
    );
  });

  test('the report can be shown, and written as JSON and read again', () => {
    fc.assert(
      fc.property(fc.array(arbFlow, { maxLength: 20 }), (flows) => {
        const audit = audited(flows);
        // oxlint-disable-next-line no-control-regex -- that none is there is the point
        expect(auditToText(audit).join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/);
        const json = auditToJson(audit);
        expect(JSON.parse(JSON.stringify(json))).toEqual(json);
      }),
    );
  });
});

describe('without the agents’ configuration', () => {
  const inCluster = (name: string) => ({ labels: [...ledger.labels, `k8s:io.cilium.k8s.policy.cluster=${name}`] });

  test('the cluster is called what its nodes call it, so that its pods are its own', () => {
    const closed = aFlow({
      source: host,
      destination: { ...ledger, ...inCluster('aegis-production') },
      verdict: 'DROPPED',
      dropReason: 'POLICY_DENIED',
      eventType: { type: 1, subType: 133 },
      l4: { protocol: 'TCP', sourcePort: 1, destinationPort: 81 },
    });
    const other = { ...closed, source: anEndpoint({ labels: ['k8s:app=x', 'k8s:io.kubernetes.pod.namespace=x'] }) };
    expect(audited([other]).tuples).toMatchObject([{ agree: true, finding: 'default-deny-drop' }]);
    expect(audited([{ ...other, nodeName: 'elsewhere/n1' }]).tuples).toMatchObject([{ finding: 'unexplained' }]);
  });

  test('both address families are on when a world of one of them was seen', () => {
    const auditor = new Auditor(factsOf([policy]));
    auditor.add(aFlow({ source: world }));
    expect(auditor.world().config).toEqual({ clusterName: 'aegis-production' });
    auditor.add(aFlow({ source: { ...world, identity: 10, labels: ['reserved:world-ipv6'] } }));
    expect(auditor.world().config).toEqual({ clusterName: 'aegis-production', dualStack: true });
  });
});
