import type { DropPair, DropsReport } from '#lib/api/drops.ts';
import { completeBuckets } from '#components/charts/scale.ts';
import { silentSentences } from '#components/charts/silence.ts';
import { exact } from '#components/ui/format.ts';
import { DEFAULT_DENY, isDefaultDeny } from '#lib/flow/drops.ts';
import { dropCauseOf } from '#lib/flow/drop-catalogue.ts';

/** What the Drops page draws, as values: order, shares, changes and the sentence below the chart. */

export interface ReasonRow {
  readonly reason: string;
  readonly label: string;
  /** Decided by policy (vermilion, ✕) or another cause (grey, ○). */
  readonly policy: boolean;
  readonly count: number;
  readonly before: number;
  /** Nothing of it in the window before. */
  readonly fresh: boolean;
  readonly series: readonly number[];
}

/** Reasons that are new first, then by drops; ties by name, so that rows do not swap under the pointer. */
export function reasonRows(report: DropsReport): ReasonRow[] {
  return report.reasons
    .map(({ key, count, before, series }) => {
      const { label, decidedBy } = dropCauseOf(key);
      return {
        reason: key,
        label,
        policy: decidedBy === 'policy',
        count,
        before,
        series,
        fresh: report.comparable && before === 0 && count > 0,
      };
    })
    .toSorted((a, b) => Number(b.fresh) - Number(a.fresh) || b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

export const PAIR_SORTS = ['newest', 'drops', 'change', 'last'] as const;
export type PairSort = (typeof PAIR_SORTS)[number];

const byDrops = (a: DropPair, b: DropPair) => b.count - a.count || (a.key < b.key ? -1 : 1);
const rise = ({ count, before }: DropPair) => (before === 0 ? Number.POSITIVE_INFINITY : count / before);

const ORDERS: Record<PairSort, (a: DropPair, b: DropPair) => number> = {
  newest: (a, b) => Number(b.newlySeen) - Number(a.newlySeen) || byDrops(a, b),
  drops: byDrops,
  change: (a, b) => (rise(a) === rise(b) ? byDrops(a, b) : rise(b) - rise(a)),
  last: (a, b) => b.lastSeen - a.lastSeen || byDrops(a, b),
};

/** `newest`: newly seen pairs first, then by drops. Ties keep a fixed order, so that rows do not swap under the pointer. */
export const sortPairs = (pairs: readonly DropPair[], sort: PairSort): DropPair[] => pairs.toSorted(ORDERS[sort]);

/** Pairs that `policy` denied, as Hubble named it, or that a default deny did; all of them when none is chosen. */
export function pairsDeniedBy(pairs: readonly DropPair[], policy: string | null): readonly DropPair[] {
  if (policy === null) return pairs;
  if (policy === DEFAULT_DENY) return pairs.filter(({ reason, policies }) => isDefaultDeny(reason, policies.length));
  return pairs.filter(({ policies }) => policies.includes(policy));
}

/** A stretch of buckets in which events were lost: drawn as a hatch. */
export interface LostStretch {
  readonly from: number;
  readonly to: number;
  readonly events: number;
}

/** Neighbouring buckets with losses, joined. */
export function lostStretches({ times, lost, stepMs }: Pick<DropsReport, 'times' | 'lost' | 'stepMs'>): LostStretch[] {
  const stretches: LostStretch[] = [];
  for (const [index, events] of lost.entries()) {
    const from = times[index];
    if (!events || from === undefined) continue;
    const last = stretches.at(-1);
    if (last?.to === from) stretches[stretches.length - 1] = { ...last, to: from + stepMs, events: last.events + events };
    else stretches.push({ from, to: from + stepMs, events });
  }
  return stretches;
}

/** Buckets to draw: without a last one that has not ended, which would look like a fall, unless it is all there is. */
export function fullBuckets({ times, stepMs, to, silent }: Pick<DropsReport, 'times' | 'stepMs' | 'to' | 'silent'>): number {
  const full = completeBuckets(times, stepMs, to);
  return silent.slice(0, full).includes(false) ? full : times.length;
}

/** One sentence on what the chart cannot know; empty when all was seen. Times by `clock`. */
export function lostSentence(report: DropsReport, clock: (time: number) => string): string {
  const stretches = lostStretches(report);
  const { coverage } = report;
  const parts: string[] = [];
  const nodes = Object.keys(coverage.lost)
    .filter((node) => (coverage.lost[node] ?? 0) > 0)
    .map(shortNode);
  if (stretches.length > 0) {
    const shown = stretches.slice(0, 3).map(({ from, to }) => `${clock(from)}–${clock(to)}`);
    const more = stretches.length > shown.length ? ` and ${stretches.length - shown.length} more stretches` : '';
    const events = stretches.reduce((sum, stretch) => sum + stretch.events, 0);
    const where =
      nodes.length > 0 && nodes.length <= 3 ? ` on ${nodes.join(', ')}` : nodes.length > 3 ? ` on ${nodes.length} nodes` : '';
    parts.push(`${shown.join(', ')}${more}: ${exact(events)} events lost${where}.`);
  }
  if (coverage.missing.length > 0) {
    const names = coverage.missing.length <= 3 ? coverage.missing.map(shortNode).join(', ') : `${coverage.missing.length} nodes`;
    parts.push(`${names} ${coverage.missing.length === 1 ? 'does' : 'do'} not report.`);
  }
  if (coverage.gaps.length > 0) {
    const [first] = coverage.gaps;
    if (first) {
      const rest = coverage.gaps.length > 1 ? ` and ${coverage.gaps.length - 1} more gaps` : '';
      parts.push(`No flows from ${clock(first.from)} to ${clock(first.to)}${rest}.`);
    }
  }
  parts.push(...silentSentences(report.times, report.stepMs, report.silent.slice(0, fullBuckets(report))));
  return parts.join(' ');
}

/** A node's name without its cluster's. */
export const shortNode = (name: string): string => name.slice(name.indexOf('/') + 1);

/** Length of a bucket: `1 min`, `2 h`. */
export const stepText = (stepMs: number): string =>
  stepMs % 3_600_000 === 0 ? `${stepMs / 3_600_000} h` : `${stepMs / 60_000} min`;

/** A reason's label without what it explains in parentheses, for narrow columns. */
export const shortLabel = (label: string): string => label.replace(/ \(.*\)$/, '');
