// Threads: cilium/cilium #25232, #27536; aws-ebs-csi-driver #2966; eksctl #5718, #7665; kops #10702; kubermatic/machine-controller #1833.
import { counted } from '#lib/policy/lint/words.ts';
import { own, part, type WorldObject } from '#lib/world/object.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import { egressTo } from '../egress-of.ts';
import type { PreflightInputs } from '../inputs.ts';
import { threads } from '../links.ts';
import { isOverlay } from '../modes.ts';
import { fail, note, outcomeOf } from '../outcome.ts';
import { containersOf, variableOf } from '../pod-template.ts';
import { podsOf } from '../pods.ts';
import { policyView } from '../policy-view.ts';
import { trafficName } from '../traffic.ts';

const IMDS = '169.254.169.254';
const IMDS_6 = 'fd00:ec2::254';
/** What Karpenter sets where a node class says nothing. */
const DEFAULT_HOPS = 1;

export const instanceMetadata: PreflightCheck = {
  number: 11,
  id: 'imds',
  title: 'Instance metadata: who needs it and who may reach it',
  severity: 'warning',
  subsystem: 'AWS',
  gates: [],
  acknowledge: [0, 4],
  why: 'Answers of the instance metadata service live for as many hops as the node’s template says: pods need 2, behind an overlay 3. With more of them every pod that no policy keeps away gets the credentials of its node.',
  fix: 'Give pods their credentials by Pod Identity or IRSA and leave the limit low; where it has to be higher, deny egress to 169.254.169.254 to all that do not need it.',
  links: [
    ...threads(
      '25232',
      '27536',
      'kubernetes-sigs/aws-ebs-csi-driver#2966',
      'eksctl-io/eksctl#5718',
      'eksctl-io/eksctl#7665',
      'kubernetes/kops#10702',
      'kubermatic/machine-controller#1833',
    ),
    {
      title: 'Restrict access to the instance profile',
      url: 'https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html',
    },
  ],
  needs: ['node-pools', 'nodes', 'pods', 'policies', 'flows', 'values', 'cilium-config'],
  decide(inputs) {
    const { objects, settings } = inputs;
    const overlay = isOverlay(settings);
    const missing: InputName[] = [
      ...(overlay === undefined ? (['values', 'cilium-config'] as const) : []),
      // Launch templates of node groups are no objects of the cluster.
      ...(objects.all('EC2NodeClass').length === 0 ? (['node-pools'] as const) : []),
      ...(objects.known('Pod') ? [] : (['pods'] as const)),
    ];
    const needed = overlay ? 3 : 2;
    const classes = objects.all('EC2NodeClass').map((nodeClass) => ({ nodeClass, hops: hopsOf(nodeClass) }));
    const raised = classes.some(({ hops }) => hops >= needed);
    return outcomeOf(
      [
        ...(overlay === undefined ? [] : classes.flatMap(({ nodeClass, hops }) => ofClass(nodeClass, hops, needed, overlay))),
        ...(overlay !== undefined && raised ? unshielded(inputs, missing) : []),
        ...consumers(inputs, missing),
        ...seen(inputs),
      ],
      missing,
    );
  },
};

function hopsOf({ json }: WorldObject): number {
  const limit = own(part(part(json, 'spec'), 'metadataOptions'), 'httpPutResponseHopLimit');
  return typeof limit === 'number' ? limit : DEFAULT_HOPS;
}

function ofClass({ name, json }: WorldObject, hops: number, needed: number, overlay: boolean): PreflightFinding[] {
  const title = `EC2NodeClass ${name}`;
  if (own(part(part(json, 'spec'), 'metadataOptions'), 'httpEndpoint') === 'disabled')
    return [note(title, 'instance metadata is switched off')];
  return hops < needed
    ? [
        fail(
          title,
          `its hop limit is ${hops}: pods ${overlay ? 'behind the overlay ' : ''}need ${needed} to reach instance metadata`,
          `Set httpPutResponseHopLimit: ${needed} where pods need it; leave it where none does and accept this.`,
        ),
      ]
    : [note(title, `its hop limit is ${hops}: pods reach instance metadata`)];
}

/** Pods that may take their node's credentials, as no policy says otherwise. */
function unshielded(inputs: PreflightInputs, missing: InputName[]): PreflightFinding[] {
  const view = policyView(inputs);
  if (!view) missing.push('policies');
  if (!view?.compiled || !inputs.world || inputs.world.missing?.includes('endpoints')) return [];
  const answerOf = egressTo(view.compiled, { ip: IMDS }, 'TCP', 80);
  const open = inputs.world.endpoints.filter(
    (endpoint) => endpoint.cluster === undefined && answerOf(endpoint).verdict !== 'denied',
  );
  const byNamespace = new Map<string, number>();
  for (const { namespace } of open) byNamespace.set(namespace, (byNamespace.get(namespace) ?? 0) + 1);
  if (open.length === 0) return [note('pods', 'policies keep every pod from instance metadata')];
  return [...byNamespace]
    .toSorted(([, a], [, b]) => b - a)
    .map(([namespace, count]) =>
      fail(
        `Namespace ${namespace}`,
        `${counted(count, 'pod')} may reach instance metadata and with it the credentials of the node`,
        `Deny egress to ${IMDS}/32 there.`,
      ),
    );
}

/** Parts of a platform that ask for instance metadata unless they have credentials of their own. */
const CONSUMERS = [
  'ebs-csi',
  'efs-csi',
  'aws-load-balancer-controller',
  'cluster-autoscaler',
  'external-dns',
  'karpenter',
  'aws-node-termination-handler',
  'cloudwatch-agent',
  'fluent-bit',
];
const CREDENTIALS = ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_WEB_IDENTITY_TOKEN_FILE'] as const;

/** Pods that have to reach it, and policies that keep them away. */
function consumers(inputs: PreflightInputs, missing: InputName[]): PreflightFinding[] {
  const pods = podsOf(inputs.objects).filter(({ isRunning, hostNetwork, object }) => {
    const spec = part(object.json, 'spec');
    const isKnown = CONSUMERS.some((name) => object.name.includes(name));
    return (
      isRunning &&
      !hostNetwork &&
      isKnown &&
      containersOf(spec).length > 0 &&
      CREDENTIALS.every((name) => variableOf(spec, name) === undefined)
    );
  });
  if (pods.length === 0) return [];
  const view = policyView(inputs);
  if (!view?.compiled || !inputs.world) {
    if (!missing.includes('policies')) missing.push('policies');
    return [];
  }
  const endpoints = new Map(inputs.world.endpoints.map((endpoint) => [endpoint.id, endpoint]));
  const answerOf = egressTo(view.compiled, { ip: IMDS }, 'TCP', 80);
  return pods.map(({ id, title }) => {
    const endpoint = endpoints.get(id);
    return endpoint && answerOf(endpoint).verdict === 'denied'
      ? fail(
          title,
          'it has no credentials of its own, and a policy keeps it from instance metadata',
          'Give it Pod Identity or IRSA, or allow it.',
        )
      : note(title, 'it has no credentials of its own and takes those of its node from instance metadata');
  });
}

const seen = ({ flows }: PreflightInputs): PreflightFinding[] =>
  (flows?.traffic ?? [])
    .filter(
      ({ source, destination }) =>
        source.namespace !== '' && destination.addresses.some((address) => address === IMDS || address === IMDS_6),
    )
    .map((each) =>
      each.verdict === 'DROPPED'
        ? fail(trafficName(each), `${counted(each.flows, 'flow')} to instance metadata dropped`)
        : note(trafficName(each), `${counted(each.flows, 'flow')} to instance metadata`),
    );
