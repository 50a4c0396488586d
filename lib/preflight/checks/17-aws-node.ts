// Threads: cilium/cilium PR #22620, PR #10461, #25804, PRs #16840, #19207, #30497; giantswarm/aws-operator #3386, #3397; containers-roadmap #1415; cdk-eks-blueprints #366.
import { counted } from '#lib/policy/lint/words.ts';
import type { Labels } from '#lib/policy/model.ts';
import { labelsOf, objectText } from '#lib/world/labels.ts';
import { own, part, parts, type WorldObject } from '#lib/world/object.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { threads } from '../links.ts';
import { addressesOf, isChained } from '../modes.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { fitsNode, templateOf, variableOf } from '../pod-template.ts';

const AWS_NODE = 'DaemonSet kube-system/aws-node';
const MOST_NAMED = 100;

export const awsNode: PreflightCheck = {
  number: 17,
  id: 'aws-node',
  title: 'aws-node beside Cilium, and what it leaves',
  severity: 'error',
  subsystem: 'AWS',
  gates: [1, 4],
  acknowledge: [],
  why: 'A node with both as its primary plugin gives some pods addresses of one and some of the other; a node with neither gives none. An EKS add-on puts its DaemonSet back as it was.',
  fix: 'Steer aws-node by a node selector (patch it, do not delete it), by the add-on’s own configuration where the add-on owns it.',
  links: threads(
    'PR 22620',
    'PR 10461',
    '25804',
    'PR 16840',
    'PR 19207',
    'PR 30497',
    'giantswarm/aws-operator#3386',
    'giantswarm/aws-operator#3397',
    'aws/containers-roadmap#1415',
    'aws-quickstart/cdk-eks-blueprints#366',
  ),
  needs: ['daemonsets', 'nodes', 'node-configs', 'values', 'cilium-config'],
  decide(inputs) {
    const { objects, settings } = inputs;
    const missing: InputName[] = [
      ...(objects.known('DaemonSet') ? [] : (['daemonsets'] as const)),
      ...(objects.known('Node') ? [] : (['nodes'] as const)),
      ...(isChained(settings) === undefined ? (['values', 'cilium-config'] as const) : []),
    ];
    if (missing.length > 0) return unknownWithout(...missing);
    const daemonSet = objects.get('DaemonSet', 'kube-system', 'aws-node');
    return outcomeOf([
      ...primaries(inputs, daemonSet),
      ...(daemonSet ? [...owner(daemonSet), ...masquerade(inputs, daemonSet)] : []),
    ]);
  },
};

/** Who is the primary plugin of each node: exactly one has to be. */
function primaries(inputs: PreflightInputs, daemonSet: WorldObject | undefined): PreflightFinding[] {
  const { objects } = inputs;
  const spec = daemonSet && templateOf(daemonSet);
  const chainedOn = chaining(inputs);
  const agents = objects.get('DaemonSet', 'kube-system', 'cilium');
  const counts = { chained: 0, cilium: 0, vpcCni: 0 };
  const wrong: PreflightFinding[] = [];
  for (const { name, labels } of objects.all('Node')) {
    const node = `Node ${name}`;
    const vpcCni = daemonSet !== undefined && fitsNode(spec, labels, name);
    // Objects may lack the agents’ DaemonSet before phase 1, or where it has another name.
    const cilium = !agents || fitsNode(templateOf(agents), labels, name);
    const chained = chainedOn(labels);
    if (cilium && chained && !vpcCni)
      wrong.push(
        fail(node, 'Cilium is chained behind VPC CNI there, and aws-node does not run on it: nobody gives addresses to its pods'),
      );
    else if (cilium && !chained && vpcCni)
      wrong.push(fail(node, 'both aws-node and Cilium give addresses there: which one a pod gets is chance'));
    else if (!cilium && !vpcCni) wrong.push(fail(node, 'neither aws-node nor Cilium runs there: its pods get no address'));
    else if (cilium) counts[chained ? 'chained' : 'cilium']++;
    else counts.vpcCni++;
  }
  const { chained, cilium, vpcCni } = counts;
  return [
    ...wrong.slice(0, MOST_NAMED),
    note(
      'nodes',
      [
        ...(chained > 0 ? [`${counted(chained, 'node')} with Cilium behind VPC CNI`] : []),
        ...(cilium > 0 ? [`${counted(cilium, 'node')} with Cilium alone`] : []),
        ...(vpcCni > 0 ? [`${counted(vpcCni, 'node')} with VPC CNI alone`] : []),
      ].join(', ') || 'no node has one plugin',
    ),
    ...(cilium > 0 ? leftovers(inputs) : []),
  ];
}

/** Whether Cilium is chained on a node with these labels: by a CiliumNodeConfig that selects it, else by the settings of all. */
function chaining({ objects, settings }: PreflightInputs): (labels: Labels) => boolean {
  const byNode = objects.all('CiliumNodeConfig').flatMap(({ json }) => {
    const mode = labelsOf(own(part(json, 'spec'), 'defaults'))['cni-chaining-mode'];
    return mode === undefined ? [] : [{ mode, selector: labelsOf(own(part(part(json, 'spec'), 'nodeSelector'), 'matchLabels')) }];
  });
  const forAll = isChained(settings) ?? false;
  return (labels) => {
    const mine = byNode.find(({ selector }) =>
      Object.entries(selector).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value),
    );
    return mine ? mine.mode !== 'none' && mine.mode !== '' : forAll;
  };
}

/** The add-on writes what it manages again and again. */
function owner(daemonSet: WorldObject): PreflightFinding[] {
  const managers = parts(part(daemonSet.json, 'metadata'), 'managedFields').map((entry) => objectText(own(entry, 'manager')));
  if (!managers.includes('eks')) return [];
  const steered = Object.keys(labelsOf(own(templateOf(daemonSet), 'nodeSelector'))).length > 0;
  return steered
    ? [
        fail(
          AWS_NODE,
          'it is steered by a node selector, and the EKS add-on owns it: its next update takes the selector away',
          'Remove the add-on and keep its DaemonSet (aws eks delete-addon --preserve), or set the selector in the add-on’s configuration values.',
        ),
      ]
    : [note(AWS_NODE, 'the EKS add-on owns it: a patch of it is reverted at the add-on’s next update')];
}

/** While both plugins live in the cluster, aws-node must not translate what goes to Cilium’s own range. */
function masquerade({ settings, objects }: PreflightInputs, daemonSet: WorldObject): PreflightFinding[] {
  const spec = templateOf(daemonSet);
  const runs = objects.all('Node').some(({ name, labels }) => fitsNode(spec, labels, name));
  if (!runs || addressesOf(settings) !== 'pool' || variableOf(spec, 'AWS_VPC_K8S_CNI_EXTERNALSNAT') === 'true') return [];
  const ranges = settings.list('ipam.operator.clusterPoolIPv4PodCIDRList') ?? [];
  const excluded = (variableOf(spec, 'AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS') ?? '').split(',').map((range) => range.trim());
  return ranges
    .filter((range) => !excluded.includes(range))
    .map((range) =>
      fail(
        AWS_NODE,
        `it translates the source of what its pods send to ${range.slice(0, 60)}, Cilium’s range: policies there see nodes instead of pods`,
        `Add it to AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS.`,
      ),
    );
}

/** Nodes that were there before Cilium came to them may hold iptables rules of VPC CNI until they restart. */
function leftovers({ objects }: PreflightInputs): PreflightFinding[] {
  const HOUR = 3_600_000;
  const older = objects.all('Node').filter(({ name, createdAt }) => {
    const since = objects.get('CiliumNode', '', name)?.createdAt;
    return createdAt !== undefined && since !== undefined && since - createdAt > HOUR;
  });
  return older.length === 0
    ? []
    : [
        note(
          `Node ${older[0]?.name ?? ''}`,
          `${counted(older.length, 'node')} ran VPC CNI before Cilium: unless restarted since, its iptables rules are still there. Replace such nodes rather than keep them.`,
        ),
      ];
}
