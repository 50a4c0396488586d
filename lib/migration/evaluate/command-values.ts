import type { PreflightInputs } from '#lib/preflight/inputs.ts';
import { valuesFactsOf } from '#lib/preflight/values/facts.ts';
import type { Placeholder } from '../plan/commands.ts';
import { imageOf } from './cluster.ts';

/** What the commands of the plan are filled with for a cluster, as far as it is known. */
export function commandValues(inputs: PreflightInputs): ReadonlyMap<Placeholder, string> {
  const { objects, version, target } = inputs;
  const facts = valuesFactsOf(inputs);
  const awsNode = objects.get('DaemonSet', 'kube-system', 'aws-node');
  const values: readonly (readonly [Placeholder, string | undefined])[] = [
    ['cluster', facts.clusterName],
    ['region', commonLabel(inputs, 'topology.kubernetes.io/region')],
    ['version', target ?? version],
    ['api-server-host', facts.apiServerHost],
    ['vpc-cidr', facts.vpcCidr],
    [
      'nodegroup-old',
      commonLabel(inputs, 'eks.amazonaws.com/nodegroup') ?? commonLabel(inputs, 'alpha.eksctl.io/nodegroup-name'),
    ],
    ['aws-node-image', awsNode && imageOf(awsNode, 'aws-node')],
    ['spire-server', facts.spireServer],
    ['trust-domain', facts.trustDomain],
    ['mtu', facts.nodeMtu === undefined ? undefined : String(facts.nodeMtu)],
    ['node', objects.all('Node')[0]?.name],
  ];
  return new Map(values.filter((entry): entry is readonly [Placeholder, string] => entry[1] !== undefined && entry[1] !== ''));
}

/** The value that all nodes have. */
function commonLabel({ objects }: PreflightInputs, label: string): string | undefined {
  const values = new Set(objects.all('Node').map(({ labels }) => (Object.hasOwn(labels, label) ? labels[label] : undefined)));
  return values.size === 1 ? [...values][0] : undefined;
}
