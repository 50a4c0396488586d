import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { factsOf, WorldBuilder } from './world-builder.ts';

const pod = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: name } },
  spec: { serviceAccountName: 'default', containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 8080 }] }] },
  status: { phase: 'Running', podIP: '10.0.0.1' },
  ...more,
});
const identity = (number: number, labels: object = { 'k8s:app': 'web' }) => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumIdentity',
  metadata: { name: String(number) },
  'security-labels': labels,
});
const endpoint = (name: string, id: number) => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumEndpoint',
  metadata: { name, namespace: 'shop' },
  status: {
    identity: { id, labels: ['k8s:b=2', 'k8s:a=1'] },
    networking: { addressing: [{ ipv4: '10.0.0.9' }], node: '10.1.0.1' },
  },
});
const policy = (name: string, more: object = {}) => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec: { endpointSelector: {}, ingress: [{}] },
  ...more,
});
const config = (data: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'cilium-config', namespace: 'kube-system' },
  data,
});

describe('the agents’ configuration', () => {
  test.each([
    [{}, {}],
    [{ 'enable-policy': 'always' }, { policyEnforcement: 'always' }],
    [{ 'enable-policy': 'default', 'allow-localhost': 'auto' }, {}],
    [{ 'allow-localhost': 'policy' }, { allowLocalhost: 'policy' }],
    [{ 'enable-ipv6': 'true' }, { dualStack: true }],
    [{ 'enable-ipv4': 'false', 'enable-ipv6': 'true' }, {}],
    [{ 'policy-cidr-match-mode': 'nodes' }, { policyCIDRMatchMode: ['nodes'] }],
    [
      { 'enable-host-firewall': 'true', 'enable-node-selector-labels': 'true' },
      { hostFirewall: true, nodeSelectorLabels: true },
    ],
    [
      { 'policy-audit-mode': 'true', 'cluster-name': 'one' },
      { policyAuditMode: true, clusterName: 'one' },
    ],
    [{ 'enable-non-default-deny-policies': 'false' }, { disableNonDefaultDenyPolicies: true }],
    [{ 'policy-default-local-cluster': 'false' }, { disablePolicyDefaultLocalCluster: true }],
    [{ labels: 'k8s:app k8s:!tier', 'enable-host-firewall': 'maybe' }, { labels: 'k8s:app k8s:!tier' }],
    [{ 'policy-audit-mode': true, 'cluster-name': 7 }, {}],
  ])('%j', (data, expected) => expect(factsOf([config(data)]).world.config).toEqual(expected));

  test('another ConfigMap is none', () => {
    expect(new WorldBuilder().put({ ...config({}), metadata: { name: 'other', namespace: 'kube-system' } })).toBe(false);
  });
});

describe('objects', () => {
  test('of another group with the same kind, without a name, or no objects at all say nothing', () => {
    const builder = new WorldBuilder();
    for (const value of [
      { apiVersion: 'crd.projectcalico.org/v1', kind: 'NetworkPolicy', metadata: { name: 'a', namespace: 'b' } },
      { apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata: { name: 'a', namespace: 'b' } },
      { apiVersion: 'v1', kind: 'Pod', metadata: {} },
      { apiVersion: 'v1', kind: 'constructor', metadata: { name: 'x' } },
      { apiVersion: 'v1', kind: '__proto__', metadata: { name: 'x' } },
      null,
      7,
      [],
      'Pod',
    ])
      expect(builder.put(value)).toBe(false);
    expect(builder.version).toBe(0);
  });

  test('in lists of any kind are taken, also where items leave out their kind', () => {
    const items = [{ metadata: { name: 'web', namespace: 'shop' }, status: { podIP: '10.0.0.1' } }];
    const { inventory } = factsOf([
      { apiVersion: 'v1', kind: 'PodList', items },
      { kind: 'List', items: [pod('db')] },
    ]);
    expect([...inventory.pods.keys()]).toEqual(['shop/db', 'shop/web']);
  });

  test('labels named like parts of JavaScript objects are labels', () => {
    const labels = JSON.parse('{"__proto__": "polluted", "constructor": "x", "n": 7}');
    const { world } = factsOf([pod('web', { metadata: { name: 'web', namespace: '__proto__', labels } })]);
    expect(Object.entries(world.endpoints[0]?.labels ?? {})).toEqual([
      ['__proto__', 'polluted'],
      ['constructor', 'x'],
    ]);
    expect(Object.getPrototypeOf({})).not.toHaveProperty('polluted');
  });

  test.each([
    ['a CiliumEndpoint', { ...endpoint('web-1', 7), status: { identity: { id: { toString: 'x', valueOf: 1 } } } }],
    [
      'a line of a CiliumEndpointSlice',
      {
        apiVersion: 'cilium.io/v2alpha1',
        kind: 'CiliumEndpointSlice',
        metadata: { name: 's' },
        namespace: 'shop',
        endpoints: [{ name: 'web-1', id: { toString: 'x', valueOf: 1 } }],
      },
    ],
    [
      'a named port',
      { ...endpoint('web-1', 7), status: { identity: { id: 7 }, 'named-ports': [{ name: 'http', port: { toString: 'x' } }] } },
    ],
  ])('an object in the place of a number, in %s, says nothing', (_, object) => {
    const { inventory } = factsOf([identity(7), pod('web-1'), object]);
    expect(inventory.pods.has('shop/web-1')).toBe(true);
  });

  test('whatever JSON comes is refused or taken, never thrown at', () => {
    const kind = fc.constantFrom(
      'Pod',
      'Node',
      'Service',
      'CiliumEndpoint',
      'CiliumEndpointSlice',
      'EndpointSlice',
      'CiliumCIDRGroup',
      'CiliumNode',
    );
    const object = fc.record({
      kind,
      metadata: fc.record({ name: fc.string() }),
      spec: fc.jsonValue(),
      status: fc.jsonValue(),
      endpoints: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.array(object), (objects) => {
        expect(factsOf(objects).policies).toEqual([]);
      }),
    );
  });
});

describe('pods', () => {
  test('that ended, or that Cilium does not run, are no endpoints', () => {
    const { world, inventory } = factsOf([
      pod('done', { status: { phase: 'Succeeded', podIP: '10.0.0.2' } }),
      pod('old'),
      pod('waiting', { status: { phase: 'Pending' } }),
      pod('web'),
      endpoint('web', 1234),
    ]);
    expect(world.endpoints.map(({ id }) => id)).toEqual(['shop/waiting', 'shop/web']);
    expect(inventory.pods.get('shop/old')).toMatchObject({ managed: false, ips: ['10.0.0.1'] });
    expect(inventory.podByIp.has('10.0.0.2')).toBe(false);
  });

  test('take labels and addresses from their CiliumEndpoint, and ports from their containers where it names none', () => {
    const { world } = factsOf([pod('web'), endpoint('web', 1234)]);
    expect(world.endpoints).toEqual([
      {
        id: 'shop/web',
        namespace: 'shop',
        workload: 'web',
        labels: { app: 'web' },
        serviceAccount: 'default',
        ip: '10.0.0.9',
        namedPorts: [{ name: 'http', port: 8080, protocol: 'TCP' }],
        identityLabels: ['k8s:a=1', 'k8s:b=2'],
      },
    ]);
  });

  test('in a CiliumEndpointSlice have the labels of their CiliumIdentity', () => {
    const slice = {
      apiVersion: 'cilium.io/v2alpha1',
      kind: 'CiliumEndpointSlice',
      metadata: { name: 'ces-1' },
      namespace: 'shop',
      endpoints: [{ name: 'web', id: 77, networking: { addressing: [{ ipv4: '10.0.0.3' }] } }],
    };
    const { world } = factsOf([slice, identity(77, { 'k8s:app': 'web', 'k8s:empty': '' })]);
    expect(world.endpoints).toMatchObject([
      { id: 'shop/web', ip: '10.0.0.3', labels: { app: 'web' }, identityLabels: ['k8s:app=web', 'k8s:empty'] },
    ]);
  });

  test.each([
    [
      [{ kind: 'ReplicaSet', name: 'web-5f6d7', controller: true }],
      { app: 'web', 'pod-template-hash': '5f6d7' },
      'web Deployment',
    ],
    [[{ kind: 'ReplicaSet', name: 'web-5f6d7', controller: true }], {}, 'web-5f6d7 ReplicaSet'],
    [[{ kind: 'Job', name: 'report-29012345', controller: true }], {}, 'report CronJob'],
    [[{ kind: 'Job', name: 'migrate', controller: true }], {}, 'migrate Job'],
    [
      [
        { kind: 'Thing', name: 'a' },
        { kind: 'StatefulSet', name: 'db', controller: true },
      ],
      {},
      'db StatefulSet',
    ],
    [[], {}, 'web Pod'],
  ])('owned by %j are of workload %s', (ownerReferences, labels, workload) => {
    const { inventory } = factsOf([pod('web', { metadata: { name: 'web', namespace: 'shop', labels, ownerReferences } })]);
    const { name, kind } = inventory.pods.get('shop/web')?.workload ?? { name: '', kind: '' };
    expect(`${name} ${kind}`).toBe(workload);
  });

  test('of a ReplicaSet that is known are of what owns it', () => {
    const owned = (kind: string, name: string) => ({ ownerReferences: [{ kind, name, controller: true }] });
    const { inventory } = factsOf([
      pod('web', { metadata: { name: 'web', namespace: 'shop', ...owned('ReplicaSet', 'web-1') } }),
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'web-1', namespace: 'shop', ...owned('Rollout', 'web') } },
    ]);
    expect(inventory.pods.get('shop/web')?.workload).toEqual({ name: 'web', kind: 'Rollout' });
  });
});

describe('the API server', () => {
  const slice = (address: string) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    endpoints: [{ addresses: [address] }],
  });
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1' },
    status: { addresses: [{ type: 'InternalIP', address: '10.1.0.1' }] },
  };

  test('at a node’s address is that node; elsewhere it is an outside address', () => {
    expect(factsOf([node, slice('10.1.0.1')]).world).toMatchObject({ nodes: [{ id: 'n1', kubeApiServer: true }], ips: [] });
    const outside = factsOf([node, slice('10.9.0.1')]).world;
    expect(outside.ips).toEqual([{ ip: '10.9.0.1', kubeApiServer: true }]);
    expect(outside.nodes[0]).not.toHaveProperty('kubeApiServer');
  });

  test('is known from Endpoints too', () => {
    const endpoints = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'kubernetes', namespace: 'default' },
      subsets: [{ addresses: [{ ip: '10.9.0.2' }] }],
    };
    expect(factsOf([endpoints]).inventory.apiServers).toEqual(['10.9.0.2']);
  });
});

describe('one change at a time', () => {
  test('facts are the same object until something changes, and unchanged parts of them beyond that', () => {
    const builder = new WorldBuilder();
    builder.put(pod('web'));
    builder.put(pod('db'));
    const first = builder.build();
    expect(builder.build()).toBe(first);
    builder.put(policy('a'));
    const second = builder.build();
    expect(second).not.toBe(first);
    expect(second.world).toBe(first.world);
    builder.put(pod('db', { status: { podIP: '10.0.0.77' } }));
    const third = builder.build();
    expect(third.policies).toBe(second.policies);
    expect(third.world.endpoints[1]).toBe(first.world.endpoints[1]);
    expect(third.world.endpoints[0]).not.toBe(first.world.endpoints[0]);
    expect(third.world.namespaces).toBe(first.world.namespaces);
  });

  test('changes that say nothing new leave all facts as they were', () => {
    const builder = new WorldBuilder();
    const node = (heartbeat: string) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n1', labels: { pool: 'blue' } },
      status: { addresses: [{ type: 'InternalIP', address: '10.1.0.1' }], conditions: [{ lastHeartbeatTime: heartbeat }] },
    });
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { selector: { app: 'web' } },
    };
    const slice = (address: string) => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'web-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
      endpoints: [{ addresses: [address] }],
    });
    for (const object of [pod('a'), pod('web'), endpoint('web', 5), identity(5), node('1'), service, slice('10.0.0.9')])
      builder.put(object);
    const before = builder.build();
    builder.put(pod('web', { status: { phase: 'Running', podIP: '10.0.0.1', conditions: [{ type: 'Ready' }] } }));
    builder.put(node('2'));
    builder.put(slice('10.0.0.10'));
    builder.put(identity(5));
    expect(builder.build()).toBe(before);
    builder.delete(pod('a')); // Cilium does not run it: a pod the less, the same world
    const after = builder.build();
    expect(after.inventory.pods.size).toBe(before.inventory.pods.size - 1);
    expect(after.world).toBe(before.world);
    expect(after.inventory.pods.get('shop/web')).toBe(before.inventory.pods.get('shop/web'));
    expect(after.inventory.nodes).toBe(before.inventory.nodes);
  });

  test('what comes and goes in any order leaves the facts of what is there', () => {
    const change = fc.record({
      object: fc.constantFrom(
        pod('web'),
        pod('db'),
        endpoint('web', 5),
        endpoint('db', 6),
        identity(5),
        policy('a'),
        policy('b'),
        config({ 'enable-ipv6': 'true' }),
      ),
      there: fc.boolean(),
      look: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const builder = new WorldBuilder();
        const left = new Map<string, unknown>();
        for (const { object, there, look } of changes) {
          const key = `${object.kind} ${object.metadata.name}`;
          if (there) builder.put(object);
          else builder.delete(object);
          if (there) left.set(key, object);
          else left.delete(key);
          if (look) builder.build();
        }
        expect(builder.build()).toEqual(factsOf(left.values()));
      }),
    );
  });

  test('an identity that went is remembered for an hour, one that nobody dated is not', () => {
    const builder = new WorldBuilder();
    builder.setKnown('CiliumIdentity');
    for (const number of [300, 301, 302]) builder.put(identity(number));
    builder.delete(identity(300), 1_000_000);
    builder.delete(identity(301));
    expect([...(builder.build().inventory.identities?.keys() ?? [])]).toEqual([300, 302]);
    expect(builder.build().inventory.identities?.get(300)?.deletedAt).toBe(1_000_000);
    builder.delete(identity(302), 1_000_000 + 3_600_001);
    expect([...(builder.build().inventory.identities?.keys() ?? [])]).toEqual([302]);
  });

  test('a kind without objects is missing until its source says that there are none', () => {
    const builder = new WorldBuilder();
    expect(builder.build().world.missing).toEqual([
      'endpoints',
      'namespaces',
      'nodes',
      'services',
      'cidrGroups',
      'names',
      'config',
    ]);
    expect(builder.build().inventory.identities).toBeUndefined();
    for (const kind of ['Pod', 'Namespace', 'Node', 'Service', 'CiliumCIDRGroup', 'ConfigMap', 'CiliumIdentity'])
      builder.setKnown(kind);
    expect(builder.build().world.missing).toEqual(['names']);
    expect(builder.build().inventory.identities?.size).toBe(0);
    builder.setKnown('Service', false);
    expect(builder.build().world.missing).toEqual(['services', 'names']);
  });

  test('policies come in the order of their references', () => {
    const { policies } = factsOf([
      policy('b'),
      policy('a'),
      { ...policy('z'), kind: 'CiliumClusterwideNetworkPolicy', metadata: { name: 'z' } },
    ]);
    expect(policies.map(({ metadata }) => metadata.name)).toEqual(['z', 'a', 'b']);
  });
});
