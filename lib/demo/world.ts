import type { Endpoint, ServiceRef } from '#lib/flow/flow.ts';
import ciliumNodes from './world/ciliumnodes.json';
import endpoints from './world/endpoints.json';
import nodes from './world/nodes.json';
import pods from './world/pods.json';
import services from './world/services.json';

export interface DemoNode {
  readonly shortName: string;
  /** `cluster/node`, as flows carry it. */
  readonly name: string;
  readonly ip: string;
  readonly healthIp: string;
}

export interface DemoPod {
  readonly endpoint: Endpoint;
  readonly node: DemoNode;
  readonly ip: string;
  readonly ip6: string;
}

export interface DemoWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly service: ServiceRef | undefined;
  readonly clusterIp: string;
  readonly pods: readonly DemoPod[];
}

/** Who is there: what a cluster's traffic is made of. */
export interface World {
  readonly cluster: string;
  readonly nodes: readonly DemoNode[];
  /** By `namespace/name`. */
  readonly workloads: ReadonlyMap<string, DemoWorkload>;
  /** Revision of the policies at each node, by short name. */
  revisionAt(node: DemoNode): number;
}

const REVISION = 47;
/** This node has not heard of the newest policies: an enforcement gap for an audit to find. */
const STALE = { node: 'ip-10-20-1-11', revision: 41 };

/** `aegis-production`, from its Kubernetes objects. */
export function productionWorld(): World {
  const cluster = 'aegis-production';
  const healthIps = new Map(ciliumNodes.items.map(({ metadata, spec }) => [metadata.name, spec.health.ipv4]));
  const demoNodes = nodes.items.map(({ metadata, status }): DemoNode => {
    const ip = status.addresses.find(({ type }) => type === 'InternalIP')?.address ?? '';
    return { shortName: metadata.name, name: `${cluster}/${metadata.name}`, ip, healthIp: healthIps.get(metadata.name) ?? '' };
  });
  return {
    cluster,
    nodes: demoNodes,
    workloads: workloadsOf(cluster, demoNodes),
    revisionAt: ({ shortName }) => (shortName === STALE.node ? STALE.revision : REVISION),
  };
}

function workloadsOf(cluster: string, demoNodes: readonly DemoNode[]): Map<string, DemoWorkload> {
  const owners = new Map(pods.items.map((pod) => [`${pod.metadata.namespace}/${pod.metadata.name}`, kindOf(pod.metadata)]));
  const grouped = new Map<string, DemoPod[]>();
  for (const { metadata, status } of endpoints.items) {
    const { namespace, name: podName } = metadata;
    const node = demoNodes.find(({ ip }) => ip === status.networking.node);
    const [address] = status.networking.addressing;
    if (!node || !address) throw new Error(`endpoint ${namespace}/${podName} has no node or address`);
    const name = metadata.labels.app;
    const kind = owners.get(`${namespace}/${podName}`);
    const endpoint: Endpoint = {
      id: status.id,
      identity: status.identity.id,
      clusterName: cluster,
      namespace,
      podName,
      labels: status.identity.labels,
      workload: kind ? { name, kind } : undefined,
    };
    const key = `${namespace}/${name}`;
    grouped.set(key, [...(grouped.get(key) ?? []), { endpoint, node, ip: address.ipv4, ip6: address.ipv6 }]);
  }
  return new Map([...grouped].map(([key, members]) => [key, { ...named(key), ...serviceOf(members), pods: members }]));
}

function named(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The kind that Hubble reports: a ReplicaSet's pods belong to its Deployment; a bare pod to nothing. */
function kindOf(metadata: { readonly ownerReferences?: readonly { readonly kind: string }[] }): string {
  const kind = metadata.ownerReferences?.[0]?.kind ?? '';
  return kind === 'ReplicaSet' ? 'Deployment' : kind;
}

/** The service whose selector the pods' labels satisfy. */
function serviceOf(members: readonly DemoPod[]): Pick<DemoWorkload, 'service' | 'clusterIp'> {
  const endpoint = members[0]?.endpoint;
  const found = services.items.find(({ metadata, spec }) => {
    const selector = Object.entries('selector' in spec && spec.selector ? spec.selector : {});
    return (
      metadata.namespace === endpoint?.namespace &&
      selector.length > 0 &&
      selector.every(([key, value]) => endpoint.labels.includes(`k8s:${key}=${value}`))
    );
  });
  if (!found) return { service: undefined, clusterIp: '' };
  return { service: { name: found.metadata.name, namespace: found.metadata.namespace }, clusterIp: found.spec.clusterIP };
}
