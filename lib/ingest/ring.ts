import 'server-only';
import type { Flow } from '#lib/flow/flow.ts';

/** A flow and its place in the order in which it came: the sequence grows by one a flow and is never used twice in a run. */
export interface Placed {
  readonly seq: number;
  readonly flow: Flow;
}

/** A window of time, both ends inclusive. Unix milliseconds. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

const CHUNK = 1024;
export const EVER: TimeRange = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/**
 * The newest flows of a cluster in memory, at most about `capacity` (whole chunks of 1,024 are let go). Chunks know their span of time, so a
 * search by time skips what cannot hold it and is exact although flows arrive a little out of order.
 */
export class FlowRing {
  readonly #chunks: Chunk[] = [];
  readonly #most: number;
  #next = 1;

  constructor(capacity = 100_000) {
    this.#most = Math.max(1, Math.ceil(capacity / CHUNK));
  }

  /** Adds a flow and returns its sequence number. */
  push(flow: Flow): number {
    let chunk = this.#chunks.at(-1);
    if (!chunk || chunk.flows.length === CHUNK) {
      chunk = { first: this.#next, flows: [], minTime: flow.time, maxTime: flow.time };
      this.#chunks.push(chunk);
      if (this.#chunks.length > this.#most) this.#chunks.shift();
    }
    chunk.flows.push(flow);
    if (flow.time < chunk.minTime) chunk.minTime = flow.time;
    if (flow.time > chunk.maxTime) chunk.maxTime = flow.time;
    this.#next += 1;
    return this.#next - 1;
  }

  /** Sequence of the newest flow; 0 while there is none. */
  get newest(): number {
    return this.#next - 1;
  }

  /** Sequence of the oldest flow that is still held; one above `newest` while there is none. */
  get oldest(): number {
    return this.#chunks[0]?.first ?? this.#next;
  }

  get size(): number {
    return this.#next - this.oldest;
  }

  /** Time of the oldest flow held. */
  get oldestTime(): number | undefined {
    const [chunk] = this.#chunks;
    return chunk?.minTime;
  }

  get newestTime(): number | undefined {
    return this.#chunks.length === 0 ? undefined : Math.max(...this.#chunks.slice(-2).map(({ maxTime }) => maxTime));
  }

  /** Time of the flow with this sequence, if it is held. */
  timeOf(seq: number): number | undefined {
    const chunk = this.#chunks.find(({ first, flows }) => seq >= first && seq < first + flows.length);
    return chunk?.flows[seq - chunk.first]?.time;
  }

  /** Flows after `seq`, oldest first. */
  *after(seq: number): Generator<Placed> {
    // Of the chunks as they are now: a reader may wait between flows while old chunks go.
    const chunks = this.#chunks.slice();
    for (const { first, flows } of chunks) {
      if (first + flows.length <= seq) continue;
      for (let index = Math.max(0, seq + 1 - first); index < flows.length; index += 1) {
        yield { seq: first + index, flow: flows[index] as Flow };
      }
    }
  }

  /** Flows before `seq` whose time lies in `range`, newest first. */
  *before(seq: number, range: TimeRange = EVER): Generator<Placed> {
    for (const { first, flows, minTime, maxTime } of this.#chunks.toReversed()) {
      if (first >= seq || maxTime < range.from || minTime > range.to) continue;
      for (let index = Math.min(flows.length, seq - first) - 1; index >= 0; index -= 1) {
        const flow = flows[index] as Flow;
        if (flow.time >= range.from && flow.time <= range.to) yield { seq: first + index, flow };
      }
    }
  }
}

interface Chunk {
  readonly first: number;
  readonly flows: Flow[];
  minTime: number;
  maxTime: number;
}
