import type { CompiledPolicies } from '#lib/policy/compile.ts';
import { peerOf } from '#lib/policy/decide.ts';
import type { Peer, PolicyObject, PolicyRef, RuleRef, UnknownReason } from '#lib/policy/model.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { specHash } from '#lib/policy/spec-hash.ts';
import { type Isolated, newlyIsolated } from './isolated.ts';
import { judge, judgeUnseenRequests, type Outcome } from './judge.ts';
import type { JudgeInput, ReplayTuple } from './judge-input.ts';
import { outcomeRules, outcomeText } from './outcome-text.ts';
import { replay, type Replayed } from './replay.ts';
import { seenText, type SeenTraffic, seenTrafficOf } from './tuple-text.ts';

/** A set of policies, compiled against the world of the input. */
export interface JudgedSet {
  readonly compiled: CompiledPolicies;
  readonly policies: readonly PolicyObject[];
  /** `setHash` of its policies. */
  readonly hash: string;
}

export type ChangeKind = 'newly-denied' | 'newly-allowed' | 'unknown' | 'unchanged';

/** What a candidate changes for one tuple. Whatever one of the sets cannot tell is unknown: never counted as allowed. */
export interface Change {
  readonly kind: ChangeKind;
  readonly tuple: ReplayTuple;
  readonly before: Outcome;
  readonly after: Outcome;
}

/** So many tuples, standing for so many flows. */
export interface Share {
  readonly tuples: number;
  readonly flows: number;
}

/** One side of a row, in words. */
export interface Judged {
  readonly verdict: Outcome['verdict'];
  readonly text: string;
  readonly rules: readonly RuleRef[];
}

/** A tuple that changes, or cannot be told. */
export interface ChangedTuple extends SeenTraffic {
  readonly kind: Exclude<ChangeKind, 'unchanged'>;
  readonly id: string;
  readonly observed: string;
  readonly before: Judged;
  readonly after: Judged;
}

/** What a candidate changes for traffic that was seen: `WhatIfReport` of the API without what only its maker knows. */
export interface Comparison {
  readonly from: number;
  readonly to: number;
  readonly base: { readonly hash: string; readonly policies: number };
  readonly candidate: { readonly hash: string; readonly policies: number };
  readonly added: readonly PolicyRef[];
  readonly removed: readonly PolicyRef[];
  readonly changed: readonly PolicyRef[];
  readonly total: Share;
  readonly newlyDenied: Share;
  readonly newlyAllowed: Share;
  readonly unknown: Share;
  readonly unchanged: Share;
  readonly rows: readonly ChangedTuple[];
  readonly unknownReasons: readonly (Share & { readonly code: string; readonly detail: string })[];
  readonly isolated: readonly Isolated[];
  readonly byWorkload: readonly {
    readonly workload: string;
    readonly newlyDenied: number;
    readonly newlyAllowed: number;
    readonly unknown: number;
  }[];
  readonly incompleteMinutes: number;
}

export interface CompareOptions {
  /** Rows of each kind at most. */
  readonly limit?: number;
}

const DEFAULT_LIMIT = 500;
const MOST_WORKLOADS = 200;
const MOST_REASONS = 50;

/**
 * Puts every tuple of the input to both sets. Base and candidate are judged by the same facts: what differs between the answers is the policies.
 * What was asked before of the same input and set is remembered, so that an editor pays for the candidate alone.
 */
export function compareSets(input: JudgeInput, base: JudgedSet, candidate: JudgedSet, options: CompareOptions = {}): Comparison {
  const changes = changesOf(input, base.compiled, candidate.compiled);
  const sums = new Map<ChangeKind, Share>();
  for (const { kind, tuple } of changes) {
    const { tuples, flows } = sums.get(kind) ?? { tuples: 0, flows: 0 };
    sums.set(kind, { tuples: tuples + 1, flows: flows + tuple.flows });
  }
  const share = (kind: ChangeKind): Share => sums.get(kind) ?? { tuples: 0, flows: 0 };
  return {
    from: input.from,
    to: input.to,
    base: { hash: base.hash, policies: base.policies.length },
    candidate: { hash: candidate.hash, policies: candidate.policies.length },
    ...differences(base.policies, candidate.policies),
    total: { tuples: changes.length, flows: changes.reduce((sum, { tuple }) => sum + tuple.flows, 0) },
    newlyDenied: share('newly-denied'),
    newlyAllowed: share('newly-allowed'),
    unknown: share('unknown'),
    unchanged: share('unchanged'),
    rows: rowsOf(changes, base, candidate, options.limit ?? DEFAULT_LIMIT),
    unknownReasons: reasonsOf(changes),
    isolated: newlyIsolated(input.world, base.compiled, candidate.compiled),
    byWorkload: workloadsOf(changes),
    incompleteMinutes: input.incompleteMinutes,
  };
}

/** Every tuple with what changes for it, in the order of the input. */
export function changesOf(input: JudgeInput, base: CompiledPolicies, candidate: CompiledPolicies): readonly Change[] {
  const replayed = replayedOf(input);
  const before = outcomesOf(base, replayed);
  const after = base === candidate ? before : outcomesOf(candidate, replayed, { set: base, outcomes: before });
  return replayed.map((each, index) => changeOf(each, before[index]!, after[index]!, candidate));
}

function changeOf(replayed: Replayed, before: Outcome, after: Outcome, candidate: CompiledPolicies): Change {
  const { tuple } = replayed;
  if (before.verdict === 'unknown' || after.verdict === 'unknown') return { kind: 'unknown', tuple, before, after };
  if (before.verdict !== after.verdict) {
    return { kind: after.verdict === 'denied' ? 'newly-denied' : 'newly-allowed', tuple, before, after };
  }
  const asked = withUnseenRequests(replayed, before, after, candidate);
  const kind = asked.verdict === after.verdict ? 'unchanged' : asked.verdict === 'denied' ? 'newly-denied' : 'unknown';
  return { kind, tuple, before, after: asked };
}

/**
 * A connection that the candidate hands to a proxy which had nothing to do with it: its requests were not recorded, so that what the proxy would say of
 * them is known only where it is the same for every request.
 */
function withUnseenRequests(replayed: Replayed, before: Outcome, after: Outcome, candidate: CompiledPolicies): Outcome {
  if ('unknown' in replayed || replayed.requests !== 'not-seen' || after.verdict !== 'allowed') return after;
  const redirects = (['egress', 'ingress'] as const).flatMap((direction) => {
    const kind = after.decision?.[direction].redirect;
    return kind !== undefined && before.decision?.[direction].redirect !== kind ? [kind] : [];
  });
  const [kind] = redirects;
  if (kind === undefined) return after;
  const asked = redirects.every((each) => each === 'http') ? judgeUnseenRequests(candidate, replayed) : undefined;
  if (asked && asked.verdict !== 'unknown') return asked;
  return { ...after, verdict: 'unknown', unknown: [requestsNotSeen(kind)] };
}

const requestsNotSeen = (kind: string): UnknownReason => ({
  code: 'requests-not-seen',
  detail: `Requests were not recorded: no proxy saw this connection, and the candidate lets ${kind.toUpperCase()} rules decide.`,
});

const replays = new WeakMap<JudgeInput, readonly Replayed[]>();
const outcomes = new WeakMap<readonly Replayed[], WeakMap<CompiledPolicies, readonly Outcome[]>>();

/** The questions of an input, made once. */
export function replayedOf(input: JudgeInput): readonly Replayed[] {
  let replayed = replays.get(input);
  if (!replayed) replays.set(input, (replayed = replay(input)));
  return replayed;
}

/** What a set says of each tuple, asked once. Where it was made of `other` by recompiling, only tuples that the change touches are asked about. */
export function outcomesOf(
  compiled: CompiledPolicies,
  replayed: readonly Replayed[],
  other?: { readonly set: CompiledPolicies; readonly outcomes: readonly Outcome[] },
): readonly Outcome[] {
  let bySet = outcomes.get(replayed);
  if (!bySet) outcomes.set(replayed, (bySet = new WeakMap()));
  let known = bySet.get(compiled);
  if (!known) {
    const isKept = keptFrom(other?.set, compiled);
    known = replayed.map((each, index) => (isKept(each) && other?.outcomes[index]) || judge(compiled, each));
    bySet.set(compiled, known);
  }
  return known;
}

/** Tells the tuples whose ends have the very policies that they have in another set: they were resolved there and kept. */
function keptFrom(other: CompiledPolicies | undefined, compiled: CompiledPolicies): (replayed: Replayed) => boolean {
  if (other?.peers !== compiled.peers) return () => false;
  const isSame = (peer: Peer): boolean => {
    const { subject } = peerOf(compiled, peer);
    return subject === undefined || other.policyOf(subject) === compiled.policyOf(subject);
  };
  return (replayed) => 'unknown' in replayed || replayed.questions.every(({ src, dst }) => isSame(src) && isSame(dst));
}

/** Policies by what became of them. */
export function differences(
  base: readonly PolicyObject[],
  candidate: readonly PolicyObject[],
): Pick<Comparison, 'added' | 'removed' | 'changed'> {
  const before = new Map(base.map((policy) => [refOf(policy), policy]));
  const after = new Map(candidate.map((policy) => [refOf(policy), policy]));
  const isSame = (one: PolicyObject, two: PolicyObject): boolean => one === two || specHash(one) === specHash(two);
  return {
    added: [...after.keys()].filter((ref) => !before.has(ref)).toSorted(),
    removed: [...before.keys()].filter((ref) => !after.has(ref)).toSorted(),
    changed: [...after]
      .filter(([ref, policy]) => before.has(ref) && !isSame(before.get(ref)!, policy))
      .map(([ref]) => ref)
      .toSorted(),
  };
}

/** Of each kind the tuples with most flows. */
function rowsOf(changes: readonly Change[], base: JudgedSet, candidate: JudgedSet, limit: number): ChangedTuple[] {
  const byFlows = changes.filter(({ kind }) => kind !== 'unchanged').toSorted((a, b) => b.tuple.flows - a.tuple.flows);
  return (['newly-denied', 'newly-allowed', 'unknown'] as const).flatMap((kind) =>
    byFlows
      .filter((change) => change.kind === kind)
      .slice(0, limit)
      .map((change) => rowOf(kind, change, base, candidate)),
  );
}

const rowOf = (
  kind: ChangedTuple['kind'],
  { tuple, before, after }: Change,
  base: JudgedSet,
  candidate: JudgedSet,
): ChangedTuple => ({
  kind,
  id: tuple.id,
  ...seenTrafficOf(tuple),
  observed: seenText(tuple.seen),
  before: judgedOf(before, base),
  after: judgedOf(after, candidate),
});

const judgedOf = (outcome: Outcome, set: JudgedSet): Judged => ({
  verdict: outcome.verdict,
  text: outcomeText(outcome, set),
  rules: outcomeRules(outcome),
});

/** Why tuples are unknown: what the candidate cannot tell, and what only the set in force cannot. Each tuple counts under its first reason. */
function reasonsOf(changes: readonly Change[]): Comparison['unknownReasons'] {
  const reasons = new Map<string, UnknownReason & Share>();
  for (const { kind, tuple, before, after } of changes) {
    if (kind !== 'unknown') continue;
    const [reason] = after.verdict === 'unknown' ? after.unknown : before.unknown;
    if (!reason) continue;
    const key = `${reason.code} ${reason.detail}`;
    const { tuples, flows } = reasons.get(key) ?? { tuples: 0, flows: 0 };
    reasons.set(key, { code: reason.code, detail: reason.detail, tuples: tuples + 1, flows: flows + tuple.flows });
  }
  return [...reasons.values()].toSorted((a, b) => b.tuples - a.tuples || b.flows - a.flows).slice(0, MOST_REASONS);
}

/** Flows by workload, at both ends of what changes. */
function workloadsOf(changes: readonly Change[]): Comparison['byWorkload'] {
  const sums = new Map<string, { newlyDenied: number; newlyAllowed: number; unknown: number }>();
  for (const { kind, tuple } of changes) {
    if (kind === 'unchanged') continue;
    for (const name of new Set(
      [tuple.source, tuple.destination].filter((peer) => peer.namespace !== '').map((peer) => peer.name),
    )) {
      const sum = sums.get(name) ?? { newlyDenied: 0, newlyAllowed: 0, unknown: 0 };
      sums.set(name, sum);
      if (kind === 'newly-denied') sum.newlyDenied += tuple.flows;
      else if (kind === 'newly-allowed') sum.newlyAllowed += tuple.flows;
      else sum.unknown += tuple.flows;
    }
  }
  return [...sums]
    .map(([workload, sum]) => ({ workload, ...sum }))
    .toSorted((a, b) => b.newlyDenied - a.newlyDenied || b.newlyAllowed - a.newlyAllowed || b.unknown - a.unknown)
    .slice(0, MOST_WORKLOADS);
}
