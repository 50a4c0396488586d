import 'server-only';
import type { NodeInfo } from '#lib/api/clusters.ts';
import type { Flow, Gap, LostEvents, NodeStatus } from '#lib/flow/flow.ts';
import type { RelayNode } from '#lib/relay/client.ts';
import type { Coverage } from '#lib/topology/topology.ts';
import { Rate } from './rate.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Nodes of one cluster that are told apart; a name comes with every flow and is not to be trusted. */
const MOST_NODES = 5000;
const MOST_GAPS = 200;

interface Seen {
  readonly rate: Rate;
  newestFlow: number | undefined;
  /** Lost events by the start of their minute. */
  readonly lost: Map<number, number>;
  message: string | undefined;
}

/** What is known of a cluster's nodes: how much they send, what they lost, and what the relay says of them. */
export class NodeTable {
  readonly #seen = new Map<string, Seen>();
  readonly #gaps: Gap[] = [];
  #relay: readonly RelayNode[] = [];

  flow({ nodeName, time }: Flow, now: number): void {
    const seen = this.#of(nodeName);
    if (!seen) return;
    seen.rate.add(time, now);
    if (seen.newestFlow === undefined || time > seen.newestFlow) seen.newestFlow = time;
  }

  lost({ nodeName, count, time }: LostEvents): void {
    const seen = this.#of(nodeName);
    if (!seen) return;
    const minute = time - (time % MINUTE_MS);
    seen.lost.set(minute, (seen.lost.get(minute) ?? 0) + count);
    for (const old of seen.lost.keys()) if (old < minute - 2 * HOUR_MS) seen.lost.delete(old);
  }

  gap(gap: Gap): void {
    this.#gaps.push(gap);
    if (this.#gaps.length > MOST_GAPS) this.#gaps.shift();
  }

  told({ nodeNames, state, message }: NodeStatus): void {
    for (const name of nodeNames) {
      const seen = this.#of(name);
      if (seen) seen.message = state === 'NODE_CONNECTED' ? undefined : message || state;
    }
  }

  /** What GetNodes said last. */
  polled(nodes: readonly RelayNode[]): void {
    this.#relay = nodes;
    for (const { name, state } of nodes) {
      const seen = this.#seen.get(name);
      if (seen && state === 'NODE_CONNECTED') seen.message = undefined;
    }
  }

  list(now: number): NodeInfo[] {
    return this.#relay.map((node) => {
      const seen = this.#seen.get(node.name);
      const connected = node.state === 'NODE_CONNECTED';
      return {
        name: node.name,
        version: node.version,
        address: node.address,
        state: node.state,
        ...(connected && {
          uptimeMs: node.uptimeMs,
          numFlows: node.numFlows,
          maxFlows: node.maxFlows,
          seenFlows: node.seenFlows,
        }),
        flowsPerSecond: seen?.rate.perSecond(59, now) ?? 0,
        lostLastHour: seen ? lostIn(seen, now - HOUR_MS, now) : 0,
        ...(seen?.newestFlow !== undefined && { newestFlow: seen.newestFlow }),
        ...(seen?.message !== undefined && { message: seen.message }),
      };
    });
  }

  /** What a view of `from..to` can know, as far as this process has seen it itself. */
  coverage(from: number, to: number): Coverage {
    const expected = this.#relay.filter(({ state }) => state !== 'NODE_GONE');
    const missing = expected.filter(({ state }) => state !== 'NODE_CONNECTED').map(({ name }) => name);
    const lost: Record<string, number> = Object.create(null);
    let lostTotal = 0;
    let newestFlow: number | undefined;
    for (const [name, seen] of this.#seen) {
      const count = lostIn(seen, from, to);
      if (count > 0) lost[name] = count;
      lostTotal += count;
      if (seen.newestFlow !== undefined) newestFlow = Math.max(newestFlow ?? 0, seen.newestFlow);
    }
    return {
      nodesReporting: expected.length - missing.length,
      nodesExpected: expected.length,
      missing,
      lost,
      lostTotal,
      gaps: this.#gaps.filter((gap) => gap.to >= from && gap.from <= to),
      newestFlow,
    };
  }

  #of(name: string): Seen | undefined {
    let seen = this.#seen.get(name);
    if (!seen && this.#seen.size < MOST_NODES) {
      seen = { rate: new Rate(), newestFlow: undefined, lost: new Map(), message: undefined };
      this.#seen.set(name, seen);
    }
    return seen;
  }
}

function lostIn({ lost }: Seen, from: number, to: number): number {
  let sum = 0;
  for (const [minute, count] of lost) if (minute + MINUTE_MS > from && minute <= to) sum += count;
  return sum;
}
