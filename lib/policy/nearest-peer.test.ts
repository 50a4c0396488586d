import { expect, test } from 'vitest';
import { describePeer, rulePeerOf } from './nearest-peer.ts';
import { ciliumRule, literal, networkPolicyRule } from './nearest-rule.ts';

const egress = { direction: 'egress' } as const;

test.each([
  [
    'an API server on a node',
    { labels: ['reserved:kube-apiserver', 'reserved:remote-node'] },
    { kind: 'entity', entity: 'kube-apiserver' },
  ],
  [
    'an API server outside (EKS)',
    { labels: ['reserved:kube-apiserver', 'reserved:world'], ip: '10.0.0.1' },
    { kind: 'entity', entity: 'kube-apiserver' },
  ],
  ['the local host', { labels: ['k8s:pool=blue', 'reserved:host'] }, { kind: 'entity', entity: 'host' }],
  [
    'a name',
    { labels: ['reserved:world'], ip: '203.0.113.7', names: ['API.example.com.'] },
    { kind: 'fqdn', name: 'api.example.com' },
  ],
  [
    'a name that no rule can hold',
    { labels: ['reserved:world'], ip: '203.0.113.7', names: ['<b>.example.com'] },
    { kind: 'cidr', cidr: '203.0.113.7/32' },
  ],
  ['an address', { labels: ['reserved:world-ipv6'], ip: '2001:db8::1' }, { kind: 'cidr', cidr: '2001:db8::1/128' }],
  [
    'the Pod Identity agent, whatever its name',
    { labels: ['reserved:world'], ip: '169.254.170.23', names: ['x.example'] },
    { kind: 'cidr', cidr: '169.254.170.23/32' },
  ],
  [
    'a prefix that a policy named',
    { labels: ['cidr:192.0.2.88/29', 'reserved:world-ipv4'] },
    { kind: 'cidr', cidr: '192.0.2.88/29' },
  ],
] as const)('%s', (_, peer, named) => {
  expect(rulePeerOf(peer, egress)).toEqual(named);
});

test('what cannot be named says why', () => {
  expect(rulePeerOf({ labels: ['reserved:world'] }, egress)).toMatchObject({ kind: 'none', code: 'no-address' });
  expect(rulePeerOf({ labels: [] }, egress)).toMatchObject({ kind: 'none', code: 'unknown-identity' });
  expect(rulePeerOf({ labels: ['reserved:world'], names: ['a.example.com'] }, { direction: 'ingress' })).toMatchObject({
    code: 'no-address',
  });
});

test('pods of another namespace and another cluster carry both in their selector', () => {
  const labels = ['k8s:app=db', 'k8s:io.cilium.k8s.policy.cluster=west', 'k8s:io.kubernetes.pod.namespace=data'];
  const peer = rulePeerOf({ labels }, { ...egress, clusterName: 'east' });
  if (peer.kind === 'none') throw new Error(peer.reason);
  expect(describePeer(peer)).toBe('app=db in data of cluster west');
  expect(ciliumRule({ direction: 'egress', peers: [peer], ports: [{ protocol: 'TCP', port: 5432 }] }, 'data')).toEqual({
    toEndpoints: [
      { matchLabels: { app: 'db', 'k8s:io.kubernetes.pod.namespace': 'data', 'k8s:io.cilium.k8s.policy.cluster': 'west' } },
    ],
    toPorts: [{ ports: [{ port: '5432', protocol: 'TCP' }] }],
  });
  expect(networkPolicyRule({ direction: 'egress', peers: [peer], ports: [] }, 'data')).toBeUndefined();
});

test('ICMP is written as icmps, and a NetworkPolicy names namespaces by their name', () => {
  const icmp = ciliumRule(
    { direction: 'ingress', peers: [{ kind: 'entity', entity: 'host' }], ports: [{ protocol: 'ICMPv6', port: 128 }] },
    'shop',
  );
  expect(icmp).toEqual({ fromEntities: ['host'], icmps: [{ fields: [{ family: 'IPv6', type: 128 }] }] });
  const pods = {
    kind: 'pods',
    namespace: 'data',
    choice: { labels: [{ key: 'app', value: 'db' }], absent: ['canary'], exact: true },
  } as const;
  expect(
    networkPolicyRule(
      { direction: 'ingress', peers: [pods, { kind: 'cidr', cidr: '10.0.0.1/32' }], ports: [{ protocol: 'TCP', port: 80 }] },
      'shop',
    ),
  ).toEqual({
    from: [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'data' } },
        podSelector: { matchLabels: { app: 'db' }, matchExpressions: [{ key: 'canary', operator: 'DoesNotExist' }] },
      },
      { ipBlock: { cidr: '10.0.0.1/32' } },
    ],
    ports: [{ port: 80, protocol: 'TCP' }],
  });
});

test('a literal is matched by itself only', () => {
  expect(literal('/a.b/{x}?q=1+1')).toBe(String.raw`/a\.b/\{x\}\?q=1\+1`);
});
