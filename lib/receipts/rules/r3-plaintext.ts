import { shortNode } from '#lib/audit/tuple.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { isReversed } from '#lib/topology/direction.ts';
import type { Inventory } from '#lib/world/inventory.ts';
import { Merged } from './merged.ts';
import type { RuleReport, Sighting } from './rule.ts';
import { connectionAbout, connectionKey, connectionText, type RuleContext, type Sample } from './sample.ts';

/** What device traces a window had. Only they are evidence: policy verdicts and proxies say nothing of encryption. */
export interface DeviceTraces {
  /** Packets at `to-network` whose connection was seen at `to-crypto` neither before nor until the window was judged. */
  readonly inClear: readonly Sample[];
  /** Events at `to-crypto` and at `to-network`. */
  readonly toCrypto: number;
  readonly toNetwork: number;
  /** Names of nodes, without the cluster's, that lost events: a packet's `to-crypto` may be among them. */
  readonly lossy: ReadonlySet<string>;
  /** Connections were too many to remember all of them. */
  readonly forgot: boolean;
}

/** Why a packet need not be encrypted, or why that is not known. */
export type NotDue = 'marked' | 'not-pods' | 'same-node' | 'node-unknown' | 'no-key' | 'off';

/** Whether a packet at a network device should have been encrypted: undefined when it should, else why not. */
export function notDue({ source, destination, ip }: Flow, { pods, settings, nodes, known }: Inventory): NotDue | undefined {
  if (ip?.encrypted) return 'marked';
  const [from, to] = [source, destination].map((end) =>
    end.podName === '' ? undefined : pods.get(`${end.namespace}/${end.podName}`),
  );
  // Hosts and addresses outside would need node encryption.
  if (!from?.managed || !to?.managed || from.hostNetwork || to.hostNetwork) return 'not-pods';
  if (from.nodeName === '' || to.nodeName === '') return 'node-unknown';
  if (from.nodeName === to.nodeName) return 'same-node';
  if (known.has('ConfigMap') && !settings.wireGuard) return 'off';
  if (!known.has('CiliumNode')) return 'no-key';
  return [from.nodeName, to.nodeName].every((node) => nodes.get(node)?.wireGuardKey) ? undefined : 'no-key';
}

/**
 * R3: a packet between pods of two nodes was at a network device with the pods' addresses readable, both nodes have WireGuard keys, and its connection
 * was not seen on its way into the tunnel. Where the node lost events, or connections were too many to remember, it is only suspected.
 */
export function plaintext(
  { inClear, toCrypto, toNetwork, lossy, forgot }: DeviceTraces,
  context: Pick<RuleContext, 'inventory'>,
): RuleReport {
  const { inventory } = context;
  const found = new Merged();
  // Where no node has shown the way into the tunnel, a packet without it says nothing.
  if (toCrypto > 0) {
    for (const sample of inClear) {
      if (notDue(sample.flow, inventory) !== undefined) continue;
      found.add(sightingOf(sample, forgot || lossy.has(shortNode(sample.flow.nodeName)), inventory));
    }
  }
  return {
    rule: 'R3',
    sightings: found.all(),
    looked: toNetwork + toCrypto,
    notEvaluable: whyNot(toCrypto, toNetwork, forgot, inventory),
  };
}

function whyNot(toCrypto: number, toNetwork: number, forgot: boolean, { settings, known, nodes }: Inventory): string[] {
  if (known.has('ConfigMap') && !settings.wireGuard) return ['WireGuard is off in this cluster: nothing has to be encrypted.'];
  if (!known.has('CiliumNode')) return ['CiliumNode objects cannot be read, so it is not known which nodes have WireGuard keys.'];
  const keyless = [...nodes.values()].filter(({ wireGuardKey }) => !wireGuardKey);
  return [
    ...(toCrypto === 0
      ? [
          'No packet was seen on its way into the tunnel (to-crypto): this version of Cilium lacks the trace point, or traces are not sent.',
        ]
      : []),
    ...(toNetwork === 0 && toCrypto > 0 ? ['No packet was seen at a network device (to-network).'] : []),
    ...(keyless.length > 0 ? [`${keyless.length} of ${nodes.size} nodes have no WireGuard key.`] : []),
    ...(forgot ? ['There were more connections than are remembered.'] : []),
  ];
}

function sightingOf({ flow, count, first, last }: Sample, mayBeLost: boolean, inventory: Inventory): Sighting {
  const about = clientFirst(flow, inventory);
  const node = shortNode(flow.nodeName);
  return {
    rule: 'R3',
    key: connectionKey(about),
    severity: mayBeLost ? 'suspected' : 'confirmed',
    title: 'Unencrypted between nodes',
    subject: connectionText(about),
    reasons: [
      `A packet left node ${node} with the pods’ addresses readable and without the encrypt reason; both nodes have WireGuard keys.`,
      'Its connection was not seen on its way into the tunnel (to-crypto).',
      ...(mayBeLost ? ['Events were lost: the one that would have shown it may be among them.'] : []),
    ],
    about,
    count,
    first,
    last,
    flows: [flow],
  };
}

/** A trace at the device does not know which way its connection goes: the well-known port tells. */
function clientFirst(flow: Flow, inventory: Inventory): ReturnType<typeof connectionAbout> {
  const never = (): boolean => false;
  const { direction: _unknown, ...about } = connectionAbout(flow, inventory);
  if (!isReversed(flow, never, never)) return about;
  const { source, destination } = about;
  return { ...about, source: destination, destination: source, ...(flow.l4 && { port: flow.l4.sourcePort }) };
}
