import type { Flow } from '#lib/flow/flow.ts';
import { type Attributed, Attribution } from './attribution.ts';
import { EdgeCounters } from './counters.ts';
import type { TrafficEdge } from './directory.ts';
import { SUSPICION, type SuspicionRule } from './fold.ts';
import { LiveTopology } from './live.ts';
import { MINUTE_MS, minuteOf, nextMinuteOf } from './minutes.ts';
import { RollingEdge } from './rolling-edge.ts';
import type { Coverage, Level, Topology } from './topology.ts';

export interface RollingOptions {
  readonly cluster: string;
  /** Shared with ledger and rollups of the same cluster. */
  readonly attribution?: Attribution;
  readonly suspicion?: SuspicionRule;
  /** Minutes kept in memory; at most 60. */
  readonly minutes?: number;
  /** Most edge-minutes kept; the oldest minutes go first when there are more. About 400 bytes each. */
  readonly maxSlots?: number;
}

const MAX_VIEWS = 30;

/**
 * The service map of the last hour, kept up to date flow by flow: counters for each edge at pod level and minute, so that a view at any level over any
 * whole minutes is a sum. Adding a flow costs the same however many edges there are. Bounded by `Directory`'s limits and `maxSlots`.
 */
export class RollingTopology {
  readonly cluster: string;
  readonly attribution: Attribution;
  readonly suspicion: SuspicionRule;
  /** Flows that came too late to be counted: older than the minutes kept. */
  late = 0;
  readonly #keepMs: number;
  readonly #maxSlots: number;
  readonly #edges = new Map<TrafficEdge, RollingEdge>();
  /** Edges with a slot in each minute. */
  readonly #minutes = new Map<number, RollingEdge[]>();
  #slots = 0;
  #newest = 0;
  /** Start of the oldest minute that is complete in memory. */
  #floor = 0;
  readonly #views: LiveTopology[] = [];
  #allNoted = 0;

  constructor(options: RollingOptions) {
    this.cluster = options.cluster;
    this.attribution = options.attribution ?? new Attribution();
    this.suspicion = options.suspicion ?? SUSPICION;
    this.#keepMs = Math.min(options.minutes ?? 60, 60) * MINUTE_MS;
    this.#maxSlots = options.maxSlots ?? 600_000;
  }

  /** Unix milliseconds: views from here on are complete as far as memory goes. */
  get heldFrom(): number {
    return this.#floor;
  }

  /** Edges at pod level that are held, and edge-minutes. */
  get size(): { readonly edges: number; readonly slots: number } {
    return { edges: this.#edges.size, slots: this.#slots };
  }

  /** Counts a flow. `seen` is what `attribution` says of it, when somebody asked already. */
  add(flow: Flow, seen: Attributed = this.attribution.attribute(flow)): void {
    const minute = minuteOf(flow.time);
    let rolling = this.#edges.get(seen.edge);
    if (rolling === undefined) this.#edges.set(seen.edge, (rolling = new RollingEdge(seen.edge)));
    let { slot } = rolling;
    if (slot === undefined || rolling.minute !== minute) {
      if (minute < this.#floor) return void this.late++;
      slot = this.#slotOf(rolling, minute);
      rolling.slot = slot;
      rolling.minute = minute;
    }
    slot.add(flow, seen);
    if (rolling.noted !== this.#allNoted) this.#note(rolling);
  }

  /** Counts what was stored earlier, so that a restarted process does not begin with an empty map. `edge` is one of `attribution`'s. */
  restore(edge: TrafficEdge, minute: number, counters: EdgeCounters): void {
    if (minute < this.#floor) return;
    let rolling = this.#edges.get(edge);
    if (rolling === undefined) this.#edges.set(edge, (rolling = new RollingEdge(edge)));
    this.#slotOf(rolling, minute).merge(counters);
    this.#note(rolling);
  }

  /** The map of `from..to` (Unix milliseconds; widened to whole minutes), computed afresh. */
  snapshot(level: Level, from: number, to: number, now: number, coverage: Coverage): Topology {
    const view = new LiveTopology({ rolling: this, level });
    return view.window(this.#edgesIn(from, to), minuteOf(from), nextMinuteOf(to), now, coverage);
  }

  /** The view of the last `windowMs`, with its changes; the same one for everybody who asks for the same. */
  live(level: Level, windowMs = 300_000): LiveTopology {
    const known = this.#views.find((view) => view.level === level && view.windowMs === windowMs);
    if (known) return known;
    if (this.#views.length >= MAX_VIEWS) throw new RangeError('too many live views of one topology');
    const view = new LiveTopology({ rolling: this, level, windowMs, bit: 1 << this.#views.length });
    this.#views.push(view);
    this.#allNoted |= view.bit;
    return view;
  }

  /** Edges with flows in the minute that starts at `minute`. */
  edgesOfMinute(minute: number): readonly RollingEdge[] {
    return this.#minutes.get(minute) ?? [];
  }

  /** All edges that are held. */
  edges(): Iterable<RollingEdge> {
    return this.#edges.values();
  }

  #edgesIn(from: number, to: number): ReadonlySet<RollingEdge> {
    const edges = new Set<RollingEdge>();
    for (const [minute, list] of this.#minutes) {
      if (minute >= minuteOf(from) && minute < nextMinuteOf(to)) for (const rolling of list) edges.add(rolling);
    }
    return edges;
  }

  #note(rolling: RollingEdge): void {
    for (const view of this.#views) if ((rolling.noted & view.bit) === 0) view.note(rolling);
    rolling.noted = this.#allNoted;
  }

  #slotOf(rolling: RollingEdge, minute: number): EdgeCounters {
    if (minute > this.#newest) this.#advance(minute);
    let slot = rolling.slots.get(minute);
    if (slot === undefined) {
      rolling.slots.set(minute, (slot = new EdgeCounters()));
      const list = this.#minutes.get(minute);
      if (list) list.push(rolling);
      else this.#minutes.set(minute, [rolling]);
      if (++this.#slots > this.#maxSlots && this.#minutes.size > 1) this.#dropMinute(Math.min(...this.#minutes.keys()));
    }
    return slot;
  }

  /** A new minute begins: the ones that are too old now go. */
  #advance(minute: number): void {
    this.#newest = minute;
    for (const old of this.#minutes.keys()) if (old <= minute - this.#keepMs) this.#dropMinute(old);
    this.#floor = Math.max(this.#floor, minute - this.#keepMs + MINUTE_MS);
  }

  #dropMinute(minute: number): void {
    for (const rolling of this.#minutes.get(minute) ?? []) {
      rolling.slots.delete(minute);
      this.#slots--;
      if (rolling.minute === minute) rolling.minute = -1;
      this.#note(rolling);
      if (rolling.slots.size === 0) this.#edges.delete(rolling.edge);
    }
    this.#minutes.delete(minute);
    this.#floor = Math.max(this.#floor, minute + MINUTE_MS);
  }
}
