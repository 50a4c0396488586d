import 'server-only';
import { formatCursor, type Frame, frameOf, HEARTBEAT, HEARTBEAT_MS } from '#lib/bus/sse.ts';
import type { RollingTopology } from '#lib/topology/rolling.ts';
import { type Coverage, type Level, LEVELS, type Topology } from '#lib/topology/topology.ts';
import type { Sink } from './hub.ts';

/** The live window of the map. */
export const LIVE_WINDOW_MS = 300_000;

/** A map and the number of the tick it stands for: deltas with a higher number follow it. */
export interface NumberedMap {
  readonly topology: Topology;
  readonly revision: string;
}

/**
 * The live maps of a cluster, one for each level. A tick computes what changed once for all readers of a level; a newcomer gets the map as of
 * the last tick and misses no delta. Levels nobody reads cost nothing.
 */
export class MapHub {
  readonly #rolling: RollingTopology;
  readonly #epoch: string;
  readonly #coverage: (from: number, to: number) => Coverage;
  readonly #readers: Readonly<Record<Level, Set<Sink>>> = { namespace: new Set(), workload: new Set(), pod: new Set() };
  readonly #heartbeat: NodeJS.Timeout;
  #revision = 0;
  #status: Frame | undefined;

  constructor(rolling: RollingTopology, epoch: string, coverage: (from: number, to: number) => Coverage) {
    this.#rolling = rolling;
    this.#epoch = epoch;
    this.#coverage = coverage;
    this.#heartbeat = setInterval(() => this.#toAll(HEARTBEAT), HEARTBEAT_MS);
  }

  get readers(): number {
    return LEVELS.reduce((sum, level) => sum + this.#readers[level].size, 0);
  }

  /** The live map. With readers it is that of the last tick, else it is brought up to `now`. */
  current(level: Level, now: number): NumberedMap {
    const coverage = this.#coverage(now - LIVE_WINDOW_MS, now);
    const live = this.#rolling.live(level, LIVE_WINDOW_MS);
    if (this.#readers[level].size === 0) live.advance(now, coverage);
    return { topology: live.current(now, coverage), revision: this.#number() };
  }

  join(level: Level, sink: Sink, now: number): () => void {
    const { topology, revision } = this.current(level, now);
    sink.write(HEARTBEAT);
    if (this.#status) sink.write(this.#status.bytes);
    sink.write(frameOf('snapshot', JSON.stringify(topology), revision).bytes);
    this.#readers[level].add(sink);
    return () => this.#readers[level].delete(sink);
  }

  /** Sends every level's changes to its readers: once a second. A map cannot go on from a missing change: a reader without room has to start over. */
  tick(now: number): void {
    this.#revision += 1;
    const coverage = this.#coverage(now - LIVE_WINDOW_MS, now);
    for (const level of LEVELS) {
      const readers = this.#readers[level];
      if (readers.size === 0) continue;
      const delta = this.#rolling.live(level, LIVE_WINDOW_MS).advance(now, coverage);
      const { bytes } = frameOf('delta', JSON.stringify(delta), this.#number());
      for (const sink of readers) {
        if (sink.hasRoom()) sink.write(bytes);
        else sink.end();
      }
    }
  }

  status(frame: Frame): void {
    this.#status = frame;
    this.#toAll(frame.bytes);
  }

  close(): void {
    clearInterval(this.#heartbeat);
    for (const level of LEVELS) this.#readers[level].clear();
  }

  #toAll(bytes: Buffer): void {
    for (const level of LEVELS) for (const sink of this.#readers[level]) if (sink.hasRoom()) sink.write(bytes);
  }

  #number(): string {
    return formatCursor({ epoch: this.#epoch, seq: this.#revision });
  }
}
