import { expect, test } from 'vitest';
import type { Flow } from '#lib/flow/flow.ts';
import { aFlow } from '#lib/testing/flows.ts';
import { TrafficNode } from './directory.ts';
import { ENCRYPTION_KINDS, EncryptionJudge, encryptionStateOf, learnNodeName } from './encryption.ts';

const NODE_A = 'c/node-a';
const NODE_B = 'c/node-b';

function aPod(name: string, nodeName: string): TrafficNode {
  const pod = new TrafficNode({ id: `payments/${name}`, kind: 'workload', namespace: 'payments', name, workloadKind: '' });
  pod.nodeName = nodeName;
  return pod;
}
const anOutside = (id: string, kind: 'host' | 'external' | 'entity') =>
  new TrafficNode({ id, kind, namespace: '', name: id, workloadKind: '' });

const client = aPod('client', NODE_A);
const server = aPod('server', NODE_B);
const neighbour = aPod('neighbour', NODE_A);
const host = anOutside('entity:host', 'host');
const world = anOutside('cidr:203.0.113.0/24', 'external');

const trace = (traceObservationPoint: string, overrides: Partial<Flow> = {}) =>
  aFlow({ traceObservationPoint, isReply: undefined, nodeName: NODE_A, ...overrides });
const encryptedOuter = aFlow({
  traceObservationPoint: 'TO_NETWORK',
  nodeName: NODE_A,
  l4: { protocol: 'UDP', sourcePort: 51_871, destinationPort: 51_871 },
  ip: { source: '10.20.1.11', destination: '10.20.2.11', sourceXlated: '', version: 4, encrypted: true },
});

/** A judge that has seen node A encrypt something else. */
function aJudge(): EncryptionJudge {
  const judge = new EncryptionJudge();
  judge.judge(encryptedOuter, host, host);
  return judge;
}
const verdictOf = (judge: EncryptionJudge, flow: Flow, sender = client, receiver = server) =>
  ENCRYPTION_KINDS[judge.judge(flow, sender, receiver)];

test('a packet on its way into the tunnel is encrypted', () => {
  expect(verdictOf(new EncryptionJudge(), trace('TO_CRYPTO'))).toBe('encrypted');
});

test('pod addresses at the network device of a node that encrypts are plaintext', () => {
  expect(verdictOf(aJudge(), trace('TO_NETWORK'))).toBe('plaintext');
});

test('the same packet of a node that was never seen to encrypt is not evaluable', () => {
  expect(verdictOf(new EncryptionJudge(), trace('TO_NETWORK'))).toBe('notEvaluable');
});

test('a connection that just went into the tunnel is not called plaintext', () => {
  const judge = aJudge();
  verdictOf(judge, trace('TO_CRYPTO', { time: 1000 }));
  expect(verdictOf(judge, trace('TO_NETWORK', { time: 2000 }))).toBe('notEvaluable');
  expect(verdictOf(judge, trace('TO_NETWORK', { time: 100_000 }))).toBe('plaintext');
});

test('another connection between the same pods does not excuse it', () => {
  const judge = aJudge();
  verdictOf(judge, trace('TO_CRYPTO', { l4: { protocol: 'TCP', sourcePort: 1, destinationPort: 9090 } }));
  expect(verdictOf(judge, trace('TO_NETWORK'))).toBe('plaintext');
});

test('the bit on the outer packet confirms the tunnel between hosts', () => {
  expect(verdictOf(new EncryptionJudge(), encryptedOuter, host, anOutside('entity:remote-node', 'host'))).toBe('encrypted');
});

test('pods of one node are not encrypted by design', () => {
  expect(verdictOf(aJudge(), trace('TO_ENDPOINT'), client, neighbour)).toBe('sameNode');
  expect(verdictOf(aJudge(), trace('TO_ENDPOINT'), client, server)).toBeUndefined();
});

test('a host is encrypted only with node encryption', () => {
  expect(verdictOf(aJudge(), trace('TO_ENDPOINT'), host, client)).toBe('host');
  expect(verdictOf(aJudge(), trace('TO_NETWORK'), client, host)).toBe('host');
});

test('what leaves the cluster is not evaluable', () => {
  expect(verdictOf(aJudge(), trace('TO_NETWORK'), client, world)).toBe('notEvaluable');
});

test.each([
  ['a policy verdict', { eventType: { type: 5, subType: 0 }, traceObservationPoint: undefined }],
  ['a drop', { eventType: { type: 1, subType: 0 }, traceObservationPoint: undefined }],
  ['an access log', { eventType: { type: 129, subType: 0 }, traceObservationPoint: undefined }],
  ['a packet to the overlay', { traceObservationPoint: 'TO_OVERLAY' }],
])('%s is no evidence', (_, overrides) => {
  expect(verdictOf(aJudge(), aFlow({ ...overrides, nodeName: NODE_A }))).toBeUndefined();
});

test.each([
  ['INGRESS' as const, 'server'],
  ['EGRESS' as const, 'client'],
])('an event of direction %s tells the node of the %s', (trafficDirection, local) => {
  const ends = { client: aPod('a', ''), server: aPod('b', '') };
  learnNodeName(aFlow({ trafficDirection, nodeName: NODE_B }), ends.client, ends.server);
  expect([ends.client.nodeName, ends.server.nodeName]).toEqual(local === 'client' ? [NODE_B, ''] : ['', NODE_B]);
});

const none = { encrypted: 0, plaintext: 0, sameNode: 0, host: 0, notEvaluable: 0 };
test.each([
  [{ ...none, plaintext: 1, encrypted: 99 }, 'plaintext'],
  [{ ...none, encrypted: 1, sameNode: 9 }, 'encrypted'],
  [{ ...none, sameNode: 1, notEvaluable: 9 }, 'same-node'],
  [{ ...none, host: 1 }, 'host'],
  [{ ...none, notEvaluable: 3 }, 'not-evaluable'],
  [none, 'not-evaluable'],
])('%j is shown as %s', (counts, state) => expect(encryptionStateOf(counts)).toBe(state));
