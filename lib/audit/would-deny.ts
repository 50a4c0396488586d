import type { CompiledPolicies } from '#lib/policy/compile.ts';
import { outcomesOf, replayedOf } from './compare.ts';
import type { JudgeInput } from './judge-input.ts';
import { denies } from './outcome-text.ts';
import { passed } from './tuple-text.ts';

/** What a watched candidate says of the traffic of a stretch of time, in flows. */
export interface WouldDenyCount {
  /** Traffic that passed. */
  readonly judged: number;
  readonly denied: number;
  /** Cannot be told: no part of `denied`. */
  readonly unknown: number;
  /** Denied, by the workload whose direction denies; at most 50, most first. */
  readonly workloads: readonly (readonly [workload: string, flows: number])[];
}

const MOST_WORKLOADS = 50;

/** How much of the traffic that passed the candidate would have denied. */
export function wouldDeny(input: JudgeInput, candidate: CompiledPolicies): WouldDenyCount {
  const replayed = replayedOf(input);
  const outcomes = outcomesOf(candidate, replayed);
  const workloads = new Map<string, number>();
  const sums = { judged: 0, denied: 0, unknown: 0 };
  input.tuples.forEach((tuple, index) => {
    const outcome = outcomes[index];
    if (!outcome || !passed(tuple.seen)) return;
    sums.judged += tuple.flows;
    if (outcome.verdict === 'unknown') sums.unknown += tuple.flows;
    if (outcome.verdict !== 'denied') return;
    sums.denied += tuple.flows;
    const atSource = outcome.decision !== undefined && denies(outcome.decision.egress);
    const { name } = atSource ? tuple.source : tuple.destination;
    workloads.set(name, (workloads.get(name) ?? 0) + tuple.flows);
  });
  return { ...sums, workloads: [...workloads].toSorted(([, a], [, b]) => b - a).slice(0, MOST_WORKLOADS) };
}
