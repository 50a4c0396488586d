import type { Flow, LostEvents, NodeStatus } from '#lib/flow/flow.ts';
import type { Character } from './exchanges.ts';
import { NodeRing } from './node-ring.ts';
import { Player } from './player.ts';
import { type Random, seededRandom } from './random.ts';
import type { DemoNode, World } from './world.ts';

export interface ClusterPlan {
  readonly world: World;
  readonly character: Character;
  readonly seed: number;
  /** Unix milliseconds: the demo's start; twenty minutes of flows lie before it. */
  readonly start: number;
  /** Milliseconds after the start at which the story begins; may be negative. */
  readonly storyAfterMs: number;
  /** A node leaves once in ten minutes. */
  readonly nodesLeave: boolean;
  /** One node loses a few events now and then; so it is unless told otherwise. */
  readonly losesEvents?: boolean;
  /** Flows that each agent holds. */
  readonly ringCapacity?: number;
}

export type ClusterEvent =
  | { readonly kind: 'flow'; readonly flow: Flow }
  | { readonly kind: 'lost-events'; readonly lost: LostEvents }
  | { readonly kind: 'node-status'; readonly status: NodeStatus };

export interface DemoAgent {
  readonly node: DemoNode;
  readonly ring: NodeRing;
  /** Whether the relay reaches it. It sees flows all the same. */
  isAway: boolean;
}

const HISTORY_MS = 20 * 60_000;
const HISTORY_STEP_MS = 1000;
const RING_CAPACITY = 32_767;
const LEAVE = { everyMs: 600_000, afterMs: 420_000, forMs: 45_000 };
/** One node loses a few events now and then, a hundred in an hour; none in the first minutes, so that a new console begins with whole numbers. */
const LOSSES = { node: 1, firstAfterMs: 480_000, everyMs: 900_000, most: 50 };
const UNREACHABLE = 'rpc error: code = Unavailable desc = error reading from server: EOF';

/** A cluster behind a relay: agents with their rings, filled by a player, in a time that is given from outside. */
export class DemoCluster {
  readonly agents: readonly DemoAgent[];
  private readonly byName: ReadonlyMap<string, DemoAgent>;
  private readonly player: Player;
  private readonly random: Random;
  private readonly listeners = new Set<(events: readonly ClusterEvent[]) => void>();
  private nextLossAt: number;
  private now: number;

  constructor(readonly plan: ClusterPlan) {
    const { world, character, seed, start, storyAfterMs } = plan;
    this.agents = world.nodes.map((node) => ({ node, ring: new NodeRing(plan.ringCapacity ?? RING_CAPACITY), isAway: false }));
    this.byName = new Map(this.agents.map((agent) => [agent.node.name, agent]));
    this.random = seededRandom(seed ^ 0x5eed);
    this.player = new Player({ world, character, seed, from: start - HISTORY_MS, fullAt: start, storyAt: start + storyAfterMs });
    for (let time = start - HISTORY_MS; time <= start; time += HISTORY_STEP_MS) {
      for (const flow of this.player.advance(time)) this.byName.get(flow.nodeName)?.ring.push(flow);
    }
    this.now = start;
    this.nextLossAt = start + LOSSES.firstAfterMs + this.random.exponential(LOSSES.everyMs / 4);
  }

  get time(): number {
    return this.now;
  }

  /** Plays on to `now`; listeners hear of it before this returns. */
  advance(now: number): void {
    if (now <= this.now) return;
    const events: ClusterEvent[] = [];
    for (const flow of this.player.advance(now)) {
      const agent = this.byName.get(flow.nodeName);
      agent?.ring.push(flow);
      if (agent && !agent.isAway) events.push({ kind: 'flow', flow });
    }
    this.now = now;
    this.loseSome(events);
    this.moveNodes(events);
    if (events.length > 0) for (const listener of this.listeners) listener(events);
  }

  /** What happens from now on; returns how to stop listening. */
  listen(listener: (events: readonly ClusterEvent[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Since when an agent runs, in milliseconds up to now. */
  get uptimeMs(): number {
    return this.now - this.plan.start + 9 * 86_400_000;
  }

  private loseSome(events: ClusterEvent[]): void {
    if (this.plan.losesEvents === false || this.now < this.nextLossAt) return;
    this.nextLossAt = this.now + LOSSES.everyMs / 2 + this.random.exponential(LOSSES.everyMs / 2);
    const agent = this.agents[LOSSES.node];
    if (!agent) return;
    const lost: LostEvents = {
      time: this.now,
      nodeName: agent.node.name,
      source: this.random.chance(0.8) ? 'PERF_EVENT_RING_BUFFER' : 'OBSERVER_EVENTS_QUEUE',
      count: 1 + this.random.below(LOSSES.most),
      first: this.now - 900,
      last: this.now - 20,
    };
    agent.ring.lose(lost);
    if (!agent.isAway) events.push({ kind: 'lost-events', lost });
  }

  private moveNodes(events: ClusterEvent[]): void {
    const leaving = this.plan.nodesLeave ? this.agents[2] : undefined;
    if (!leaving) return;
    const phase = (this.now - this.plan.start) % LEAVE.everyMs;
    const isAway = phase >= LEAVE.afterMs && phase < LEAVE.afterMs + LEAVE.forMs;
    if (isAway && !leaving.isAway) {
      const status: NodeStatus = { time: this.now, state: 'NODE_ERROR', nodeNames: [leaving.node.name], message: UNREACHABLE };
      events.push({ kind: 'node-status', status });
    }
    leaving.isAway = isAway;
  }
}
