import { expect, test } from 'vitest';
import type { AgentStatus, CiliumStatus, RelayFacts } from '#lib/preflight/inputs.ts';
import { aNode, decided, HOSTILE, told } from '#lib/testing/preflight.ts';
import { nodePorts } from './06-node-ports.ts';

const nodes = [aNode('a'), aNode('bb'), aNode('ccc')];
const relay = (connected: number, missing: readonly string[] = []): RelayFacts => ({ connected, expected: 3, missing, lost: 0 });
const anAgent = (more: Partial<AgentStatus> = {}): AgentStatus => ({
  pod: 'cilium-1',
  kubeProxyReplacement: '',
  encryptionMode: 'Wireguard',
  nodeEncryption: '',
  hostRouting: '',
  chainingMode: '',
  unreachable: [],
  health: '',
  version: '',
  ...more,
});
const status = (...agents: readonly AgentStatus[]): CiliumStatus => ({
  images: [],
  workloads: [],
  errors: [],
  collectionErrors: [],
  agents,
});

test('passes where the relay reaches every node', () => {
  expect(decided(nodePorts, { objects: nodes, relay: relay(3) })).toMatchObject({ status: 'pass', missing: [] });
});

test('passes where every agent has all others as peers and reaches them', () => {
  const outcome = decided(nodePorts, { objects: nodes, status: status(anAgent({ wireGuardPeers: 2, probedNodes: 3 })) });
  expect(outcome.status).toBe('pass');
  expect(told(outcome)).toEqual([
    'cilium status: 1 agent of 1 reach every node on TCP 4240',
    'WireGuard: every agent has the 2 other nodes as peers (UDP 51871)',
  ]);
});

test.each([
  [
    'the relay misses a node',
    { objects: nodes, relay: relay(2, ['ccc', HOSTILE]) },
    `it reaches 2 of 3 nodes: TCP 4244 is closed, or no agent runs there: ccc, ${HOSTILE}`,
  ],
  [
    'the cluster has more nodes than the relay expects',
    { objects: [...nodes, aNode('dddd')], relay: relay(3) },
    'it reaches 3 of 4 nodes',
  ],
  [
    'an agent lacks peers',
    { objects: nodes, status: status(anAgent({ wireGuardPeers: 1 })) },
    'Agent cilium-1: it has 1 WireGuard peer where there are 2 other nodes',
  ],
  [
    'a node of encryption status lacks peers',
    {
      objects: nodes,
      encryption: {
        nodes: 3,
        disabled: 0,
        wireGuard: 3,
        ipsec: 0,
        details: [{ node: 'a', mode: 'Wireguard', peers: 0, nodeEncryption: '' }],
      },
    },
    'Node a: it has 0 WireGuard peers',
  ],
  [
    'a node is not reached',
    { objects: nodes, status: status(anAgent({ unreachable: ['x/bb'], probedNodes: 3 })) },
    'Node x/bb: agent cilium-1 does not reach it on TCP 4240',
  ],
  [
    'health counts too few',
    { objects: nodes, status: status(anAgent({ health: 'Warning: 2/3 reachable' })) },
    'an agent reaches 2 of 3 nodes',
  ],
] as const)('fails where %s', (_, given, message) => {
  const outcome = decided(nodePorts, given);
  expect(outcome.status).toBe('fail');
  expect(told(outcome, 'fail').join()).toContain(message);
});

test('names the port of the overlay', () => {
  const notes = (values: object): string =>
    told(decided(nodePorts, { objects: nodes, relay: relay(3), values: { ...values } })).join();
  expect(notes({})).toContain('UDP 8472');
  expect(notes({ tunnelProtocol: 'geneve' })).toContain('UDP 6081');
  expect(notes({ routingMode: 'native' })).not.toContain('overlay');
});

test('is unknown without relay and status, and where agents say nothing of others', () => {
  expect(decided(nodePorts, {})).toEqual({ status: 'unknown', findings: [], missing: ['relay', 'cilium-status', 'nodes'] });
  expect(decided(nodePorts, { objects: nodes, status: status(anAgent({ health: 'Ok' })) })).toMatchObject({
    status: 'unknown',
    missing: ['relay', 'cilium-status'],
  });
});
