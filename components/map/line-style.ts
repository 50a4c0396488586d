import type { Verdict } from '#lib/flow/flow.ts';
import type { MapEdge, VerdictCounts } from '#lib/topology/topology.ts';
import type { LineStyle } from './model.ts';

/** From this share of drops on, a line that is not drawn as DROPPED carries a pill with the share. */
export const PILL_SHARE = 0.01;

/** DROPPED or AUDIT at half of the flows or more, else REDIRECTED where any goes through the L7 proxy, else FORWARDED; idle is TRACED. */
export function lineStyle(verdicts: VerdictCounts): LineStyle {
  const total = totalOf(verdicts);
  const share = (verdict: Verdict) => (total === 0 ? 0 : (verdicts[verdict] ?? 0) / total);
  if (share('DROPPED') >= 0.5) return 'DROPPED';
  if (share('AUDIT') >= 0.5) return 'AUDIT';
  if (share('ERROR') >= 0.5) return 'ERROR';
  // Mixed trouble: neither half alone, but nothing much gets through either.
  if (share('DROPPED') + share('AUDIT') + share('ERROR') >= 0.5) {
    const worst = (['DROPPED', 'AUDIT', 'ERROR'] as const).toSorted((a, b) => share(b) - share(a))[0];
    return worst ?? 'DROPPED';
  }
  if ((verdicts.REDIRECTED ?? 0) > 0) return 'REDIRECTED';
  return (verdicts.FORWARDED ?? 0) > 0 ? 'FORWARDED' : 'TRACED';
}

export const droppedShare = (verdicts: VerdictCounts): number => {
  const total = totalOf(verdicts);
  return total === 0 ? 0 : (verdicts.DROPPED ?? 0) / total;
};

export const totalOf = (verdicts: VerdictCounts): number => Object.values(verdicts).reduce((sum, count) => sum + count, 0);

export function addVerdicts(sum: Partial<Record<Verdict, number>>, more: VerdictCounts): void {
  for (const [verdict, count] of Object.entries(more) as [Verdict, number][]) sum[verdict] = (sum[verdict] ?? 0) + count;
}

/** Stroke in pixels: 1.2 for one flow in ten seconds or less, 2.2 for 100 flows a second or more, by the logarithm in between. */
export function lineWidth(flowsPerSecond: number): number {
  const decades = Math.log10(Math.max(flowsPerSecond, 0.1)) + 1;
  return 1.2 + Math.min(decades / 3, 1);
}

/** Flows per second over the window. */
export const rateOf = (flows: number, window: { readonly from: number; readonly to: number }): number =>
  flows / Math.max((window.to - window.from) / 1000, 1);

/** Whether a platform edge is healthy enough to be folded into a mark: trouble is always drawn. */
export const foldsIntoMark = (edge: MapEdge): boolean => {
  const style = lineStyle(edge.verdicts);
  const troubled = style === 'DROPPED' || style === 'AUDIT' || style === 'ERROR';
  return edge.platform !== '' && !troubled && droppedShare(edge.verdicts) < PILL_SHARE;
};
