import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PolicyObject } from '#lib/policy/model.ts';
import { aPolicy, aWorld } from '#lib/testing/policies.ts';
import { anEnd, givenInputs, HOSTILE, outside, someTraffic, trafficOf } from '#lib/testing/preflight.ts';
import { WORLD_KINDS } from '#lib/world/object.ts';
import { INPUT_NAMES } from './check.ts';
import { CHECKS_13_TO_33 } from './checks-13-33.ts';

/** Words that stand in real objects and settings, so that junk gets past the first door. */
const KEYS = [
  'spec', 'status', 'metadata', 'template', 'containers', 'env', 'args', 'name', 'value', 'nodeSelector', 'affinity', 'nodeAffinity',
  'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms', 'matchExpressions', 'matchLabels', 'key', 'operator', 'values',
  'defaults', 'eni', 'enis', 'ipam', 'pool', 'podCIDRs', 'vpc', 'addresses', 'allocatable', 'pods', 'nodeInfo', 'webhooks', 'clientConfig',
  'service', 'namespace', 'selector', 'hostNetwork', 'nodeName', 'externalTrafficPolicy', 'type', '__proto__', 'constructor', HOSTILE,
]; // prettier-ignore
const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    '',
    'true',
    'a',
    'kube-system',
    'aws-node',
    'LoadBalancer',
    'Local',
    'In',
    '10.0.0.0/8',
    HOSTILE,
    '9'.repeat(400),
  ),
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, Number.NaN, []),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    leaf,
    fc.array(tie('json'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.constantFrom(...KEYS), tie('json')), { maxLength: 6 })
      .map((entries): unknown => Object.fromEntries(entries)),
  ),
}));
const record = fc.array(fc.tuple(fc.constantFrom(...KEYS), json), { maxLength: 6 }).map((entries) => Object.fromEntries(entries));
const anObject = fc
  .tuple(fc.constantFrom(...WORLD_KINDS), fc.constantFrom('a', 'aws-node', 'cilium-config', HOSTILE), record)
  .map(([kind, name, rest]) => ({ ...rest, kind, metadata: { name, namespace: 'kube-system', labels: rest } }));
const text = fc.constantFrom('true', 'false', '', 'aws-cni', 'none', 'eni', 'native', 'wireguard', 'never', '-1', HOSTILE);
const someValues = fc.record({
  cni: fc.record({ chainingMode: text, exclusive: text, customConf: json }),
  ipam: fc.record({ mode: text, operator: record }),
  encryption: fc.record({ type: text }),
  kubeProxyReplacement: text,
  bpf: fc.record({ policyMapMax: json }),
  hubble: record,
  updateStrategy: record,
  egressMasqueradeInterfaces: json,
  k8sServiceHost: json,
});
const known = [...WORLD_KINDS];
const POLICIES: readonly PolicyObject[] = [
  aPolicy({ ingress: [{ fromEndpoints: [{}] }] }),
  { kind: 'CiliumClusterwideNetworkPolicy', metadata: {}, spec: { nodeSelector: {}, ingress: [{}] } },
  { kind: 'NetworkPolicy', metadata: { name: HOSTILE, namespace: HOSTILE }, spec: HOSTILE },
];
const flows = trafficOf(
  someTraffic({
    source: anEnd(HOSTILE, HOSTILE, [HOSTILE]),
    destination: outside(HOSTILE, { addresses: [HOSTILE] }),
    protocol: HOSTILE,
  }),
  someTraffic({ destination: outside('entity:world', { addresses: ['169.254.20.10'] }), port: 53, protocol: 'UDP' }),
);

test('no check fails in itself, whatever objects and values hold; a pass lacks nothing, and what is missing is an input', () => {
  fc.assert(
    fc.property(fc.array(anObject, { maxLength: 8 }), someValues, fc.boolean(), (objects, values, hasWorld) => {
      const inputs = givenInputs({
        objects,
        known,
        values,
        flows,
        policies: POLICIES,
        version: '1.19.5',
        target: '1.20.0',
        relay: { connected: 1, expected: 2, missing: [HOSTILE], lost: 1 },
        ...(hasWorld && { world: aWorld() }),
      });
      for (const check of CHECKS_13_TO_33) {
        const { status, findings, missing } = check.decide(inputs);
        expect(missing.filter((name) => !INPUT_NAMES.includes(name) || !check.needs.includes(name))).toEqual([]);
        expect(status === 'pass' && missing.length > 0).toBe(false);
        expect(status === 'fail').toBe(findings.some((finding) => finding.status === 'fail'));
      }
    }),
    { numRuns: 150 },
  );
});

test('without any input every check is unknown and names what it needs', () => {
  for (const check of CHECKS_13_TO_33) {
    const { status, missing } = check.decide(givenInputs({}));
    expect([check.id, status, missing.length > 0]).toEqual([check.id, 'unknown', true]);
  }
});
