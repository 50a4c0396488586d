import type { ClusterStatus } from '#lib/api/clusters.ts';
import type { Problem } from '#lib/api/common.ts';
import { gapWhy, wasSeenLive } from '#components/live/gap-words.ts';
import { clock, duration, exact, shortNode } from '#components/ui/format.ts';

/** What the coverage chip says. Pure. */
export interface CoverageView {
  /** `all`: everything was seen. `part`: something is missing. `unknown`: nothing is known yet. */
  readonly seen: 'all' | 'part' | 'unknown';
  /** `4/4`, and whether that is short. */
  readonly nodes: string;
  readonly nodesShort: boolean;
  /** Events lost in the window. */
  readonly lost: number | undefined;
  /** Milliseconds between the newest flow and now, by the console's clock; undefined when there is none. */
  readonly ageMs: number | undefined;
  readonly old: boolean;
  /** The same in sentences, for the popover; worst first. */
  readonly sentences: readonly string[];
}

/** A newest flow older than this is worth saying: a live cluster is never silent so long. */
const OLD_MS = 10_000;

/** `at` is the browser's time at which `status` was true, `now` its time now (0 while unknown). */
export function coverageView(
  status: ClusterStatus | undefined,
  at: number,
  now: number,
  error: Problem | undefined,
): CoverageView {
  if (!status) {
    const why = error ? `${error.detail ?? error.title}.`.replace('..', '.') : 'No answer from the console yet.';
    return { seen: 'unknown', nodes: '–', nodesShort: false, lost: undefined, ageMs: undefined, old: false, sentences: [why] };
  }
  const { coverage } = status;
  // Two clocks: age by the console's when it answered, plus what has passed here since.
  const passed = now === 0 ? 0 : Math.max(0, now - at);
  const ageMs = coverage.newestFlow === undefined ? undefined : Math.max(0, status.now - coverage.newestFlow) + passed;
  const old = ageMs === undefined || ageMs > OLD_MS;
  const nodesShort = coverage.nodesReporting < coverage.nodesExpected;
  const sentences = [
    ...(status.state === 'live' ? [] : [`The relay is ${status.state}. ${status.stateDetail}`.trim()]),
    ...(nodesShort
      ? [
          `${coverage.nodesExpected - coverage.nodesReporting} of ${coverage.nodesExpected} nodes do not report: ${list(coverage.missing.map(shortNode))}.`,
        ]
      : []),
    ...(coverage.nodesExpected === 0 ? ['No node is known to this relay yet.'] : []),
    ...(coverage.lostTotal > 0 ? [`${exact(coverage.lostTotal)} events were lost: ${list(lostByNode(coverage.lost))}.`] : []),
    ...coverage.gaps.map(
      (gap) =>
        `Nothing is ${wasSeenLive(gap.reason) ? 'kept' : 'known'} of ${clock(gap.from)}–${clock(gap.to)} UTC${gap.nodeName && ` on ${shortNode(gap.nodeName)}`}: ${gapWhy(gap.reason)}.`,
    ),
    ...(ageMs === undefined ? ['No flow has been received yet.'] : old ? [`The newest flow is ${duration(ageMs)} old.`] : []),
  ];
  const all = sentences.length === 0;
  return {
    seen: all ? 'all' : 'part',
    nodes: `${coverage.nodesReporting}/${coverage.nodesExpected}`,
    nodesShort,
    lost: coverage.lostTotal,
    ageMs,
    old,
    sentences: all ? ['All nodes report, nothing was lost, and flows are fresh: what you see is all there is.'] : sentences,
  };
}

const lostByNode = (lost: Readonly<Record<string, number>>): string[] =>
  Object.entries(lost)
    .filter(([, count]) => count > 0)
    .toSorted(([, a], [, b]) => b - a)
    .map(([node, count]) => `${exact(count)} on ${shortNode(node)}`);

/** At most five, and how many more. */
const list = (items: readonly string[]): string =>
  items.length === 0
    ? 'not said which'
    : items.length > 5
      ? `${items.slice(0, 5).join(', ')} and ${items.length - 5} more`
      : items.join(', ');
