// Threads: cilium/cilium #23394, #16602; the chaining guide on pods that were there before.
import { counted } from '#lib/policy/lint/words.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { managedPods, type PodFacts, podsOf } from '../pods.ts';
import type { SeenEnd, TrafficFacts } from '../traffic.ts';

export const unmanagedPods: PreflightCheck = {
  number: 1,
  id: 'unmanaged-pods',
  title: 'Pods that Cilium does not manage',
  severity: 'error',
  subsystem: 'pods and nodes',
  gates: [1, 2, 3, 4],
  acknowledge: [],
  why: 'A pod that started before Cilium came to its node has no endpoint: no policy is enforced on it, its connections to services are not balanced by Cilium, and Hubble does not see it.',
  fix: 'Restart the workloads of these pods (kubectl rollout restart), so that they start with Cilium.',
  links: [...threads('23394', '16602'), ciliumDocs('AWS VPC CNI chaining', 'installation/cni-chaining-aws-cni/')],
  needs: ['pods', 'endpoints', 'cilium-status', 'flows'],
  decide(inputs) {
    const { objects, flows, status } = inputs;
    const managed = managedPods(objects);
    const seen = flows ? seenUnmanaged(inputs, flows) : [];
    if (objects.known('Pod') && managed) return outcomeOf([...byObjects(inputs, managed), ...seen]);
    if (status?.pods) return outcomeOf([...byStatus(status.pods), ...seen]);
    const missing: InputName[] = [
      ...(objects.known('Pod') ? [] : (['pods'] as const)),
      ...(managed ? [] : (['endpoints'] as const)),
    ];
    return seen.length > 0 ? outcomeOf(seen, missing) : unknownWithout(...missing);
  },
};

function byObjects({ objects }: PreflightInputs, managed: ReadonlySet<string>): PreflightFinding[] {
  const pods = podsOf(objects).filter(({ isRunning, hostNetwork }) => isRunning && !hostNetwork);
  const agents = new Map(
    podsOf(objects)
      .filter(({ object }) => Object.hasOwn(object.labels, 'k8s-app') && object.labels['k8s-app'] === 'cilium')
      .map((agent) => [agent.node, agent]),
  );
  const unmanaged = pods.filter(({ id }) => !managed.has(id));
  const byNode = new Map<string, number>();
  for (const { node } of unmanaged) byNode.set(node, (byNode.get(node) ?? 0) + 1);
  return [
    ...unmanaged
      .toSorted((a, b) => (a.node < b.node ? -1 : a.node > b.node ? 1 : a.id < b.id ? -1 : 1))
      .map((pod) => fail(pod.title, `it has no CiliumEndpoint; it runs on ${pod.node}${reasonOf(pod, agents.get(pod.node))}`)),
    ...[...byNode]
      .toSorted(([, a], [, b]) => b - a)
      .map(([node, count]) => note(`Node ${node}`, `${counted(count, 'pod')} not managed`)),
    note('pods', `${pods.length - unmanaged.length} of ${counted(pods.length, 'pod')} with an address of their own are managed`),
  ];
}

function reasonOf({ startedAt }: PodFacts, agent: PodFacts | undefined): string {
  if (!agent) return ', where no agent of Cilium runs';
  const isOlder = startedAt !== undefined && agent.startedAt !== undefined && startedAt < agent.startedAt;
  return isOlder ? ' and is older than the agent there' : '';
}

const byStatus = ({ all, managed }: { readonly all: number; readonly managed: number }): PreflightFinding[] => [
  managed < all
    ? fail('cilium status', `${managed} of ${counted(all, 'pod')} are managed by Cilium`)
    : note('cilium status', `all ${counted(all, 'pod')} are managed by Cilium`),
];

/** `reserved:unmanaged`. */
const UNMANAGED = 3;
const isUnmanaged = ({ identity, labels }: SeenEnd): boolean => identity === UNMANAGED || labels.includes('reserved:unmanaged');

/** Pods that traffic shows as unmanaged, or by nothing but their address. */
function seenUnmanaged({ objects }: PreflightInputs, { traffic }: TrafficFacts): PreflightFinding[] {
  const podByIp = new Map(
    podsOf(objects)
      .filter(({ hostNetwork, isRunning }) => isRunning && !hostNetwork)
      .flatMap((pod) => pod.ips.map((ip) => [ip, pod] as const)),
  );
  const findings = new Map<string, PreflightFinding>();
  for (const { source, destination } of traffic)
    for (const end of [source, destination]) {
      if (end.namespace !== '') continue;
      if (isUnmanaged(end)) findings.set(end.node, fail(end.node, 'traffic shows it with the identity unmanaged'));
      for (const address of end.addresses) {
        const pod = podByIp.get(address);
        if (pod) findings.set(pod.title, fail(pod.title, `traffic knows it by its address ${address} only`));
      }
    }
  return [...findings.values()];
}
