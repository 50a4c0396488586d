import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Flow } from '#lib/flow/flow.ts';
import { aDecision, aDenial, aDirection } from '#lib/testing/decisions.ts';
import { aDnsFlow, aDroppedFlow, aFlow, anEndpoint, anHttpFlow, ledger, world } from '#lib/testing/flows.ts';
import { factsOf } from '#lib/world/world-builder.ts';
import type { Decide } from '../agreement.ts';
import { Auditor } from '../audit.ts';
import { auditToJson, type FindingJson } from '../audit-json.ts';
import type { FindingKind } from '../finding-kinds.ts';
import { isHostile } from './hostile-text.ts';

const VERDICT = { eventType: { type: 5, subType: 0 } };
const open: Decide = () => aDecision();
const closed: Decide = () => aDecision({ ingress: aDenial() });
const denied: Decide = () => aDecision({ ingress: aDenial({ reason: 'deny-rule', matchDeny: ['cnp:a/deny'] }) });

/** What an audit of `flows` finds, as JSON; of one kind where it is given. */
function found(flows: readonly Flow[], decide: Decide, objects: readonly unknown[] = [], kind?: FindingKind): FindingJson[] {
  const auditor = new Auditor(factsOf(objects));
  for (const flow of flows) auditor.add(flow);
  return auditToJson(auditor.audit(decide)).findings.filter((finding) => kind === undefined || finding.kind === kind);
}

const toPort = (destinationPort: number) => ({ l4: { protocol: 'TCP' as const, sourcePort: 40_000, destinationPort } });
const times = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

describe('an enforcement gap', () => {
  const named = (name: string, revision: number) => [
    { name, namespace: 'payments', kind: 'CiliumNetworkPolicy', revision, labels: [] },
  ];
  const policy = {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: 'ledger', namespace: 'payments' },
    spec: { endpointSelector: {}, ingress: [{}] },
  };

  test('names the policies that the cluster does not have and the revisions of all nodes', () => {
    const flows = [
      aFlow({ ...VERDICT, nodeName: 'c/old', ingressAllowedBy: [...named('open', 41), ...named('ledger', 41)], uuid: 'u1' }),
      aFlow({ nodeName: 'c/old', uuid: 'u2', traceReason: 'ESTABLISHED' }),
      aFlow({ ...VERDICT, nodeName: 'c/new', destination: anEndpoint(), ingressAllowedBy: named('ledger', 47) }),
    ];
    const decide: Decide = (question) => {
      const { dst } = question;
      return 'seen' in dst && dst.seen.labels.includes('k8s:app=ledger') ? closed(question) : open(question);
    };
    expect(found(flows, decide, [policy], 'enforcement-gap')).toEqual([
      {
        id: 'f1',
        kind: 'enforcement-gap',
        source: { identity: 24110, namespace: 'payments', workload: 'checkout-api' },
        destination: { identity: 24587, namespace: 'payments', workload: 'ledger' },
        protocol: 'TCP',
        port: 9090,
        observedPolicies: ['cnp:payments/ledger', 'cnp:payments/open'],
        policiesNotInCluster: ['cnp:payments/open'],
        expectedReason: 'default-deny',
        revisions: { new: [47], old: [41] },
        events: ['policy-verdict', 'trace'],
        flows: 2,
        nodes: ['old'],
        first: '2026-03-02T14:00:00.000Z',
        last: '2026-03-02T14:00:00.000Z',
        tuples: ['t1', 't2'],
        uuids: ['u1', 'u2'],
      },
    ]);
  });
});

describe('a port scan', () => {
  const scan = (ports: number) => times(ports, (at) => aDroppedFlow(toPort(1000 + at)));
  const kinds = (flows: readonly Flow[], decide = closed) =>
    found(flows, decide).map(({ kind, flows: count }) => `${kind} ${count}`);

  test('is twenty ports of one destination, and then told once', () => {
    expect(kinds(scan(20))).toEqual(['port-scan 20']);
    expect(kinds(scan(19))).toEqual(times(19, () => 'default-deny-drop 1'));
  });

  test('may be stopped by deny rules; allowed ports are none of it', () => {
    expect(
      kinds(
        scan(20).map((flow) => ({ ...flow, dropReason: 'POLICY_DENY' })),
        denied,
      ),
    ).toEqual(['port-scan 20']);
    expect(kinds([...scan(19), aFlow({ ...VERDICT, ...toPort(80) })], closed)).not.toContainEqual(
      expect.stringMatching(/^port-scan/),
    );
  });

  test('of two destinations is two', () => {
    const other = scan(20).map((flow) => ({
      ...flow,
      destination: anEndpoint({ identity: 7000, workload: { name: 'db', kind: '' } }),
    }));
    expect(kinds([...scan(25), ...other])).toEqual(['port-scan 25', 'port-scan 20']);
  });

  test('says how many ports, the first few as text, and how many tuples', () => {
    const [finding] = found(scan(30), closed);
    expect(finding).toMatchObject({
      ports: 30,
      portSample: [1000, 1001, 1002, 1003, 1004],
      tuples: 30,
      dropReason: 'POLICY_DENIED',
    });
  });
});

describe('random names', () => {
  const missing = (count: number, parent = 't.example.', overrides: Partial<Flow> = {}) =>
    times(count, (at) => aDnsFlow(`n${at}.${parent}`, 3, { source: ledger, destination: anEndpoint(), ...overrides }));

  test('are twenty different ones under one parent that do not exist', () => {
    expect(found(missing(20), open)).toMatchObject([
      { kind: 'random-names', source: { workload: 'checkout-api' }, parent: 't.example.', names: 20, flows: 20 },
    ]);
    expect(found([...missing(19), ...missing(19)], open)).toEqual([]);
  });

  test('are not those that exist, nor under several parents, nor of several sources', () => {
    const existing = times(30, (at) => aDnsFlow(`n${at}.t.example.`, 0));
    expect(found(existing, open)).toEqual([]);
    expect(found(times(30, (at) => missing(1, `p${at}.example.`)).flat(), open)).toEqual([]);
    const others = times(30, (at) => missing(1, 't.example.', { destination: anEndpoint({ identity: 300 + at }) })).flat();
    expect(found(others, open)).toEqual([]);
  });
});

describe('plaintext between nodes', () => {
  const pod = (name: string, nodeName: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'payments' },
    spec: { nodeName },
    status: { podIP: '10.0.0.1' },
  });
  const node = (name: string, key = true) => ({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNode',
    metadata: { name, annotations: key ? { 'network.cilium.io/wg-pub-key': 'x' } : {} },
  });
  const config = (on: boolean) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cilium-config' },
    data: { 'enable-wireguard': String(on) },
  });
  const from = pod(anEndpoint().podName, 'n1');
  const to = pod(ledger.podName, 'n2');
  const atNetwork = aFlow({ traceObservationPoint: 'TO_NETWORK', isReply: undefined, trafficDirection: 'EGRESS' });
  const atCrypto = { ...atNetwork, traceObservationPoint: 'TO_CRYPTO' };
  const ip = { source: '10.0.4.33', destination: '10.0.2.40', sourceXlated: '', version: 4 as const, encrypted: true };
  const count = (flows: readonly Flow[], objects: readonly unknown[]) =>
    found(flows, open, objects, 'plaintext-cross-node').length;

  test.each([
    ['a pod’s packet at the network device', [atNetwork], [from, to, node('n1'), node('n2'), config(true)], 1],
    ['without configuration, by the nodes’ keys', [atNetwork], [from, to, node('n1'), node('n2')], 1],
    ['without CiliumNodes, by configuration', [atNetwork], [from, to, config(true)], 1],
    ['where encryption is off', [atNetwork], [from, to, node('n1'), node('n2'), config(false)], 0],
    ['where one node has no key', [atNetwork], [from, to, node('n1'), node('n2', false), config(true)], 0],
    ['where nothing tells that it is on', [atNetwork], [from, to], 0],
    ['on one node', [atNetwork], [from, pod(ledger.podName, 'n1'), node('n1'), config(true)], 0],
    ['of pods nobody knows', [atNetwork], [node('n1'), node('n2'), config(true)], 0],
    ['with the encrypt bit', [{ ...atNetwork, ip }], [from, to, config(true)], 0],
    ['to the outside', [{ ...atNetwork, destination: world }], [from, to, config(true)], 0],
    ['seen at to-crypto before', [atCrypto, atNetwork], [from, to, config(true)], 0],
    ['seen at to-crypto after', [atNetwork, atCrypto], [from, to, config(true)], 0],
    ['at another point', [{ ...atNetwork, traceObservationPoint: 'TO_OVERLAY' }], [from, to, config(true)], 0],
  ])('%s', (_, flows, objects, expected) => expect(count(flows, objects)).toBe(expected));

  test('of an answer is told with the connection that it answers', () => {
    const answer = {
      ...atNetwork,
      source: ledger,
      destination: anEndpoint(),
      l4: { protocol: 'TCP' as const, sourcePort: 9090, destinationPort: 40_000, flags: ['SYN', 'ACK'] },
    };
    expect(found([atNetwork, answer], open, [from, to, config(true)], 'plaintext-cross-node')).toMatchObject([
      { source: { workload: 'checkout-api' }, destination: { workload: 'ledger' }, port: 9090, flows: 2 },
    ]);
  });
});

describe('hostile text', () => {
  test.each([
    '<script>alert(1)</script>',
    '<img src=x>',
    'a\u0000b',
    'a\r\nX: 1',
    '\u001b[31m',
    'a\u202eb',
    'a\u200bb',
    '__proto__',
    'k8s:__proto__=x',
    `=cmd|' /C calc'!A0`,
    '/x/=HYPERLINK("http://a")',
    '@SUM(1+1)',
  ])('%j', (text) => expect(isHostile(text)).toBe(true));

  test.each([
    '/',
    '/v1/orders/812?a=b&c=-1',
    '/-/healthy',
    '/@scope/package',
    '/a<1',
    '/api/f(x)',
    'k8s:constructor=polluted',
    'k8s:hasOwnProperty=no',
    'xn--bcher-kva.example.',
    '_grpc._tcp.example.com.',
    'Mozilla/5.0 (X11; Linux x86_64)',
    'Grüße, 你好',
    'a+b=c',
    'text/html; q=0.9, */*',
  ])('%j is harmless', (text) => expect(isHostile(text)).toBe(false));

  test('letters, digits and the signs of names are never hostile', () => {
    const unit = fc.constantFrom(...Array.from('abcxyzABC0189.-/:~'));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
        expect(isHostile(text)).toBe(false);
      }),
    );
  });

  test('is told once for each field and value, with all flows that carry it, replies too', () => {
    const url = 'http://a/<script>';
    const label = 'k8s:__proto__=x';
    const flows = [
      anHttpFlow('GET', url, 0, { uuid: 'u1' }),
      anHttpFlow('GET', url, 200, { uuid: 'u2' }),
      aFlow({ source: anEndpoint({ labels: [label] }), uuid: 'u3' }),
      aFlow({ destination: anEndpoint({ labels: [label] }), uuid: 'u4' }),
    ];
    const texts = found(flows, open, [], 'hostile-text').map(({ field, value, flows: count, uuids }) => [
      field,
      value,
      count,
      uuids,
    ]);
    expect(texts).toEqual([
      ['l7.http.url', url, 2, ['u1', 'u2']],
      ['source.labels', label, 1, ['u3']],
      ['destination.labels', label, 1, ['u4']],
    ]);
  });
});

describe('a rare edge', () => {
  const verdict = (overrides: Partial<Flow> = {}) => aFlow({ ...VERDICT, ...overrides });
  const rare = (flows: readonly Flow[], decide = open) =>
    found(flows, decide, [], 'rare-edge').map(({ connections }) => connections);

  test('has at most two connections', () => {
    expect(rare([verdict()])).toEqual([1]);
    expect(rare(times(2, () => verdict()))).toEqual([2]);
    expect(rare(times(3, () => verdict()))).toEqual([]);
  });

  test('is counted at the end that saw more', () => {
    const egress = (count: number) => times(count, () => verdict({ trafficDirection: 'EGRESS' }));
    expect(rare([...egress(2), verdict()])).toEqual([2]);
    expect(rare([...egress(3), verdict()])).toEqual([]);
    expect(rare(egress(2).map((flow) => ({ ...flow, destination: world })))).toEqual([2]);
  });

  test('is allowed, by policy and in fact', () => {
    expect(rare([verdict()], closed)).toEqual([]);
    expect(rare([verdict({ trafficDirection: 'EGRESS' })], closed)).toEqual([]);
    expect(rare([verdict({ trafficDirection: 'EGRESS' }), aDroppedFlow()], closed)).toEqual([]);
    expect(rare([verdict({ verdict: 'AUDIT' })], closed)).toEqual([]);
    expect(rare([verdict(), aDroppedFlow({ dropReason: 'STALE_OR_UNROUTABLE_IP' })])).toEqual([1]);
  });

  test('is no other thing that a verdict did not begin', () => expect(rare([aFlow(), anHttpFlow()])).toEqual([]));
});

describe('drops and requests', () => {
  test('are one finding for each pair, port and reason, with its verdicts', () => {
    const flows = [
      aDroppedFlow({ ...VERDICT, dropReason: 'POLICY_DENY' }),
      aDroppedFlow({ dropReason: 'POLICY_DENY' }),
      aDroppedFlow({ dropReason: 'CT_MAP_INSERTION_FAILED' }),
      aDroppedFlow({ dropReason: 'POLICY_DENY', ...toPort(80) }),
    ];
    expect(
      found(flows, denied).map(({ kind, port, flows: count, dropReason, deniedBy }) => [kind, port, count, dropReason, deniedBy]),
    ).toEqual([
      ['deny-rule-drop', 9090, 2, 'POLICY_DENY', ['cnp:a/deny']],
      ['deny-rule-drop', 80, 1, 'POLICY_DENY', ['cnp:a/deny']],
      ['drop-not-policy', 9090, 1, 'CT_MAP_INSERTION_FAILED', undefined],
    ]);
  });

  test('that are denied at a proxy are told by request, with the policies whose rules were asked', () => {
    const decide: Decide = () =>
      aDecision({ ingress: aDirection({ redirect: 'http', l7: 'denied', matchAllow: ['cnp:a/x', 'cnp:a/y'] }) });
    const flows = [anHttpFlow('GET', 'http://l/a', 0, { verdict: 'DROPPED' }), anHttpFlow('GET', 'http://l/b')];
    expect(found(flows, decide).map(({ kind, l7, rulesOf }) => [kind, l7, rulesOf])).toEqual([
      ['l7-outside-policy', { http: { method: 'GET', host: 'l', path: '/b' } }, ['cnp:a/x', 'cnp:a/y']],
      ['l7-denied', { http: { method: 'GET', host: 'l', path: '/a' } }, ['cnp:a/x', 'cnp:a/y']],
    ]);
  });

  test('that policy does not explain say what it says', () => {
    expect(found([aDroppedFlow()], open)).toMatchObject([
      { kind: 'unexplained', dropReason: 'POLICY_DENIED', expectedReason: 'allow-rule' },
    ]);
  });
});
