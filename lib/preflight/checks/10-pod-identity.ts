// Threads: cilium/cilium #34387, #35989 (1.16 with BPF host routing), #40273 (1.18 before its release); Smana/runlore #57.
import { counted } from '#lib/policy/lint/words.ts';
import { podIdentity as rule } from '#lib/policy/lint/rules/pod-identity.ts';
import type { WorldEndpoint } from '#lib/policy/model.ts';
import { part } from '#lib/world/object.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import { egressTo } from '../egress-of.ts';
import type { PreflightInputs } from '../inputs.ts';
import { threads } from '../links.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { variableOf } from '../pod-template.ts';
import { podsOf } from '../pods.ts';
import { policyView, ruleFindings } from '../policy-view.ts';
import { type SeenTraffic, trafficName } from '../traffic.ts';
import { parseVersion } from '../versions.ts';

/** Where the EKS Pod Identity agent answers, on each node's own network. */
const ADDRESSES: ReadonlySet<string> = new Set(['169.254.170.23', 'fd00:ec2::23']);
const AGENT = 'DaemonSet kube-system/eks-pod-identity-agent';
const MOST_NAMED = 200;

export const podIdentityAgent: PreflightCheck = {
  number: 10,
  id: 'pod-identity',
  title: 'EKS Pod Identity stays within reach',
  severity: 'error',
  subsystem: 'AWS',
  gates: [2],
  acknowledge: [1],
  why: 'Pods get AWS credentials from 169.254.170.23 (and [fd00:ec2::23]), port 80: an agent on the network of their node. For policies that is the entity host, which no CIDR rule selects; a pod whose egress is closed loses its credentials.',
  fix: 'Allow egress to the entity host on TCP port 80 for pods that use Pod Identity.',
  links: [
    ...threads('34387', '35989', '40273', 'Smana/runlore#57'),
    { title: 'EKS Pod Identities', url: 'https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html' },
  ],
  needs: ['daemonsets', 'pods', 'policies', 'flows', 'values', 'cilium-config', 'version'],
  decide(inputs) {
    const { objects, flows } = inputs;
    const users = usersOf(inputs);
    const asked = (flows?.traffic ?? []).filter(isToAgent);
    const isThere = objects.get('DaemonSet', 'kube-system', 'eks-pod-identity-agent') !== undefined;
    if (!isThere && users.size === 0 && asked.length === 0)
      return objects.known('DaemonSet')
        ? outcomeOf([note(AGENT, 'it is not installed: no pod uses Pod Identity')])
        : unknownWithout('daemonsets');
    const missing: InputName[] = [];
    const cut = cutOff(inputs, users, missing);
    return outcomeOf([...cut, ...seen(asked), ...window(inputs, missing)], missing);
  },
};

/** Pods that EKS told to ask the agent, by `namespace/name`. */
const usersOf = ({ objects }: PreflightInputs): ReadonlySet<string> =>
  new Set(
    podsOf(objects)
      .filter(({ object, hostNetwork }) => {
        const uri = variableOf(part(object.json, 'spec'), 'AWS_CONTAINER_CREDENTIALS_FULL_URI') ?? '';
        return !hostNetwork && [...ADDRESSES].some((address) => uri.includes(address));
      })
      .map(({ id }) => id),
  );

/** Pods whose egress is closed and that may not reach the host on port 80: those that use it, or all where none says so. */
function cutOff(inputs: PreflightInputs, users: ReadonlySet<string>, missing: InputName[]): PreflightFinding[] {
  const view = policyView(inputs);
  if (!view) {
    missing.push('policies');
    return [];
  }
  if (!view.compiled || inputs.world?.missing?.includes('endpoints')) {
    // Without pods the policies are held against one another: whom one closes another has to open the host for.
    return ruleFindings(rule, { ...view.lint, facts: { ...view.lint.facts, podIdentity: true } });
  }
  const answerOf = egressTo(view.compiled, { entity: 'host' }, 'TCP', 80);
  const concerned = (endpoint: WorldEndpoint): boolean =>
    endpoint.cluster === undefined && (users.size === 0 || users.has(endpoint.id));
  const cut = (inputs.world?.endpoints ?? []).filter((endpoint) => {
    if (!concerned(endpoint)) return false;
    const { closed, verdict } = answerOf(endpoint);
    return (closed && verdict !== 'allowed') || verdict === 'denied';
  });
  const use = users.size > 0 ? 'it uses Pod Identity' : 'its egress is closed';
  return [
    ...cut.slice(0, MOST_NAMED).map(({ id }) => fail(`Pod ${id}`, `${use}, and no rule opens the host on port 80`)),
    note(
      'pods',
      `${counted(users.size, 'pod uses', 'pods use')} Pod Identity; ${counted(cut.length, 'pod is', 'pods are')} cut off`,
    ),
  ];
}

const isToAgent = ({ destination, port }: SeenTraffic): boolean =>
  port === 80 && destination.addresses.some((address) => ADDRESSES.has(address));

/** Refusals, and an agent that is the host to some and the world to others. */
function seen(asked: readonly SeenTraffic[]): PreflightFinding[] {
  const refused = asked.filter(({ verdict }) => verdict === 'DROPPED');
  const worlds = asked.filter(({ destination }) => destination.node === 'entity:world' || /^(cidr|fqdn):/.test(destination.node));
  const hosts = asked.filter(({ destination }) => destination.node === 'entity:host');
  return [
    ...refused.map((each) =>
      fail(trafficName(each), `${counted(each.flows, 'flow')} to the agent dropped${each.dropReason && ` (${each.dropReason})`}`),
    ),
    ...(worlds.length > 0 && hosts.length > 0
      ? [
          fail(
            '169.254.170.23',
            'traffic takes it for the host here and for the world there: rules for either do not hold everywhere',
          ),
        ]
      : []),
  ];
}

/** Versions in which the agent could not be reached whatever the policies said. */
function window({ version, settings }: PreflightInputs, missing: InputName[]): PreflightFinding[] {
  const parsed = parseVersion(version ?? '');
  if (!parsed) return [];
  const { major, minor, pre } = parsed;
  const title = `Cilium ${version ?? ''}`;
  if (major === 1 && minor === 16) {
    const legacy = settings.flag('bpf.hostLegacyRouting');
    if (legacy === undefined) missing.push('values');
    if (legacy === false)
      return [
        fail(
          title,
          'with BPF host routing it loses answers of the agent (#35989)',
          'Set bpf.hostLegacyRouting: true, or go to 1.17.',
        ),
      ];
  }
  return major === 1 && minor === 18 && pre !== ''
    ? [fail(title, 'before its release it took the agent for the world (#40273)')]
    : [];
}
