import type { LabelFilter } from './label-filter.ts';
import {
  CILIUM_LABELS,
  DEFAULT_CLUSTER,
  k8sLabel,
  type Label,
  labelSet,
  type LabelSet,
  NAMESPACE_LABELS,
  parseLabel,
  POD_NAMESPACE,
  POLICY_CLUSTER,
  reserved,
  SERVICE_ACCOUNT,
} from './labels.ts';
import type { Labels, World, WorldEndpoint, WorldNode } from './model.ts';

/** Labels of a pod's identity: its own without those of Cilium's, then what the cluster says of it, then the filter. */
export function endpointLabels(endpoint: WorldEndpoint, { namespaces, config, missing }: World, filter: LabelFilter): LabelSet {
  if (endpoint.identityLabels) return labelSet(endpoint.identityLabels.map(parseLabel));
  const { namespace, serviceAccount, cluster = config.clusterName ?? DEFAULT_CLUSTER } = endpoint;
  const known = Object.hasOwn(namespaces, namespace) ? namespaces[namespace] : undefined;
  const labels = [
    ...pairs(endpoint.labels).filter(({ key }) => !key.startsWith(CILIUM_LABELS)),
    k8sLabel(POD_NAMESPACE, namespace),
    ...pairs(known?.labels).map(({ key, value }) => k8sLabel(`${NAMESPACE_LABELS}.${key}`, value)),
    k8sLabel(POLICY_CLUSTER, cluster),
    ...(serviceAccount ? [k8sLabel(SERVICE_ACCOUNT, serviceAccount)] : []),
  ];
  return labelSet(labels.filter(filter), known === undefined && missing?.includes('namespaces'));
}

/** Labels of a node seen on itself: the local host, with its Kubernetes labels. */
export function hostLabels(node: WorldNode | undefined, filter: LabelFilter): LabelSet {
  return labelSet([reserved('host'), ...apiServerLabel(node), ...pairs(node?.labels).filter(filter)]);
}

/** Labels of a node seen from another: its own only with node selectors switched on, from source `node`. */
export function remoteNodeLabels(node: WorldNode | undefined, { config }: World, filter: LabelFilter): LabelSet {
  const own = config.nodeSelectorLabels
    ? [
        ...pairs(node?.labels)
          .filter(filter)
          .map(({ key, value }): Label => ({ source: 'node', key, value })),
        k8sLabel(POLICY_CLUSTER, config.clusterName ?? DEFAULT_CLUSTER),
      ]
    : [];
  return labelSet([reserved('remote-node'), ...apiServerLabel(node), ...own]);
}

/** Labels of an outside peer: with both families on the world is told by family where the address is known. */
export function outsideLabels({ config }: World, family: 4 | 6 | undefined, isApiServer: boolean): LabelSet {
  const world = config.dualStack && family !== undefined ? `world-ipv${family}` : 'world';
  return labelSet([reserved(world), ...(isApiServer ? [reserved('kube-apiserver')] : [])]);
}

const apiServerLabel = (node: WorldNode | undefined): Label[] => (node?.kubeApiServer ? [reserved('kube-apiserver')] : []);

const pairs = (labels: Labels = {}): Label[] => Object.entries(labels).map(([key, value]) => k8sLabel(key, value));
