import type { FlowLogsBaseline, FlowLogsImport } from '#lib/api/flow-logs.ts';
import { compareText } from '#components/ui/compare-text.ts';

/** What the page of the baseline shows of an import. Pure. */

export type BaselinePair = FlowLogsBaseline['pairs'][number];

export const PAIR_SORTS = ['records', 'bytes', 'packets', 'pair', 'last'] as const;
export type PairSort = (typeof PAIR_SORTS)[number];

export const PAIR_VERDICTS = ['all', 'ACCEPT', 'REJECT'] as const;
export type PairVerdict = (typeof PAIR_VERDICTS)[number];

/** As the VPC says it. */
export const actionOf = ({ verdict }: Pick<BaselinePair, 'verdict'>): 'ACCEPT' | 'REJECT' =>
  verdict === 'DROPPED' ? 'REJECT' : 'ACCEPT';

/** Pairs of a verdict that hold all words of `find`, in order; equal ones by name. */
export function shownPairs(pairs: readonly BaselinePair[], find: string, verdict: PairVerdict, sort: PairSort): BaselinePair[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  return pairs
    .filter((pair) => {
      if (verdict !== 'all' && actionOf(pair) !== verdict) return false;
      const text = `${pair.source} ${pair.destination} ${pair.protocol}/${pair.port} ${actionOf(pair)}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .toSorted((a, b) => weigh(b, sort) - weigh(a, sort) || compareText(nameOf(a), nameOf(b)));
}

function weigh(pair: BaselinePair, sort: PairSort): number {
  switch (sort) {
    case 'records':
      return pair.records;
    case 'bytes':
      return pair.bytes;
    case 'packets':
      return pair.packets;
    case 'last':
      return pair.lastSeen;
    case 'pair':
      return 0;
  }
}
const nameOf = ({ source, destination, protocol, port }: BaselinePair): string => `${source} ${destination} ${protocol}/${port}`;

/** Records whose sides were looked up: the denominator of what is known. */
export const recordsOf = ({ coverage }: Pick<FlowLogsImport, 'coverage'>): number =>
  coverage.bothKnown + coverage.oneKnown + coverage.noneKnown;

/** Address of the upload: its name bounded, a format only where one is given. */
export function importUrl(api: string, name: string, format: string): string {
  const query = new URLSearchParams({ name: Array.from(name).slice(0, 100).join('') });
  if (format.trim() !== '') query.set('format', format.trim());
  return `${api}/flow-logs?${query}`;
}
