import type { CountedTuple } from '#lib/audit/replay-tuples.ts';
import type { TrafficDirection, Verdict } from '#lib/flow/flow.ts';
import { readFacts } from '#lib/ledger/facts.ts';
import type { L7Shape } from '#lib/ledger/l7-shape.ts';
import type { TuplePeer } from '#lib/ledger/tuple.ts';
import type { EncryptionCounts } from '#lib/topology/topology.ts';

/** Traffic seen of a cluster in a window, summed up: from the ledger, or from a file of flows by the same code. */
export interface TrafficFacts {
  /** Unix milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly flows: number;
  /** Events that agents or the relay lost in the window. */
  readonly lost: number;
  /** Nodes that saw anything of it: `cluster/node`, sorted. */
  readonly nodes: readonly string[];
  /** Most flows first. */
  readonly traffic: readonly SeenTraffic[];
}

/** A kind of traffic as the ledger tells them apart; replies stand with what they answer. */
export interface SeenTraffic {
  readonly source: SeenEnd;
  readonly destination: SeenEnd;
  readonly direction: TrafficDirection;
  /** `TCP`, `UDP`, `ICMPv4`, ... */
  readonly protocol: string;
  /** Destination port; 0 where there is none or ports were folded. */
  readonly port: number;
  readonly l7: L7Shape['kind'] | '';
  /** Name asked of a resolver; empty for all else. */
  readonly dnsName: string;
  readonly verdict: Verdict;
  /** Hubble's `drop_reason_desc`; empty when nothing was dropped. */
  readonly dropReason: string;
  /** What its packets proved of encryption; empty when they proved nothing. */
  readonly encryption: keyof EncryptionCounts | '';
  /** `flow.AuthType`; empty when none was named. */
  readonly auth: string;
  readonly policies: readonly string[];
  readonly nodes: readonly string[];
  readonly flows: number;
}

export interface SeenEnd {
  /** As on the map: `payments/ledger`, `entity:host`, `fqdn:api.example.com`, `cidr:203.0.113.0/24`. */
  readonly node: string;
  /** Empty outside the cluster. */
  readonly namespace: string;
  readonly workload: string;
  readonly identity: number;
  /** `source:key=value` of its identity, sorted; empty while they are not known. */
  readonly labels: readonly string[];
  /** Of an end outside the cluster: addresses seen, at most 32, and names they were looked up by. */
  readonly addresses: readonly string[];
  readonly names: readonly string[];
}

export interface TrafficWindow {
  readonly from: number;
  readonly to: number;
  readonly lost: number;
}

/** Rows of the ledger as facts. `labelSets` by their hash, as rows name them. */
export function trafficFactsOf(
  rows: Iterable<CountedTuple>,
  labelSets: ReadonlyMap<string, readonly string[]>,
  { from, to, lost }: TrafficWindow,
): TrafficFacts {
  const traffic: SeenTraffic[] = [];
  const nodes = new Set<string>();
  let flows = 0;
  for (const row of rows) {
    flows += row.flows;
    for (const node of row.nodes) nodes.add(node);
    traffic.push(seenTrafficOf(row, labelSets));
  }
  return {
    from,
    to,
    flows,
    lost,
    nodes: [...nodes].toSorted(),
    traffic: traffic.toSorted((a, b) => b.flows - a.flows),
  };
}

function seenTrafficOf(row: CountedTuple, labelSets: ReadonlyMap<string, readonly string[]>): SeenTraffic {
  const facts = readFacts(row.facts);
  const end = (peer: TuplePeer, { addresses, names }: { addresses: readonly string[]; names: readonly string[] }): SeenEnd => ({
    node: peer.node,
    namespace: peer.namespace,
    workload: peer.workload,
    identity: peer.identity,
    labels: labelSets.get(peer.labels) ?? [],
    addresses,
    names,
  });
  return {
    source: end(row.source, facts.source),
    destination: end(row.destination, facts.destination),
    direction: row.direction,
    protocol: row.protocol,
    port: row.port,
    l7: row.l7?.kind ?? '',
    dnsName: row.l7?.kind === 'dns' ? row.l7.name : '',
    verdict: row.verdict,
    dropReason: row.drop_reason,
    encryption: row.encryption,
    auth: row.auth,
    policies: row.policies,
    nodes: row.nodes,
    flows: row.flows,
  };
}

/** How the two ends are told to people: `payments/ledger → entity:host TCP/80`. */
export const trafficName = ({ source, destination, protocol, port }: SeenTraffic): string =>
  `${source.node} → ${destination.node} ${protocol}${port > 0 ? `/${port}` : ''}`;
