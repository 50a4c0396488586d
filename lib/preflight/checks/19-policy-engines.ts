// Threads: aws/aws-network-policy-agent #190; aws/amazon-vpc-cni-k8s #2897; kguardian-dev/kguardian #1478; Cilium's guide of live migration.
import { decide } from '#lib/policy/decide.ts';
import { compilePolicies } from '#lib/policy/compile.ts';
import { counted } from '#lib/policy/lint/words.ts';
import type { PolicyObject } from '#lib/policy/model.ts';
import type { WorldObject } from '#lib/world/object.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import { isAgent, isAgentPod } from '../cilium-version.ts';
import type { PreflightInputs } from '../inputs.ts';
import { threads } from '../links.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { argumentsOf, templateOf } from '../pod-template.ts';
import { questionOf } from '../traffic-question.ts';
import { type SeenTraffic, trafficName } from '../traffic.ts';

const OTHERS = [
  { name: 'calico-node', what: 'Calico' },
  { name: 'kube-router', what: 'kube-router' },
  { name: 'antrea-agent', what: 'Antrea' },
  { name: 'weave-net', what: 'Weave Net' },
] as const;
const MOST_NAMED = 50;

export const policyEngines: PreflightCheck = {
  number: 19,
  id: 'policy-engines',
  title: 'Who enforces policies today',
  severity: 'error',
  subsystem: 'policies',
  gates: [0],
  acknowledge: [],
  why: 'Two engines each deny what the other allows. And where nobody enforces, NetworkPolicies that were forgotten come into force on Cilium’s first day.',
  fix: 'Switch the network policy agent of VPC CNI off when Cilium takes over, delete what it left, and hold forgotten policies against the traffic seen before.',
  links: [
    ...threads('aws/aws-network-policy-agent#190', 'aws/amazon-vpc-cni-k8s#2897', 'kguardian-dev/kguardian#1478'),
    { title: 'Migrating a cluster to Cilium', url: 'https://docs.cilium.io/en/stable/installation/k8s-install-migration/' },
  ],
  needs: ['daemonsets', 'policies', 'policy-endpoints', 'flows'],
  decide(inputs) {
    const { objects, policies } = inputs;
    if (!objects.known('DaemonSet')) return unknownWithout('daemonsets');
    const engines = enginesOf(inputs);
    const cilium = objects.all('DaemonSet').some(isAgent) || objects.all('Pod').some(isAgentPod);
    const missing: InputName[] = [];
    const findings: PreflightFinding[] = engines.map(({ object, what }) =>
      fail(
        object,
        cilium
          ? `${what} enforces policies beside Cilium: what either denies is denied`
          : `${what} enforces policies today: it has to stop when Cilium begins, or both do`,
      ),
    );
    if (cilium) findings.push(note('DaemonSet kube-system/cilium', 'Cilium enforces policies'));
    findings.push(...remains(inputs, engines.length > 0, missing));
    if (!cilium && engines.length === 0) {
      if (policies) findings.push(...forgotten(policies, inputs));
      else missing.push('policies');
    }
    return outcomeOf(findings, missing);
  },
};

/** Engines beside Cilium that are switched on. */
function enginesOf({ objects }: PreflightInputs): { readonly object: string; readonly what: string }[] {
  const awsNode = objects.get('DaemonSet', 'kube-system', 'aws-node');
  const isOn = awsNode && agentIsOn(awsNode);
  return [
    ...(isOn ? [{ object: 'DaemonSet kube-system/aws-node', what: 'The network policy agent of VPC CNI' }] : []),
    ...objects.all('DaemonSet').flatMap(({ namespace, name }) => {
      const other = OTHERS.find((each) => each.name === name);
      return other ? [{ object: `DaemonSet ${namespace}/${name}`, what: other.what }] : [];
    }),
  ];
}

/** `--enable-network-policy=true`, `--enable-network-policy`: the agent is there in any case, and idle without. */
function agentIsOn(awsNode: WorldObject): boolean {
  const flags = (
    argumentsOf(templateOf(awsNode), 'aws-eks-nodeagent') ??
    argumentsOf(templateOf(awsNode), 'aws-network-policy-agent') ??
    []
  )
    .map((text) => /^--enable-network-policy(?:=(.*))?$/.exec(text.trim()))
    .filter((match) => match !== null);
  const last = flags.at(-1);
  return last !== undefined && (last[1] === undefined || /^(1|t|true)$/i.test(last[1]));
}

/** Objects that the agent keeps: while they are there its programs may be too. */
function remains({ objects }: PreflightInputs, hasEngine: boolean, missing: InputName[]): PreflightFinding[] {
  if (!objects.known('PolicyEndpoint')) {
    missing.push('policy-endpoints');
    return [];
  }
  const left = objects.all('PolicyEndpoint');
  const [first] = left;
  if (!first || hasEngine) return [];
  return [
    fail(
      `PolicyEndpoint ${first.namespace}/${first.name}`,
      `${counted(left.length, 'PolicyEndpoint')} of the switched-off agent ${left.length === 1 ? 'is' : 'are'} left: its programs stay on nodes that were not replaced`,
      'Delete them, and replace or restart the nodes.',
    ),
  ];
}

/** NetworkPolicies that nobody enforces yet, and what they would deny of the traffic seen. */
function forgotten(policies: readonly PolicyObject[], { world, flows }: PreflightInputs): PreflightFinding[] {
  const waiting = policies.filter(({ kind }) => kind === 'NetworkPolicy');
  if (waiting.length === 0) return [note('policies', 'nobody enforces policies, and there are none')];
  const denied = world && flows ? deniedOf(waiting, world, flows.traffic) : undefined;
  const named = waiting
    .slice(0, MOST_NAMED)
    .map(({ metadata: { namespace = 'default', name = '' } }) => `NetworkPolicy ${namespace}/${name}`);
  if (denied?.length === 0)
    return named.map((object) =>
      note(object, 'nobody enforces it today; Cilium will, and all traffic seen is allowed by these policies'),
    );
  return [
    ...named.map((object) => fail(object, 'nobody enforces it today: it comes into force on the day Cilium does')),
    ...(denied ?? [])
      .slice(0, MOST_NAMED)
      .map((traffic) =>
        fail(trafficName(traffic), `these policies would deny it: it was seen ${traffic.flows.toLocaleString('en-US')} times`),
      ),
  ];
}

function deniedOf(
  policies: readonly PolicyObject[],
  world: NonNullable<PreflightInputs['world']>,
  traffic: readonly SeenTraffic[],
): SeenTraffic[] {
  const compiled = compilePolicies(world, policies);
  return traffic.filter((each) => {
    const question = each.verdict === 'FORWARDED' ? questionOf(each) : undefined;
    return question !== undefined && decide(compiled, question).verdict === 'denied';
  });
}
