import 'server-only';
import type { ClusterStatus } from '#lib/api/clusters.ts';
import { shortNode } from '#lib/audit/tuple.ts';
import type { Gap, LostEvents } from '#lib/flow/flow.ts';
import { MOST_SKEW_MS, type ObservationWindow, SILENT_MS } from '#lib/receipts/rules/r5-observation-gap.ts';
import type { RelayNode } from '#lib/relay/client.ts';

/** Flows of a node in a window that make its clock believable. */
const ENOUGH_FLOWS = 5;
/** While the promptest node is later than this, flows of the past are caught up with. */
const CAUGHT_UP_MS = 5000;
/** Flows that a silent node must have counted: its own counters move a little by themselves. */
const ENOUGH_MISSED = 10;
const MOST_NODES = 5000;
const MOST_LOST = 500;
const MOST_GAPS = 100;

interface NodeClock {
  /** How long after its time its promptest flow of the window came, and how many there were. */
  least: number;
  flows: number;
  newest: number;
  /** Its own count of flows when it was heard of last, and when that was. */
  counted: number | undefined;
  heardAt: number;
  behind: boolean;
  missing: boolean;
}

/** Gathers what a cluster's stream cannot have shown: lost events, gaps, nodes that are missing or silent, clocks that are off. */
export class ObservationLog {
  readonly #nodes = new Map<string, NodeClock>();
  #lost = new Map<string, { node: string; source: string; count: number }>();
  #gaps: Gap[] = [];
  #from: number;

  constructor(now: number) {
    this.#from = now;
  }

  /** A flow as it came. */
  flow(nodeName: string, time: number, now: number): void {
    const clock = this.#of(nodeName, now);
    if (!clock) return;
    clock.least = Math.min(clock.least, now - time);
    clock.flows += 1;
    clock.heardAt = now;
    clock.counted = undefined;
    if (time > clock.newest) clock.newest = time;
  }

  lost({ nodeName, source, count }: LostEvents): void {
    const node = shortNode(nodeName);
    const key = `${node} ${source}`;
    const known = this.#lost.get(key);
    if (known) known.count += count;
    else if (this.#lost.size < MOST_LOST) this.#lost.set(key, { node, source, count });
  }

  gap(gap: Gap): void {
    if (this.#gaps.length < MOST_GAPS) this.#gaps.push(gap);
  }

  /** The window since the last one. `nodes` and `state` are what the relay said last. */
  take(nodes: readonly RelayNode[], state: ClusterStatus['state'], now: number): ObservationWindow {
    const expected = nodes.filter(({ state: node }) => node !== 'NODE_GONE');
    const window: ObservationWindow = {
      from: this.#from,
      to: now,
      nodes: expected.length,
      missing: state === 'live' ? this.#missing(expected, now) : [],
      lost: [...this.#lost.values()],
      gaps: this.#gaps.map(({ from, to, reason, nodeName }) => ({ from, to, reason, node: shortNode(nodeName) })),
      skews: this.#skews(),
      silent: state === 'live' ? this.#silent(expected, now) : [],
      unknown: state === 'live' ? [] : ['The relay is not connected: nothing is seen now.'],
    };
    this.#from = now;
    this.#lost = new Map();
    this.#gaps = [];
    for (const clock of this.#nodes.values()) {
      clock.least = Number.POSITIVE_INFINITY;
      clock.flows = 0;
    }
    return window;
  }

  /** Nodes that the relay had no connection to in this look and the one before: one that comes up takes a moment. */
  #missing(expected: readonly RelayNode[], now: number): string[] {
    return expected.flatMap(({ name, state }) => {
      const clock = this.#of(name, now);
      const was = clock?.missing ?? false;
      if (clock) clock.missing = state !== 'NODE_CONNECTED';
      return was && state !== 'NODE_CONNECTED' ? [shortNode(name)] : [];
    });
  }

  #silent(expected: readonly RelayNode[], now: number): { node: string; since: number; missed: number }[] {
    return expected.flatMap(({ name, state, seenFlows }) => {
      const clock = this.#of(name, now);
      if (!clock || state !== 'NODE_CONNECTED') return [];
      clock.counted ??= seenFlows;
      const missed = seenFlows - clock.counted;
      return now - clock.heardAt >= SILENT_MS && missed >= ENOUGH_MISSED
        ? [{ node: shortNode(name), since: clock.heardAt, missed }]
        : [];
    });
  }

  /** A flow dated in the future tells of a clock that is ahead; one that is behind shows by being later than all others, in two looks in a row. */
  #skews(): { node: string; ms: number }[] {
    const known = [...this.#nodes].filter(([, { flows }]) => flows >= ENOUGH_FLOWS);
    const promptest = Math.min(...known.map(([, { least }]) => least));
    return known.flatMap(([name, clock]) => {
      const node = shortNode(name);
      if (clock.least < -MOST_SKEW_MS) return [{ node, ms: -clock.least }];
      const isBehind = known.length > 1 && promptest < CAUGHT_UP_MS && clock.least - Math.max(0, promptest) > MOST_SKEW_MS;
      const was = clock.behind;
      clock.behind = isBehind;
      return isBehind && was ? [{ node, ms: Math.max(0, promptest) - clock.least }] : [];
    });
  }

  #of(name: string, now: number): NodeClock | undefined {
    const known = this.#nodes.get(name);
    if (known || this.#nodes.size >= MOST_NODES) return known;
    const clock: NodeClock = {
      least: Number.POSITIVE_INFINITY,
      flows: 0,
      newest: 0,
      counted: undefined,
      heardAt: now,
      behind: false,
      missing: false,
    };
    this.#nodes.set(name, clock);
    return clock;
  }
}
