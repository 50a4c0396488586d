import type { Reach, ReachCell } from './reach.ts';

/** What changes between two ends when one set of policies takes the place of another. */
export interface ReachChange {
  readonly source: string;
  readonly destination: string;
  /** Ports that are open only after, or only before. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly before: ReachCell['policy'];
  readonly after: ReachCell['policy'];
}

/** Connections that one matrix has and the other has not: by policy, whether or not anybody used them. In the order of their names. */
export function reachChanges(before: Reach, after: Reach): ReachChange[] {
  const changes = new Map<string, ReachChange>();
  const [was, is] = [cellsOf(before), cellsOf(after)];
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const [old, now] = [was.get(key), is.get(key)];
    const [source = '', destination = ''] = JSON.parse(key) as string[];
    const added = (now?.ports ?? []).filter((port) => old?.ports.includes(port) !== true);
    const removed = (old?.ports ?? []).filter((port) => now?.ports.includes(port) !== true);
    const verdicts = { before: old?.policy ?? 'denied', after: now?.policy ?? 'denied' };
    if (added.length + removed.length > 0 || verdicts.before !== verdicts.after)
      changes.set(key, { source, destination, added, removed, ...verdicts });
  }
  return [...changes].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change);
}

const cellsOf = ({ names, cells }: Reach): Map<string, ReachCell> =>
  new Map(cells.map((cell) => [JSON.stringify([names[cell.source], names[cell.destination]]), cell]));
