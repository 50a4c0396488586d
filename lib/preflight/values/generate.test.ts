import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { JsonRecord } from '#lib/flow/json-record.ts';
import { METHODS, PHASES, ROUTES } from '#lib/migration/model.ts';
import { isRecord } from '#lib/policy/schema/problems.ts';
import { parseVersion } from '../versions.ts';
import { helmValues } from '../helm-values.ts';
import { clusterObjectsOf, preflightInputs } from '../gather.ts';
import { currentValuesOf, valuesFactsOf } from './facts.ts';
import { generateValues } from './generate.ts';
import { type GeneratedValues, STAGES, type ValuesFacts, type ValuesRequest } from './model.ts';
import { leavesOf } from './tree.ts';

const FACTS: ValuesFacts = {
  clusterName: 'aegis-dev',
  apiServerHost: '0A1B2C.gr7.us-west-2.eks.amazonaws.com',
  vpcCidr: '10.20.0.0/16',
  nodeCount: 4,
  nodeMtu: 9001,
  trustDomain: 'aegis.local',
  spireServer: 'spire-server.spire-server.svc:8081',
  spireAdminSocket: '/run/spire/admin-sockets/admin.sock',
};
const BASE: ValuesRequest = { phase: 1, facts: FACTS, choices: { method: 'mutual-auth', route: 'node-groups' } };
const version = (text: string) => {
  const parsed = parseVersion(text);
  if (!parsed) throw new Error(text);
  return parsed;
};
const made = (request: Partial<ValuesRequest>): GeneratedValues =>
  generateValues({ ...BASE, target: version('1.19.5'), ...request });
const leaves = ({ values }: GeneratedValues): Map<string, string> => leavesOf(parse(values) as JsonRecord);
const helm = (values: JsonRecord) => ({ kind: 'values', against: 'values.yaml', values }) as const;

const RUNS = { numRuns: 40 };
const aRequest = fc.record({
  phase: fc.constantFrom(...PHASES),
  choices: fc.record({ method: fc.constantFrom(...METHODS), route: fc.constantFrom(...ROUTES) }),
  stage: fc.constantFrom(...STAGES),
  target: fc.constantFrom(...['1.14.0', '1.17.4', '1.19.5', '1.20.1', '1.21.0'].map(version)),
});

describe('phase 1', () => {
  test('chains Cilium behind VPC CNI, with Hubble and its relay', () => {
    const values = leaves(made({ phase: 1 }));
    for (const [path, value] of [
      ['cluster.name', 'aegis-dev'],
      ['cni.chainingMode', 'aws-cni'],
      ['cni.exclusive', 'false'],
      ['cni.enableRouteMTUForCNIChaining', 'true'],
      ['routingMode', 'native'],
      ['enableIPv4Masquerade', 'false'],
      ['kubeProxyReplacement', 'false'],
      ['hubble.relay.enabled', 'true'],
      ['hubble.export.static.enabled', 'true'],
      ['upgradeCompatibility', '1.19'],
    ])
      expect(values.get(path ?? '')).toBe(value);
    expect(values.get('hubble.metrics.enabled')).toContain('dns');
  });

  test('has a reason above each value', () => {
    const { values } = made({ phase: 1 });
    expect(values).toMatch(/# VPC CNI keeps giving out addresses;[^\n]*\n(\s*#[^\n]*\n)*\s*chainingMode: aws-cni/);
    expect(values.startsWith('# Helm values of Cilium 1.19.5 for phase 1, Chaining.')).toBe(true);
  });
});

test('phase 2 has two steps: audit mode, then enforcement', () => {
  expect(leaves(made({ phase: 2 })).get('policyAuditMode')).toBe('true');
  expect(leaves(made({ phase: 2, stage: 'finish' })).get('policyAuditMode')).toBe('false');
  expect(leaves(made({ phase: 3 })).get('policyAuditMode')).toBe('false');
});

describe('phase 3', () => {
  const of = (method: ValuesRequest['choices']['method'], target = '1.19.5') =>
    made({ phase: 3, target: version(target), choices: { method, route: 'node-groups' } });

  test('uses the SPIRE that is there for mutual authentication', () => {
    const values = leaves(of('mutual-auth'));
    expect(values.get('authentication.mutual.spire.install.enabled')).toBe('false');
    expect(values.get('authentication.mutual.spire.serverAddress')).toBe('spire-server.spire-server.svc:8081');
    expect(values.get('authentication.mutual.spire.adminSocketPath')).toBe('/run/spire/admin-sockets/admin.sock');
    expect(values.get('encryption.type')).toBe('wireguard');
  });

  test('says when the version is about to drop the method, or does not have it', () => {
    const why = ({ notes }: GeneratedValues, path: string) => notes.find((note) => note.path === path)?.why ?? '';
    expect(why(of('mutual-auth', '1.20.0'), 'authentication.mutual.spire.enabled')).toContain('Deprecated');
    expect(why(of('mutual-auth', '1.21.0'), 'authentication.mutual.spire.enabled')).toContain('no mutual authentication');
    expect(why(of('ztunnel', '1.18.0'), 'encryption.type')).toContain('no ztunnel');
  });

  test('encrypts by ztunnel without WireGuard beside it', () => {
    const values = leaves(of('ztunnel'));
    expect(values.get('encryption.type')).toBe('ztunnel');
    expect(values.get('authentication.mutual.spire.enabled')).toBe('false');
  });

  test('says what WireGuard leaves of a jumbo frame', () => {
    expect(of('wireguard').notes.find(({ path }) => path === 'encryption.type')?.why).toContain('9001 becomes 8941');
  });
});

describe('phase 4', () => {
  const of = (route: ValuesRequest['choices']['route'], stage: ValuesRequest['stage'], facts: ValuesFacts = FACTS) =>
    made({ phase: 4, choices: { method: 'wireguard', route }, stage: stage ?? 'begin', facts });

  test('replaces node groups with Cilium as the only plugin from the start', () => {
    const values = leaves(of('node-groups', 'begin'));
    for (const [path, value] of [
      ['ipam.mode', 'eni'],
      ['cni.chainingMode', 'none'],
      ['cni.exclusive', 'true'],
      ['kubeProxyReplacement', 'true'],
      ['k8sServiceHost', FACTS.apiServerHost],
      ['policyEnforcementMode', 'default'],
      ['updateStrategy.type', 'OnDelete'],
    ] as const)
      expect(values.get(path)).toBe(value);
    expect(of('node-groups', 'begin').manifests).toEqual([]);
  });

  test('takes enforcement off while both plugins live on the nodes, and puts it back', () => {
    const begin = of('per-node', 'begin');
    expect(leaves(begin).get('policyEnforcementMode')).toBe('never');
    expect(leaves(begin).get('cni.customConf')).toBe('true');
    expect(leaves(begin).get('operator.unmanagedPodWatcher.restart')).toBe('false');
    const end = leaves(of('per-node', 'finish'));
    expect(end.get('policyEnforcementMode')).toBe('default');
    expect(end.get('cni.customConf')).toBe('false');
    expect(end.get('operator.unmanagedPodWatcher.restart')).toBe('true');
  });

  test.each([
    ['1.15.0', 'cilium.io/v2alpha1'],
    ['1.19.5', 'cilium.io/v2'],
    ['1.20.0', 'cilium.io/v2'],
  ])('writes the CiliumNodeConfig that %s serves', (target, apiVersion) => {
    const [manifest] = made({
      phase: 4,
      target: version(target),
      choices: { method: 'wireguard', route: 'per-node' },
    }).manifests;
    expect(parse(manifest?.yaml ?? '')).toMatchObject({ apiVersion, kind: 'CiliumNodeConfig' });
  });

  test('never takes an address for the API server: it goes stale', () => {
    const { missing, values } = of('node-groups', 'begin', { ...FACTS, apiServerHost: '10.20.0.14' });
    expect(missing.map(({ name }) => name)).toEqual(['api-server-host']);
    expect(values).toContain('k8sServiceHost: <api-server-host>');
  });

  test('leaves Multus its file', () => {
    expect(leaves(of('node-groups', 'finish', { ...FACTS, multus: true })).get('cni.exclusive')).toBe('false');
  });
});

test('facts that are missing stay as <name> and are listed with how to find them', () => {
  const { values, missing, version: said } = generateValues({ ...BASE, facts: {} });
  expect(values).toContain('name: <cluster>');
  expect(said).toBe('<version>');
  expect(missing.map(({ name }) => name)).toEqual(['cluster', 'version']);
  for (const { hint } of missing) expect(hint).not.toBe('');
});

test.each(['x\ny: 1', '# a', '${jndi}', '"', "a'b", '{{ .Values }}', '-----BEGIN PRIVATE KEY-----'])(
  'a fact %j is no plain word: it is left out',
  (clusterName) => {
    const { values } = generateValues({ ...BASE, facts: { ...FACTS, clusterName } });
    expect(leavesOf(parse(values) as JsonRecord).get('cluster.name')).toBe('<cluster>');
  },
);

describe('the Application of Argo CD', () => {
  test('has the same values inside, and prunes nothing', () => {
    const { application, values } = made({ phase: 1 });
    const parsed = parse(application) as {
      spec: { source: { helm: { valuesObject: unknown }; targetRevision: string; repoURL: string }; syncPolicy: unknown };
    };
    expect(parsed.spec.source.helm.valuesObject).toEqual(parse(values));
    expect(parsed.spec.source).toMatchObject({ repoURL: 'https://helm.cilium.io', targetRevision: '1.19.5' });
    expect(parsed.spec.syncPolicy).toEqual({ syncOptions: expect.arrayContaining(['Prune=false']) as unknown });
    expect(application).not.toContain('automated');
  });

  test('of phase 0 is a release of its own', () => {
    expect(parse(made({ phase: 0 }).application)).toMatchObject({ metadata: { name: 'cilium-preflight' } });
    expect(parse(made({ phase: 1 }).application)).toMatchObject({ metadata: { name: 'cilium' } });
  });
});

describe('the diff to what runs', () => {
  test('names what changes path by path, and keeps what no phase speaks of', () => {
    const { diff, values } = made({
      phase: 1,
      current: helm({ cni: { exclusive: true, chainingMode: 'aws-cni' }, resources: { limits: { memory: '2Gi' } } }),
    });
    expect(diff?.changes).toContainEqual({ path: 'cni.exclusive', from: 'true', to: 'false' });
    expect(diff?.changes.some(({ path }) => path === 'cni.chainingMode' || path.startsWith('resources'))).toBe(false);
    expect(diff?.text).toMatch(/^-\s+exclusive: true$/m);
    expect(diff?.text).toMatch(/^\+\s+exclusive: false$/m);
    expect(leavesOf(parse(values) as JsonRecord).get('resources.limits.memory')).toBe('2Gi');
  });

  test('has a line for what changes and none for what only stands elsewhere', () => {
    const running = parse(made({ phase: 1 }).values) as JsonRecord;
    const turned = (values: JsonRecord): JsonRecord =>
      Object.fromEntries(
        Object.entries(values)
          .toReversed()
          .map(([key, value]) => [key, isRecord(value) ? turned(value) : value]),
      );
    const { diff } = made({ phase: 1, current: helm({ ...turned(running), routingMode: 'tunnel' }) });
    expect(diff?.text.split('\n').filter((line) => /^[-+](?![-+])/.test(line))).toEqual([
      '-routingMode: tunnel',
      '+routingMode: native',
    ]);
  });

  test('is empty when what is generated runs', () => {
    const running = parse(made({ phase: 3 }).values) as JsonRecord;
    expect(made({ phase: 3, current: helm(running) }).diff).toEqual({ against: 'values.yaml', changes: [], text: '' });
  });

  test('to cilium-config is about settings that it tells', () => {
    const cluster = clusterObjectsOf([
      {
        kind: 'ConfigMap',
        metadata: { name: 'cilium-config', namespace: 'kube-system' },
        data: { 'cni-exclusive': 'true', 'routing-mode': 'native', 'cluster-name': 'aegis-dev' },
      },
    ]);
    const current = currentValuesOf(preflightInputs({ now: 0, cluster }));
    expect(current?.against).toBe('cilium-config');
    const { diff } = made({ phase: 1, ...(current && { current }) });
    expect(diff?.changes).toEqual([{ path: 'cni.exclusive', from: 'true', to: 'false' }]);
    expect(diff?.text).toContain('+  exclusive: false');
  });

  test('leaves out what the version does not have any more, and says so', () => {
    const current = helm({ encryption: { strictMode: { enabled: true, egress: { enabled: true } } }, tunnel: 'vxlan' });
    const of = (target: string) => made({ phase: 1, target: version(target), current });
    const left = leaves(of('1.20.1'));
    expect([left.has('encryption.strictMode.enabled'), left.has('tunnel')]).toEqual([false, false]);
    expect(left.get('encryption.strictMode.egress.enabled')).toBe('true');
    expect(of('1.20.1').diff?.changes).toContainEqual({ path: 'encryption.strictMode.enabled', from: 'true' });
    expect(of('1.20.1').notes.find(({ path }) => path === 'tunnel')?.why).toContain('gone since 1.15');
    expect(leaves(of('1.19.5')).get('encryption.strictMode.enabled')).toBe('true');
  });

  test('says nothing when nothing is known of what runs', () => {
    expect(made({}).diff).toBeUndefined();
  });

  test('survives what a values file may hold', () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"x":1},"a.b":{"c":2},"cni":"text"}') as JsonRecord;
    const { values, diff } = made({ current: helm(hostile) });
    const parsed = JSON.parse(JSON.stringify(parse(values))) as JsonRecord;
    expect(Object.keys(parsed)).toEqual(expect.arrayContaining(['__proto__', 'constructor', 'a.b', 'cni']) as unknown);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(diff?.changes.some(({ path }) => path === 'cni')).toBe(true);
  });
});

test('no secret of what runs comes out, whatever it is called', () => {
  const pem = '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----';
  const current = helm({
    tls: { ca: { cert: 'public-cert', key: 'hidden-1' } },
    clustermesh: { apiserver: { tls: { server: { cert: 'public-cert', key: 'hidden-2' } } } },
    extraEnv: [
      { name: 'AWS_SECRET_ACCESS_KEY', value: 'hidden-3' },
      { name: 'REGION', value: 'us-west-2' },
    ],
    some: { password: 'hidden-4', notes: pem, token: 'hidden-5' },
    tolerations: [{ key: 'node.cilium.io/agent-not-ready', operator: 'Exists' }],
  });
  const result = made({ current });
  const said = JSON.stringify(result);
  expect(said).not.toMatch(/hidden-\d|MIIEow/);
  expect(said).toContain('public-cert');
  expect(result.values).toContain('us-west-2');
  expect(result.values).toContain('key: node.cilium.io/agent-not-ready');
  const secrets = result.notes.filter(({ why }) => why.startsWith('A secret stands here')).map(({ path }) => path);
  expect(secrets).toEqual([
    'tls.ca.key',
    'clustermesh.apiserver.tls.server.key',
    'extraEnv[0].value',
    'some.password',
    'some.notes',
    'some.token',
  ]);
});

describe('for every phase, choice and version', () => {
  test('values and Application are YAML, and every value has its note', () => {
    fc.assert(
      fc.property(aRequest, (request) => {
        const result = generateValues({ ...BASE, ...request });
        const found = leaves(result);
        expect(found.size).toBeGreaterThan(3);
        expect(parse(result.application)).toMatchObject({ kind: 'Application' });
        for (const [path, value] of found) {
          const note = result.notes.find((each) => each.path === path);
          expect(note?.value).toBe(value);
          expect(note?.why.length).toBeGreaterThan(5);
        }
      }),
      RUNS,
    );
  });

  test('a phase keeps what the phase before it left, or says why not', () => {
    fc.assert(
      fc.property(aRequest, (request) => {
        if (request.phase === 4) return;
        const before = generateValues({ ...BASE, ...request, stage: 'finish' });
        const after = generateValues({ ...BASE, ...request, phase: (request.phase + 1) as 1 | 2 | 3 | 4 });
        const now = leaves(after);
        const changed = [...leaves(before)].filter(([path, value]) => now.get(path) !== value).map(([path]) => path);
        expect(changed.filter((path) => !now.has(path))).toEqual([]);
        expect(changed.filter((path) => !after.notes.some((note) => note.path === path && note.why !== ''))).toEqual([]);
      }),
      RUNS,
    );
  });

  test('generating over what was generated changes nothing', () => {
    fc.assert(
      fc.property(aRequest, (request) => {
        if (request.phase === 0) return;
        const once = generateValues({ ...BASE, ...request });
        const twice = generateValues({ ...BASE, ...request, current: helm(parse(once.values) as JsonRecord) });
        expect(twice.diff?.changes).toEqual([]);
        expect(parse(twice.values)).toEqual(parse(once.values));
      }),
      RUNS,
    );
  });
});

test('facts come from what the cluster’s objects say', () => {
  const cluster = clusterObjectsOf(
    [
      {
        kind: 'DaemonSet',
        metadata: { name: 'aws-node', namespace: 'kube-system' },
        spec: {
          template: {
            spec: {
              containers: [
                {
                  name: 'aws-node',
                  env: [
                    { name: 'CLUSTER_ENDPOINT', value: 'https://0A1B2C.gr7.us-west-2.eks.amazonaws.com' },
                    { name: 'CLUSTER_NAME', value: 'aegis-dev' },
                  ],
                },
              ],
            },
          },
        },
      },
      { kind: 'Node', metadata: { name: 'a' } },
      {
        kind: 'CiliumNode',
        metadata: { name: 'a' },
        status: { eni: { enis: { 'eni-1': { vpc: { id: 'vpc-1', 'primary-cidr': '10.20.0.0/16' } } } } },
      },
    ],
    [],
  );
  expect(valuesFactsOf(preflightInputs({ now: 0, cluster }))).toEqual({
    clusterName: 'aegis-dev',
    apiServerHost: '0a1b2c.gr7.us-west-2.eks.amazonaws.com',
    vpcCidr: '10.20.0.0/16',
    nodeCount: 1,
  });
  const inputs = preflightInputs({ now: 0, values: helmValues({ cluster: { name: 'by-values' } }) });
  expect(valuesFactsOf(inputs)).toEqual({ clusterName: 'by-values' });
  const config = { kind: 'ConfigMap', metadata: { name: 'cilium-config' }, data: { 'cluster-name': 'by-config' } };
  const both = { now: 0, values: helmValues({ debug: {} }), cluster: clusterObjectsOf([config]) };
  expect(valuesFactsOf(preflightInputs(both))).toEqual({ clusterName: 'by-config' });
  expect(valuesFactsOf(preflightInputs({ now: 0 }))).toEqual({});
});
