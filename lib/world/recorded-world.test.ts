import { describe, expect, test } from 'vitest';
import { recordedObjects } from '#lib/testing/recorded-world.ts';
import { recordedFlows, recordingMissing } from '#lib/testing/recording.ts';
import { factsOf } from './world-builder.ts';

describe.skipIf(recordingMissing())('the recorded cluster', () => {
  const facts = factsOf(recordedObjects());
  const { world, policies, inventory } = facts;

  test('its objects make a world of which nothing is missing but what files do not say', () => {
    expect(world.missing).toEqual(['cidrGroups', 'names']);
    expect(world.config).toEqual({ clusterName: 'aegis-production', dualStack: true });
    expect(world.endpoints).toHaveLength(35);
    expect(world.nodes.map(({ id, ip }) => [id, ip])).toEqual([
      ['ip-10-20-1-11', '10.20.1.11'],
      ['ip-10-20-2-11', '10.20.2.11'],
      ['ip-10-20-3-11', '10.20.3.11'],
      ['ip-10-20-4-11', '10.20.4.11'],
    ]);
    expect(world.ips).toEqual([{ ip: '10.20.9.5', kubeApiServer: true }]);
    expect(world.services.find(({ name }) => name === 'kube-dns')).toMatchObject({ selector: { 'k8s-app': 'kube-dns' } });
    expect(policies).toHaveLength(30);
    expect(inventory.settings).toMatchObject({ wireGuard: true, identitiesAreObjects: true, clusterId: 0 });
  });

  test('each endpoint has the labels, and each pod the workload, that its flows carry', () => {
    const labels = new Map(world.endpoints.map(({ id, identityLabels }) => [id, identityLabels]));
    let compared = 0;
    for (const flow of recordedFlows()) {
      for (const side of [flow.source, flow.destination]) {
        if (side.podName === '') continue;
        const id = `${side.namespace}/${side.podName}`;
        expect(labels.get(id)).toEqual(side.labels);
        const pod = inventory.pods.get(id);
        expect(pod?.workload).toEqual(side.workload ?? { name: side.podName, kind: 'Pod' });
        expect(pod?.identity).toBe(side.identity);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(5000);
  });

  test('pods in the network of their node are known, but are no endpoints', () => {
    const proxies = [...inventory.pods.values()].filter(({ hostNetwork }) => hostNetwork);
    expect(proxies).toHaveLength(8);
    expect(proxies.every(({ managed }) => !managed)).toBe(true);
    expect(inventory.podByIp.has('10.20.1.11')).toBe(false);
    expect(inventory.nodeByIp.get('10.20.1.11')?.name).toBe('ip-10-20-1-11');
  });

  test('without CiliumEndpoints pods are endpoints by themselves, with labels to derive', () => {
    const bare = factsOf(recordedObjects(['endpoints.json', 'identities.json']));
    expect(bare.world.endpoints.map(({ id }) => id)).toEqual(world.endpoints.map(({ id }) => id));
    expect(bare.world.endpoints.some(({ identityLabels }) => identityLabels)).toBe(false);
    expect(bare.inventory.identities).toBeUndefined();
    const db = bare.world.endpoints.find(({ id }) => id === 'payments/payments-db-0');
    expect(db).toEqual({
      id: 'payments/payments-db-0',
      namespace: 'payments',
      workload: 'payments-db',
      ip: expect.any(String),
      serviceAccount: 'payments-db',
      namedPorts: [{ name: 'postgres', port: 5432, protocol: 'TCP' }],
      labels: expect.objectContaining({ app: 'payments-db', 'apps.kubernetes.io/pod-index': '0' }),
    });
  });

  test('without pods CiliumEndpoints are enough', () => {
    const bare = factsOf(recordedObjects(['pods.json', 'workloads.json']));
    expect(bare.world.endpoints.map(({ id, identityLabels }) => [id, identityLabels])).toEqual(
      world.endpoints.map(({ id, identityLabels }) => [id, identityLabels]),
    );
    expect(bare.inventory.pods.get('payments/payments-db-0')).toMatchObject({ nodeName: expect.stringMatching(/^ip-/) });
  });
});
