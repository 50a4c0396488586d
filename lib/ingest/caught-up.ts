import 'server-only';
import type { FollowStatus } from '#lib/relay/follow-status.ts';

/** What was fetched when a stream began has gone through the window of `Reorder` by then. */
const SETTLED_MS = 2000;
/** Flows older than this are what was fetched; so long none of them must have come, but for a clock that is off nobody waits longer than a minute. */
const OLD_FLOW_MS = 10_000;
const NO_OLD_FLOWS_MS = 5000;
const CAUGHT_UP_MS = 60_000;
/** How long a node that has come back has for what it held, and one that is away until nobody waits for it. */
const NODE_BACK_MS = 15_000;
const NODE_GONE_MS = 120_000;

/** Whether flows come as they happen: what was missed before has come, too. All times are Unix milliseconds. */
export class CaughtUp {
  /** When a flow came that was older than those that come live. */
  #oldFlowAt = 0;
  /** Since when some node is away; undefined while none is. */
  #awaySince: number | undefined;
  /** Since when all are back, where one was away. */
  #backSince = 0;

  /** A flow of `time` came. */
  flow(time: number, now: number): void {
    if (now - time > OLD_FLOW_MS) this.#oldFlowAt = now;
  }

  /** Whether every node that there is reports. */
  nodes(all: boolean, now: number): void {
    if (!all) this.#awaySince ??= now;
    else if (this.#awaySince !== undefined) {
      this.#awaySince = undefined;
      this.#backSince = now;
    }
  }

  /** A node that is away for a moment sends what it has afterwards. */
  is({ state, since }: Pick<FollowStatus, 'state' | 'since'>, now: number): boolean {
    const liveFor = now - since;
    if (state !== 'live' || liveFor < SETTLED_MS) return false;
    // The stream is live before all that was fetched has been taken in.
    if (liveFor < CAUGHT_UP_MS && now - this.#oldFlowAt < NO_OLD_FLOWS_MS) return false;
    return this.#awaySince === undefined ? now - this.#backSince >= NODE_BACK_MS : now - this.#awaySince >= NODE_GONE_MS;
  }
}
