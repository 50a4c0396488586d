// Threads: cilium/cilium #46644, #38499, #29634, #22054, #15877, #46608, #10426; karpenter #5780, #4557; PRs #21387, #44154.
import { counted } from '#lib/policy/lint/words.ts';
import { objectText } from '#lib/world/labels.ts';
import { numberIn, own, part, partsByName, textsIn, type WorldObject } from '#lib/world/object.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import { CILIUM_ADDRESSES, eniLimitsOf, eniPods } from '../eni-limits.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { addressesOf } from '../modes.ts';
import { fail, note, outcomeOf, unknown, unknownWithout } from '../outcome.ts';

const MOST_NAMED = 100;
/** Share of a node's pool from which on it is nearly used up. */
const NEARLY_FULL = 0.9;
const INSTANCE_TYPE = 'node.kubernetes.io/instance-type';

export const ipCapacity: PreflightCheck = {
  number: 21,
  id: 'ip-capacity',
  title: 'Addresses suffice for the pods that nodes may run',
  severity: 'error',
  subsystem: 'addresses and routing',
  gates: [0, 4],
  acknowledge: [],
  why: 'The kubelet promises more pods than the node’s interfaces have addresses for: Cilium takes two itself, and prefix delegation that once failed on a node stays off there without a word.',
  fix: 'Lower maxPods to what the instance type gives, switch prefix delegation on for whole node groups, and replace nodes on which it has gone off.',
  links: [
    ...threads('46644', '38499', '29634', '22054', '15877', '46608', '10426'),
    ...threads('aws/karpenter-provider-aws#5780', 'aws/karpenter-provider-aws#4557', 'PR 21387', 'PR 44154'),
    ciliumDocs('AWS ENI', 'network/concepts/ipam/eni/'),
  ],
  needs: ['nodes', 'values', 'cilium-config', 'cilium-nodes', 'pods'],
  decide(inputs) {
    const { settings, objects } = inputs;
    const addresses = addressesOf(settings);
    const missing: InputName[] = [
      ...(objects.known('Node') ? [] : (['nodes'] as const)),
      ...(addresses === undefined ? (['values', 'cilium-config'] as const) : []),
    ];
    if (missing.length > 0 || addresses === undefined) return unknownWithout(...missing);
    if (addresses === 'eni' && !objects.known('CiliumNode')) return outcomeOf(limits(inputs, true), ['cilium-nodes']);
    switch (addresses) {
      case 'eni':
        return outcomeOf([...limits(inputs, true), ...pools(inputs), ...interfaces(inputs)]);
      case 'vpc-cni':
        return outcomeOf([
          note('nodes', 'VPC CNI gives out addresses; what Cilium’s ENI mode would have to give is told for phase 4'),
          ...limits(inputs, false),
        ]);
      case 'pool':
        return outcomeOf([...ranges(inputs), ...pools(inputs), ...limits(inputs, false)]);
    }
  },
};

/** Pods that each node promises, against the addresses of its instance type in ENI mode. Where that mode is not on yet it is only told. */
function limits({ objects, settings }: PreflightInputs, inForce: boolean): PreflightFinding[] {
  const hostPods = hostPodsByNode(objects.all('Pod'));
  const short: PreflightFinding[] = [];
  const open: PreflightFinding[] = [];
  for (const node of objects.all('Node')) {
    const promised = promisedPods(node.json);
    const type = Object.hasOwn(node.labels, INSTANCE_TYPE) ? (node.labels[INSTANCE_TYPE] ?? '') : '';
    const of = eniLimitsOf(type);
    if (!of || !(promised > 0)) {
      open.push(
        unknown(
          `Node ${node.name}`,
          type === '' ? 'its instance type is not known' : `how many addresses ${type} has is not known here`,
        ),
      );
      continue;
    }
    const set = numberIn(part(part(objects.get('CiliumNode', '', node.name)?.json, 'spec'), 'eni'), 'first-interface-index');
    const firstInterface = Number.isNaN(set) ? (settings.number('eni.nodeSpec.firstInterfaceIndex') ?? 0) : set;
    const prefixes = settings.flag('eni.awsEnablePrefixDelegation') === true;
    // Pods on the host’s network need none; the agent and kube-proxy are there in any case.
    const capacity = eniPods(of, { prefixes, firstInterface }) + Math.max(2, hostPods.get(node.name) ?? 0);
    if (promised > capacity)
      short.push(
        fail(
          `Node ${node.name}`,
          `it promises ${promised} pods; ${type} has addresses for ${capacity} with Cilium’s ENI mode${prefixes ? '' : ' without prefix delegation'}, which takes ${CILIUM_ADDRESSES} itself`,
        ),
      );
  }
  if (inForce)
    return [
      ...short.slice(0, MOST_NAMED),
      ...open.slice(0, MOST_NAMED),
      ...(short.length + open.length === 0 ? [note('nodes', 'every node has addresses for the pods it promises')] : []),
    ];
  const [first] = short;
  return [
    ...(first ? [note(first.object, `${first.message}: to be settled before phase 4 (${counted(short.length, 'node')})`)] : []),
    ...open.slice(0, 1).map(({ object, message }) => note(object, message)),
  ];
}

function hostPodsByNode(pods: readonly WorldObject[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { json } of pods) {
    const spec = part(json, 'spec');
    const node = objectText(own(spec, 'nodeName'));
    if (own(spec, 'hostNetwork') === true && node !== '') counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  return counts;
}

/** What the operator has given to a node and how much of it is used. */
function pools({ objects }: PreflightInputs): PreflightFinding[] {
  return objects.all('CiliumNode').flatMap(({ name, json }) => {
    const [status, spec] = [part(part(json, 'status'), 'ipam'), part(part(json, 'spec'), 'ipam')];
    const error = objectText(own(part(status, 'operator-status'), 'error'));
    const used = Object.keys(part(status, 'used') ?? {}).length;
    const size = Object.keys(part(spec, 'pool') ?? {}).length;
    const object = `CiliumNode ${name}`;
    return [
      ...(error === ''
        ? []
        : [
            fail(
              object,
              `the operator cannot give it addresses: ${error.slice(0, 300)}`,
              'See the operator’s log and the free addresses of the subnets; an allocator that is stuck needs a restart of the operator.',
            ),
          ]),
      ...(size > 0 && used >= size * NEARLY_FULL
        ? [
            fail(
              object,
              `${used} of ${size} addresses of its pool are used`,
              'Give it more (min-allocate, prefix delegation, larger subnets) before pods wait for addresses.',
            ),
          ]
        : []),
    ];
  });
}

/** Prefix delegation that failed once on a node stays off there: some interfaces have prefixes, others single addresses. */
function interfaces({ objects, settings }: PreflightInputs): PreflightFinding[] {
  if (settings.flag('eni.awsEnablePrefixDelegation') !== true) return [];
  return objects.all('CiliumNode').flatMap(({ name, json }) => {
    const enis = partsByName(part(part(json, 'status'), 'eni'), 'enis');
    const single = enis.filter((eni) => textsIn(eni, 'prefixes').length === 0 && textsIn(eni, 'addresses').length > 1);
    return single.length === 0
      ? []
      : [
          fail(
            `CiliumNode ${name}`,
            `prefix delegation is on, and ${counted(single.length, 'interface')} of ${enis.length} ${single.length === 1 ? 'has' : 'have'} single addresses: it has gone off on this node and stays off`,
            'Replace the node, and look for subnets without a free /28.',
          ),
        ];
  });
}

/** What the kubelet says it may run; not a number where it does not say. */
const promisedPods = (json: WorldObject['json']): number => numberIn(part(part(json, 'status'), 'allocatable'), 'pods');

/** Each node’s part of the pool holds so many pods. */
function ranges({ objects }: PreflightInputs): PreflightFinding[] {
  const small = objects.all('Node').flatMap(({ name, json }) => {
    const promised = promisedPods(json);
    const [range] = textsIn(part(part(objects.get('CiliumNode', '', name)?.json, 'spec'), 'ipam'), 'podCIDRs');
    const bits = Number(/\/(\d{1,3})$/.exec(range ?? '')?.[1] ?? Number.NaN);
    const size = 2 ** (32 - bits) - 2 - CILIUM_ADDRESSES;
    return range?.includes('.') && promised > size
      ? [fail(`Node ${name}`, `it promises ${promised} pods, and its range ${range} has ${size} addresses for them`)]
      : [];
  });
  return small.length > 0
    ? small.slice(0, MOST_NAMED)
    : [note('nodes', 'pods take addresses of a range of Cilium’s own: the limits of instance types do not bind them')];
}
