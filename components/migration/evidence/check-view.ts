import type { CheckSeries, PhaseCheck } from '#lib/api/migration.ts';
import type { CheckStatus } from '#lib/migration/model.ts';

const ORDER: Readonly<Record<CheckStatus, number>> = { fail: 0, unknown: 1, pass: 2 };

/** Fail, unknown, pass; within each as the plan has them. */
export const sortedChecks = (checks: readonly PhaseCheck[]): readonly PhaseCheck[] =>
  checks.toSorted((a, b) => ORDER[a.status] - ORDER[b.status]);

export interface CheckCounts {
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  readonly total: number;
}

export function countChecks(checks: readonly Pick<PhaseCheck, 'status'>[]): CheckCounts {
  const of = (status: CheckStatus) => checks.filter((check) => check.status === status).length;
  return { pass: of('pass'), fail: of('fail'), unknown: of('unknown'), total: checks.length };
}

/** When what a check rests on was measured; what has no time of its own was looked at with the evaluation. Unknown is never that fresh. */
export const measuredAt = (check: Pick<PhaseCheck, 'at' | 'status'>, evaluatedAt: number | undefined): number | undefined =>
  check.at ?? (check.status === 'unknown' ? undefined : evaluatedAt);

/** The word in place of an age: a file, a statement or an input that has never come is missing, anything else was not measured yet. */
export const ageWords = ({ kind, missing }: Pick<PhaseCheck, 'kind' | 'missing'>): string =>
  kind === 'upload' || kind === 'attestation' || missing.length > 0 ? 'missing' : 'not read';

/** The figure worth a chart: that of the check asked for, else of the first check that fails, else the first that moves. */
export function chosenSeries(
  series: readonly CheckSeries[],
  checks: readonly PhaseCheck[],
  wanted: string | null,
): CheckSeries | undefined {
  const drawable = series.filter(({ points }) => points.length > 1);
  const of = (check: string) => drawable.find((one) => one.check === check);
  const failing = sortedChecks(checks).find(({ id, status }) => status !== 'pass' && of(id));
  return (wanted === null ? undefined : of(wanted)) ?? (failing && of(failing.id)) ?? drawable.find(moves);
}

/** Whether a figure has ever been another: a flat line tells nothing that its value does not. */
const moves = ({ points }: CheckSeries): boolean => points.some(({ value }) => value !== points[0]?.value);

/** Since when the newest points fail without a break, as far as the points go; undefined while the last one does not fail. */
export function failingSince(points: CheckSeries['points']): number | undefined {
  let since: number | undefined;
  for (const { at, status } of points.toReversed()) {
    if (status !== 'fail') break;
    since = at;
  }
  return since;
}

const SIGNS = { 'at least': '≥', 'at most': '≤', equals: '=' } as const;

/** `≥ 99.9 %` of a threshold. */
export function thresholdWords({ comparison, value, unit }: NonNullable<PhaseCheck['threshold']>, of = value): string {
  return `${SIGNS[comparison]} ${of}${unit === '' ? '' : `\u00a0${unit}`}`;
}

/** How much of its window a check has passed without a break, 0 to 1. */
export const windowShare = (window: NonNullable<PhaseCheck['window']>, now: number): number =>
  window.passingSince === undefined || now === 0 ? 0 : Math.max(0, Math.min(1, (now - window.passingSince) / window.ms));

/** `same node` of `sameNode`: what a check calls its figures, as people read it. */
export const figureName = (name: string): string => name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase();
