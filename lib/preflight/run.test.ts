import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PHASES } from '#lib/migration/model.ts';
import { aDaemonSet, aKubePod, aNode, givenInputs, HOSTILE, outside, someTraffic, trafficOf } from '#lib/testing/preflight.ts';
import { aPolicy } from '#lib/testing/policies.ts';
import { INPUT_NAMES, type PreflightCheck } from './check.ts';
import { PREFLIGHT_CHECKS } from './checks.ts';
import { runPreflight } from './run.ts';

test('checks are numbered from 1 to 33, each with its own name and links', () => {
  expect(PREFLIGHT_CHECKS.map(({ number }) => number)).toEqual(Array.from({ length: 33 }, (_, at) => at + 1));
  expect(new Set(PREFLIGHT_CHECKS.map(({ id }) => id)).size).toBe(33);
  for (const { id, links, gates, acknowledge, needs } of PREFLIGHT_CHECKS) {
    expect(id).toMatch(/^[a-z0-9-]+$/);
    expect([id, links.length > 0, links.every(({ url }) => url.startsWith('https://'))]).toEqual([id, true, true]);
    expect([id, [...gates, ...acknowledge].every((phase) => PHASES.includes(phase))]).toEqual([id, true]);
    expect([id, needs.filter((name) => !INPUT_NAMES.includes(name))]).toEqual([id, []]);
  }
});

test('gates of phases ask for the checks that belong to them', () => {
  const asked = (field: 'gates' | 'acknowledge') =>
    PHASES.map((phase) => PREFLIGHT_CHECKS.filter((check) => check[field].includes(phase)).map(({ number }) => number));
  expect(asked('gates')).toEqual([
    [19, 21, 22, 23, 30],
    [1, 2, 4, 6, 17, 18, 25],
    [1, 3, 10, 12, 13, 14, 24, 25],
    [1, 5, 6, 7, 8, 9],
    [1, 16, 17, 18, 20, 21, 22, 23],
  ]);
  expect(asked('acknowledge')).toEqual([
    [11, 16],
    [3, 10, 12],
    [15, 28, 29, 32],
    [15, 26],
    [11, 15, 27, 31],
  ]);
});

test('a check that knows nothing says so, names what it lacks, and never passes', () => {
  for (const { check, status, missing } of runPreflight(givenInputs({}))) {
    expect([check.id, status]).toEqual([check.id, 'unknown']);
    expect([check.id, missing.length > 0]).toEqual([check.id, true]);
    expect([check.id, missing.filter((name) => !check.needs.includes(name))]).toEqual([check.id, []]);
  }
});

test('a check that fails in itself is unknown with the reason, and takes nobody down', () => {
  const broken: PreflightCheck = {
    ...(PREFLIGHT_CHECKS[0] as PreflightCheck),
    decide: () => {
      throw new Error('out of luck');
    },
  };
  const [first, second] = runPreflight(givenInputs({ values: {} }), { checks: [broken, PREFLIGHT_CHECKS[2] as PreflightCheck] });
  expect(first).toMatchObject({ status: 'unknown', findings: [{ message: expect.stringContaining('out of luck') }] });
  expect(second?.status).toBe('pass');
});

test('of a phase only what its gate asks for is run', () => {
  const numbers = runPreflight(givenInputs({}), { phase: 1 }).map(({ check }) => check.number);
  expect(numbers).toEqual(expect.arrayContaining([1, 2, 3, 4, 6, 10, 12]));
  expect(numbers).not.toContain(5);
});

/** What somebody may have put in the place of something else. */
const ODD: readonly unknown[] = [
  null,
  0,
  -1,
  1.5,
  true,
  '',
  'x',
  HOSTILE,
  '10.0.0.0/8',
  '169.254.170.23',
  [],
  {},
  [null],
  [[]],
  [{}],
  { __proto__: null, constructor: 1 },
];

const OBJECTS: readonly object[] = [
  aNode('a', {
    labels: { 'eks.amazonaws.com/nodegroup': 'g' },
    spec: { podCIDRs: ['10.0.0.0/24'], taints: [{ key: 'k', effect: 'NoExecute' }] },
    createdAt: '2026-10-01T00:00:00Z',
  }),
  aKubePod('p', {
    spec: { containers: [{ name: 'm', image: 'x:1', env: [{ name: 'A', value: 'b' }], ports: [{ hostPort: 80 }] }] },
    status: { podIP: '10.0.1.5', podIPs: [{ ip: '10.0.1.5' }] },
  }),
  aDaemonSet(
    'aws-node',
    { tolerations: [{ operator: 'Exists' }], nodeSelector: { a: 'b' } },
    { managedFields: [{ manager: 'eks' }] },
  ),
  aDaemonSet('cilium', { containers: [{ name: 'cilium-agent', image: 'cilium:v1.19.5' }] }),
  {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodePool',
    metadata: { name: 'n' },
    spec: { template: { spec: { startupTaints: [{ key: 'k', effect: 'NoExecute' }], taints: [] } } },
  },
  {
    apiVersion: 'karpenter.k8s.aws/v1',
    kind: 'EC2NodeClass',
    metadata: { name: 'n' },
    spec: { metadataOptions: { httpPutResponseHopLimit: 2 } },
  },
  { apiVersion: 'vpcresources.k8s.aws/v1beta1', kind: 'SecurityGroupPolicy', metadata: { name: 's', namespace: 'shop' } },
  {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNode',
    metadata: { name: 'a' },
    spec: { ipam: { podCIDRs: ['10.1.0.0/24'] } },
    status: {
      eni: { enis: { e: { number: 1, prefixes: ['10.0.0.0/28'], addresses: ['10.0.0.1'] } } },
      ipam: { used: { '10.0.0.1': {} } },
    },
  },
  {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumEndpointSlice',
    metadata: { name: 's' },
    namespace: 'shop',
    endpoints: [{ name: 'p', id: 7, networking: { addressing: [{ ipv4: '10.0.1.5' }] } }],
  },
  {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNodeConfig',
    metadata: { name: 'c', namespace: 'kube-system' },
    spec: { defaults: { 'cni-chaining-mode': 'none' }, nodeSelector: { matchLabels: { a: 'b' } } },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'w' },
    webhooks: [{ name: 'w', failurePolicy: 'Fail', clientConfig: { service: { name: 's', namespace: 'shop', port: 443 } } }],
  },
  {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1.x' },
    spec: { service: { name: 's', namespace: 'shop' } },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'shop' },
    spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', selector: { app: 'x' }, ports: [{ port: 80 }] },
  },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { 'io.cilium/mtls-enabled': 'true' } } },
  aPolicy({
    egress: [{ toCIDR: ['10.0.0.0/24'] }, { toFQDNs: [{ matchName: 'a.example' }] }],
    ingress: [{ toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules: { http: [{}] } }] }],
  }),
];
const VALUES = {
  cni: { chainingMode: 'aws-cni', exclusive: false },
  encryption: { enabled: true, type: 'wireguard' },
  ipam: { operator: { clusterPoolIPv4PodCIDRList: ['10.0.0.0/16'] } },
  tolerations: [{ key: 'k', operator: 'Exists' }],
  bpf: { vlanBypass: [0] },
  hubble: { redact: { enabled: true } },
};

function waysIn(value: unknown, way: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [way];
  return [way, ...Object.entries(value).flatMap(([key, item]) => waysIn(item, [...way, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, name === key ? replaced(item, rest, by) : item] as const);
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

const spoilt = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 4 }).map((changes) =>
  changes.reduce<unknown>(
    (value, [at, odd]) => {
      const ways = waysIn(value);
      return replaced(value, ways[at % ways.length] ?? [], ODD[odd % ODD.length]);
    },
    { objects: OBJECTS, values: VALUES },
  ),
);

test('objects and values that hold anything anywhere break no check', () => {
  const flows = trafficOf(
    someTraffic({ l7: 'dns', dnsName: HOSTILE, protocol: 'UDP', port: 53 }),
    someTraffic({ destination: outside('entity:host', { addresses: ['169.254.170.23'] }), port: 80 }),
  );
  fc.assert(
    fc.property(spoilt, (given) => {
      const { objects, values } = (given ?? {}) as { objects?: unknown; values?: unknown };
      const inputs = givenInputs({
        objects: (Array.isArray(objects) ? objects : []) as object[],
        ...(typeof values === 'object' &&
          values !== null &&
          !Array.isArray(values) && { values: values as Record<string, unknown> }),
        flows,
        version: '1.19.5',
        target: '1.20.0',
      });
      for (const check of PREFLIGHT_CHECKS) {
        const { status, findings, missing } = check.decide(inputs);
        expect([check.id, status !== 'unknown' || findings.length + missing.length > 0]).toEqual([check.id, true]);
        for (const { message, object } of findings)
          expect([check.id, typeof message, typeof object]).toEqual([check.id, 'string', 'string']);
      }
    }),
    { numRuns: 60 },
  );
});
