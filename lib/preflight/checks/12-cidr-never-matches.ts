// Threads: cilium/cilium #20550, #12277, #9209, #19601, #39573, #33525; aws/eks-anywhere #8681, #4658.
import { containsPrefix, parseAddress, parsePrefix, type Prefix } from '#lib/policy/schema/words.ts';
import { counted } from '#lib/policy/lint/words.ts';
import type { LintPolicy } from '#lib/policy/lint/context.ts';
import { cidrNeverMatches as rule } from '#lib/policy/lint/rules/cidr-never-matches.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { addressesOf } from '../modes.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { podRanges } from '../pods.ts';
import { policyName, policyView } from '../policy-view.ts';

export const cidrNeverMatches: PreflightCheck = {
  number: 12,
  id: 'cidr-never-matches',
  title: 'Address rules that never match',
  severity: 'error',
  subsystem: 'policies',
  gates: [2],
  acknowledge: [1],
  why: 'To Cilium pods and nodes are identities, not addresses: a CIDR or ipBlock never selects a pod, and a node only with policyCIDRMatchMode: nodes. VPC CNI’s own engine matches addresses, so such rules work until Cilium enforces them.',
  fix: 'Select pods by labels, nodes by the entities host and remote-node, the API server by kube-apiserver; or set policyCIDRMatchMode: nodes.',
  links: [
    ...threads('20550', '12277', '9209', '19601', '39573', '33525', 'aws/eks-anywhere#8681', 'aws/eks-anywhere#4658'),
    ciliumDocs('IP/CIDR based', 'security/policy/layer3/#ip-cidr-based'),
  ],
  needs: ['policies', 'nodes', 'pods', 'flows', 'values', 'cilium-config'],
  decide(inputs) {
    const view = policyView(inputs);
    if (!view) return unknownWithout('policies');
    const peers = view.lint.policies.flatMap(cidrPeers);
    if (peers.length === 0) return outcomeOf([note('policies', 'no policy names addresses')]);
    const { world } = inputs;
    const missing: InputName[] = [
      ...(!world || world.missing?.includes('nodes') ? (['nodes'] as const) : []),
      ...(!world || world.missing?.includes('endpoints') ? (['pods'] as const) : []),
    ];
    const found = [...rule.check(view.lint)];
    const seen = toNodes(inputs);
    const byRule = groupedByRule(peers);
    const told = new Set(found.map(({ policy, path }) => `${policy} ${path}`));
    return outcomeOf(
      [
        ...found.map(({ policy, path, message }) =>
          fail(policyName(policy), `${message} (${path})${confirmed(seen, byRule.get(`${policy} ${path}`) ?? [])}`),
        ),
        ...inPodRanges(
          inputs,
          peers.filter(({ policy, path }) => !told.has(`${policy} ${path}`)),
        ),
        ...apiServer(inputs, peers),
      ],
      missing,
    );
  },
};

interface CidrPeer {
  readonly policy: string;
  readonly path: string;
  readonly prefix: Prefix;
  readonly except: readonly Prefix[];
  readonly text: string;
}

const cidrPeers = ({ ref, entries }: LintPolicy): CidrPeer[] =>
  entries.flatMap(({ path, peers }) =>
    (typeof peers === 'string' ? [] : peers).flatMap((peer) =>
      peer.kind === 'cidr'
        ? [{ policy: ref, path, prefix: peer.prefix, except: peer.except, text: peer.key.split(' ')[1] ?? '' }]
        : [],
    ),
  );

function groupedByRule(peers: readonly CidrPeer[]): ReadonlyMap<string, readonly CidrPeer[]> {
  const groups = new Map<string, CidrPeer[]>();
  for (const peer of peers) {
    const key = `${peer.policy} ${peer.path}`;
    const group = groups.get(key);
    if (group) group.push(peer);
    else groups.set(key, [peer]);
  }
  return groups;
}

const holds = ({ prefix, except }: CidrPeer, address: Prefix): boolean =>
  containsPrefix(prefix, address) && !except.some((hole) => containsPrefix(hole, address));

/** Rules for ranges that pods get their addresses from, though no pod has one of these right now. */
function inPodRanges({ objects, settings, world }: PreflightInputs, peers: readonly CidrPeer[]): PreflightFinding[] {
  const pool = addressesOf(settings) === 'pool' ? (settings.list('ipam.operator.clusterPoolIPv4PodCIDRList') ?? []) : [];
  const texts = [
    ...new Set([...objects.all('Node').flatMap(podRanges), ...objects.all('CiliumNode').flatMap(podRanges), ...pool]),
  ];
  const ranges = texts.flatMap((text) => {
    const prefix = parsePrefix(text);
    return prefix ? [{ text, prefix }] : [];
  });
  // A range that the nodes or the API server lie in as well is about them.
  const others = [...(world?.nodes ?? []), ...(world?.ips ?? [])].flatMap(({ ip }) => parseAddress(ip ?? '') ?? []);
  return peers.flatMap((peer) => {
    if (others.some((address) => holds(peer, address))) return [];
    const range = ranges.find(({ prefix }) => containsPrefix(prefix, peer.prefix));
    return range
      ? [
          fail(
            policyName(peer.policy),
            `${peer.text} lies in ${range.text}, which pods get their addresses from: it selects none of them (${peer.path})`,
          ),
        ]
      : [];
  });
}

/** The API server of EKS has addresses of its own, which change: a rule for them works until then. */
function apiServer({ world }: PreflightInputs, peers: readonly CidrPeer[]): PreflightFinding[] {
  const addresses = (world?.ips ?? []).filter(({ kubeApiServer }) => kubeApiServer).flatMap(({ ip }) => parseAddress(ip) ?? []);
  const isNarrow = ({ prefix }: CidrPeer): boolean => prefix.bytes.length * 8 - prefix.bits <= 8;
  return peers
    .filter((peer) => isNarrow(peer) && addresses.some((address) => holds(peer, address)))
    .map((peer) =>
      note(
        policyName(peer.policy),
        `${peer.text} has the API server in it, whose addresses change: the entity kube-apiserver stays right (${peer.path})`,
      ),
    );
}

/** Traffic that was seen to go to nodes, with their addresses. */
function toNodes({ flows }: PreflightInputs): readonly { readonly addresses: readonly Prefix[]; readonly flows: number }[] {
  return (flows?.traffic ?? [])
    .filter(
      ({ destination }) =>
        /^entity:(host|remote-node|kube-apiserver)$/.test(destination.node) && destination.addresses.length > 0,
    )
    .map(({ destination, flows: count }) => ({
      addresses: destination.addresses.flatMap((text) => parseAddress(text) ?? []),
      flows: count,
    }));
}

/** What of it these rules are about. */
function confirmed(seen: ReturnType<typeof toNodes>, peers: readonly CidrPeer[]): string {
  const flows = seen
    .filter(({ addresses }) => addresses.some((address) => peers.some((peer) => holds(peer, address))))
    .reduce((sum, each) => sum + each.flows, 0);
  return flows > 0 ? `; ${counted(flows, 'flow')} went there as to a node` : '';
}
