import { describe, expect, test } from 'vitest';
import {
  aCiliumNode,
  aDaemonSet,
  agentConfig,
  aNode,
  anEndpoint,
  aPod,
  EVIDENCE_NOW as NOW,
  type EvidenceParts,
  someEvidence,
  someTraffic,
  trafficOf,
} from '#lib/testing/evidence.ts';
import type { CheckStatus } from '../model.ts';
import { METHODS, PHASES, ROUTES } from '../model.ts';
import { checkOf, LATEST_PLAN, phaseOf } from '../plan/plan.ts';
import { evaluatePhase, isEvaluated, type SaidOfChecks } from './evaluate.ts';
import type { DropCount, JudgedEvidence } from './evidence.ts';

const NOTHING_SAID: SaidOfChecks = { thresholds: new Map(), attested: new Map() };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function evaluated(id: string, parts: EvidenceParts, said: Partial<SaidOfChecks> = {}) {
  const known = checkOf(LATEST_PLAN, id);
  if (!known) throw new Error(`there is no check ${id}`);
  const phase = phaseOf(LATEST_PLAN, known.phase, { method: 'mutual-auth', route: 'node-groups' });
  const only = { ...phase, checks: phase.checks.filter((check) => check.id === id) };
  const [result] = evaluatePhase(only, someEvidence(parts), { ...NOTHING_SAID, ...said });
  if (!result) throw new Error(`${id} is not evaluated`);
  return result;
}

const drops = (flows: number, dropped: number): DropCount => ({
  from: NOW - HOUR,
  to: NOW,
  flows,
  dropped,
  reasons: [{ reason: 'STALE_OR_UNROUTABLE_IP', flows: dropped }],
});
const tuple = (lastSeen: number) => ({ name: 'payments/ledger → orders/api TCP/8080', flows: 3, lastSeen });
const judged = (parts: Partial<JudgedEvidence> = {}): JudgedEvidence => ({
  audit: { tuples: 0, unexplained: [], unknown: 0 },
  wouldDeny: { tuples: 10, denied: [], unknown: 0, by: 'The policies in force' },
  invalid: [],
  policies: 4,
  ...parts,
});
const junit = (...cases: string[]) =>
  `<testsuites><testsuite name="c">${cases.map((body, index) => `<testcase name="t${index}">${body}</testcase>`).join('')}</testsuite></testsuites>`;
const iperf = (gigabits: number, mss = 8889) =>
  JSON.stringify({
    start: { tcp_mss_default: mss, test_start: { protocol: 'TCP' } },
    end: { sum_received: { bits_per_second: gigabits * 1e9, seconds: 10 }, sum_sent: {} },
  });
const status = (ready: number, errors: object = {}) =>
  JSON.stringify({
    pod_state: {
      cilium: { Type: 'DaemonSet', Desired: 3, Ready: ready },
      'cilium-operator': { Type: 'Deployment', Desired: 1, Ready: 1 },
    },
    pods_count: { All: 10, ByCilium: 10 },
    cilium_status: {},
    image_count: {},
    errors,
  });
const relay = (connected: number) => ({ relay: { connected, expected: 4, missing: connected < 4 ? ['n4'] : [], lost: 0 } });
const entry = (spiffeId: string) => ({ spiffeId, parentId: '', selectors: [], admin: false });
const encryption = (wireGuard: number) => ({
  encryption: { nodes: 4, disabled: 4 - wireGuard, wireGuard, ipsec: 0, details: [] },
});
const auth = (asked: number, authenticated: number, refused = 0) => ({
  authentication: { asked, authenticated, refused, pairs: ['a → b TCP/1'] },
});
const AUDITED = { tuples: 2, unexplained: [tuple(NOW - HOUR)], unknown: 0 };
const DS_KNOWN = ['DaemonSet', 'Pod'];

const CASES: Readonly<Record<string, readonly [CheckStatus, EvidenceParts][]>> = {
  '0.baseline': [
    ['pass', { baseline: { hours: 25, records: 10, at: NOW } }],
    ['fail', { baseline: { hours: 3, records: 10, at: NOW } }],
    ['unknown', {}],
  ],
  '0.kernels': [
    ['pass', { objects: [aNode('n1'), aNode('n2', { kernel: '5.10.240-238.955.amzn2' })] }],
    ['fail', { objects: [aNode('n1'), aNode('n2', { kernel: '5.4.1' })] }],
    ['fail', { objects: [aNode('n1', { kernel: 'unheard of' })] }],
    ['unknown', {}],
    ['unknown', { known: ['Node'] }],
  ],
  '0.kubernetes': [
    ['pass', { objects: [aNode('n1')], parts: { target: '1.19.5' } }],
    ['fail', { objects: [aNode('n1', { kubelet: 'v1.21.0' })], parts: { target: '1.19.5' } }],
    ['unknown', { objects: [aNode('n1')] }],
    ['unknown', { parts: { target: '1.19.5' } }],
    ['unknown', { objects: [aNode('n1')], parts: { target: '9.1.0' } }],
  ],
  '0.cni': [
    [
      'pass',
      { objects: [aDaemonSet('aws-node', '602401143452.dkr.ecr.eu-central-1.amazonaws.com/amazon-k8s-cni:v1.19.0-eksbuild.1')] },
    ],
    ['fail', { known: ['DaemonSet'] }],
    ['unknown', { objects: [aDaemonSet('aws-node', 'cni@sha256:00')] }],
    ['unknown', {}],
  ],
  '1.pods': [
    ['pass', { objects: [aPod('shop', 'a'), anEndpoint('shop', 'a')] }],
    ['fail', { objects: [aPod('shop', 'a'), aPod('shop', 'b'), anEndpoint('shop', 'a')] }],
    ['unknown', { objects: [aPod('shop', 'a')] }],
    ['unknown', {}],
  ],
  '1.agents': [
    ['pass', { files: { 'cilium-status': status(3) } }],
    ['fail', { files: { 'cilium-status': status(2) } }],
    ['fail', { files: { 'cilium-status': status(3, { cilium: { 'cilium-1': { Errors: ['no route'] } } }) } }],
    ['unknown', {}],
  ],
  '1.connectivity': [
    ['pass', { files: { 'connectivity-junit': junit('', '<skipped/>') } }],
    ['fail', { files: { 'connectivity-junit': junit('', '<failure message="no"/>') } }],
    ['unknown', { files: { 'connectivity-junit': junit('<skipped/>') } }],
    ['unknown', {}],
  ],
  '1.nodes': [
    ['pass', { parts: relay(4) }],
    ['fail', { parts: relay(3) }],
    ['unknown', {}],
  ],
  '1.drops': [
    ['pass', { traffic: { drops: { before: drops(1000, 10), now: drops(2000, 22) } } }],
    ['pass', { traffic: { drops: { before: drops(1000, 0), now: drops(1000, 1) } } }],
    ['fail', { traffic: { drops: { before: drops(100_000, 1000), now: drops(100_000, 1300) } } }],
    ['fail', { traffic: { drops: { before: drops(1000, 0), now: drops(1000, 50) } } }],
    ['unknown', { traffic: { drops: { before: drops(50, 0), now: drops(1000, 0) } } }],
    ['unknown', { traffic: {} }],
    ['unknown', {}],
  ],
  '2.valid': [
    ['pass', { judged: judged() }],
    ['fail', { judged: judged({ invalid: [{ policy: 'cnp:a/b', reason: 'no' }] }) }],
    ['unknown', {}],
  ],
  '2.audit': [
    ['pass', { traffic: {}, judged: judged({ audit: { tuples: 3, unexplained: [], unknown: 0 } }) }],
    ['fail', { traffic: {}, judged: judged({ audit: AUDITED }) }],
    ['fail', { traffic: {}, judged: judged({ audit: { tuples: 1, unexplained: [], unknown: 1 } }) }],
    ['unknown', { traffic: { recordedSince: NOW - 2 * HOUR }, judged: judged() }],
    ['unknown', { traffic: { gaps: [{ from: NOW - 3 * HOUR, to: NOW - 2 * HOUR }] }, judged: judged() }],
    ['unknown', { traffic: {} }],
    ['unknown', { judged: judged() }],
  ],
  '2.would-deny': [
    ['pass', { traffic: {}, judged: judged() }],
    [
      'fail',
      { traffic: {}, judged: judged({ wouldDeny: { tuples: 9, denied: [tuple(NOW)], unknown: 0, by: 'The watched set x' } }) },
    ],
    [
      'fail',
      {
        traffic: { recordedSince: NOW - HOUR },
        judged: judged({ wouldDeny: { tuples: 9, denied: [tuple(NOW)], unknown: 0, by: 'x' } }),
      },
    ],
    ['unknown', { traffic: { recordedSince: NOW - HOUR }, judged: judged() }],
    ['unknown', { traffic: {} }],
  ],
  '2.enforced': [
    ['pass', { objects: [agentConfig({ 'policy-audit-mode': 'false' })] }],
    ['fail', { objects: [agentConfig({ 'policy-audit-mode': 'true' })] }],
    ['unknown', {}],
  ],
  '3.encrypted': [
    [
      'pass',
      {
        parts: {
          flows: trafficOf(someTraffic({ encryption: 'encrypted' }), someTraffic({ encryption: 'sameNode', nodes: ['c/n9'] })),
        },
      },
    ],
    [
      'fail',
      {
        parts: { flows: trafficOf(someTraffic({ encryption: 'encrypted' }), someTraffic({ encryption: 'plaintext', flows: 5 })) },
      },
    ],
    // Nothing about encryption was seen: that is no proof of plaintext, and none of encryption.
    ['unknown', { parts: { flows: trafficOf(someTraffic()) } }],
    ['unknown', { parts: { flows: trafficOf(someTraffic({ encryption: 'notEvaluable' })) } }],
    // A node that sends to others and was never seen to encrypt: its key may not have arrived.
    [
      'unknown',
      {
        parts: {
          flows: trafficOf(
            someTraffic({ encryption: 'encrypted' }),
            someTraffic({ encryption: 'notEvaluable', nodes: ['c/n2'] }),
          ),
        },
      },
    ],
    ['unknown', {}],
  ],
  '3.auth-required': [
    ['pass', { traffic: auth(100, 100) }],
    ['fail', { traffic: auth(100, 90, 4) }],
    ['unknown', { traffic: auth(0, 0) }],
    ['unknown', {}],
  ],
  '3.authenticated': [
    ['pass', { traffic: auth(1000, 999) }],
    ['fail', { traffic: auth(1000, 998) }],
    ['unknown', { traffic: auth(0, 0) }],
    ['unknown', { traffic: {} }],
  ],
  '3.spire-entries': [
    ['pass', { parts: { entries: [entry('spiffe://aegis.local/cilium-agent'), entry('spiffe://aegis.local/cilium-operator')] } }],
    [
      'fail',
      { parts: { entries: [entry('spiffe://aegis.local/cilium-operator'), entry('spiffe://aegis.local/not-cilium-agent')] } },
    ],
    ['unknown', {}],
  ],
  '3.wireguard': [
    ['pass', { parts: encryption(4) }],
    ['fail', { parts: encryption(3) }],
    ['pass', { objects: [aCiliumNode('n1')] }],
    ['fail', { objects: [aCiliumNode('n1'), aCiliumNode('n2', false)] }],
    ['unknown', {}],
  ],
  '3.mtu': [
    ['pass', { files: { 'iperf3-after': iperf(9) } }],
    ['fail', { files: { 'iperf3-after': iperf(9, 1448) } }],
    ['unknown', {}],
  ],
  '3.throughput': [
    ['pass', { files: { 'iperf3-before': iperf(10), 'iperf3-after': iperf(9.1) } }],
    ['fail', { files: { 'iperf3-before': iperf(10), 'iperf3-after': iperf(8.9) } }],
    ['unknown', { files: { 'iperf3-before': iperf(10) } }],
    ['unknown', {}],
  ],
  '4.rotated': [
    ['pass', { objects: [aNode('n1'), aPod('kube-system', 'cilium-1', 'n1', { 'k8s-app': 'cilium' })] }],
    [
      'fail',
      {
        objects: [
          aNode('n1'),
          aPod('kube-system', 'cilium-1', 'n1', { 'k8s-app': 'cilium' }),
          aPod('kube-system', 'aws-node-1', 'n1', {}, 'aws-node'),
        ],
      },
    ],
    ['fail', { objects: [aNode('n1'), aNode('n2'), aPod('kube-system', 'cilium-1', 'n1', { 'k8s-app': 'cilium' })] }],
    ['unknown', { objects: [aNode('n1')] }],
    ['unknown', {}],
  ],
  '4.taint': [
    ['pass', { preflight: new Map([[2, { status: 'pass', findings: [], missing: [] }]]) }],
    [
      'fail',
      {
        preflight: new Map([
          [2, { status: 'fail', findings: [{ status: 'fail', message: 'no taint', object: 'NodePool a' }], missing: [] }],
        ]),
      },
    ],
    ['unknown', { preflight: new Map([[2, { status: 'unknown', findings: [], missing: ['node-pools'] }]]) }],
    ['unknown', {}],
  ],
  '4.aws-node': [
    ['pass', { known: DS_KNOWN }],
    ['fail', { objects: [aDaemonSet('aws-node', 'x'), aPod('kube-system', 'aws-node-1', 'n1', {}, 'aws-node')] }],
    ['unknown', {}],
  ],
  '4.kube-proxy': [
    ['pass', { known: DS_KNOWN }],
    ['fail', { known: DS_KNOWN, objects: [aPod('kube-system', 'kube-proxy-1', 'n1', { 'k8s-app': 'kube-proxy' })] }],
    ['unknown', { known: ['Pod'] }],
  ],
};

test('this console can decide every check of its plan, whatever was chosen', () => {
  for (const method of METHODS)
    for (const route of ROUTES)
      for (const phase of PHASES)
        for (const check of phaseOf(LATEST_PLAN, phase, { method, route }).checks)
          expect([check.id, isEvaluated(check)]).toEqual([check.id, true]);
});

test('every check of the plan that is no attestation, no preflight check and no copy of another one has its cases here', () => {
  const inEveryPhase = /\.(nodes|drops|audit|would-deny|connectivity)$/;
  const ids = LATEST_PLAN.phases
    .flatMap(({ checks }) => checks.filter(({ kind, preflight }) => kind !== 'attestation' && preflight === undefined))
    .map(({ id }) => id);
  expect(ids.filter((id) => !(id in CASES) && !inEveryPhase.test(id))).toEqual([]);
  for (const cases of Object.values(CASES))
    expect(new Set(cases.map(([expected]) => expected))).toEqual(new Set(['pass', 'fail', 'unknown']));
});

describe.each(Object.entries(CASES))('%s', (id, cases) => {
  test.each(cases.map((each, index) => [index, ...each] as const))('case %i: %s', (_, expected, parts) => {
    const result = evaluated(id, parts);
    expect([result.status, result.reason]).toEqual([expected, expect.stringMatching(/^.+[.]$/)]);
    expect(result.check).toBe(id);
    expect(expected === 'unknown' || result.value !== '').toBe(true);
  });
});

test('an attestation passes by a person’s word alone, and says whose', () => {
  expect(evaluated('0.tag', {})).toMatchObject({ status: 'unknown', missing: ['attestation'] });
  const attested = new Map([['0.tag', { by: 'olga', statement: 'tag v1', at: NOW }]]);
  expect(evaluated('0.tag', {}, { attested })).toMatchObject({
    status: 'pass',
    value: 'stated',
    reason: 'olga states: tag v1',
    at: NOW,
  });
  expect(
    evaluated('0.kernels', {}, { attested: new Map([['0.kernels', { by: 'olga', statement: 'fine', at: NOW }]]) }),
  ).toMatchObject({ status: 'unknown' });
});

test('a threshold that an admin set decides in place of the plan’s', () => {
  const parts = { traffic: auth(1000, 950) };
  expect(evaluated('3.authenticated', parts)).toMatchObject({ status: 'fail', needs: '≥ 99.90 %' });
  const thresholds = new Map([['3.authenticated', 95]]);
  expect(evaluated('3.authenticated', parts, { thresholds })).toMatchObject({
    status: 'pass',
    needs: '≥ 95 %',
    value: '95.00 %',
  });
});

test('a window begins anew with what broke it, and says how long it has to go on', () => {
  const clean = judged({ audit: { tuples: 1, unexplained: [], unknown: 0 } });
  expect(evaluated('2.audit', { traffic: { recordedSince: NOW - 20 * HOUR }, judged: clean })).toMatchObject({
    status: 'unknown',
    passingSince: NOW - 20 * HOUR,
    needs: '0 tuples for 1 d',
    reason: expect.stringContaining('for another 4 h') as string,
  });
  expect(evaluated('2.audit', { traffic: { recordedSince: NOW - DAY }, judged: clean }).status).toBe('pass');
  const demo = evaluated('2.audit', { traffic: { recordedSince: NOW - 11 * 60_000 }, judged: clean, demo: true });
  expect(demo).toMatchObject({ status: 'pass', needs: '0 tuples for 10 min' });
});

test('a figure is told with as many decimals as it takes to see on which side it is', () => {
  const flows = trafficOf(
    someTraffic({ encryption: 'encrypted', flows: 998_996 }),
    someTraffic({ encryption: 'plaintext', flows: 1004 }),
  );
  expect(evaluated('3.encrypted', { parts: { flows } })).toMatchObject({
    status: 'fail',
    value: '99.8996 %',
    needs: '≥ 99.90 %',
  });
});

test('a check that fails in itself is unknown and takes no other down', () => {
  const evidence = someEvidence({ objects: [aNode('n1')] });
  const broken = {
    ...evidence,
    inputs: {
      ...evidence.inputs,
      get relay(): never {
        throw new Error('boom');
      },
    },
  };
  const phase = phaseOf(LATEST_PLAN, 1, { method: 'mutual-auth', route: 'node-groups' });
  const results = evaluatePhase(phase, broken, NOTHING_SAID);
  expect(results.find(({ check }) => check === '1.nodes')).toMatchObject({
    status: 'unknown',
    reason: expect.stringContaining('boom') as string,
  });
  expect(results).toHaveLength(phase.checks.length);
});

test('no more than a hundred objects are named', () => {
  const objects = Array.from({ length: 300 }, (_, index) => aNode(`n${index}`, { kernel: '4.1.0' }));
  expect(evaluated('0.kernels', { objects }).objects).toHaveLength(100);
});

test('drops that are no more than chance explains are not held against the phase, and are told as such', () => {
  const rare = { before: drops(15_331, 0), now: drops(90_107, 8) };
  expect(evaluated('1.drops', { traffic: { drops: rare } })).toMatchObject({
    status: 'pass',
    value: '1.00 ×',
    reason: expect.stringContaining('chance') as string,
  });
  expect(evaluated('1.drops', { traffic: { drops: { ...rare, now: drops(90_107, 80) } } })).toMatchObject({
    status: 'fail',
    value: '13.61 ×',
  });
});

test('tuples that an admin lets pass do not begin the window anew', () => {
  const parts = { traffic: {}, judged: judged({ audit: AUDITED }) };
  expect(evaluated('2.audit', parts, { thresholds: new Map([['2.audit', 1]]) })).toMatchObject({
    status: 'pass',
    needs: '≤ 1 tuple for 1 d',
  });
});

test('one is told as one', () => {
  expect(evaluated('2.audit', { traffic: {}, judged: judged({ audit: AUDITED }) })).toMatchObject({
    value: '1 tuple',
    needs: '0 tuples for 1 d',
  });
});
