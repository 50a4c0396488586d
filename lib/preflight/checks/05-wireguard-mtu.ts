// Threads: cilium/cilium #28413, #27227, #37919, #46100, #35600; the note on MTU of the WireGuard page.
import { counted } from '#lib/policy/lint/words.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { isChained } from '../modes.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { trafficName } from '../traffic.ts';

/** Bytes that WireGuard adds to a packet over IPv4. */
const OVERHEAD = 60;

export const wireGuardMtu: PreflightCheck = {
  number: 5,
  id: 'wireguard-mtu',
  title: 'MTU under WireGuard',
  severity: 'error',
  subsystem: 'encryption and identity',
  gates: [3],
  acknowledge: [],
  why: `WireGuard takes ${OVERHEAD} bytes of each packet. Chained behind another plugin Cilium does not set the MTU of pods’ routes unless told to, and a fixed MTU, or nodes of several, leave no room: large packets vanish while small ones pass.`,
  fix: 'Set cni.enableRouteMTUForCNIChaining: true, leave MTU to the agents, and restart the pods: on jumbo frames they then have 9001 − 60 = 8941.',
  links: [
    ...threads('28413', '27227', '37919', '46100', '35600'),
    ciliumDocs('WireGuard transparent encryption', 'security/network/encryption-wireguard/'),
  ],
  needs: ['values', 'cilium-config', 'cilium-status', 'flows'],
  decide(inputs) {
    const { settings } = inputs;
    const on = settings.flag('encryption.enabled');
    if (on === undefined) return unknownWithout('values', 'cilium-config');
    if (!on || settings.text('encryption.type') !== 'wireguard')
      return outcomeOf([
        note(settings.nameOf('encryption.type'), 'WireGuard is off: there is nothing to make room for'),
        ...tooLarge(inputs),
      ]);
    const missing: InputName[] = [];
    return outcomeOf([...chaining(inputs), ...fixed(inputs, missing), ...uneven(inputs), ...tooLarge(inputs)], missing);
  },
};

function chaining({ settings }: PreflightInputs): PreflightFinding[] {
  if (!isChained(settings)) return [];
  const path = 'cni.enableRouteMTUForCNIChaining';
  return settings.flag(path) === true
    ? [note(settings.nameOf(path), `pods’ routes leave ${OVERHEAD} bytes for WireGuard`)]
    : [fail(settings.nameOf(path), 'it is not set while Cilium is chained and WireGuard on: pods send packets that do not fit')];
}

/** A fixed MTU is right only where every interface has it. */
function fixed({ settings, status }: PreflightInputs, missing: InputName[]): PreflightFinding[] {
  const mtu = settings.number('MTU') ?? 0;
  if (mtu === 0) return [];
  const known = (status?.agents ?? []).flatMap((agent) => agent.mtu ?? []);
  if (known.length === 0) {
    missing.push('cilium-status');
    return [];
  }
  const smallest = Math.min(...known);
  return smallest < mtu
    ? [
        fail(
          settings.nameOf('MTU'),
          `it is fixed at ${mtu}, and an agent has ${smallest}: packets of more are lost there`,
          'Leave MTU to the agents.',
        ),
      ]
    : [note(settings.nameOf('MTU'), `it is fixed at ${mtu}, which every agent has`)];
}

function uneven({ status }: PreflightInputs): PreflightFinding[] {
  const byMtu = new Map<number, string[]>();
  for (const { mtu, pod } of status?.agents ?? []) if (mtu !== undefined) byMtu.set(mtu, [...(byMtu.get(mtu) ?? []), pod]);
  if (byMtu.size < 2) return [];
  const text = [...byMtu].map(([mtu, pods]) => `${mtu} on ${counted(pods.length, 'node')}`).join(', ');
  return [fail('cilium status', `nodes differ in their MTU: ${text}`, 'Bring nodes to one MTU, or set MTU to the smallest.')];
}

/** Reasons of drops that a packet too large for its way leaves. Code 136 (fragmentation needed) is still printed by its old name. */
const TOO_LARGE: ReadonlySet<string> = new Set([
  'FRAG_NEEDED',
  'MISSING_TCP_ACK_FLAG',
  'FIRST_LOGICAL_DATAGRAM_FRAGMENT_NOT_FOUND',
  'IP_FRAGMENTATION_NOT_SUPPORTED',
]);

const tooLarge = ({ flows }: PreflightInputs): PreflightFinding[] =>
  (flows?.traffic ?? [])
    .filter(({ dropReason }) => TOO_LARGE.has(dropReason))
    .map((traffic) =>
      fail(
        trafficName(traffic),
        `${counted(traffic.flows, 'flow')} dropped as too large or as fragments (${traffic.dropReason})`,
      ),
    );
