import type { DecisionReason, PolicyRef } from '#lib/policy/model.ts';
import type { JudgedTuple } from './agreement.ts';
import type { FindingKind } from './finding-kinds.ts';
import { isBefore, pairKeyOf, type AuditEnd, type AuditEvent, type AuditRequest, type Moment } from './tuple.ts';

/** Something an audit has to say, with its evidence. What a kind does not need is absent. */
export interface Finding {
  readonly kind: FindingKind;
  readonly source: AuditEnd;
  readonly destination?: AuditEnd;
  readonly protocol?: string | null;
  readonly port?: number | null;
  readonly l7?: AuditRequest;
  /** Hostile text: where it stood and what it was. */
  readonly field?: string;
  readonly value?: string;
  /** Random names. */
  readonly parent?: string;
  readonly names?: number;
  readonly sample?: readonly string[];
  /** A port scan: how many, and the first of them in the order of their text. */
  readonly ports?: number;
  readonly portSample?: readonly number[];
  readonly dropReason?: string;
  /** Policies that the flows name. */
  readonly observedPolicies?: readonly PolicyRef[];
  readonly policiesNotInCluster?: readonly PolicyRef[];
  readonly expectedReason?: DecisionReason;
  /** Policy revisions that each node's flows name, by its name, ascending. */
  readonly revisions?: Readonly<Record<string, readonly number[]>>;
  /** Policies whose L7 rules the request was put to. */
  readonly rulesOf?: readonly PolicyRef[];
  readonly deniedBy?: readonly PolicyRef[];
  readonly connections?: number;
  readonly note?: string;
  readonly events?: readonly AuditEvent[];
  readonly nodes?: readonly string[];
  readonly flows: number;
  readonly first: Moment;
  readonly last: Moment;
  readonly tuples?: readonly JudgedTuple[];
  /** At most three. */
  readonly uuids: readonly string[];
}

/** What a rule over judged tuples may look at beside them. */
export interface FindingContext {
  readonly tuples: readonly JudgedTuple[];
  /** Policies that the cluster has. */
  readonly policies: ReadonlySet<PolicyRef>;
  readonly revisions: Readonly<Record<string, readonly number[]>>;
}

/** Finds one kind in judged tuples. */
export type TupleRule = (context: FindingContext) => Finding[];

export const MOST_UUIDS = 3;

/** Tuples of a kind in groups: by their ends, protocol and port, and by what `and` says beside. */
export function groupTuples(
  tuples: readonly JudgedTuple[],
  and: (tuple: JudgedTuple) => unknown = () => '',
): [JudgedTuple, ...JudgedTuple[]][] {
  const groups = new Map<string, [JudgedTuple, ...JudgedTuple[]]>();
  for (const tuple of tuples) {
    const key = `${pairKeyOf(tuple)} ${JSON.stringify(and(tuple))}`;
    const group = groups.get(key);
    if (group) group.push(tuple);
    else groups.set(key, [tuple]);
  }
  return [...groups.values()];
}

/** What a finding about a group of tuples says of each kind: ends, evidence, flows, times. */
export function evidenceOf(
  tuples: readonly [JudgedTuple, ...JudgedTuple[]],
): Pick<
  Finding,
  | 'source'
  | 'destination'
  | 'protocol'
  | 'observedPolicies'
  | 'events'
  | 'flows'
  | 'nodes'
  | 'first'
  | 'last'
  | 'tuples'
  | 'uuids'
> {
  const [{ source, destination, protocol }] = tuples;
  const observedPolicies = union(tuples.flatMap(({ observed }) => observed.policies ?? []));
  return {
    source,
    destination,
    protocol,
    ...(observedPolicies.length > 0 && { observedPolicies }),
    events: union(tuples.map(({ event }) => event)),
    flows: tuples.reduce((sum, { count }) => sum + count, 0),
    nodes: union(tuples.flatMap(({ nodes }) => nodes)),
    ...spanOf(tuples),
    tuples,
    uuids: tuples.flatMap(({ uuids }) => uuids).slice(0, MOST_UUIDS),
  };
}

/** Each once, sorted. */
export const union = <T extends string>(texts: Iterable<T>): T[] => [...new Set(texts)].toSorted();

/** From the first of the first moments to the last of the last. */
function spanOf(tuples: readonly [JudgedTuple, ...JudgedTuple[]]): { first: Moment; last: Moment } {
  let [{ first, last }] = tuples;
  for (const tuple of tuples) {
    if (isBefore(tuple.first, first)) first = tuple.first;
    if (isBefore(last, tuple.last)) last = tuple.last;
  }
  return { first, last };
}
