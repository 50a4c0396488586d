import 'server-only';
import { createHash } from 'node:crypto';
import type { Place } from '#lib/db/traffic/state.ts';
import type { Flow, Gap } from '#lib/flow/flow.ts';
import { flowKey } from '#lib/flow/flow-key.ts';

/** Newest flows of a node that are told apart one by one: an agent reads the events of its CPUs a little out of order. */
const RECENT_FLOWS = 32;
/** Nodes that are told apart: a name comes with every flow and is not to be trusted. */
const MOST_NODES = 5000;

interface NodeMark {
  newest: number;
  /** All flows that are older than this were taken; 0 as long as `recent` has room for every flow. */
  floor: number;
  /** The flows with the highest times, in order of time, by what identifies them or its hash. */
  readonly recent: { readonly time: number; readonly id: string | bigint }[];
}

/** How far the flows of each node were taken: kept per node, since a quiet node's flows arrive long after a busy one's of the same time. */
export class Watermarks {
  readonly #nodes = new Map<string, NodeMark>();

  /** Goes on from where the process before stopped. */
  constructor(place: Place) {
    for (const { name, newest, from, hashes } of place) {
      const recent = hashesOf(hashes).map((id) => ({ time: from, id }));
      this.#nodes.set(name, { newest, floor: from, recent });
    }
  }

  add(flow: Flow): void {
    let node = this.#nodes.get(flow.nodeName);
    if (!node) {
      if (this.#nodes.size >= MOST_NODES) return;
      this.#nodes.set(flow.nodeName, (node = { newest: flow.time, floor: 0, recent: [] }));
    }
    if (flow.time > node.newest) node.newest = flow.time;
    const { recent } = node;
    let at = recent.length;
    while (at > 0 && (recent[at - 1]?.time ?? 0) > flow.time) at -= 1;
    if (at === 0 && recent.length >= RECENT_FLOWS) {
      node.floor = recent[0]?.time ?? 0;
      return;
    }
    recent.splice(at, 0, { time: flow.time, id: idOf(flow) });
    if (recent.length <= RECENT_FLOWS) return;
    // Flows of the very same time go together, so that "older than the first" stays true.
    const oldest = recent[0]?.time;
    while (recent[0]?.time === oldest && recent.length > 1) recent.shift();
    node.floor = recent[0]?.time ?? 0;
  }

  place(): Place {
    return [...this.#nodes].map(([name, { newest, floor, recent }]) => ({
      name,
      newest,
      from: floor,
      hashes: packed([...new Set(recent.map(({ id }) => (typeof id === 'bigint' ? id : hashOf(id))))]),
    }));
  }
}

/** What was stored before this process started: flows that the relay repeats are shown again, but not counted again. */
export class Resume {
  readonly #nodes: ReadonlyMap<string, { readonly newest: number; readonly from: number; readonly hashes: ReadonlySet<bigint> }>;

  constructor(place: Place) {
    this.#nodes = new Map(
      place.map(({ name, newest, from, hashes }) => [name, { newest, from, hashes: new Set(hashesOf(hashes)) }]),
    );
  }

  /** Whether anything was stored at all. */
  get isFirst(): boolean {
    return this.#nodes.size === 0;
  }

  /** Unix milliseconds: where the node that is furthest behind was left. */
  get since(): number | undefined {
    return this.isFirst ? undefined : Math.min(...[...this.#nodes.values()].map(({ newest }) => newest));
  }

  /** Unix milliseconds of the newest flow that was stored; undefined when none was. */
  get newest(): number | undefined {
    return this.isFirst ? undefined : Math.max(...[...this.#nodes.values()].map(({ newest }) => newest));
  }

  isStored(flow: Flow): boolean {
    const node = this.#nodes.get(flow.nodeName);
    if (!node || flow.time > node.newest) return false;
    return flow.time < node.from || node.hashes.has(hashOf(idOf(flow)));
  }

  /** A gap as far as nothing of it was stored; undefined when all was. On a first start, and of a node that is new, nothing is missing yet. */
  missing(gap: Gap): Gap | undefined {
    if (gap.reason !== 'ingest-restarted') return gap;
    const known =
      gap.nodeName === ''
        ? Math.max(...[...this.#nodes.values()].map(({ newest }) => newest))
        : this.#nodes.get(gap.nodeName)?.newest;
    if (known === undefined || !Number.isFinite(known) || gap.to <= known) return undefined;
    return { ...gap, from: Math.max(gap.from, known) };
  }
}

/** What tells a flow from all others, as in the relay client: a uuid used twice loses nothing. */
export const idOf = (flow: Flow): string => `${flow.time} ${flowKey(flow)}`;

/** 64 bits of SHA-256. */
export const hashOf = (id: string): bigint => createHash('sha256').update(id).digest().readBigUInt64LE();

export function packed(hashes: readonly bigint[]): string {
  const bytes = Buffer.alloc(hashes.length * 8);
  hashes.forEach((hash, index) => bytes.writeBigUInt64LE(hash, index * 8));
  return bytes.toString('base64');
}

export function hashesOf(text: string): bigint[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, index) => bytes.readBigUInt64LE(index * 8));
}
