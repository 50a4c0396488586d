import type { Flow } from '#lib/flow/flow.ts';
import { LedgerBuffer } from '#lib/ledger/aggregate.ts';
import { type Fact, joinFacts, readFacts, type TupleFacts } from '#lib/ledger/facts.ts';
import type { TuplePeer, TupleRow } from '#lib/ledger/tuple.ts';
import { Attribution } from '#lib/topology/attribution.ts';
import type { ReplayPeer, ReplayTuple } from './judge-input.ts';

/** A tuple of the ledger with what was counted of it in a window. */
export type CountedTuple = TupleRow & { readonly flows: number };

/** Traffic ready to be replayed: `tuples` and `labelSets` of `JudgeInput`. */
export interface ReplayTraffic {
  /** Most flows first. */
  readonly tuples: readonly ReplayTuple[];
  readonly labelSets: ReadonlyMap<string, readonly string[]>;
}

/** Events at the socket come before service translation: their destination is not the one that policy sees. */
export const NOT_POLICY: ReadonlySet<string> = new Set(['TRACED', 'TRANSLATED']);

/**
 * The ledger's tuples as kinds of traffic: those that differ only in what was seen (verdict, direction, encryption, policies) are joined. An identity
 * whose labels were not known yet when it was counted takes those of `labelSetOf`.
 */
export function replayTuples(
  rows: Iterable<CountedTuple>,
  labelSetOf: (identity: number) => string | undefined = () => undefined,
): ReplayTuple[] {
  const joined = new Map<string, Joined>();
  for (const row of rows) {
    if (NOT_POLICY.has(row.verdict)) continue;
    const source = withLabels(row.source, labelSetOf);
    const destination = withLabels(row.destination, labelSetOf);
    const key = JSON.stringify([fields(source), fields(destination), row.protocol, row.port, row.l7, row.other]);
    const known = joined.get(key);
    if (known) known.add(row);
    else joined.set(key, new Joined(row, source, destination));
  }
  const peers = new PeerTable();
  return [...joined.values()].map((each) => each.toTuple(peers)).toSorted((a, b) => b.flows - a.flows || (a.id < b.id ? -1 : 1));
}

/** Flows of a file or capture as such traffic, by the code that keeps the ledger. Reads the flows once, in order. */
export function replayFlows(flows: Iterable<Flow>): ReplayTraffic {
  const replay = new FlowReplay();
  for (const flow of flows) replay.add(flow);
  return replay.traffic();
}

/** So many rows are counted before they are summed up: the ledger's buffer folds what goes beyond its limit. */
const ROWS_AT_ONCE = 50_000;

/** The same for flows that come one by one. */
export class FlowReplay {
  readonly #attribution = new Attribution();
  readonly #ledger = new LedgerBuffer({
    directory: this.#attribution.directory,
    namesOf: (ip, time) => this.#attribution.names.namesOf(ip, time),
  });
  readonly #rows = new Map<string, CountedTuple>();
  readonly #labelSets = new Map<string, readonly string[]>();
  readonly #identities = new Map<number, string>();

  add(flow: Flow): void {
    this.#ledger.add(flow, this.#attribution.attribute(flow));
    if (this.#ledger.size >= ROWS_AT_ONCE) this.#sumUp();
  }

  /** Everything added so far, as the ledger would hold it. */
  counted(): { readonly rows: readonly CountedTuple[]; readonly labelSets: ReadonlyMap<string, readonly string[]> } {
    this.#sumUp();
    return { rows: [...this.#rows.values()], labelSets: new Map(this.#labelSets) };
  }

  /** Everything added so far, joined to kinds of traffic. */
  traffic(): ReplayTraffic {
    this.#sumUp();
    return {
      tuples: replayTuples(this.#rows.values(), (identity) => this.#identities.get(identity)),
      labelSets: new Map(this.#labelSets),
    };
  }

  #sumUp(): void {
    const { tuples, counts, labelSets, identities } = this.#ledger.drain();
    const flows = new Map<string, number>();
    for (const count of counts) flows.set(count.tuple, (flows.get(count.tuple) ?? 0) + count.flows);
    for (const tuple of tuples) {
      const known = this.#rows.get(tuple.id);
      this.#rows.set(tuple.id, {
        ...tuple,
        flows: (flows.get(tuple.id) ?? 0) + (known?.flows ?? 0),
        facts: known ? joinFacts(known.facts, tuple.facts) : tuple.facts,
        first_seen_ms: Math.min(tuple.first_seen_ms, known?.first_seen_ms ?? tuple.first_seen_ms),
        last_seen_ms: Math.max(tuple.last_seen_ms, known?.last_seen_ms ?? tuple.last_seen_ms),
      });
    }
    for (const { hash, labels } of labelSets) this.#labelSets.set(hash, labels);
    for (const { identity, labelSet } of identities) this.#identities.set(identity, labelSet);
  }
}

const fields = ({ node, namespace, workload, identity, labels }: TuplePeer) => [node, namespace, workload, identity, labels];

function withLabels(peer: TuplePeer, labelSetOf: (identity: number) => string | undefined): TuplePeer {
  if (peer.labels !== '' || peer.namespace === '') return peer;
  return { ...peer, labels: labelSetOf(peer.identity) ?? '' };
}

/** Rows of one kind of traffic. */
class Joined {
  readonly #row: CountedTuple;
  readonly #source: TuplePeer;
  readonly #destination: TuplePeer;
  readonly #seen = new Map<string, { verdict: string; dropReason: string; flows: number }>();
  #facts: readonly Fact[] = [];
  #id: string;
  #flows = 0;
  #firstSeen = Number.POSITIVE_INFINITY;
  #lastSeen = 0;

  constructor(row: CountedTuple, source: TuplePeer, destination: TuplePeer) {
    this.#row = row;
    this.#source = source;
    this.#destination = destination;
    this.#id = row.id;
    this.add(row);
  }

  add(row: CountedTuple): void {
    const key = `${row.verdict} ${row.drop_reason}`;
    const seen = this.#seen.get(key);
    if (seen) seen.flows += row.flows;
    else this.#seen.set(key, { verdict: row.verdict, dropReason: row.drop_reason, flows: row.flows });
    this.#facts = this.#facts.length === 0 ? row.facts : joinFacts(this.#facts, row.facts);
    if (row.id < this.#id) this.#id = row.id;
    this.#flows += row.flows;
    this.#firstSeen = Math.min(this.#firstSeen, row.first_seen_ms);
    this.#lastSeen = Math.max(this.#lastSeen, row.last_seen_ms);
  }

  toTuple(peers: PeerTable): ReplayTuple {
    const facts = readFacts(this.#facts);
    const { protocol, port, l7, other } = this.#row;
    return {
      id: this.#id,
      source: peers.peer(this.#source, facts.source),
      destination: peers.peer(this.#destination, facts.destination),
      protocol,
      port,
      icmpTypes: facts.icmpTypes,
      l7,
      paths: facts.paths,
      other,
      oriented: facts.oriented,
      flows: this.#flows,
      firstSeen: this.#firstSeen,
      lastSeen: this.#lastSeen,
      seen: [...this.#seen.values()].toSorted((a, b) => b.flows - a.flows || (a.verdict < b.verdict ? -1 : 1)),
    };
  }
}

/** Each peer as one object, so that it stands once in what is sent and is judged once. */
class PeerTable {
  readonly #peers = new Map<string, ReplayPeer>();

  peer(peer: TuplePeer, facts: TupleFacts['source']): ReplayPeer {
    const outside = peer.namespace === '';
    const { node, namespace, workload, identity, labels } = peer;
    const { addresses, moreAddresses, names } = outside ? facts : { addresses: [], moreAddresses: false, names: [] };
    const made = {
      name: node,
      namespace,
      workload,
      identity,
      labels,
      addresses,
      moreAddresses,
      names: withNodeName(names, node),
    };
    const key = JSON.stringify(made);
    const known = this.#peers.get(key) ?? made;
    this.#peers.set(key, known);
    return known;
  }
}

/** A node outside may be named by one name; that of a rule's pattern is none. */
function withNodeName(names: readonly string[], node: string): readonly string[] {
  const name = node.startsWith('fqdn:') && !node.includes('*') ? node.slice('fqdn:'.length) : undefined;
  return name === undefined || names.includes(name) ? names : [...names, name].toSorted();
}
