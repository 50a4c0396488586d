import type { DropPair, DropsReport } from '#lib/api/drops.ts';

/** Drops between two peers for one reason that nobody has seen before; a scan over many ports is one of these, not hundreds. */
export interface NewDrop {
  /** The pair of these with the most drops: what a link leads to. */
  readonly pair: DropPair;
  /** How many ports there are besides that of `pair`. */
  readonly morePorts: number;
  readonly drops: number;
  /** All flows of these pairs, whatever became of them. */
  readonly flows: number;
  readonly series: readonly number[];
  /** Unix milliseconds. */
  readonly firstSeen: number;
}

/** Newly seen drops by source, destination and reason, newest first; ties by name, so that rows stay where they are. */
export function newDrops({ pairs }: Pick<DropsReport, 'pairs'>): readonly NewDrop[] {
  const groups = new Map<string, NewDrop>();
  for (const pair of pairs) {
    if (!pair.newlySeen) continue;
    const key = JSON.stringify([pair.source, pair.destination, pair.reason]);
    const group = groups.get(key);
    groups.set(key, group ? joined(group, pair) : only(pair));
  }
  return [...groups.values()].toSorted((a, b) => b.firstSeen - a.firstSeen || (a.pair.key < b.pair.key ? -1 : 1));
}

const only = (pair: DropPair): NewDrop => ({
  pair,
  morePorts: 0,
  drops: pair.count,
  flows: pair.flows,
  series: pair.series,
  firstSeen: pair.firstSeen,
});

const joined = (group: NewDrop, pair: DropPair): NewDrop => ({
  pair: pair.count > group.pair.count ? pair : group.pair,
  morePorts: group.morePorts + 1,
  drops: group.drops + pair.count,
  flows: group.flows + pair.flows,
  series: group.series.map((count, index) => count + (pair.series[index] ?? 0)),
  firstSeen: Math.min(group.firstSeen, pair.firstSeen),
});
