import { AUTH_TYPES, type Flow, TRAFFIC_DIRECTIONS, VERDICTS } from '#lib/flow/flow.ts';
import type { Attributed } from '#lib/topology/attribution.ts';
import { decidingPolicies } from '#lib/topology/counters.ts';
import type { Directory, TrafficEdge, TrafficNode } from '#lib/topology/directory.ts';
import { ENCRYPTION_KINDS } from '#lib/topology/encryption.ts';
import { minuteOf } from '#lib/topology/minutes.ts';
import { isWorldIdentity } from '#lib/topology/names.ts';
import { type Fact, FactBuffer, joinFacts } from './facts.ts';
import { type L7Shape, OTHER_SHAPE, shapeOfL7 } from './l7-shape.ts';
import { type LabelSet, labelSetOf } from './label-set.ts';
import { type CountRow, type TrafficTuple, type TuplePeer, type TupleRow, tupleId } from './tuple.ts';

export interface LedgerLimits {
  /** Request shapes of one pair of workloads and port in an hour; further ones are counted as `other`. */
  readonly shapesPerEdge: number;
  /** Tuples and minutes held between two drains; further ones are counted as `other` of everything. */
  readonly entries: number;
}
export const LEDGER_LIMITS: LedgerLimits = { shapesPerEdge: 100, entries: 100_000 };

/** What `drain` hands over: for one statement each. */
export interface LedgerBatch {
  /** Each tuple once. Stored ones are met again: keep the earlier example, widen times, join nodes. */
  readonly tuples: readonly TupleRow[];
  /** By minute. To be added to what is stored of the same tuple and bucket. */
  readonly counts: readonly CountRow[];
  /** Label sets that tuples refer to and that were not handed over before. */
  readonly labelSets: readonly LabelSet[];
  /** Which identity carries which label set, as far as this batch met it. */
  readonly identities: readonly { readonly identity: number; readonly labelSet: string }[];
}

interface Entry {
  flows: number;
  firstSeen: number;
  lastSeen: number;
  example: string;
  readonly nodes: string[];
  readonly facts: FactBuffer;
  readonly tuple: TrafficTuple;
}

/** What was counted for an edge at pod level between two identities in a minute, by everything else that a tuple tells apart. */
interface Bucket {
  readonly sourceIdentity: number;
  readonly destinationIdentity: number;
  readonly plain: Map<number, Entry>;
  readonly byShape: Map<string, Map<number, Entry>>;
  readonly next: Bucket | undefined;
}

interface Shape {
  readonly key: string;
  readonly shape: L7Shape;
}

const MAX_NODES = 32;
const MAX_POLICY_SETS = 4_095;
const MAX_DROP_REASONS = 255;
const MAX_CACHED = 20_000;
const SHAPES_FORGOTTEN_MS = 3_600_000;
const OTHER_PEER: TuplePeer = { node: 'entity:other', namespace: '', workload: '', identity: 0, labels: '' };

export interface LedgerOptions {
  readonly directory: Directory;
  /** Labels of an identity in the cluster; a flow's own by default. Undefined while unknown. */
  readonly labelsOf?: (identity: number) => readonly string[] | undefined;
  /** Names that DNS answers gave an address, besides those a flow carries. */
  readonly namesOf?: (ip: string, time: number) => readonly string[];
  readonly limits?: Partial<LedgerLimits>;
}

/**
 * Turns flows into counts of traffic tuples by minute. Every flow is counted once, in one tuple, whatever limits are met: so sums over tuples equal counts of flows,
 * however often and wherever `drain` comes between.
 */
export class LedgerBuffer {
  readonly #directory: Directory;
  readonly #labelsOf: (identity: number) => readonly string[] | undefined;
  readonly #namesOf: (ip: string, time: number) => readonly string[];
  readonly #limits: LedgerLimits;
  #minutes = new Map<number, Map<TrafficEdge, Bucket>>();
  #overflow = new Map<number, Map<number, Entry>>();
  #entries = 0;
  readonly #policySets = new Interner(MAX_POLICY_SETS);
  readonly #dropReasons = new Interner(MAX_DROP_REASONS);
  /** Shapes met for each edge at workload level within the hour. */
  #shapes = new Map<TrafficEdge, Set<string>>();
  #shapesUntil = 0;
  readonly #shapeCache = new Map<string, Shape>();
  readonly #labelSets = new Map<number, { readonly labels: readonly string[]; readonly set: LabelSet }>();
  readonly #handedOver = new Set<string>();
  #newIdentities = new Map<number, LabelSet>();
  readonly #ids = new Map<string, string>();

  constructor(options: LedgerOptions) {
    this.#directory = options.directory;
    this.#labelsOf = options.labelsOf ?? (() => undefined);
    this.#namesOf = options.namesOf ?? (() => []);
    this.#limits = { ...LEDGER_LIMITS, ...options.limits };
  }

  /** Tuples and minutes held: how much a drain would hand over, before pods are joined. */
  get size(): number {
    return this.#entries;
  }

  /** Counts a flow. */
  add(flow: Flow, seen: Attributed): void {
    const minute = minuteOf(flow.time);
    const policies = decidingPolicies(flow);
    const rest = this.#restOf(flow, seen, policies);
    const shape = flow.l7 && this.#shapeOf(flow, seen);
    const bucket = this.#bucketOf(minute, seen);
    const entries = shape ? entriesOf(bucket.byShape, shape.key) : bucket.plain;
    let entry = entries.get(rest);
    if (entry === undefined) {
      if (this.#entries < this.#limits.entries) {
        entry = newEntry(this.#tupleOf(flow, seen, policies, shape?.shape ?? null));
        entries.set(rest, entry);
        this.#entries++;
      } else entry = this.#overflowEntry(minute, rest, flow, seen);
    }
    count(entry, flow);
    if (entry.tuple.source !== OTHER_PEER) entry.facts.add(flow, seen, this.#namesOf);
  }

  /** Everything counted since the last drain; the buffer is empty afterwards. */
  drain(): LedgerBatch {
    const tuples = new Map<string, JoinedTuple>();
    for (const [minute, entry] of this.#everyEntry()) {
      const id = this.#idOf(entry.tuple);
      let joined = tuples.get(id);
      if (!joined) tuples.set(id, (joined = new JoinedTuple(id, entry.tuple)));
      joined.add(minute, entry);
    }
    const joined = [...tuples.values()];
    const labelSets = [...new Map([...this.#newIdentities.values()].map((set) => [set.hash, set])).values()].filter(
      ({ hash }) => !this.#handedOver.has(hash),
    );
    for (const { hash } of labelSets) this.#handedOver.add(hash);
    const identities = [...this.#newIdentities].map(([identity, { hash }]) => ({ identity, labelSet: hash }));
    this.#minutes = new Map();
    this.#overflow = new Map();
    this.#newIdentities = new Map();
    this.#entries = 0;
    this.#policySets.clear();
    this.#dropReasons.clear();
    return {
      tuples: joined.map((tuple) => tuple.row()),
      counts: joined.flatMap((tuple) => tuple.counts()),
      labelSets,
      identities,
    };
  }

  *#everyEntry(): Generator<readonly [minute: number, entry: Entry]> {
    for (const [minute, buckets] of this.#minutes) {
      for (const first of buckets.values()) {
        for (let bucket: Bucket | undefined = first; bucket; bucket = bucket.next) {
          for (const entry of bucket.plain.values()) yield [minute, entry];
          for (const entries of bucket.byShape.values()) for (const entry of entries.values()) yield [minute, entry];
        }
      }
    }
    for (const [minute, entries] of this.#overflow) for (const entry of entries.values()) yield [minute, entry];
  }

  /** All that a tuple tells apart besides its ends, port and shape, as one small integer. */
  #restOf(flow: Flow, seen: Attributed, policies: readonly string[]): number {
    const verdict = VERDICTS.indexOf(flow.verdict); // 3 bits
    const direction = TRAFFIC_DIRECTIONS.indexOf(flow.trafficDirection); // 2 bits
    const encryption = seen.encryption + 1; // 3 bits
    const auth = flow.authType === undefined ? 0 : AUTH_TYPES.indexOf(flow.authType) + 1; // 2 bits
    const reason =
      flow.dropReason === undefined && seen.dropReason === undefined ? 0 : this.#dropReasons.of(dropReasonOf(flow, seen)); // 8 bits
    const policySet = policies.length === 0 ? 0 : this.#policySets.of(policies.join('\n')); // 12 bits
    return (((((((((policySet << 8) | reason) << 2) | auth) << 3) | encryption) << 2) | direction) << 3) | verdict;
  }

  #bucketOf(minute: number, seen: Attributed): Bucket {
    let buckets = this.#minutes.get(minute);
    if (!buckets) this.#minutes.set(minute, (buckets = new Map()));
    const sourceIdentity = seen.source.identity;
    const destinationIdentity = seen.destination.identity;
    const first = buckets.get(seen.edge);
    for (let bucket = first; bucket; bucket = bucket.next) {
      if (bucket.sourceIdentity === sourceIdentity && bucket.destinationIdentity === destinationIdentity) return bucket;
    }
    const bucket = { sourceIdentity, destinationIdentity, plain: new Map(), byShape: new Map(), next: first };
    buckets.set(seen.edge, bucket);
    return bucket;
  }

  #overflowEntry(minute: number, rest: number, flow: Flow, seen: Attributed): Entry {
    let entries = this.#overflow.get(minute);
    if (!entries) this.#overflow.set(minute, (entries = new Map()));
    this.#directory.countFolded('tuples', '', '', flow.time);
    const tuple = this.#tupleOf(flow, seen, [], null);
    const known = entries.get(rest);
    if (known) return known;
    const entry = newEntry({ ...tuple, source: OTHER_PEER, destination: OTHER_PEER, protocol: 'OTHER', port: 0, other: true });
    entries.set(rest, entry);
    return entry;
  }

  #tupleOf(flow: Flow, seen: Attributed, policies: readonly string[], l7: L7Shape | null): TrafficTuple {
    const { edge } = seen;
    const folded = edge.port === 0 && (flow.l4?.destinationPort ?? 0) > 0;
    return {
      source: this.#peerOf(edge.source.workload, seen.source.identity, seen.source.labels),
      destination: this.#peerOf(edge.destination.workload, seen.destination.identity, seen.destination.labels),
      direction: flow.trafficDirection,
      protocol: edge.protocol,
      port: edge.port,
      l7,
      verdict: flow.verdict,
      drop_reason:
        flow.dropReason === undefined && seen.dropReason === undefined ? '' : this.#dropReasons.nameOf(dropReasonOf(flow, seen)),
      policies: this.#policySets.nameOf(policies.join('\n')) === OTHER ? [OTHER] : policies.toSorted(),
      encryption: ENCRYPTION_KINDS[seen.encryption] ?? '',
      auth: flow.authType ?? '',
      other: folded || l7?.kind === 'other',
    };
  }

  #peerOf(node: TrafficNode, identity: number, labels: readonly string[]): TuplePeer {
    if (node.namespace === '') {
      return { node: node.id, namespace: '', workload: '', identity: isWorldIdentity(identity) ? 0 : identity, labels: '' };
    }
    return {
      node: node.id,
      namespace: node.namespace,
      workload: node.name,
      identity,
      labels: this.#labelSetOf(identity, labels)?.hash ?? '',
    };
  }

  #labelSetOf(identity: number, own: readonly string[]): LabelSet | undefined {
    const labels = this.#labelsOf(identity) ?? own;
    if (labels.length === 0) return undefined;
    let known = this.#labelSets.get(identity);
    if (known?.labels !== labels) {
      known = { labels, set: labelSetOf(labels) };
      if (this.#labelSets.size >= MAX_CACHED) this.#labelSets.clear();
      this.#labelSets.set(identity, known);
    }
    if (identity !== 0) this.#newIdentities.set(identity, known.set);
    return known.set;
  }

  #shapeOf(flow: Flow, seen: Attributed): Shape | undefined {
    if (!flow.l7) return undefined;
    const { http, dns, kafka } = flow.l7;
    const raw = http ? `h ${http.method} ${http.url}` : dns ? `d ${dns.query}` : kafka ? `k ${kafka.apiKey} ${kafka.topic}` : '';
    let shape = this.#shapeCache.get(raw);
    if (!shape) {
      const found = shapeOfL7(flow.l7);
      if (!found) return undefined;
      shape = { key: JSON.stringify(found), shape: found };
      if (this.#shapeCache.size >= MAX_CACHED) this.#shapeCache.clear();
      this.#shapeCache.set(raw, shape);
    }
    return this.#withinShapes(shape, seen.edge.workload, flow.time);
  }

  #withinShapes(shape: Shape, edge: TrafficEdge, time: number): Shape {
    if (time > this.#shapesUntil) {
      this.#shapes = new Map();
      this.#shapesUntil = time + SHAPES_FORGOTTEN_MS;
    }
    let shapes = this.#shapes.get(edge);
    if (!shapes) this.#shapes.set(edge, (shapes = new Set()));
    if (shapes.has(shape.key)) return shape;
    if (shapes.size < this.#limits.shapesPerEdge) {
      shapes.add(shape.key);
      return shape;
    }
    this.#directory.countFolded('l7-shapes', edge.source.id, edge.destination.id, time);
    return OTHER_SHAPE_ENTRY;
  }

  #idOf(tuple: TrafficTuple): string {
    const key = JSON.stringify(tuple);
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = tupleId(tuple);
      if (this.#ids.size >= MAX_CACHED) this.#ids.clear();
      this.#ids.set(key, id);
    }
    return id;
  }
}

const OTHER = 'OTHER';
const OTHER_SHAPE_ENTRY: Shape = { key: 'other', shape: OTHER_SHAPE };

/** Small numbers for texts, from 1; texts beyond the limit share the last one. */
class Interner {
  readonly #limit: number;
  readonly #numbers = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  of(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size + 1;
    if (number >= this.#limit) return this.#limit;
    this.#numbers.set(text, number);
    return number;
  }

  /** The text, or `OTHER` when it shares its number. */
  nameOf(text: string): string {
    return this.of(text) === this.#limit ? OTHER : text;
  }

  clear(): void {
    this.#numbers.clear();
  }
}

/** A reason also stands on the policy verdict of a packet that a drop event counts. */
const dropReasonOf = (flow: Flow, seen: Attributed): string => seen.dropReason ?? flow.dropReason ?? '';

function entriesOf(byShape: Map<string, Map<number, Entry>>, key: string): Map<number, Entry> {
  let entries = byShape.get(key);
  if (!entries) byShape.set(key, (entries = new Map()));
  return entries;
}

function newEntry(tuple: TrafficTuple): Entry {
  return { flows: 0, firstSeen: Number.POSITIVE_INFINITY, lastSeen: 0, example: '', nodes: [], facts: new FactBuffer(), tuple };
}

function count(entry: Entry, flow: Flow): void {
  entry.flows++;
  if (flow.time < entry.firstSeen) entry.firstSeen = flow.time;
  if (flow.time > entry.lastSeen) entry.lastSeen = flow.time;
  if (entry.example === '') entry.example = flow.uuid;
  if (entry.nodes.length < MAX_NODES && !entry.nodes.includes(flow.nodeName)) entry.nodes.push(flow.nodeName);
}

/** The entries of one tuple: those of other pods, and of other minutes. */
class JoinedTuple {
  readonly #id: string;
  readonly #tuple: TrafficTuple;
  readonly #nodes = new Set<string>();
  readonly #minutes = new Map<number, { flows: number; first_seen_ms: number; last_seen_ms: number }>();
  #facts: Fact[] = [];
  #example = '';

  constructor(id: string, tuple: TrafficTuple) {
    this.#id = id;
    this.#tuple = tuple;
  }

  add(minute: number, { flows, firstSeen, lastSeen, nodes, example, facts }: Entry): void {
    for (const node of nodes) this.#nodes.add(node);
    this.#facts = joinFacts(this.#facts, facts.list());
    this.#example ||= example;
    const held = this.#minutes.get(minute);
    if (!held) {
      this.#minutes.set(minute, { flows, first_seen_ms: firstSeen, last_seen_ms: lastSeen });
      return;
    }
    held.flows += flows;
    held.first_seen_ms = Math.min(held.first_seen_ms, firstSeen);
    held.last_seen_ms = Math.max(held.last_seen_ms, lastSeen);
  }

  row(): TupleRow {
    const counts = [...this.#minutes.values()];
    return {
      ...this.#tuple,
      id: this.#id,
      nodes: [...this.#nodes].toSorted().slice(0, MAX_NODES),
      example_uuid: this.#example,
      facts: this.#facts,
      first_seen_ms: Math.min(...counts.map(({ first_seen_ms }) => first_seen_ms)),
      last_seen_ms: Math.max(...counts.map(({ last_seen_ms }) => last_seen_ms)),
    };
  }

  counts(): CountRow[] {
    return [...this.#minutes].map(([bucket, held]) => ({ tuple: this.#id, bucket, ...held }));
  }
}
