import type { Flow } from '#lib/flow/flow.ts';
import type { Inventory } from '#lib/world/inventory.ts';
import { MOST_UUIDS, type Finding } from '../finding.ts';
import { endOf, isBefore, type AuditEnd, type Moment } from '../tuple.ts';

/** So many names under one parent that do not exist, looked up by one source, are random. */
export const RANDOM_NAMES = 20;
const SAMPLE = 3;
/** RFC 1035, 4.1.1. */
const NXDOMAIN = 3;
/** Sources and parents that are told apart, and names of each. */
const MOST_GROUPS = 20_000;
const MOST_NAMES = 10_000;

interface Group {
  readonly source: AuditEnd;
  readonly parent: string;
  readonly names: Set<string>;
  readonly uuids: string[];
  flows: number;
  first: Moment;
  last: Moment;
}

/** Names that do not exist, as the answers to lookups say, by who asked and by parent: the name without its first label. */
export class RandomNames {
  readonly #inventory: Inventory;
  readonly #groups = new Map<string, Group>();

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  add(flow: Flow, moment: Moment): void {
    const { l7 } = flow;
    if (l7?.type !== 'RESPONSE' || l7.dns?.rcode !== NXDOMAIN) return;
    const name = l7.dns.query.toLowerCase();
    const parent = name.slice(name.indexOf('.') + 1);
    if (parent === '' || parent === name) return;
    const source = endOf(flow, 'destination', this.#inventory); // the answer goes to who asked
    const key = JSON.stringify([source, parent]);
    const group = this.#groups.get(key) ?? { source, parent, names: new Set(), uuids: [], flows: 0, first: moment, last: moment };
    if (group.flows === 0 && this.#groups.size >= MOST_GROUPS) return;
    this.#groups.set(key, group);
    group.flows++;
    if (group.names.size < MOST_NAMES) group.names.add(name);
    if (group.uuids.length < MOST_UUIDS && flow.uuid !== '') group.uuids.push(flow.uuid);
    if (isBefore(moment, group.first)) group.first = moment;
    if (isBefore(group.last, moment)) group.last = moment;
  }

  findings(): Finding[] {
    return [...this.#groups.values()]
      .filter(({ names }) => names.size >= RANDOM_NAMES)
      .map(({ names, ...rest }) => ({
        kind: 'random-names',
        ...rest,
        names: names.size,
        sample: [...names].slice(0, SAMPLE),
      }));
  }
}
