import fc from 'fast-check';
import { ENTITIES, type Peer, POLICY_PROTOCOLS, type PolicyObject, type Question, type World } from '#lib/policy/model.ts';
import { aPod, aWorld } from './policies.ts';

/** Any of these worlds, policies and questions can occur; they are small, so that rules meet. */

const NAMESPACES = ['shop', 'pay'];
const APPS = ['web', 'db', 'api'];
const CIDRS = ['203.0.113.0/24', '203.0.113.128/25', '198.51.100.7/32', '0.0.0.0/0'];
const ADDRESSES = ['203.0.113.10', '203.0.113.200', '198.51.100.7', '192.0.2.1'];
const NAMES = ['a.example.com', 'b.example.com'];
const PORTS = ['80', '443', '8080', 'http', '0'];

const config = fc.constantFrom<World['config']>(
  {},
  {},
  {},
  { allowLocalhost: 'policy' },
  { policyEnforcement: 'always' },
  { hostFirewall: true },
  { disablePolicyDefaultLocalCluster: true },
);

export const anyWorld: fc.Arbitrary<World> = fc
  .record({
    config,
    ports: fc.array(fc.constantFrom(80, 8080), { minLength: 6, maxLength: 6 }),
    tiers: fc.array(fc.constantFrom('front', 'back'), { minLength: 6, maxLength: 6 }),
    learned: fc.dictionary(fc.constantFrom(...NAMES), fc.subarray(ADDRESSES)),
  })
  .map(({ config: settings, ports, tiers, learned }) =>
    aWorld({
      config: settings,
      endpoints: NAMESPACES.flatMap((namespace, outer) =>
        APPS.map((app, inner) =>
          aPod(`${namespace}-${app}`, namespace, {
            labels: { app, tier: tiers[outer * 3 + inner] ?? 'back' },
            namedPorts: [{ name: 'http', port: ports[outer * 3 + inner] ?? 80, protocol: 'TCP' }],
          }),
        ),
      ),
      fqdnCache: learned,
    }),
  );

const podSelector = fc.oneof(
  fc.constant({}),
  fc.constantFrom(...APPS).map((app) => ({ matchLabels: { app } })),
  fc.constantFrom(...NAMESPACES).map((name) => ({ matchLabels: { 'k8s:io.kubernetes.pod.namespace': name } })),
  fc
    .constantFrom('In', 'NotIn')
    .chain((operator) =>
      fc
        .subarray(['front', 'back'], { minLength: 1 })
        .map((values) => ({ matchExpressions: [{ key: 'tier', operator, values }] })),
    ),
  fc
    .constantFrom('Exists', 'DoesNotExist')
    .map((operator) => ({ matchExpressions: [{ key: 'k8s:io.cilium.k8s.namespace.labels.team', operator }] })),
);

const peers = (side: 'from' | 'to', allow: boolean) =>
  fc.oneof(
    fc.constant({}),
    fc.array(podSelector, { maxLength: 2 }).map((list) => ({ [`${side}Endpoints`]: list })),
    fc
      .array(fc.constantFrom('all', 'world', 'cluster', 'host', 'remote-node', 'health'), { maxLength: 2 })
      .map((list) => ({ [`${side}Entities`]: list })),
    fc.array(fc.constantFrom(...CIDRS), { minLength: 1, maxLength: 2 }).map((list) => ({ [`${side}CIDR`]: list })),
    fc
      .constantFrom(
        { cidr: '203.0.113.0/24', except: ['203.0.113.128/25'] },
        { cidrGroupRef: 'office' },
        { cidr: '0.0.0.0/0', except: ['198.51.100.0/24'] },
      )
      .map((one) => ({ [`${side}CIDRSet`]: [one] })),
    ...(side === 'to' && allow
      ? [fc.constantFrom('*.example.com', 'a.example.com', '*').map((matchPattern) => ({ toFQDNs: [{ matchPattern }] }))]
      : []),
    ...(side === 'to'
      ? [
          fc
            .constantFrom('db', 'ghost')
            .map((serviceName) => ({ toServices: [{ k8sService: { serviceName, namespace: 'shop' } }] })),
        ]
      : []),
  );

const ports = fc.oneof(
  fc.constant({}),
  fc
    .array(
      fc
        .record({ port: fc.constantFrom(...PORTS), protocol: fc.constantFrom('TCP', 'UDP', 'ANY') })
        .chain((port) => fc.constantFrom(port, port.port === '80' ? { ...port, endPort: 500 } : port)),
      { minLength: 1, maxLength: 2 },
    )
    .map((list) => ({ toPorts: [{ ports: list }] })),
  fc.constantFrom(8, 0).map((type) => ({ icmps: [{ fields: [{ type }] }] })),
);

const rule = (side: 'from' | 'to', allow: boolean) =>
  fc.tuple(peers(side, allow), ports).map(([who, what]) => ({ ...who, ...what }));

const sections = fc.record(
  {
    ingress: fc.array(rule('from', true), { minLength: 1, maxLength: 2 }),
    egress: fc.array(rule('to', true), { minLength: 1, maxLength: 2 }),
    ingressDeny: fc.array(rule('from', false), { minLength: 1, maxLength: 2 }),
    egressDeny: fc.array(rule('to', false), { minLength: 1, maxLength: 2 }),
    enableDefaultDeny: fc.record({ ingress: fc.boolean(), egress: fc.boolean() }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

const ciliumPolicy = fc
  .record({
    spec: sections,
    subject: podSelector,
    namespace: fc.constantFrom(...NAMESPACES),
    kind: fc.constantFrom('cnp', 'cnp', 'ccnp', 'node'),
  })
  .map(({ spec, subject, namespace, kind }): Omit<PolicyObject, 'metadata'> & { namespace?: string } => ({
    apiVersion: 'cilium.io/v2',
    kind: kind === 'cnp' ? 'CiliumNetworkPolicy' : 'CiliumClusterwideNetworkPolicy',
    ...(kind === 'cnp' && { namespace }),
    spec: { ...(kind === 'node' ? { nodeSelector: {} } : { endpointSelector: subject }), ...spec },
  }));

const networkPeer = fc.oneof(
  fc.constantFrom(...APPS).map((app) => ({ podSelector: { matchLabels: { app } } })),
  fc.constantFrom({}, { matchLabels: { team: 'retail' } }).map((namespaceSelector) => ({ namespaceSelector })),
  fc.constant({ ipBlock: { cidr: '203.0.113.0/24', except: ['203.0.113.128/25'] } }),
);

const networkRule = (side: 'from' | 'to') =>
  fc.record(
    {
      [side]: fc.array(networkPeer, { maxLength: 2 }),
      ports: fc.array(fc.constantFrom<object>({ port: 80 }, { port: 'http' }, { protocol: 'UDP' }, { port: 80, endPort: 90 }), {
        maxLength: 2,
      }),
    },
    { requiredKeys: [] },
  );

const networkPolicy = fc
  .record(
    {
      podSelector: fc.constantFrom<object>({}, { matchLabels: { app: 'db' } }),
      ingress: fc.array(networkRule('from'), { maxLength: 2 }),
      egress: fc.array(networkRule('to'), { maxLength: 2 }),
      policyTypes: fc.subarray(['Ingress', 'Egress']),
    },
    { requiredKeys: ['podSelector'] },
  )
  .map((spec): Omit<PolicyObject, 'metadata'> & { namespace?: string } => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    namespace: 'shop',
    spec,
  }));

/** Policies of all kinds, each of another name. */
export const anyPolicies = (max = 4): fc.Arbitrary<PolicyObject[]> =>
  fc
    .array(fc.oneof({ weight: 3, arbitrary: ciliumPolicy }, { weight: 1, arbitrary: networkPolicy }), { maxLength: max })
    .map((list) =>
      list.map(({ namespace, ...object }, index): PolicyObject => ({
        ...object,
        metadata: { name: `p${index}`, ...(namespace && { namespace }) },
      })),
    );

/** A policy that only denies. */
export const anyDeny: fc.Arbitrary<PolicyObject> = fc
  .record({ namespace: fc.constantFrom(...NAMESPACES), subject: podSelector, from: rule('from', false), to: rule('to', false) })
  .map(({ namespace, subject, from, to }) => ({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: 'deny', namespace },
    spec: { endpointSelector: subject, ingressDeny: [from], egressDeny: [to] },
  }));

const anyPeer: fc.Arbitrary<Peer> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...NAMESPACES), fc.constantFrom(...APPS))
      .map(([namespace, app]) => ({ endpoint: `${namespace}-${app}` })),
  },
  { weight: 2, arbitrary: fc.constantFrom(...ADDRESSES).map((ip) => ({ ip })) },
  { weight: 1, arbitrary: fc.constantFrom('node-a', 'node-b').map((node) => ({ node })) },
  { weight: 1, arbitrary: fc.constantFrom(...ENTITIES).map((entity) => ({ entity })) },
);

export const anyQuestion: fc.Arbitrary<Question> = fc.record({
  src: anyPeer,
  dst: anyPeer,
  protocol: fc.constantFrom(...POLICY_PROTOCOLS),
  port: fc.constantFrom(0, 8, 79, 80, 81, 90, 443, 500, 501, 8080, 65_535),
});
