import type { PolicyObject, World, WorldEndpoint } from '#lib/policy/model.ts';

/** A small cluster: shop (web, cart, db), pay (api), kube-system (dns), a local and another node. */
export function aWorld(more: Partial<World> = {}): World {
  return {
    config: {},
    namespaces: {
      shop: { labels: { 'kubernetes.io/metadata.name': 'shop', team: 'retail' } },
      pay: { labels: { 'kubernetes.io/metadata.name': 'pay', team: 'payments' } },
      'kube-system': { labels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    },
    endpoints: [
      aPod('web', 'shop', { namedPorts: [{ name: 'http', port: 8080, protocol: 'TCP' }] }),
      aPod('cart', 'shop', { namedPorts: [{ name: 'http', port: 8080, protocol: 'TCP' }] }),
      aPod('db', 'shop', { namedPorts: [{ name: 'pg', port: 5432, protocol: 'TCP' }] }),
      aPod('api', 'pay'),
      aPod('dns', 'kube-system', { labels: { 'k8s-app': 'kube-dns' } }),
    ],
    nodes: [
      { id: 'node-a', local: true, ip: '10.0.0.1', labels: { role: 'worker' } },
      { id: 'node-b', ip: '10.0.0.2', labels: { role: 'worker' } },
    ],
    ips: [],
    fqdnCache: { 'api.example.com': ['203.0.113.10'] },
    cidrGroups: [{ name: 'office', labels: { site: 'hq' }, externalCIDRs: ['198.51.100.0/24'] }],
    services: [{ name: 'db', namespace: 'shop', selector: { app: 'db' } }],
    ...more,
  };
}

/** A pod with the label `app`, unless other labels are given. */
export const aPod = (id: string, namespace: string, more: Partial<WorldEndpoint> = {}): WorldEndpoint => ({
  id,
  namespace,
  labels: { app: id },
  serviceAccount: 'default',
  ...more,
});

/** A CiliumNetworkPolicy in `shop`, for `db` unless `spec` says otherwise. */
export const aPolicy = (spec: Readonly<Record<string, unknown>>, name = 'p', namespace = 'shop'): PolicyObject => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name, namespace },
  spec: { endpointSelector: { matchLabels: { app: 'db' } }, ...spec },
});

/** A clusterwide one, for everything unless `spec` says otherwise. */
export const aClusterPolicy = (spec: Readonly<Record<string, unknown>>, name = 'c'): PolicyObject => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumClusterwideNetworkPolicy',
  metadata: { name },
  spec: { ...(!('nodeSelector' in spec) && { endpointSelector: {} }), ...spec },
});

/** A Kubernetes NetworkPolicy in `shop`. */
export const aNetworkPolicy = (spec: Readonly<Record<string, unknown>>, name = 'k'): PolicyObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec: { podSelector: {}, ...spec },
});
