import type { Flow } from '#lib/flow/flow.ts';
import type { Inventory } from '#lib/world/inventory.ts';
import { isBefore, shortNode, tupleKeyOf, type AuditTuple, type LeftOut, type Moment, type TupleKey } from './tuple.ts';

/** Flows of a tuple that are put to the engine: its pods can differ in named ports, its outside addresses in names. */
const MOST_EXAMPLES = 8;
const MOST_UUIDS = 3;
/** Most tuples that are told apart; a recording of a day of a large cluster has some ten thousand. */
const MOST_TUPLES = 500_000;

interface Growing {
  readonly key: TupleKey;
  count: number;
  first: Moment;
  last: Moment;
  opens: boolean;
  readonly uuids: string[];
  readonly nodes: Set<string>;
  readonly examples: Map<string, Flow>;
}

/** Flows folded into tuples, one after the other. */
export class TupleTable {
  readonly #inventory: Inventory;
  readonly #growing = new Map<string, Growing>();
  readonly #leftOut = { reply: 0, 'no-request': 0, 'too-many': 0 };

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  /** Flows that are in no tuple. `too-many`: there were more tuples than are told apart. */
  get leftOut(): Readonly<Record<LeftOut | 'too-many', number>> {
    return this.#leftOut;
  }

  add(flow: Flow, moment: Moment): void {
    const key = tupleKeyOf(flow, this.#inventory);
    if (typeof key === 'string') {
      this.#leftOut[key]++;
      return;
    }
    const name = JSON.stringify(key);
    const known = this.#growing.get(name);
    if (!known && this.#growing.size >= MOST_TUPLES) {
      this.#leftOut['too-many']++;
      return;
    }
    const tuple = known ?? begun(key, moment);
    if (!known) this.#growing.set(name, tuple);
    tuple.count++;
    if (isBefore(moment, tuple.first)) tuple.first = moment;
    if (isBefore(tuple.last, moment)) tuple.last = moment;
    if (tuple.uuids.length < MOST_UUIDS && flow.uuid !== '') tuple.uuids.push(flow.uuid);
    tuple.nodes.add(shortNode(flow.nodeName));
    tuple.opens ||= flow.traceReason === 'NEW' || flow.l4?.flags?.includes('SYN') === true;
    const variant = variantOf(flow);
    if (tuple.examples.size < MOST_EXAMPLES && !tuple.examples.has(variant)) tuple.examples.set(variant, flow);
  }

  /** The tuples so far, in the order of their first flow. */
  tuples(): AuditTuple[] {
    return Array.from(this.#growing.values(), ({ key, examples, nodes, ...rest }, place) => ({
      ...key,
      ...rest,
      id: `t${place + 1}`,
      nodes: [...nodes].toSorted(),
      examples: [...examples.values()],
    }));
  }
}

const begun = (key: TupleKey, moment: Moment): Growing => ({
  key,
  count: 0,
  first: moment,
  last: moment,
  opens: false,
  uuids: [],
  nodes: new Set(),
  examples: new Map(),
});

/** What the answer may depend on beside the identities: the judged pod, and addresses outside. */
function variantOf({ source, destination, ip }: Flow): string {
  const from = source.podName === '' ? (ip?.source ?? '') : '';
  const to = destination.podName === '' ? (ip?.destination ?? '') : `${destination.namespace}/${destination.podName}`;
  return `${from} ${to}`;
}
