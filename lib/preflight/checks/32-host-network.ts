// Cilium: the local host may always reach its pods (allow-localhost: always), and a pod on the host's network is the host.
import { closedBy } from '#lib/audit/isolated.ts';
import { counted } from '#lib/policy/lint/words.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part, type WorldObject } from '#lib/world/object.ts';
import { workloadByName } from '#lib/world/workload.ts';
import type { PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs } from '../links.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { type PolicyView, policyView } from '../policy-view.ts';

/** Parts of the cluster that have to be on the host’s network. */
const OF_THE_CLUSTER: ReadonlySet<string> = new Set([
  'aws-node',
  'cilium',
  'cilium-envoy',
  'cilium-operator',
  'ebs-csi-node',
  'eks-node-monitoring-agent',
  'eks-pod-identity-agent',
  'efs-csi-node',
  'kube-proxy',
  'node-local-dns',
]);

export const hostNetwork: PreflightCheck = {
  number: 32,
  id: 'host-network',
  title: 'Host-network pods beside isolated ones',
  severity: 'warning',
  subsystem: 'policies',
  gates: [],
  acknowledge: [2],
  why: 'A pod on the host’s network is its node: no policy for pods selects it, and it may reach every pod of its node whatever their policies say. In flows it shows as host.',
  fix: 'Take workloads off the host’s network where they do not need it, or keep them on nodes of their own.',
  links: [
    ciliumDocs('Host network and policies', 'security/policy/kubernetes/'),
    ciliumDocs('Endpoints and the local host', 'security/policy/intro/'),
  ],
  needs: ['pods', 'policies', 'flows'],
  decide(inputs) {
    const { objects } = inputs;
    if (!objects.known('Pod')) return unknownWithout('pods');
    const strangers = objects.all('Pod').filter(isStranger);
    if (strangers.length === 0) return outcomeOf([note('pods', 'only parts of the cluster itself are on the host’s network')]);
    const view = policyView(inputs);
    if (!view) return unknownWithout('policies');
    return outcomeOf([...neighbours(strangers, view, inputs), ...seen(inputs)]);
  },
};

const isStranger = ({ namespace, name, owner, json }: WorldObject): boolean => {
  const isOfTheCluster =
    namespace === 'kube-system' && OF_THE_CLUSTER.has(owner?.kind === 'DaemonSet' ? owner.name : workloadByName(name).name);
  return own(part(json, 'spec'), 'hostNetwork') === true && !isOfTheCluster;
};

/** Isolated pods of the same node, for each such pod. */
function neighbours(
  strangers: readonly WorldObject[],
  { compiled, lint }: PolicyView,
  { objects }: PreflightInputs,
): PreflightFinding[] {
  const nodeOf = (pod: WorldObject | undefined): string => objectText(own(part(pod?.json, 'spec'), 'nodeName'));
  const isolated = new Map<string, number>();
  for (const endpoint of lint.world?.world.endpoints ?? []) {
    if (!compiled || endpoint.cluster !== undefined || !closedBy(compiled, endpoint).ingress) continue;
    const slash = endpoint.id.indexOf('/');
    const node = nodeOf(objects.get('Pod', endpoint.id.slice(0, slash), endpoint.id.slice(slash + 1)));
    if (node !== '') isolated.set(node, (isolated.get(node) ?? 0) + 1);
  }
  const findings = strangers.flatMap((pod) => {
    const beside = isolated.get(nodeOf(pod)) ?? 0;
    return beside === 0
      ? []
      : [
          fail(
            `Pod ${pod.namespace}/${pod.name}`,
            `it is on the host’s network beside ${counted(beside, 'isolated pod')}: it reaches them past their policies`,
          ),
        ];
  });
  return findings.length > 0
    ? findings.slice(0, 100)
    : [note('pods', `${counted(strangers.length, 'pod')} on the host’s network, none beside an isolated one`)];
}

/** What of it has been seen; which pod of the node it was, nobody can tell. */
function seen({ flows }: PreflightInputs): PreflightFinding[] {
  const from = (flows?.traffic ?? []).filter(
    ({ source, destination }) => source.node === 'entity:host' && destination.workload !== '',
  );
  const all = from.reduce((sum, each) => sum + each.flows, 0);
  return all === 0
    ? []
    : [note('flows', `${counted(all, 'flow')} from nodes to their pods were seen; health checks of the kubelet are among them`)];
}
