import type { Flow } from '#lib/flow/flow.ts';
import type { Inventory } from '#lib/world/inventory.ts';
import { MOST_UUIDS, type Finding } from '../finding.ts';
import { endOf, isBefore, type Moment } from '../tuple.ts';

/** Different texts that are told; whoever sends more has made his point. */
const MOST_TEXTS = 10_000;

/** A tag, a comment or a processing instruction of HTML or XML. */
const MARKUP = /<[a-z!/?]/i;
/** Control characters, and formatting ones: bidirectional overrides, zero width. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** Where a spreadsheet would see a cell begin: a command (DDE) or a function call after `=`, `+`, `-` or `@`. */
const FORMULA = /(?:^|[\s,;/"'=])[=+\-@]+[a-z][a-z0-9.]*[|(]/i;
/** The key by which a careless program changes all its objects. */
const PROTOTYPE = /__proto__/;

/** Whether text would hurt a program that shows it, exports it or uses it as a key. */
export const isHostile = (text: string): boolean =>
  MARKUP.test(text) || INVISIBLE.test(text) || FORMULA.test(text) || PROTOTYPE.test(text);

type Text = Pick<Finding, 'source' | 'destination' | 'flows' | 'first' | 'last'> & {
  readonly field: string;
  readonly value: string;
  readonly uuids: string[];
};

/** Texts that workloads chose (labels, DNS names, URLs, headers, topics), each once, in flows of any kind: replies and responses too. */
export class HostileText {
  readonly #inventory: Inventory;
  readonly #texts = new Map<string, { -readonly [key in keyof Text]: Text[key] }>();
  /** Labels and names repeat from flow to flow. */
  readonly #harmless = new Set<string>();

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  add(flow: Flow, moment: Moment): void {
    for (const [field, value] of textsOf(flow)) {
      if (this.#harmless.has(value)) continue;
      if (isHostile(value)) this.#add(field, value, flow, moment);
      else if (this.#harmless.size < MOST_TEXTS) this.#harmless.add(value);
    }
  }

  findings(): Finding[] {
    return Array.from(this.#texts.values(), (text) => ({ kind: 'hostile-text', ...text }));
  }

  #add(field: string, value: string, flow: Flow, moment: Moment): void {
    const key = `${field} ${value}`;
    const known = this.#texts.get(key);
    if (!known && this.#texts.size >= MOST_TEXTS) return;
    const text = known ?? {
      source: endOf(flow, 'source', this.#inventory),
      destination: endOf(flow, 'destination', this.#inventory),
      field,
      value,
      flows: 0,
      first: moment,
      last: moment,
      uuids: [],
    };
    if (!known) this.#texts.set(key, text);
    text.flows++;
    if (isBefore(moment, text.first)) text.first = moment;
    if (isBefore(text.last, moment)) text.last = moment;
    if (text.uuids.length < MOST_UUIDS && flow.uuid !== '') text.uuids.push(flow.uuid);
  }
}

function* textsOf({ source, destination, sourceNames, destinationNames, l7 }: Flow): Generator<readonly [string, string]> {
  for (const label of source.labels) yield ['source.labels', label];
  for (const label of destination.labels) yield ['destination.labels', label];
  for (const name of sourceNames) yield ['source_names', name];
  for (const name of destinationNames) yield ['destination_names', name];
  if (l7?.dns) {
    yield ['l7.dns.query', l7.dns.query];
    for (const name of l7.dns.cnames) yield ['l7.dns.cnames', name];
  }
  if (l7?.http) {
    yield ['l7.http.method', l7.http.method];
    yield ['l7.http.url', l7.http.url];
    for (const { key, value } of l7.http.headers) {
      yield ['l7.http.headers', key];
      yield ['l7.http.headers', value];
    }
  }
  if (l7?.kafka) yield ['l7.kafka.topic', l7.kafka.topic];
}
