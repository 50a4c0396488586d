import type { ReachMatrix } from '#lib/api/what-if.ts';
import { ENTITIES } from '#lib/policy/model.ts';
import { exact } from '#components/ui/format.ts';

/** What a cell of the matrix says, as values. Pure. */

export type Cell = ReachMatrix['cells'][number];

/** What policy says laid over what was seen. */
export const STATES = [
  'used',
  'unused',
  'conditional',
  'denied-tried',
  'denied-used',
  'unknown',
  'denied',
  'not-judged',
] as const;
export type ReachState = (typeof STATES)[number];

export const STATE_WORDS: Readonly<Record<ReachState, string>> = {
  used: 'allowed and used',
  unused: 'allowed, never used',
  conditional: 'conditional',
  'denied-tried': 'denied and tried',
  'denied-used': 'denied, yet seen passing',
  unknown: 'unknown',
  denied: 'denied, not tried',
  'not-judged': 'not judged, no pods',
};

/** Policy is enforced at pods: between two ends that are none, nothing is judged. */
export const isPods = (name: string): boolean =>
  !ENTITIES.some((entity) => entity === name) && !/^(?:entity|fqdn|cidr):/.test(name);

/** A pair that has no cell is denied and was not tried, where one of its ends is pods. */
export function stateOf(cell: Cell | undefined, source: string, destination: string): ReachState {
  if (!cell) return isPods(source) || isPods(destination) ? 'denied' : 'not-judged';
  switch (cell.policy) {
    case 'allowed':
      return cell.used > 0 ? 'used' : 'unused';
    case 'conditional':
      return 'conditional';
    case 'unknown':
      return 'unknown';
    case 'denied':
      return cell.used > 0 ? 'denied-used' : cell.tried > 0 ? 'denied-tried' : 'denied';
  }
}

export interface Place {
  readonly source: number;
  readonly destination: number;
}

/** Cells by their place. */
export function cellFinder({ cells, names }: Pick<ReachMatrix, 'cells' | 'names'>): (place: Place) => Cell | undefined {
  const byPlace = new Map(cells.map((cell) => [cell.source * names.length + cell.destination, cell]));
  return ({ source, destination }) => byPlace.get(source * names.length + destination);
}

/** How many pairs are in each state. The states sum to all pairs. */
export function countStates({ cells, names }: Pick<ReachMatrix, 'cells' | 'names'>): Record<ReachState, number> {
  const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<ReachState, number>;
  const outside = names.filter((name) => !isPods(name)).length;
  let bare = outside * outside;
  for (const cell of cells) {
    const [source = '', destination = ''] = [names[cell.source], names[cell.destination]];
    counts[stateOf(cell, source, destination)] += 1;
    if (!isPods(source) && !isPods(destination)) bare -= 1;
  }
  counts['not-judged'] += bare;
  counts.denied += names.length * names.length - cells.length - bare;
  return counts;
}

/** `monitoring to payments: allowed and used. Open: TCP/9090. 12 flows let through, 0 denied.` */
export function cellSentence(source: string, destination: string, cell: Cell | undefined): string {
  const parts = [`${source} to ${destination}: ${STATE_WORDS[stateOf(cell, source, destination)]}`];
  if (cell && cell.conditions.length > 0)
    parts.push(
      `${cell.policy === 'conditional' ? 'It' : 'In part it'} depends on ${cell.conditions.map(conditionWord).join(', ')}`,
    );
  if (cell && cell.ports.length > 0)
    parts.push(`Open: ${cell.ports.slice(0, 4).join(', ')}${cell.ports.length > 4 ? ' and more' : ''}`);
  if (cell && cell.used + cell.tried > 0) parts.push(`${exact(cell.used)} flows let through, ${exact(cell.tried)} denied`);
  return `${parts.join('. ')}.`;
}

export const conditionWord = (condition: string): string =>
  ({ http: 'the HTTP request', dns: 'the DNS name', auth: 'mutual authentication' })[condition] ?? condition;

/** The place an arrow key leads to from `at`, within a square of `size`; undefined for other keys. */
export function moved(at: Place, key: string, size: number, far: boolean): Place | undefined {
  const last = size - 1;
  const within = (value: number) => Math.min(Math.max(value, 0), last);
  switch (key) {
    case 'ArrowLeft':
      return { ...at, destination: within(at.destination - 1) };
    case 'ArrowRight':
      return { ...at, destination: within(at.destination + 1) };
    case 'ArrowUp':
      return { ...at, source: within(at.source - 1) };
    case 'ArrowDown':
      return { ...at, source: within(at.source + 1) };
    case 'Home':
      return far ? { source: 0, destination: 0 } : { ...at, destination: 0 };
    case 'End':
      return far ? { source: last, destination: last } : { ...at, destination: last };
    default:
      return undefined;
  }
}

/** The first port of a cell as a question needs it; undefined where it is none in particular. */
export function firstPort({ ports }: Cell): { protocol: string; port: number } | undefined {
  for (const text of ports) {
    const [, protocol, port] = /^(TCP|UDP|SCTP)\/(\d{1,5})\b/.exec(text) ?? [];
    if (protocol !== undefined) return { protocol, port: Number(port) };
  }
  return undefined;
}
