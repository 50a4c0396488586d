import type { Flow } from '#lib/flow/flow.ts';
import { isReversed } from '#lib/topology/direction.ts';
import type { Inventory } from '#lib/world/inventory.ts';
import { policyProtocolOf } from '#lib/world/question.ts';
import { MOST_UUIDS, type Finding } from '../finding.ts';
import { endOf, isBefore, pairKeyOf, shortNode, type Moment } from '../tuple.ts';

/** Connections remembered: those seen on their way into the tunnel, and packets seen in clear whose connection may yet be. */
const MOST_CONNECTIONS = 200_000;

interface ClearPacket {
  readonly flow: Flow;
  readonly moment: Moment;
  readonly connection: string;
}

/**
 * Packets between pods of two nodes at the network device of one, with the pods' addresses readable, where WireGuard is on. Not what policy verdicts or
 * proxies saw; not a packet whose connection was seen at `to-crypto`; not between pods of one node, hosts, or addresses outside. The encrypt bit is on
 * the outer packet, between nodes, so it is no pod's.
 */
export class PlaintextPackets {
  readonly #inventory: Inventory;
  readonly #atCrypto = new Set<string>();
  #inClear: ClearPacket[] = [];

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  add(flow: Flow, moment: Moment): void {
    switch (flow.traceObservationPoint) {
      case 'TO_CRYPTO':
        if (this.#remembersAll) this.#atCrypto.add(connectionOf(flow));
        return;
      case 'TO_NETWORK':
        if (this.#remembersAll && this.#isDue(flow)) this.#inClear.push({ flow, moment, connection: connectionOf(flow) });
        return;
      default:
        return;
    }
  }

  findings(): Finding[] {
    const groups = new Map<string, ClearPacket[]>();
    for (const packet of this.#inClear) {
      if (this.#atCrypto.has(packet.connection)) continue;
      const key = pairKeyOf(this.#endsOf(packet.flow));
      groups.set(key, [...(groups.get(key) ?? []), packet]);
    }
    return [...groups.values()].flatMap((packets) => this.#finding(packets));
  }

  #finding(packets: readonly ClearPacket[]): Finding[] {
    const [packet] = packets;
    if (!packet) return [];
    const moments = packets.map(({ moment }) => moment).toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
    return [
      {
        kind: 'plaintext-cross-node',
        ...this.#endsOf(packet.flow),
        nodes: [...new Set(packets.map(({ flow }) => shortNode(flow.nodeName)))].toSorted(),
        note: 'pod addresses at the network device without the encrypt bit, and no to-crypto event of that connection',
        flows: packets.length,
        first: moments[0] ?? packet.moment,
        last: moments.at(-1) ?? packet.moment,
        uuids: packets
          .map(({ flow }) => flow.uuid)
          .filter(Boolean)
          .slice(0, MOST_UUIDS),
      },
    ];
  }

  /** Beyond the bounds a packet in clear could not be told from one whose connection was forgotten: then nothing more is said. */
  get #remembersAll(): boolean {
    return this.#atCrypto.size < MOST_CONNECTIONS && this.#inClear.length < MOST_CONNECTIONS;
  }

  /** A packet that should have been encrypted: both ends are pods that run on different nodes, and both nodes encrypt. */
  #isDue({ source, destination, ip }: Flow): boolean {
    if (ip?.encrypted || source.podName === '' || destination.podName === '') return false;
    const { pods, settings, nodes, known } = this.#inventory;
    const [from, to] = [source, destination].map((end) => pods.get(`${end.namespace}/${end.podName}`)?.nodeName);
    if (!from || !to || from === to) return false;
    const haveKeys = [from, to].every((node) => nodes.get(node)?.wireGuardKey);
    if (known.has('CiliumNode') && !haveKeys) return false;
    return known.has('ConfigMap') ? settings.wireGuard : known.has('CiliumNode');
  }

  /** The connection's ends, from the client to the server. */
  #endsOf(flow: Flow): Pick<Required<Finding>, 'source' | 'destination' | 'protocol' | 'port'> {
    const never = (): boolean => false;
    const answers = isReversed(flow, never, never);
    const { l4 } = flow;
    return {
      source: endOf(flow, answers ? 'destination' : 'source', this.#inventory),
      destination: endOf(flow, answers ? 'source' : 'destination', this.#inventory),
      protocol: l4 ? (policyProtocolOf(l4.protocol) ?? l4.protocol) : null,
      port: (answers ? l4?.sourcePort : l4?.destinationPort) ?? null,
    };
  }
}

const connectionOf = ({ ip, l4 }: Flow): string =>
  `${l4?.protocol} ${ip?.source} ${l4?.sourcePort} ${ip?.destination} ${l4?.destinationPort}`;
