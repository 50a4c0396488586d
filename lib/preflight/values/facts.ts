import { own, part, parts, type WorldObject } from '#lib/world/object.ts';
import { objectText } from '#lib/world/labels.ts';
import type { PreflightInputs } from '../inputs.ts';
import type { CurrentValues, ValuesFacts } from './model.ts';

/** Labels that node groups carry with the cluster's name. */
const CLUSTER_LABELS = ['alpha.eksctl.io/cluster-name', 'eks.amazonaws.com/cluster', 'aws:eks:cluster-name'];

/** Facts for a values file, as objects, settings and SPIRE's files say them. */
export function valuesFactsOf(inputs: PreflightInputs): ValuesFacts {
  const { settings, running, objects, agentConf, status } = inputs;
  // What the values do not say may stand in cilium-config all the same: by an installer, or below extraConfig.
  const said = (path: string): string | undefined =>
    [settings, running].find((each) => each.isSet(path))?.text(path) || undefined;
  const clusterName = said('cluster.name') ?? variable(inputs, 'CLUSTER_NAME') ?? clusterLabel(objects.all('Node'));
  const apiServerHost = said('k8sServiceHost') ?? hostOf(variable(inputs, 'CLUSTER_ENDPOINT'));
  const vpcCidr = said('ipv4NativeRoutingCIDR') ?? vpcRange(objects.all('CiliumNode'));
  const trustDomain = agentConf?.trustDomain || said('authentication.mutual.spire.trustDomain');
  const spireServer = said('authentication.mutual.spire.serverAddress') ?? serverOf(agentConf);
  const spireAdminSocket = agentConf?.adminSocketPath || said('authentication.mutual.spire.adminSocketPath');
  const nodeMtu = Math.max(0, ...(status?.agents ?? []).map(({ mtu }) => mtu ?? 0));
  return {
    ...(clusterName && { clusterName }),
    ...(apiServerHost && { apiServerHost }),
    ...(vpcCidr && { vpcCidr }),
    ...(objects.known('Node') && { nodeCount: objects.all('Node').length }),
    ...(nodeMtu > 0 && { nodeMtu }),
    ...(objects.all('DaemonSet').some(({ name }) => name.includes('multus')) && { multus: true }),
    ...(trustDomain && { trustDomain }),
    ...(spireServer && { spireServer }),
    ...(spireAdminSocket && { spireAdminSocket }),
  };
}

/** What runs, as `inputs` know it; undefined where nothing says. */
export function currentValuesOf(
  { values, ciliumConfig, running }: PreflightInputs,
  name = 'the Helm values',
): CurrentValues | undefined {
  if (values) return { kind: 'values', against: name, values: values.json };
  if (!ciliumConfig) return undefined;
  return {
    kind: 'config',
    against: 'cilium-config',
    setting: (path) => (running.isSet(path) ? running.text(path) : undefined),
  };
}

/** A variable of aws-node, which the EKS add-on sets. */
function variable({ objects }: PreflightInputs, name: string): string | undefined {
  const daemonSet = objects.get('DaemonSet', 'kube-system', 'aws-node');
  const containers = parts(part(part(part(daemonSet?.json, 'spec'), 'template'), 'spec'), 'containers');
  const found = containers.flatMap((container) => parts(container, 'env')).find((entry) => own(entry, 'name') === name);
  return objectText(own(found, 'value')) || undefined;
}

/** The name that all nodes agree on. */
function clusterLabel(nodes: readonly WorldObject[]): string | undefined {
  const names = new Set(
    nodes.flatMap(({ labels }) => CLUSTER_LABELS.flatMap((key) => (Object.hasOwn(labels, key) ? [labels[key] ?? ''] : []))),
  );
  return names.size === 1 ? [...names][0] : undefined;
}

function hostOf(endpoint: string | undefined): string | undefined {
  const url = endpoint === undefined ? null : URL.parse(endpoint);
  return url?.protocol === 'https:' ? url.hostname : undefined;
}

/** The first range of the VPC, as ENI IPAM found it. */
function vpcRange(nodes: readonly WorldObject[]): string | undefined {
  for (const { json } of nodes) {
    const enis = part(part(part(json, 'status'), 'eni'), 'enis');
    for (const eni of Object.values(enis ?? {})) {
      const range = objectText(own(part(eni as Parameters<typeof part>[0], 'vpc'), 'primary-cidr'));
      if (range) return range;
    }
  }
  return undefined;
}

const serverOf = (conf: PreflightInputs['agentConf']): string | undefined =>
  conf?.serverAddress ? `${conf.serverAddress}:${conf.serverPort || '8081'}` : undefined;
