// Threads: cilium/cilium #24589, PR #31557, #24239, #23793; the table of the WireGuard page; #43073, PRs #43096, #43397 for the bit in flows.
import { counted } from '#lib/policy/lint/words.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { type SeenEnd, type SeenTraffic, type TrafficFacts, trafficName } from '../traffic.ts';

const MOST_NAMED = 100;

export const encryptionCoverage: PreflightCheck = {
  number: 7,
  id: 'encryption-coverage',
  title: 'What encryption covers, and what not',
  severity: 'error',
  subsystem: 'encryption and identity',
  gates: [3],
  acknowledge: [],
  why: 'WireGuard encrypts what goes from a pod to a pod of another node. What goes to or from nodes is plain unless node encryption is on, some nodes are left out by a label, and packets within a node never leave it.',
  fix: 'Look at the plain connections between pods: agents of both nodes must encrypt, and pods must be managed. Decide knowingly about what is plain by design.',
  links: [
    ...threads('24589', 'PR 31557', '24239', '23793', '43073', 'PR 43096', 'PR 43397'),
    ciliumDocs('Which traffic is encrypted', 'security/network/encryption-wireguard/'),
  ],
  needs: ['values', 'cilium-config', 'flows', 'encryption-status', 'nodes'],
  decide(inputs) {
    const { settings, flows } = inputs;
    const on = settings.flag('encryption.enabled');
    if (on === undefined) return unknownWithout('values', 'cilium-config');
    const name = settings.nameOf('encryption.enabled');
    if (!on)
      return outcomeOf([
        fail(name, 'encryption is off: nothing between nodes is encrypted', 'Set encryption.enabled and encryption.type.'),
      ]);
    const missing: InputName[] = flows ? [] : ['flows'];
    const buckets = flows && bucketsOf(flows, settings.flag('encryption.nodeEncryption') === true);
    return outcomeOf([...nodesWithout(inputs), ...(buckets ? seen(buckets, missing) : []), ...staysPlain(inputs)], missing);
  },
};

interface Buckets {
  readonly encrypted: number;
  readonly plain: readonly SeenTraffic[];
  readonly byDesign: number;
  readonly unknown: number;
  readonly sameNode: number;
}

/** Kinds of traffic by what their packets proved. Pairs on one node are left out, and so is what leaves the cluster. */
function bucketsOf({ traffic }: TrafficFacts, nodesToo: boolean): Buckets {
  const plain: SeenTraffic[] = [];
  const counts = { encrypted: 0, byDesign: 0, unknown: 0, sameNode: 0 };
  for (const each of traffic) {
    if (!isInside(each.source) || !isInside(each.destination)) continue;
    switch (each.encryption) {
      case 'encrypted':
        counts.encrypted += each.flows;
        break;
      case 'sameNode':
        counts.sameNode += each.flows;
        break;
      case 'plaintext':
        if (isPod(each.source) && isPod(each.destination)) plain.push(each);
        else if (nodesToo) plain.push(each);
        else counts.byDesign += each.flows;
        break;
      case 'host':
        counts.byDesign += each.flows;
        break;
      case 'notEvaluable':
        counts.unknown += each.flows;
        break;
      case '':
        break;
    }
  }
  return { ...counts, plain };
}

const isPod = ({ namespace }: SeenEnd): boolean => namespace !== '';
const isInside = (end: SeenEnd): boolean =>
  isPod(end) || /^entity:(host|remote-node|kube-apiserver|health|ingress)$/.test(end.node);

function seen({ encrypted, plain, byDesign, unknown, sameNode }: Buckets, missing: InputName[]): PreflightFinding[] {
  const plainFlows = plain.reduce((sum, { flows }) => sum + flows, 0);
  // Events that prove something are those of packets; a stream of verdicts alone proves nothing.
  if (encrypted + plainFlows === 0) missing.push('flows');
  return [
    ...plain
      .slice(0, MOST_NAMED)
      .map((each) =>
        fail(trafficName(each), `${counted(each.flows, 'flow')} between nodes in plain text that should have been encrypted`),
      ),
    note(
      'flows',
      `encrypted ${encrypted.toLocaleString('en-US')}, should have been ${plainFlows.toLocaleString('en-US')}, plain by design ${byDesign.toLocaleString('en-US')}, cannot be told ${unknown.toLocaleString('en-US')}; within a node ${sameNode.toLocaleString('en-US')}`,
    ),
  ];
}

function nodesWithout({ encryption, status }: PreflightInputs): PreflightFinding[] {
  const agents = (status?.agents ?? []).filter(({ encryptionMode }) => /^disabled$/i.test(encryptionMode));
  return [
    ...(encryption && encryption.disabled > 0
      ? [fail('cilium encryption status', `${counted(encryption.disabled, 'node')} of ${encryption.nodes} do not encrypt`)]
      : []),
    ...agents.map(({ pod }) => fail(`Agent ${pod}`, 'it says that encryption is disabled')),
  ];
}

/** What stays plain although encryption is on, to be known by whoever passes the gate. */
function staysPlain({ settings, objects }: PreflightInputs): PreflightFinding[] {
  const nodes = settings.flag('encryption.nodeEncryption');
  const findings: PreflightFinding[] = [];
  if (nodes === false)
    findings.push(
      note(
        settings.nameOf('encryption.nodeEncryption'),
        'it is off: what goes between pods and nodes, and between nodes, is plain by design',
      ),
    );
  if (nodes === true) {
    const labels = settings.list('nodeEncryptionOptOutLabels') ?? [];
    for (const { name, labels: own } of objects.all('Node'))
      if (labels.some((label) => Object.hasOwn(own, label.split('=')[0] ?? '')))
        findings.push(note(`Node ${name}`, 'a label takes it out of node encryption: what it sends to other nodes is plain'));
  }
  if (settings.text('loadBalancer.acceleration') !== 'disabled' && settings.text('loadBalancer.acceleration') !== undefined)
    findings.push(
      note(
        settings.nameOf('loadBalancer.acceleration'),
        'XDP forwards packets to services from outside before they could be encrypted',
      ),
    );
  const mode = settings.text('loadBalancer.mode');
  if (mode === 'dsr' || mode === 'hybrid')
    findings.push(
      note(settings.nameOf('loadBalancer.mode'), `with ${mode} a node forwards packets from outside to another node as they are`),
    );
  return findings;
}
