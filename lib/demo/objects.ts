import { seededRandom } from './random.ts';
import type { DemoPod, World } from './world.ts';
import apiServices from './world/apiservices.json';
import ciliumConfig from './world/cilium-config.json';
import ciliumNodes from './world/ciliumnodes.json';
import daemonSets from './world/daemonsets.json';
import endpoints from './world/endpoints.json';
import endpointSlices from './world/endpointslices.json';
import identities from './world/identities.json';
import namespaces from './world/namespaces.json';
import nodePools from './world/nodepools.json';
import nodes from './world/nodes.json';
import pods from './world/pods.json';
import policies from './world/policies.json';
import services from './world/services.json';
import webhooks from './world/webhooks.json';

/** An object as kubectl prints it: as much of its form as is rewritten here. */
interface Printed {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly name: string; readonly kind: string }[];
  };
  readonly spec?: Json;
  readonly specs?: readonly Json[];
  readonly status?: Json;
}
type Json = Readonly<Record<string, unknown>>;

/** What kubectl printed; the form of each kind is checked where it is used. */
const itemsOf = (list: { readonly items: readonly unknown[] }): readonly Printed[] => list.items as readonly Printed[];

/** Kinds that the clusters have none of, as the API server answers for them. */
const NONE: readonly object[] = [
  { apiVersion: 'cilium.io/v2', kind: 'CiliumNodeConfigList', items: [] },
  { apiVersion: 'vpcresources.k8s.aws/v1beta1', kind: 'SecurityGroupPolicyList', items: [] },
  { apiVersion: 'networking.k8s.aws/v1alpha1', kind: 'PolicyEndpointList', items: [] },
];

/** What is the same in every cluster but for its name: how nodes are born, who runs on all of them, whom the API server asks. */
const PLATFORM = [daemonSets, nodePools, webhooks, apiServices];

/** The Kubernetes objects of the production cluster, whose flows were made of them. */
export const productionObjects = (): readonly object[] => [
  ciliumConfig,
  ...[namespaces, nodes, ciliumNodes, services, endpointSlices, identities, pods, endpoints, policies].flatMap(itemsOf),
  ...PLATFORM.flatMap(itemsOf),
  ...NONE,
];

/** The same objects for a smaller world of the same platform: its nodes, pods, identities and addresses, the same policies. */
export function smallerObjects(full: World, world: World, authenticatedEverywhere: boolean): readonly object[] {
  const translate = translation(full, world);
  const kept = new Set([...world.workloads.values()].map(({ namespace }) => namespace));
  const podObjects = byName(pods);
  const endpointObjects = byName(endpoints);
  const members = [...world.workloads].flatMap(([key, workload]) =>
    workload.pods.map((pod, place) => ({ pod, template: full.workloads.get(key)?.pods[place] })),
  );
  return [
    translate(ciliumConfig),
    ...itemsOf(namespaces),
    ...world.nodes.flatMap((node, place) =>
      [nodes, ciliumNodes].flatMap((list) => nodeLike(itemsOf(list)[place], full, world, place)),
    ),
    ...itemsOf(services)
      .filter(({ metadata }) => isServed(metadata, kept, world))
      .map(translate),
    ...itemsOf(endpointSlices).map(translate),
    ...identitiesOf(world),
    ...members.flatMap(({ pod, template }) => {
      const key = template ? keyOf(template) : '';
      const [podObject, endpoint] = [podObjects.get(key), endpointObjects.get(key)];
      return podObject && endpoint ? [podLike(podObject, pod), endpointLike(endpoint, pod)] : [];
    }),
    ...hostPodsOf(full, world),
    ...itemsOf(policies)
      .map(translate)
      .map((policy) => (authenticatedEverywhere ? authenticated(policy) : policy)),
    ...PLATFORM.flatMap(itemsOf).map(translate),
    ...NONE,
  ];
}

const keyOf = ({ endpoint }: DemoPod): string => `${endpoint.namespace}/${endpoint.podName}`;

const byName = (list: { readonly items: readonly unknown[] }): ReadonlyMap<string, Printed> =>
  new Map(itemsOf(list).map((object) => [`${object.metadata.namespace}/${object.metadata.name}`, object]));

/** A service of a workload that is there, or of the cluster itself. */
const isServed = ({ name, namespace = '' }: Printed['metadata'], kept: ReadonlySet<string>, world: World): boolean =>
  !kept.has(namespace) ||
  [...world.workloads.values()].some(({ service }) => service?.name === name && service.namespace === namespace);

/** Replaces the cluster's name and the networks of nodes and services, wherever they stand. */
function translation(full: World, world: World): <T>(value: T) => T {
  const net = ({ nodes: [node] }: World): string => `${node?.ip.split('.').slice(0, 2).join('.')}.`;
  const serviceNet = ({ workloads }: World): string =>
    `${[...workloads.values()]
      .find(({ clusterIp }) => clusterIp)
      ?.clusterIp.split('.')
      .slice(0, 2)
      .join('.')}.`;
  const podNet = ({ nodes: [node] }: World): string => `${node?.healthIp.split('.').slice(0, 2).join('.')}.0.0/16`;
  const pairs = [
    [full.cluster, world.cluster],
    [net(full), net(world)],
    [serviceNet(full), serviceNet(world)],
    [podNet(full), podNet(world)],
  ] as const;
  const text = (value: string): string =>
    pairs.reduce((result, [from, to]) => (result.includes(from) ? result.replaceAll(from, to) : result), value);
  const all = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(all);
    if (value instanceof Object) return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, all(member)]));
    return value;
  };
  return <T>(value: T): T => all(value) as T; // the same form with other texts
}

/** A Node or CiliumNode at the place of another one: its names and addresses exchanged for those of the world's node. */
function nodeLike(template: Printed | undefined, full: World, world: World, place: number): Printed[] {
  const [from, to] = [full.nodes[place], world.nodes[place]];
  if (!template || !from || !to) return [];
  const pairs = [
    [from.shortName, to.shortName],
    [from.healthIp.replace(/\.\d+$/, '.'), to.healthIp.replace(/\.\d+$/, '.')],
    [from.ip, to.ip],
  ] as const;
  const text = pairs.reduce((json, [old, now]) => json.replaceAll(old, now), JSON.stringify(template));
  return [JSON.parse(text) as Printed];
}

function identitiesOf(world: World): object[] {
  const seen = new Map(
    [...world.workloads.values()].flatMap(({ pods: members }) => members.map(({ endpoint }) => [endpoint.identity, endpoint])),
  );
  return [...seen].map(([number, { labels, namespace }]) => ({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumIdentity',
    metadata: { name: String(number), labels: { 'io.kubernetes.pod.namespace': namespace } },
    'security-labels': Object.fromEntries(
      labels.map((label) => [label.slice(0, label.indexOf('=')), label.slice(label.indexOf('=') + 1)]),
    ),
  }));
}

function podLike({ metadata, spec, status, ...rest }: Printed, pod: DemoPod): Printed {
  const labels = relabelled(metadata, pod);
  const ownerReferences = metadata.ownerReferences?.map((owner) =>
    owner.kind === 'ReplicaSet' ? { ...owner, name: `${pod.endpoint.workload?.name}-${labels['pod-template-hash']}` } : owner,
  );
  return {
    ...rest,
    metadata: {
      name: pod.endpoint.podName,
      namespace: pod.endpoint.namespace,
      labels,
      ...(ownerReferences && { ownerReferences }),
    },
    spec: { ...spec, nodeName: pod.node.shortName },
    status: { ...status, hostIP: pod.node.ip, podIP: pod.ip, podIPs: [{ ip: pod.ip }, { ip: pod.ip6 }] },
  };
}

/** Agents and what else runs on the network of each node: no endpoints of Cilium. */
function hostPodsOf(full: World, world: World): Printed[] {
  const random = seededRandom(world.nodes.length);
  return world.nodes.flatMap((node, place) =>
    itemsOf(pods)
      .filter(({ spec }) => spec?.['hostNetwork'] === true && spec['nodeName'] === full.nodes[place]?.shortName)
      .map(({ metadata, spec, status, ...rest }) => ({
        ...rest,
        metadata: { ...metadata, name: `${metadata.ownerReferences?.[0]?.name ?? ''}-${random.tag(5)}` },
        spec: { ...spec, nodeName: node.shortName },
        status: { ...status, hostIP: node.ip, podIP: node.ip, podIPs: [{ ip: node.ip }] },
      })),
  );
}

function endpointLike({ metadata, status, ...rest }: Printed, pod: DemoPod): Printed {
  const { id, identity, labels, namespace, podName } = pod.endpoint;
  return {
    ...rest,
    metadata: { name: podName, namespace, labels: relabelled(metadata, pod) },
    status: {
      ...status,
      id,
      identity: { id: identity, labels },
      networking: { addressing: [{ ipv4: pod.ip, ipv6: pod.ip6 }], node: pod.node.ip },
      'external-identifiers': { 'k8s-namespace': namespace, 'k8s-pod-name': podName, 'pod-name': `${namespace}/${podName}` },
    },
  };
}

/** The labels that hold a pod's own name, with the name it has here. */
function relabelled({ labels = {} }: Printed['metadata'], { endpoint }: DemoPod): Readonly<Record<string, string>> {
  const hash = endpoint.podName.split('-').at(-2) ?? '';
  return Object.fromEntries(
    Object.entries(labels).map(([key, value]) => {
      if (key === 'pod-template-hash') return [key, hash];
      return key === 'statefulset.kubernetes.io/pod-name' ? [key, endpoint.podName] : [key, value];
    }),
  );
}

/** The policy with mutual authentication asked for wherever it lets pods in. */
function authenticated<T extends Printed>(policy: T): T {
  const asked = (rule: Json): Json =>
    Array.isArray(rule['ingress'])
      ? {
          ...rule,
          ingress: (rule['ingress'] as readonly Json[]).map((entry) =>
            'fromEndpoints' in entry ? { ...entry, authentication: { mode: 'required' } } : entry,
          ),
        }
      : rule;
  if (policy.kind === 'NetworkPolicy') return policy;
  return {
    ...policy,
    ...(policy.spec && { spec: asked(policy.spec) }),
    ...(policy.specs && { specs: policy.specs.map(asked) }),
  };
}
