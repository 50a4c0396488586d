import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Kubernetes, kubernetesMissing, startKubernetes } from '#lib/testing/kubernetes.ts';
import { type CollectedObjects, collectObjects } from '#lib/testing/objects.ts';
import { until } from '#lib/testing/postgres.ts';
import { ASIDE_KINDS, resourceOf, WATCHED_KINDS } from './kinds.ts';
import type { ObjectSource } from './object.ts';
import { followKubernetes } from './source.ts';

const missing = kubernetesMissing();
/** What the world rests on; the reader of this server may read no more. */
const NEEDED = WATCHED_KINDS.filter(({ aside }) => !aside);
const CUSTOM_GROUPS = new Set(['cilium.io', 'karpenter.sh', 'karpenter.k8s.aws', 'vpcresources.k8s.aws', 'networking.k8s.aws']);

describe.skipIf(missing)('against a real API server', () => {
  let kubernetes: Kubernetes;
  let seen: CollectedObjects;
  let source: ObjectSource;

  beforeAll(async () => {
    kubernetes = await startKubernetes();
    await kubernetes.seed();
    seen = collectObjects();
    source = followKubernetes({ kubeconfig: kubernetes.reader }, seen);
    await settled(source);
  });
  afterAll(async () => {
    await source.close();
    kubernetes.stop();
  });

  const stateOf = (of: ObjectSource, kind: string) => of.states().find((state) => state.kind === kind);
  const isReady = (kind: string) => stateOf(source, kind)?.state === 'ready';
  /** No kind is still starting. */
  const settled = (of: ObjectSource): Promise<void> =>
    until(() => of.states().every(({ state }) => state !== 'starting'), 'every kind to be read or refused');

  test('all kinds are read as kubectl prints them', async () => {
    for (const { kind, plural, group, only } of NEEDED.filter(({ kind: name }) => name !== 'EndpointSlice')) {
      const resource = group ? `${plural}.${group}` : plural;
      const list = JSON.parse(
        await kubernetes.kubectl([
          'get',
          resource,
          '-A',
          '-o',
          'json',
          ...(only?.name !== undefined ? ['--field-selector', `metadata.name=${only.name}`] : []),
        ]),
      ) as { items: { metadata: { name: string; namespace?: string }; spec?: unknown }[] };
      expect([kind, stateOf(source, kind)?.state]).toEqual([kind, 'ready']);
      expect([kind, names(seen.of(kind))]).toEqual([kind, names(list.items)]);
    }
    expect(stateOf(source, 'CiliumNetworkPolicy')?.objects).toBe(8);
  });

  test('a policy is kept whole, byte for byte of its spec', async () => {
    const namespace = 'payments';
    const spec = { endpointSelector: {}, ingress: [{}, { fromEntities: [] }], egress: null, description: 'null, [] and {}' };
    await apply({
      kind: 'CiliumNetworkPolicy',
      metadata: { name: 'whole', namespace },
      spec: { ...spec, egress: [{ toPorts: [] }] },
    });
    await until(() => seen.objects.has(`CiliumNetworkPolicy ${namespace}/whole`), 'the policy');
    const printed = JSON.parse(await kubernetes.kubectl(['-n', namespace, 'get', 'cnp', 'whole', '-o', 'json'])) as {
      spec: object;
    };
    expect(seen.objects.get(`CiliumNetworkPolicy ${namespace}/whole`)?.['spec']).toEqual(printed.spec);
    await kubernetes.kubectl(['-n', namespace, 'delete', 'cnp', 'whole']);
    await until(() => !seen.objects.has(`CiliumNetworkPolicy ${namespace}/whole`), 'its deletion');
  });

  test('a change is heard of at once, and one that says nothing new is not', async () => {
    const pod = seen.of('Pod').find(({ metadata }) => metadata.namespace === 'payments');
    const name = pod?.metadata.name ?? '';
    const heard = () => seen.changes.filter(({ object }) => object.kind === 'Pod' && object.metadata.name === name).length;
    const before = heard();
    await kubernetes.kubectl(['-n', 'payments', 'label', 'pod', name, 'tier=front']);
    await until(() => seen.objects.get(`Pod payments/${name}`)?.metadata.labels?.['tier'] === 'front', 'the label', 5000);
    expect(heard()).toBe(before + 1);
    await kubernetes.kubectl([
      '-n',
      'payments',
      'patch',
      'pod',
      name,
      '--subresource',
      'status',
      '-p',
      '{"status":{"message":"still starting"}}',
    ]);
    await kubernetes.kubectl(['-n', 'payments', 'label', 'pod', name, 'tier-']);
    await until(
      () => seen.objects.get(`Pod payments/${name}`)?.metadata.labels?.['tier'] === undefined,
      'the label to be gone',
      5000,
    );
    expect(heard()).toBe(before + 2);
  });

  test('managed fields and other tools’ annotations are not held', () => {
    const text = JSON.stringify([...seen.objects.values()]);
    expect(text).not.toContain('fieldsV1');
    expect(text).not.toContain('last-applied-configuration');
    expect(text).not.toContain('containerStatuses');
  });

  test('what the console may not do is a state that names the right that is missing', () => {
    // The reader of this server may list endpoints, not endpoint slices.
    expect(stateOf(source, 'EndpointSlice')).toMatchObject({
      state: 'forbidden',
      message: expect.stringContaining('may not list and watch endpointslices.discovery.k8s.io'),
    });
  });

  test('with rights in two namespaces only, those are read and the others say why not', async () => {
    const own = collectObjects();
    const limited = followKubernetes({ kubeconfig: kubernetes.limited, namespaces: ['payments', 'edge'] }, own);
    try {
      await settled(limited);
      await until(
        () => own.of('Pod').length > 0 && stateOf(limited, 'Pod')?.state === 'forbidden',
        'pods of one, a refusal of the other',
      );
      expect(new Set(own.of('Pod').map(({ metadata }) => metadata.namespace))).toEqual(new Set(['payments']));
      expect(stateOf(limited, 'Pod')?.message).toMatch(/in namespace edge: .*forbidden/);
      expect(stateOf(limited, 'Pod')?.message).not.toMatch(/in namespace payments/);
      expect(stateOf(limited, 'CiliumIdentity')?.state).toBe('forbidden');
    } finally {
      await limited.close();
    }
  });

  test('a restart of the API server loses nothing and needs nobody', async () => {
    const start = await kubernetes.killServer();
    await until(() => stateOf(source, 'Pod')?.state === 'failed', 'the failure to be said', 15_000);
    expect(stateOf(source, 'Pod')?.message).toMatch(/does not answer/);
    expect(seen.of('Pod').length).toBeGreaterThan(30);
    const started = start();
    await started;
    await until(() => isReady('Pod') && isReady('CiliumNetworkPolicy'), 'the watches to be back', 40_000);
    await apply({
      kind: 'CiliumNetworkPolicy',
      metadata: { name: 'after-restart', namespace: 'edge' },
      spec: { endpointSelector: {}, ingress: [] },
    });
    await until(() => seen.objects.has('CiliumNetworkPolicy edge/after-restart'), 'a policy made after it');
    const never = source.states().filter(({ state }) => state === 'not-installed' || state === 'forbidden');
    expect(never.map(({ kind }) => kind).filter((kind) => !ASIDE_KINDS.has(kind))).toEqual(['EndpointSlice']);
  });

  test('what was deleted while the server was not watched is forgotten', async () => {
    const own = collectObjects();
    const late = followKubernetes({ kubeconfig: kubernetes.reader }, own);
    await settled(late);
    const start = await kubernetes.killServer();
    await until(() => stateOf(late, 'CiliumNetworkPolicy')?.state === 'failed', 'the failure', 15_000);
    await start();
    await kubernetes.kubectl(['-n', 'edge', 'delete', 'cnp', 'after-restart', '--wait=false']);
    await until(() => !own.objects.has('CiliumNetworkPolicy edge/after-restart'), 'the deletion', 40_000);
    expect(own.changes.at(-1)).toMatchObject({ type: 'delete', object: { metadata: { name: 'after-restart' } } });
    await late.close();
  });

  test('only list and watch were ever asked for, of the kinds that are named', () => {
    const requests = kubernetes.requestsOf('causeway-reader');
    expect(new Set(requests.map(({ verb }) => verb))).toEqual(new Set(['list', 'watch']));
    const known = new Set(WATCHED_KINDS.map(resourceOf));
    expect(requests.filter(({ resource }) => !known.has(resource))).toEqual([]);
  });

  const apply = (object: object): Promise<string> =>
    kubernetes.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'cilium.io/v2', ...object }));
});

test.skipIf(missing)('a cluster without Cilium is no error', async () => {
  const plain = await startKubernetes({ crds: false });
  const seen = collectObjects();
  const source = followKubernetes({ kubeconfig: plain.admin }, seen);
  try {
    await until(
      () => source.states().every(({ state }) => state === 'ready' || state === 'not-installed'),
      'every kind to be known',
    );
    const absent = source.states().filter(({ state }) => state === 'not-installed');
    expect(absent.map(({ kind }) => kind)).toEqual(
      WATCHED_KINDS.filter(({ group }) => CUSTOM_GROUPS.has(group)).map(({ kind }) => kind),
    );
    expect(absent[0]?.message).toBe('the cluster has no ciliumnetworkpolicies.cilium.io');
    expect(seen.of('Namespace').map(({ metadata }) => metadata.name)).toContain('payments');
  } finally {
    await source.close();
    plain.stop();
  }
});

test('a kubeconfig that cannot be used says why', () => {
  const sink = collectObjects();
  expect(() => followKubernetes({ kubeconfig: '/nowhere/config' }, sink)).toThrow(/kubeconfig \/nowhere\/config cannot be read/);
  expect(() => followKubernetes({}, sink)).toThrow(/no service account/);
});

const names = (objects: readonly { metadata: { name: string; namespace?: string } }[]): string[] =>
  objects.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`).toSorted();
