import { type BatchSummary, RECEIPT_CLASSES } from '#lib/api/receipts.ts';
import { visibleText } from '#lib/flow/text.ts';
import { MOST_SKEW_MS } from '#lib/receipts/rules/r5-observation-gap.ts';
import { headerHashOf } from '#lib/receipts/seal.ts';
import { gapWhy } from '#components/live/gap-words.ts';
import type { MarkName } from '#components/ui/Mark.tsx';
import { duration, exact } from '#components/ui/format.ts';

/** What the log of batches shows, in words. Pure. */

type Header = BatchSummary['header'];
type Completeness = Header['completeness'];

const plural = (count: number, one: string, many: string): string => `${exact(count)} ${count === 1 ? one : many}`;

/** What a batch saw, short enough for a cell. `full` only where nothing is known to be missing. */
export function sawWords(completeness: Completeness): {
  readonly full: boolean;
  readonly mark: MarkName;
  readonly words: string;
} {
  const { nodes_connected: connected, nodes_expected: expected, stream_gaps, clock_skew_ms_max: skew } = completeness;
  const lost = lostTotal(completeness);
  const missing = [
    ...(connected < expected ? [`${exact(connected)} of ${plural(expected, 'node', 'nodes')}`] : []),
    ...(lost > 0n ? [`${lost.toLocaleString('en-US')} lost`] : []),
    ...(stream_gaps.length > 0 ? [plural(stream_gaps.length, 'gap', 'gaps')] : []),
    ...(skew > MOST_SKEW_MS ? [`clocks ${duration(skew)} apart`] : []),
  ];
  if (missing.length > 0) return { full: false, mark: 'gap', words: missing.join(', ') };
  if (expected === 0) return { full: false, mark: 'unknown', words: 'nodes not known' };
  return { full: true, mark: 'pass', words: expected === 1 ? 'the one node' : `all ${exact(expected)} nodes` };
}

/** Events that were lost, over all nodes and sources. */
export const lostTotal = ({ lost_events }: Completeness): bigint =>
  lost_events.reduce((sum, { count }) => sum + BigInt(count), 0n);

/** `140 dropped, 12 audit`: classes that occur, in their order. */
export const countsOf = ({
  receipt_counts,
}: Header): { readonly class: (typeof RECEIPT_CLASSES)[number]; readonly count: number }[] =>
  RECEIPT_CLASSES.map((each) => ({ class: each, count: receipt_counts[each] ?? 0 })).filter(({ count }) => count > 0);

/** Why the stream had a gap, as a sentence's second half; text of the log is not ours. */
export const gapReason = (reason: string): string => visibleText(gapWhy(reason));

/** What of the chain can be checked with the batches at hand. */
export interface ChainCheck {
  /** Batches whose header makes the hash that is given for it. */
  readonly checked: number;
  /** Sequences at which the chain does not hold, with why. */
  readonly broken: readonly { readonly seq: number; readonly why: string }[];
}

/** Computes the hash of each header and compares it with what is given and with what the next one names. Newest first, as they are listed. */
export function checkChain(batches: readonly Pick<BatchSummary, 'header' | 'headerHash'>[]): ChainCheck {
  const broken: { seq: number; why: string }[] = [];
  for (const [index, { header, headerHash }] of batches.entries()) {
    if (headerHashOf(header) !== headerHash)
      broken.push({ seq: header.seq, why: 'the header makes another hash than the one given' });
    const before = batches[index + 1];
    const first = header.seq === 0 ? '0'.repeat(64) : undefined;
    const expected = before?.header.seq === header.seq - 1 ? before.headerHash : first;
    if (expected !== undefined && header.prev_header_hash !== expected)
      broken.push({ seq: header.seq, why: 'it names another header as the one before' });
  }
  return { checked: batches.length, broken };
}

/**
 * Rows while somebody reads: those shown stay in their place, with how far they have come by now. Without a `shown` the newest are shown. `sparse`: the
 * list leaves some out, so that those between are not counted as waiting.
 */
export function holdBatches(
  shown: readonly BatchSummary[] | undefined,
  newest: readonly BatchSummary[],
  sparse = false,
): { readonly rows: readonly BatchSummary[]; readonly waiting: number } {
  const [top] = shown ?? [];
  if (!shown || !top) return { rows: newest, waiting: 0 };
  const now = new Map(newest.map((batch) => [batch.header.seq, batch]));
  const newer = newest.filter(({ header }) => header.seq > top.header.seq);
  return {
    rows: shown.map((batch) => now.get(batch.header.seq) ?? batch),
    waiting: sparse ? newer.length : Math.max(0, (newest[0]?.header.seq ?? 0) - top.header.seq),
  };
}
