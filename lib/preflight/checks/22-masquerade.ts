// Threads: awslabs/amazon-eks-ami #1678; cilium/cilium #39515, #21198, #18179, #22273, #26785; PR #38663.
import { counted } from '#lib/policy/lint/words.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part, partsByName, textsIn, type WorldObject } from '#lib/world/object.ts';
import type { PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { addressesOf, isOverlay } from '../modes.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { type SeenTraffic, trafficName } from '../traffic.ts';
import { factsOfVersion } from '../version-facts.ts';
import { parseVersion } from '../versions.ts';

const MOST_NAMED = 20;
/** These images name interfaces by their place in the machine: ens5 rather than eth0. */
const NEW_NAMES = /amazon linux 2023|bottlerocket/i;

export const masquerade: PreflightCheck = {
  number: 22,
  id: 'masquerade',
  title: 'Masquerading and the names of interfaces',
  severity: 'error',
  subsystem: 'addresses and routing',
  gates: [0, 4],
  acknowledge: [],
  why: 'A rule for eth0 does nothing on images that call it ens5; a native-routing range that is too small translates traffic within the VPC, which hides pods behind their node; and the default for ENI mode changed in 1.18.',
  fix: 'Name interfaces by pattern or leave them out, set ipv4NativeRoutingCIDR to the whole VPC, and say enableIPv4Masquerade yourself.',
  links: [
    ...threads('awslabs/amazon-eks-ami#1678', '39515', '21198', '18179', '22273', '26785', 'PR 38663'),
    ciliumDocs('Masquerading', 'network/concepts/masquerading/'),
  ],
  needs: ['values', 'cilium-config', 'nodes', 'cilium-nodes', 'flows', 'version', 'target-version'],
  decide(inputs) {
    const { settings, objects } = inputs;
    const on = settings.flag('enableIPv4Masquerade');
    if (on === undefined || addressesOf(settings) === undefined) return unknownWithout('values', 'cilium-config');
    if (!objects.known('Node')) return unknownWithout('nodes');
    return outcomeOf([
      ...names(inputs),
      ...(on
        ? [...native(inputs)]
        : [note(settings.nameOf('enableIPv4Masquerade'), 'it is off: what leaves the cluster has the pod’s address')]),
      ...flip(inputs),
      ...hidden(inputs),
    ]);
  },
};

/** An interface that is named and is not there. */
function names({ settings, objects }: PreflightInputs): PreflightFinding[] {
  const wanted = (settings.list('egressMasqueradeInterfaces') ?? []).filter((name) => name.startsWith('eth'));
  if (wanted.length === 0) return [];
  const nodes = objects
    .all('Node')
    .filter(({ json }) => NEW_NAMES.test(objectText(own(part(part(json, 'status'), 'nodeInfo'), 'osImage'))));
  const [first] = nodes;
  return first
    ? [
        fail(
          settings.nameOf('egressMasqueradeInterfaces'),
          `it names ${wanted.join(' ').slice(0, 60)}; interfaces of ${counted(nodes.length, 'node')} (${first.name}) are called ens5: nothing is translated there`,
          'Use a pattern (ens+), or leave it empty: then the route decides.',
        ),
      ]
    : [];
}

/** What is reached without translation has to be the whole VPC. */
function native({ settings, objects }: PreflightInputs): PreflightFinding[] {
  if (isOverlay(settings))
    return [
      note(
        settings.nameOf('routingMode'),
        'traffic between nodes goes through the tunnel; only what leaves the cluster is translated',
      ),
    ];
  const name = settings.nameOf('ipv4NativeRoutingCIDR');
  const range = settings.text('ipv4NativeRoutingCIDR') ?? '';
  const ranges = new Set(objects.all('CiliumNode').flatMap(vpcRanges));
  if (range === '' && ranges.size > 1)
    return [
      fail(
        name,
        `it is not set, and the VPC has ${ranges.size} ranges (${[...ranges].toSorted().join(', ').slice(0, 200)}): traffic between them is translated, and policies see nodes`,
      ),
    ];
  if (range === '' && addressesOf(settings) === 'pool')
    return [fail(name, 'it is not set with native routing and masquerading: agents do not start')];
  const uncovered = [...ranges].filter((each) => range !== '' && each !== range).toSorted();
  return uncovered.length > 0 && !settings.flag('ipMasqAgent.enabled')
    ? [
        fail(
          name,
          `it is ${range.slice(0, 60)}; the VPC also has ${uncovered.join(', ').slice(0, 200)}, and traffic there is translated`,
          'Use ipMasqAgent with all ranges in nonMasqueradeCIDRs.',
        ),
      ]
    : [note(name, range === '' ? 'it is not set: the VPC’s own range is taken' : `it is ${range.slice(0, 60)}`)];
}

/**
 * Pods that arrive as their node: what leaves a workload is seen, at the other end only a node is seen on that port, and never the workload.
 */
function hidden({ flows }: PreflightInputs): PreflightFinding[] {
  const arriving = (flows?.traffic ?? []).filter(
    ({ direction, destination }) => direction === 'INGRESS' && destination.workload !== '',
  );
  const keyOf = (source: string, { destination, protocol, port }: SeenTraffic): string =>
    `${source} ${destination.node} ${protocol} ${port}`;
  const arrived = new Set(arriving.map((each) => keyOf(each.source.node, each)));
  return (flows?.traffic ?? [])
    .filter(
      (each) =>
        each.direction === 'EGRESS' &&
        each.verdict === 'FORWARDED' &&
        each.source.workload !== '' &&
        each.destination.workload !== '',
    )
    .filter((each) => !arrived.has(keyOf(each.source.node, each)) && arrived.has(keyOf('entity:remote-node', each)))
    .slice(0, MOST_NAMED)
    .map((each) =>
      fail(
        trafficName(each),
        'it arrives with the identity of a node: its source was translated on the way, and policies do not see the pod',
      ),
    );
}

const vpcRanges = ({ json }: WorldObject): string[] =>
  partsByName(part(part(json, 'status'), 'eni'), 'enis').flatMap((eni) => {
    const vpc = part(eni, 'vpc');
    const primary = objectText(own(vpc, 'primary-cidr'));
    return [...(primary === '' ? [] : [primary]), ...textsIn(vpc, 'cidrs')];
  });

/** The default of ENI mode changed: who relied on it loses the way out. */
function flip({ settings, version, target }: PreflightInputs): PreflightFinding[] {
  const [from, to] = [parseVersion(version ?? ''), parseVersion(target ?? '')];
  const [before, after] = [from && factsOfVersion(from)?.eniMasquerade, to && factsOfVersion(to)?.eniMasquerade];
  if (addressesOf(settings) !== 'eni' || settings.isSet('enableIPv4Masquerade') || before !== true || after !== false) return [];
  return [
    fail(
      settings.nameOf('enableIPv4Masquerade'),
      `it is not set: with Cilium ${target} ENI mode no longer masquerades, and pods in subnets without a NAT gateway lose the internet`,
      'Set it yourself, to what is true today, before the upgrade.',
    ),
  ];
}
