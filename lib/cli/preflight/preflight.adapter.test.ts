import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { causewayIn, type Ended } from '#lib/testing/command-line.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cw-preflight-'));
const write = (file: string, text: string | object): void =>
  writeFileSync(join(scratch, file), typeof text === 'string' ? text : JSON.stringify(text));

interface Told {
  readonly check: number;
  readonly id: string;
  readonly status: 'pass' | 'fail' | 'unknown';
  readonly findings: readonly { readonly status: string; readonly message: string; readonly object: string }[];
  readonly missing: readonly string[];
}

/** Runs `causeway preflight ...` in the scratch folder. */
const preflight = (...args: string[]): Promise<Ended> => causewayIn(scratch, ['preflight', ...args]);

/** What it says of one check. */
async function told(number: number, ...args: string[]): Promise<Told> {
  const { out, err } = await preflight('--format', 'json', ...args);
  expect(err).toBe('');
  const found = (JSON.parse(out) as Told[]).find(({ check }) => check === number);
  if (!found) throw new Error(`no check ${number}`);
  return found;
}

const VALUES = `cni:
  chainingMode: aws-cni
  exclusive: false
  enableRouteMTUForCNIChaining: true
encryption: {enabled: true, type: wireguard}
`;
const metadata = (name: string, namespace?: string) => ({ name, ...(namespace && { namespace }) });
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: metadata('web', 'shop'),
  spec: { nodeName: 'a' },
  status: { phase: 'Running', podIP: '10.0.1.5' },
};
const endpoint = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumEndpoint',
  metadata: metadata('web', 'shop'),
  status: { identity: { id: 1000, labels: [] } },
};
const pool = {
  apiVersion: 'karpenter.sh/v1',
  kind: 'NodePool',
  metadata: metadata('general'),
  spec: { template: { spec: { startupTaints: [{ key: 'node.cilium.io/agent-not-ready', effect: 'NoExecute' }] } } },
};
const flow = (dropReason?: string): string =>
  JSON.stringify({
    flow: {
      time: '2026-11-01T10:00:00Z',
      verdict: dropReason ? 'DROPPED' : 'FORWARDED',
      ...(dropReason && { drop_reason_desc: dropReason }),
      IP: { source: '10.0.1.5', destination: '10.0.1.6', ipVersion: 'IPv4' },
      l4: { TCP: { source_port: 40_000, destination_port: 8080, flags: { SYN: true } } },
      source: { identity: 1000, namespace: 'shop', pod_name: 'web', labels: ['k8s:app=web'] },
      destination: { identity: 1001, namespace: 'shop', pod_name: 'cart', labels: ['k8s:app=cart'] },
      Type: 'L3_L4',
      node_name: 'c/a',
      event_type: { type: dropReason ? 1 : 4 },
      traffic_direction: 'EGRESS',
    },
    node_name: 'c/a',
    time: '2026-11-01T10:00:00Z',
  });

beforeAll(() => {
  mkdirSync(join(scratch, 'objects'));
  mkdirSync(join(scratch, 'policies'));
  write('values.yaml', VALUES);
  write(
    'application.yaml',
    `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: cilium}\nspec:\n  source:\n    chart: cilium\n    targetRevision: 1.21.0\n    helm:\n      values: |\n${VALUES.replaceAll(/^/gm, '        ')}`,
  );
  write('nodes.json', {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: metadata('a'),
        status: {
          addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
          nodeInfo: { kernelVersion: '6.1.158-180.294.amzn2023.x86_64', kubeletVersion: 'v1.31.9-eks-1' },
        },
      },
    ],
  });
  write('objects/pods.json', { apiVersion: 'v1', kind: 'PodList', items: [pod] });
  write('objects/more.yaml', [endpoint, pool].map((each) => JSON.stringify(each)).join('\n---\n'));
  write(
    'policies/l7.yaml',
    'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: l7, namespace: shop}\nspec:\n  endpointSelector: {}\n  ingress:\n    - toPorts:\n        - ports: [{port: "80", protocol: TCP}]\n          rules: {http: [{path: /}]}\n      authentication: {mode: required}\n',
  );
  write('none.json', { apiVersion: 'vpcresources.k8s.aws/v1beta1', kind: 'SecurityGroupPolicyList', items: [] });
  write('hubble.json', { max_flows: '8190', num_connected_nodes: 2, num_unavailable_nodes: 1, unavailable_nodes: ['c/b'] });
  write('flows.jsonl', `${flow()}\n${flow('FIRST_LOGICAL_DATAGRAM_FRAGMENT_NOT_FOUND')}\n`);
  write('status.json', {
    PodsCount: { All: 10, ByCilium: 9 },
    PodState: {},
    ImageCount: { cilium: { 'quay.io/cilium/cilium:v1.19.5': 1 } },
    CiliumStatus: {},
  });
  write('encryption.json', { 'total-node-count': 2, 'enc-disabled-node-count': 1, 'enc-wireguard-node-count': 1 });
  write('agent.conf', 'agent {\n  trust_domain = "other"\n}\n');
  write('entries.json', { entries: [] });
  write(
    'open.yaml',
    'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: open, namespace: shop}\nspec: {endpointSelector: {}, ingress: [{}]}\n',
  );
  write('peers.json', {
    PodsCount: { All: 10, ByCilium: 10 },
    PodState: {},
    CiliumStatus: { 'cilium-1': { encryption: { mode: 'Wireguard', wireguard: { interfaces: [{ 'peer-count': 0 }] } } } },
  });
  write(
    'encrypted.jsonl',
    flow().replace('"event_type":{"type":4}', '"event_type":{"type":4,"sub_type":12},"trace_observation_point":"TO_CRYPTO"'),
  );
  write('twice.yaml', 'cni:\n  exclusive: false\ncni: {}\n');
  write('large.yaml', 'key: value\n'.repeat(2_800_000));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('each input', () => {
  test.each([
    { input: 'values', check: 5, args: ['--values', 'values.yaml'], status: 'pass' },
    { input: 'an Application', check: 5, args: ['--application', 'application.yaml'], status: 'pass' },
    { input: 'a folder of objects', check: 1, args: ['--objects', 'objects'], status: 'pass' },
    {
      input: 'objects and values',
      check: 2,
      args: ['--objects', 'objects', '--nodes', 'nodes.json', '--values', 'values.yaml'],
      status: 'pass',
    },
    {
      input: 'kinds that the cluster has none of',
      check: 4,
      args: ['--none', 'securitygrouppolicies', '--values', 'values.yaml'],
      status: 'pass',
    },
    {
      input: 'a list that says that there are none',
      check: 4,
      args: ['--objects', 'none.json', '--values', 'values.yaml'],
      status: 'pass',
    },
    { input: 'policies', check: 3, args: ['--policies', 'policies', '--values', 'values.yaml'], status: 'fail' },
    { input: 'cilium status', check: 1, args: ['--cilium-status', 'status.json'], status: 'fail' },
    {
      input: 'encryption status',
      check: 7,
      args: ['--values', 'values.yaml', '--encryption-status', 'encryption.json'],
      status: 'fail',
    },
    { input: 'the status of the relay', check: 6, args: ['--relay-status', 'hubble.json'], status: 'fail' },
    { input: 'flows', check: 5, args: ['--values', 'values.yaml', '--flows', 'flows.jsonl'], status: 'fail' },
    { input: 'nothing', check: 5, args: [], status: 'unknown' },
  ] as const)('$input: check $check is $status', async ({ check, args, status }) => {
    expect((await told(check, ...args)).status).toBe(status);
  });

  test('versions: that of the Application is where it goes to, that of the status is what runs', async () => {
    write('spire.yaml', 'authentication: {mutual: {spire: {enabled: true}}}\n');
    const { findings } = await told(
      8,
      '--values',
      'spire.yaml',
      '--policies',
      'policies',
      '--cilium-status',
      'status.json',
      '--target-version',
      '1.21.0',
      '--agent-conf',
      'agent.conf',
      '--entries',
      'entries.json',
    );
    const messages = findings.filter(({ status }) => status === 'fail').map(({ object, message }) => `${object}: ${message}`);
    expect(messages).toContain(
      'CiliumNetworkPolicy shop/l7: it requires authentication, which the version it goes to (1.21) does not have',
    );
    expect(messages).toContain('agent.conf: trust_domain: it is other, Cilium is set to spiffe.cilium');
    expect(messages).toContain('SPIRE entry spiffe://spiffe.cilium/cilium-agent: there is no such entry');
  });

  test('what is missing is named', async () => {
    expect(await told(1, '--nodes', 'nodes.json')).toEqual({
      check: 1,
      id: 'unmanaged-pods',
      status: 'unknown',
      findings: [],
      missing: ['pods', 'endpoints'],
    });
  });
});

describe('exit status', () => {
  const known = ['--values', 'values.yaml', '--nodes', 'nodes.json', '--policies', 'open.yaml', '--flows', 'encrypted.jsonl'];
  const versions = ['--cilium-version', '1.19.5', '--target-version', '1.19.6', '--cilium-status', 'peers.json'];

  test('0 where all checks of a phase pass', async () => {
    const { out, code } = await preflight('--phase', '3', ...known, ...versions);
    expect(out).toContain('0 fail, 0 unknown, ');
    expect(code).toBe(0);
  });

  test('1 where one fails, whatever is unknown', async () => {
    const { out, code } = await preflight('--values', 'values.yaml', '--policies', 'policies');
    expect(out).not.toContain(' 0 unknown');
    expect(code).toBe(1);
  });

  test('3 where none fails and something is unknown', async () => {
    const { out, code } = await preflight('--phase', '3', ...known);
    expect(out).toMatch(/^0 fail, [1-9]\d* unknown/m);
    expect(code).toBe(3);
  });

  test.each([
    { why: 'a key stands twice', args: ['--values', 'twice.yaml'], message: 'twice.yaml:3:1: the key "cni" stands twice' },
    {
      why: 'a file is too large',
      args: ['--values', 'large.yaml'],
      message: 'large.yaml: the file has 29.4 MB; at most 4 MB are read',
    },
    { why: 'a file is not there', args: ['--nodes', 'nowhere.json'], message: 'cannot read nowhere.json' },
    {
      why: 'a file is something else',
      args: ['--cilium-status', 'encryption.json'],
      message: 'encryption.json: this is not what cilium status -o json prints',
    },
    { why: 'a policy cannot be read', args: ['--policies', 'twice.yaml', '--objects', 'agent.conf'], message: 'agent.conf' },
    {
      why: 'two places are given for values',
      args: ['--values', 'values.yaml', '--application', 'application.yaml'],
      message: '--values and --application',
    },
    { why: 'a version is none', args: ['--target-version', 'soon'], message: '--target-version: soon is no version' },
    { why: 'a kind is none', args: ['--none', 'Widget'], message: '--none: Widget is no kind that is read' },
    { why: 'a phase is none', args: ['--phase', '7'], message: 'a phase, 0, 1, 2, 3, 4' },
    { why: 'an option is none', args: ['--no-such-thing'], message: 'unknown option' },
    {
      why: 'the report cannot be written',
      args: ['--values', 'values.yaml', '--out', 'nowhere/report.txt'],
      message: 'cannot write nowhere/report.txt',
    },
  ])('2 where $why', async ({ args, message }) => {
    const { code, out, err } = await preflight(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });
});

test('SARIF goes to a file, with the file of values as place', async () => {
  const { code, out } = await preflight(
    '--values',
    'values.yaml',
    '--policies',
    'policies',
    '--format',
    'sarif',
    '--out',
    'preflight.sarif',
    '--phase',
    '2',
  );
  expect(code).toBe(1);
  expect(out).toMatch(/^preflight\.sarif: \d+ fail, \d+ unknown, \d+ pass\n$/);
  const log = JSON.parse(readFileSync(join(scratch, 'preflight.sarif'), 'utf8')) as {
    version: string;
    runs: [{ results: { ruleId: string; level: string }[] }];
  };
  expect(log.version).toBe('2.1.0');
  expect(log.runs[0].results).toContainEqual(expect.objectContaining({ ruleId: 'l7-while-chained', level: 'error' }));
});

test('--checks prints the documentation', async () => {
  const { code, out } = await preflight('--checks');
  expect(code).toBe(0);
  expect(out).toContain('### 1 unmanaged-pods');
});
