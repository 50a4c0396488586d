import 'server-only';

/** A kind of object that is read: listed and watched, never anything else. `deploy/rbac.yaml` grants exactly these. */
export interface WatchedKind {
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  /** Best first; the next one is tried where the server has not that one. */
  readonly versions: readonly string[];
  readonly plural: string;
  readonly namespaced: boolean;
  /** Only objects of this namespace are read; with a name only this one object. */
  readonly only?: { readonly namespace: string; readonly name?: string };
  /** Only preflight reads it: a cluster is known without, and one that has none or keeps it from us lacks nothing else. */
  readonly aside?: true;
}

const core = (kind: string, plural: string, namespaced: boolean): WatchedKind => ({
  kind,
  group: '',
  versions: ['v1'],
  plural,
  namespaced,
});
const cilium = (kind: string, plural: string, namespaced: boolean): WatchedKind => ({
  kind,
  group: 'cilium.io',
  versions: ['v2'],
  plural,
  namespaced,
});

const aside = (group: string, kind: string, plural: string, namespaced: boolean, ...versions: string[]): WatchedKind => ({
  kind,
  group,
  versions: versions.length > 0 ? versions : ['v1'],
  plural,
  namespaced,
  aside: true,
});

/** Small ones first: policies are there before ten thousand pods are. */
export const WATCHED_KINDS: readonly WatchedKind[] = [
  { ...core('ConfigMap', 'configmaps', true), only: { namespace: 'kube-system', name: 'cilium-config' } },
  // The API server's own addresses, which are outside the cluster on EKS.
  { ...core('Endpoints', 'endpoints', true), only: { namespace: 'default', name: 'kubernetes' } },
  core('Namespace', 'namespaces', false),
  cilium('CiliumNetworkPolicy', 'ciliumnetworkpolicies', true),
  cilium('CiliumClusterwideNetworkPolicy', 'ciliumclusterwidenetworkpolicies', false),
  { kind: 'NetworkPolicy', group: 'networking.k8s.io', versions: ['v1'], plural: 'networkpolicies', namespaced: true },
  // v2 since Cilium 1.18.
  { ...cilium('CiliumCIDRGroup', 'ciliumcidrgroups', false), versions: ['v2', 'v2alpha1'] },
  cilium('CiliumIdentity', 'ciliumidentities', false),
  cilium('CiliumNode', 'ciliumnodes', false),
  core('Node', 'nodes', false),
  core('Service', 'services', true),
  { kind: 'EndpointSlice', group: 'discovery.k8s.io', versions: ['v1'], plural: 'endpointslices', namespaced: true },
  cilium('CiliumEndpoint', 'ciliumendpoints', true),
  core('Pod', 'pods', true),
  // aws-node, kube-proxy and the agents: how they are steered and what they are told.
  { ...aside('apps', 'DaemonSet', 'daemonsets', true), only: { namespace: 'kube-system' } },
  aside('cilium.io', 'CiliumNodeConfig', 'ciliumnodeconfigs', true, 'v2', 'v2alpha1'),
  aside('karpenter.sh', 'NodePool', 'nodepools', false, 'v1', 'v1beta1'),
  aside('karpenter.k8s.aws', 'EC2NodeClass', 'ec2nodeclasses', false, 'v1', 'v1beta1'),
  aside('vpcresources.k8s.aws', 'SecurityGroupPolicy', 'securitygrouppolicies', true, 'v1beta1'),
  aside('networking.k8s.aws', 'PolicyEndpoint', 'policyendpoints', true, 'v1alpha1'),
  aside('admissionregistration.k8s.io', 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', false),
  aside('admissionregistration.k8s.io', 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', false),
  aside('apiregistration.k8s.io', 'APIService', 'apiservices', false),
];

/** Kinds that only preflight reads. */
export const ASIDE_KINDS: ReadonlySet<string> = new Set(
  WATCHED_KINDS.filter(({ aside: isAside }) => isAside).map(({ kind }) => kind),
);

/** `ciliumnodes.cilium.io`, `pods`: as RBAC and the API server's messages say it. */
export const resourceOf = ({ plural, group }: WatchedKind): string => (group ? `${plural}.${group}` : plural);

/** Path of the list of a kind: of the whole cluster, or of one namespace. */
export function listPath({ group, plural }: WatchedKind, version: string, namespace: string | undefined): string {
  const base = group ? `/apis/${group}/${version}` : `/api/${version}`;
  return namespace === undefined ? `${base}/${plural}` : `${base}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}
