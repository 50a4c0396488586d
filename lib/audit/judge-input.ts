import type { L7Shape } from '#lib/ledger/l7-shape.ts';
import type { PolicyObject, World } from '#lib/policy/model.ts';

/** One end of traffic that is replayed: a workload with its identity, or what is known of somebody outside. */
export interface ReplayPeer {
  /** As on the map at workload level: `payments/ledger`, `entity:host`, `fqdn:api.example.com`, `cidr:203.0.113.0/24`. */
  readonly name: string;
  /** Empty outside the cluster, like `workload`. */
  readonly namespace: string;
  readonly workload: string;
  /** Numeric identity; 0 outside the cluster but for reserved ones. */
  readonly identity: number;
  /** Hash of its identity's labels in `JudgeInput.labelSets`; empty while unknown and outside the cluster. */
  readonly labels: string;
  /** Addresses it was seen with, sorted: outside the cluster only, at most 32. */
  readonly addresses: readonly string[];
  /** It was seen with more addresses than are kept. */
  readonly moreAddresses: boolean;
  /** DNS names its addresses were learned for, sorted, lower case, without a final dot; empty where none is known. */
  readonly names: readonly string[];
}

/** What was seen of a kind of traffic: a verdict, why, and how often. */
export interface Seen {
  /** As Hubble says it: FORWARDED, REDIRECTED, DROPPED, AUDIT, ... */
  readonly verdict: string;
  /** Empty when nothing was dropped. */
  readonly dropReason: string;
  readonly flows: number;
}

/** A kind of traffic in a window, to be put to a set of policies. It stands for connections, their replies included: from the client to the server. */
export interface ReplayTuple {
  /** The smallest `tupleId` of the ledger's tuples that it joins: those that differ only in what was seen. */
  readonly id: string;
  readonly source: ReplayPeer;
  readonly destination: ReplayPeer;
  /** TCP, UDP, SCTP, ICMPv4, ICMPv6, ...; `NONE` without a network layer. */
  readonly protocol: string;
  /** Destination port; 0 where there is none. */
  readonly port: number;
  /** ICMP types seen, ascending; empty where the protocol has none. */
  readonly icmpTypes: readonly number[];
  readonly l7: L7Shape | null;
  /** Of HTTP requests: paths as sent, at most 3, that `l7.path` is a template of. */
  readonly paths: readonly string[];
  /** Stands for many ports, requests or peers, because a limit was met. */
  readonly other: boolean;
  /** It is known which end opened the connection. */
  readonly oriented: boolean;
  readonly flows: number;
  /** Unix milliseconds. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Most flows first. */
  readonly seen: readonly Seen[];
}

/** All that judging needs, on whatever machine: the facts, the set in force, and the traffic. */
export interface JudgeInput {
  readonly world: World;
  /** The set in force. */
  readonly policies: readonly PolicyObject[];
  readonly setHash: string;
  readonly tuples: readonly ReplayTuple[];
  /** Hash to labels, `source:key=value`. */
  readonly labelSets: ReadonlyMap<string, readonly string[]>;
  /** The window, Unix milliseconds. */
  readonly from: number;
  readonly to: number;
  /** Minutes of the window whose flows are not all known. */
  readonly incompleteMinutes: number;
}

/** `JudgeInput` as JSON: peers stand once and are referred to by their place, tuples are rows. */
export interface JudgeInputJson extends Omit<JudgeInput, 'tuples' | 'labelSets'> {
  readonly labelSets: readonly (readonly [hash: string, labels: readonly string[]])[];
  readonly peers: readonly ReplayPeer[];
  readonly tuples: readonly TupleRow[];
}

type TupleRow = readonly [
  id: string,
  source: number,
  destination: number,
  protocol: string,
  port: number,
  l7: L7Shape | null,
  flows: number,
  firstSeen: number,
  lastSeen: number,
  seen: readonly (readonly [verdict: string, dropReason: string, flows: number])[],
  flags: number,
  icmpTypes: readonly number[],
  paths: readonly string[],
];

const OTHER = 1;
const ORIENTED = 2;

export function judgeInputToJson(input: JudgeInput): JudgeInputJson {
  const peers = new Map<ReplayPeer, number>();
  const placeOf = (peer: ReplayPeer): number => {
    const place = peers.get(peer) ?? peers.size;
    peers.set(peer, place);
    return place;
  };
  const tuples = input.tuples.map((tuple): TupleRow => [
    tuple.id,
    placeOf(tuple.source),
    placeOf(tuple.destination),
    tuple.protocol,
    tuple.port,
    tuple.l7,
    tuple.flows,
    tuple.firstSeen,
    tuple.lastSeen,
    tuple.seen.map(({ verdict, dropReason, flows }) => [verdict, dropReason, flows]),
    (tuple.other ? OTHER : 0) | (tuple.oriented ? ORIENTED : 0),
    tuple.icmpTypes,
    tuple.paths,
  ]);
  return { ...input, labelSets: [...input.labelSets], peers: [...peers.keys()], tuples };
}

/** The input that `judgeInputToJson` was given. Throws `RangeError` where a tuple refers to a peer that is not there. */
export function judgeInputOfJson(json: JudgeInputJson): JudgeInput {
  const { peers, ...rest } = json;
  const peerAt = (place: number): ReplayPeer => {
    const peer = peers[place];
    if (!peer) throw new RangeError(`there is no peer ${place}`);
    return peer;
  };
  const tuples = json.tuples.map(
    ([id, source, destination, protocol, port, l7, flows, firstSeen, lastSeen, seen, flags, icmpTypes, paths]): ReplayTuple => ({
      id,
      source: peerAt(source),
      destination: peerAt(destination),
      protocol,
      port,
      icmpTypes,
      l7,
      paths,
      other: (flags & OTHER) !== 0,
      oriented: (flags & ORIENTED) !== 0,
      flows,
      firstSeen,
      lastSeen,
      seen: seen.map(([verdict, dropReason, count]) => ({ verdict, dropReason, flows: count })),
    }),
  );
  return { ...rest, labelSets: new Map(json.labelSets), tuples };
}
