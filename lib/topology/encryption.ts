import { EVENT_TYPE, type Flow } from '#lib/flow/flow.ts';
import type { TrafficNode } from './directory.ts';
import type { EncryptionCounts } from './topology.ts';

/** Fields of `EncryptionCounts` in the order in which counters keep them. */
export const ENCRYPTION_KINDS = [
  'encrypted',
  'plaintext',
  'sameNode',
  'host',
  'notEvaluable',
] as const satisfies readonly (keyof EncryptionCounts)[];
const [ENCRYPTED, PLAINTEXT, SAME_NODE, HOST, NOT_EVALUABLE] = [0, 1, 2, 3, 4] as const;

/** How packets of an edge cross the network, in one word; the most alarming evidence wins. */
export type EncryptionState = 'encrypted' | 'plaintext' | 'same-node' | 'host' | 'not-evaluable';

/** The state to show for an edge. No evidence is `not-evaluable`, never `plaintext`. */
export function encryptionStateOf(counts: EncryptionCounts): EncryptionState {
  if (counts.plaintext > 0) return 'plaintext';
  if (counts.encrypted > 0) return 'encrypted';
  if (counts.sameNode > 0) return 'same-node';
  return counts.host > 0 ? 'host' : 'not-evaluable';
}

const WIREGUARD_PORT = 51_871;
const CONNECTION_MEMORY_MS = 60_000;
const MAX_CONNECTIONS = 20_000;

/**
 * Judges single events. Only trace events are evidence:
 * - `to-crypto` is a packet on its way into the tunnel: encrypted;
 * - at `to-network` a packet leaves its node. Between pods, with their addresses in clear, it is plaintext where encryption is on (the sender's node
 *   was seen to encrypt; the setting is one for the cluster) and the connection was not seen at `to-crypto` just before; else not evaluable. The encrypt
 *   bit is set on the outer packet between nodes only: it can confirm encryption there, its absence on a pod's packet proves nothing;
 * - `to-endpoint` between pods of one node never left it; a host at either end is encrypted only with node encryption.
 * Policy verdicts, drops, access logs and packets seen on the way to the network device say nothing.
 */
export class EncryptionJudge {
  readonly #encrypting = new Set<string>();
  readonly #atCrypto = new Map<string, number>();

  /** Index into `ENCRYPTION_KINDS`, or -1 when the event is no evidence. `sender` and `receiver` are the packet's, not the connection's. */
  judge(flow: Flow, sender: TrafficNode, receiver: TrafficNode): number {
    if (flow.eventType.type !== EVENT_TYPE.trace) return -1;
    switch (flow.traceObservationPoint) {
      case 'TO_CRYPTO':
      case 'FROM_CRYPTO':
        this.#encrypting.add(flow.nodeName);
        remember(this.#atCrypto, connectionOf(flow), flow.time);
        return flow.traceObservationPoint === 'TO_CRYPTO' ? ENCRYPTED : -1;
      case 'TO_NETWORK':
        return this.#atNetwork(flow, sender, receiver);
      case 'TO_ENDPOINT':
        if (isHost(sender) || isHost(receiver)) return HOST;
        return isPod(sender) && isPod(receiver) && sender.nodeName !== '' && sender.nodeName === receiver.nodeName
          ? SAME_NODE
          : -1;
      default:
        return -1;
    }
  }

  #atNetwork(flow: Flow, sender: TrafficNode, receiver: TrafficNode): number {
    if (flow.ip?.encrypted) {
      this.#encrypting.add(flow.nodeName);
      return ENCRYPTED;
    }
    if (flow.l4?.protocol === 'UDP' && flow.l4.destinationPort === WIREGUARD_PORT) return ENCRYPTED;
    if (isHost(sender) || isHost(receiver)) return HOST;
    if (!isPod(sender) || !isPod(receiver)) return NOT_EVALUABLE;
    if (!this.#encrypting.has(flow.nodeName) || receiver.nodeName === flow.nodeName) return NOT_EVALUABLE;
    const seenAtCrypto = this.#atCrypto.get(connectionOf(flow)) ?? Number.NEGATIVE_INFINITY;
    return flow.time - seenAtCrypto < CONNECTION_MEMORY_MS ? NOT_EVALUABLE : PLAINTEXT;
  }
}

/**
 * Notes on which Kubernetes node a pod runs. A policy verdict, trace, drop or access log is made where the judged endpoint lives: the server of an
 * ingress event, the client of an egress one. A packet delivered `to-endpoint` is delivered there.
 */
export function learnNodeName(flow: Flow, client: TrafficNode, server: TrafficNode): void {
  if (flow.trafficDirection === 'TRAFFIC_DIRECTION_UNKNOWN') return;
  const local = flow.trafficDirection === 'INGRESS' ? server : client;
  if (local.nodeName !== flow.nodeName && isPod(local)) local.nodeName = flow.nodeName;
}

const isPod = (node: TrafficNode): boolean => node.namespace !== '';
const isHost = (node: TrafficNode): boolean => node.kind === 'host' || node.id === 'entity:health';

function connectionOf({ ip, l4 }: Flow): string {
  return `${l4?.protocol} ${ip?.source} ${l4?.sourcePort} ${ip?.destination} ${l4?.destinationPort}`;
}

/** Sets, with the longest untouched entry going first when there are too many. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_CONNECTIONS) return;
  for (const oldest of map.keys()) return void map.delete(oldest);
}
