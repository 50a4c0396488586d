import type { TrafficDirection, Verdict } from '#lib/flow/flow.ts';
import type { EncryptionCounts } from '#lib/topology/topology.ts';
import type { Fact } from './facts.ts';
import { hash64 } from './hash.ts';
import type { L7Shape } from './l7-shape.ts';

/** One end of a tuple: a workload with its identity, or what is known of the outside. */
export interface TuplePeer {
  /** As on the map at workload level: `payments/ledger`, `entity:host`, `fqdn:api.example.com`, `cidr:203.0.113.0/24`. */
  readonly node: string;
  /** Empty outside the cluster. */
  readonly namespace: string;
  readonly workload: string;
  /** Numeric identity; 0 outside the cluster but for reserved ones, because identities of names and CIDRs differ from node to node. */
  readonly identity: number;
  /** Hash of the identity's label set (`label-set.ts`); empty while unknown and outside the cluster. */
  readonly labels: string;
}

/** A kind of traffic: flows that agree in all of this are counted together. Keys as the columns of the table. */
export interface TrafficTuple {
  readonly source: TuplePeer;
  readonly destination: TuplePeer;
  readonly direction: TrafficDirection;
  readonly protocol: string;
  /** Destination port; 0 where there is none or ports were folded. */
  readonly port: number;
  readonly l7: L7Shape | null;
  readonly verdict: Verdict;
  /** Empty when nothing was dropped. */
  readonly drop_reason: string;
  /** Policies Hubble named as deciding, sorted; see `policyName`. */
  readonly policies: readonly string[];
  /** What this packet proved of encryption; empty when it proved nothing. */
  readonly encryption: keyof EncryptionCounts | '';
  /** `flow.AuthType`; empty when none was named. */
  readonly auth: string;
  /** Stands for many: a limit on ports, shapes or tuples was met. */
  readonly other: boolean;
  /**
   * Who told of it, where it was not Hubble. Such tuples know addresses, not identities: no verdict, map or report of Hubble's traffic rests on
   * them, and `readLedger` does not give them (lib/flow-logs/README.md).
   */
  readonly origin?: 'vpc-flow-logs';
}

/** Identifies a tuple across restarts and processes: 64 bits of SHA-256 over its fields in this order, as a signed decimal. */
export function tupleId(tuple: TrafficTuple): string {
  const { l7 } = tuple;
  return hash64(
    JSON.stringify([
      fieldsOf(tuple.source),
      fieldsOf(tuple.destination),
      tuple.direction,
      tuple.protocol,
      tuple.port,
      l7 && Object.entries(l7).toSorted(([a], [b]) => (a < b ? -1 : 1)),
      tuple.verdict,
      tuple.drop_reason,
      tuple.policies,
      tuple.encryption,
      tuple.auth,
      tuple.other,
      ...(tuple.origin === undefined ? [] : [tuple.origin]),
    ]),
  );
}

const fieldsOf = ({ node, namespace, workload, identity, labels }: TuplePeer) => [node, namespace, workload, identity, labels];

/** A tuple as it is stored, once: with the nodes that saw it and one flow as an example. */
export interface TupleRow extends TrafficTuple {
  /** `tupleId`. */
  readonly id: string;
  /** `cluster/node`, sorted, at most 32. */
  readonly nodes: readonly string[];
  /** Uuid of one of its flows; empty when none had one. */
  readonly example_uuid: string;
  /** What else its flows told, see `facts.ts`. */
  readonly facts: readonly Fact[];
  /** Unix milliseconds. */
  readonly first_seen_ms: number;
  readonly last_seen_ms: number;
}

/** What was counted of a tuple in a bucket of time. Counts of the same tuple and bucket add up. */
export interface CountRow {
  /** `tupleId`. */
  readonly tuple: string;
  /** Start of the minute, hour or day: Unix milliseconds. */
  readonly bucket: number;
  readonly flows: number;
  readonly first_seen_ms: number;
  readonly last_seen_ms: number;
}
