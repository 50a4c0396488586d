import 'server-only';
import type { NodeStatus } from '#lib/flow/flow.ts';
import type { RelayNode } from './client.ts';
import { MOST_NODES } from './decode.ts';

/** How long a connected node may send nothing, while it sees flows and others send, before the stream is thought to have lost it. */
const SILENT_MS = 8000;
/** How far before the trouble to ask again: clocks of relay and nodes differ, and an error is told late. */
const MARGIN_MS = 5000;

interface Watched {
  connected: boolean;
  /** By our clock: when it last sent a flow, or was first seen connected. */
  heardAt: number;
  seenFlows: number;
  /** Whether its own counter grew between the last two polls. */
  seesFlows: boolean;
  /** Unix milliseconds by the node's clock: flows from here on may have been missed. */
  missedFrom: number | undefined;
}

/**
 * What a follow stream does not say of its nodes: a node that comes back is not announced, one that was removed and added never resumes.
 * Compares what the stream brought with what GetNodes claims. Times are given, so that this is a plain state machine.
 */
export class NodeWatch {
  private readonly nodes = new Map<string, Watched>();

  /** A flow of `node` came. */
  heard(node: string, now: number): void {
    const watched = this.nodes.get(node);
    if (watched) watched.heardAt = now;
    else if (this.nodes.size < MOST_NODES)
      this.nodes.set(node, { connected: true, heardAt: now, seenFlows: 0, seesFlows: false, missedFrom: undefined });
  }

  /** The relay said something about nodes; `newestOf` gives the time of a node's newest flow. */
  told({ state, nodeNames, time }: NodeStatus, newestOf: (node: string) => number | undefined): void {
    if (state === 'NODE_CONNECTED' || state === 'UNKNOWN_NODE_STATE') return;
    for (const node of nodeNames) {
      const watched = this.nodes.get(node);
      if (watched) miss(watched, Math.min(time || Infinity, newestOf(node) ?? Infinity) - MARGIN_MS);
    }
  }

  /** GetNodes answered. */
  polled(nodes: readonly RelayNode[], now: number, newestOf: (node: string) => number | undefined): void {
    for (const { name, state, seenFlows } of nodes) {
      const connected = state === 'NODE_CONNECTED';
      const watched = this.nodes.get(name);
      if (!watched) {
        this.nodes.set(name, { connected, heardAt: now, seenFlows, seesFlows: false, missedFrom: undefined });
        continue;
      }
      const away = !connected || !watched.connected;
      if (away) miss(watched, (newestOf(name) ?? Infinity) - MARGIN_MS);
      if (!watched.connected && connected) watched.heardAt = now;
      watched.connected = connected;
      watched.seesFlows = connected && seenFlows !== watched.seenFlows;
      watched.seenFlows = seenFlows;
    }
    const names = new Set(nodes.map(({ name }) => name));
    for (const [name, watched] of this.nodes) {
      if (names.has(name)) continue;
      if (watched.connected) miss(watched, (newestOf(name) ?? Infinity) - MARGIN_MS);
      watched.connected = false;
    }
  }

  /** Connected nodes of which flows may have been missed, with the time from which on. */
  missed(): ReadonlyMap<string, number> {
    const entries = [...this.nodes].flatMap(([name, { connected, missedFrom }]) =>
      connected && missedFrom !== undefined ? [[name, missedFrom] as const] : [],
    );
    return new Map(entries);
  }

  caughtUp(node: string): void {
    const watched = this.nodes.get(node);
    if (watched) watched.missedFrom = undefined;
  }

  /** Connected nodes that see flows but send none, while others do: this stream has lost them. They count as missed from their newest flow on. */
  silent(now: number, newestOf: (node: string) => number | undefined): string[] {
    const all = [...this.nodes.values()];
    const othersTalk = all.some(({ heardAt }) => now - heardAt < SILENT_MS / 2);
    if (!othersTalk) return [];
    const silent = [...this.nodes].filter(
      ([, { connected, seesFlows, heardAt }]) => connected && seesFlows && now - heardAt > SILENT_MS,
    );
    for (const [name, watched] of silent) {
      miss(watched, (newestOf(name) ?? Infinity) - MARGIN_MS);
      watched.heardAt = now; // one new stream at a time
    }
    return silent.map(([name]) => name);
  }

  connected(): string[] {
    return [...this.nodes].filter(([, { connected }]) => connected).map(([name]) => name);
  }
}

/** Flows of a node that never sent any are not missed: there is no place to ask from. */
function miss(watched: Watched, from: number): void {
  if (Number.isFinite(from)) watched.missedFrom = Math.min(watched.missedFrom ?? Infinity, from);
}
