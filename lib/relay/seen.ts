import 'server-only';
import type { Flow, LostEvents } from '#lib/flow/flow.ts';
import { flowKey } from '#lib/flow/flow-key.ts';
import { MOST_NODES } from './decode.ts';
import { FlowTable } from './flow-table.ts';

/** Flows remembered over all nodes, twice (an older and a younger half). */
const REMEMBERED = 262_144;
const LEAST_PER_NODE = 1024;
const REMEMBERED_LOSSES = 1024;

interface Memory {
  young: Half;
  old: Half;
  /** Flows up to this time have been forgotten; one that comes again is known to be a repeat by its time alone. */
  forgottenUpTo: number;
  /** Time of the newest flow; 0 before the first. */
  newest: number;
}

/**
 * Which flows have come already, per node: a relay that is asked again repeats itself. Memory is bounded: half of a node's flows are forgotten
 * at a time, and what is older than the forgotten ones counts as seen.
 */
export class SeenFlows {
  private readonly nodes = new Map<string, Memory>();
  private readonly losses = new Set<string>();
  private share = REMEMBERED;

  /** @param floor Unix milliseconds: flows up to this time were taken by someone before us and count as seen. */
  constructor(private readonly floor = 0) {}

  /**
   * Whether `flow` is new; it counts as seen from now on. `replayed` says that it was asked for by time, so that age alone may tell:
   * never so for what comes live, where a clock set back would silence its node.
   */
  isNew(flow: Flow, replayed: boolean): boolean {
    const memory = this.nodes.get(flow.nodeName) ?? this.meet(this.nodes.size < MOST_NODES ? flow.nodeName : '');
    if (replayed && flow.time <= memory.forgottenUpTo) return false;
    if (memory.old.has(flow) || !memory.young.add(flow)) return false;
    if (flow.time > memory.newest) memory.newest = flow.time;
    if (memory.young.size >= this.share) forgetHalf(memory);
    return true;
  }

  /** Agents repeat what they lost whenever they are asked for older flows. */
  isNewLoss({ nodeName, time, source, count }: LostEvents): boolean {
    const key = `${nodeName} ${time} ${source} ${count}`;
    if (time <= this.floor || this.losses.has(key)) return false;
    if (this.losses.size >= REMEMBERED_LOSSES) this.losses.clear();
    this.losses.add(key);
    return true;
  }

  /** Time of the newest flow of each node that has sent any. */
  newest(): ReadonlyMap<string, number> {
    return new Map([...this.nodes].filter(([, { newest }]) => newest > 0).map(([node, { newest }]) => [node, newest]));
  }

  newestOf(node: string): number | undefined {
    return this.nodes.get(node)?.newest || undefined;
  }

  /** Beyond any number of nodes that a cluster can have, they share one memory. */
  private meet(node: string): Memory {
    const shared = this.nodes.get(node);
    if (shared) return shared;
    const memory = { young: new Half(), old: new Half(), forgottenUpTo: this.floor, newest: 0 };
    this.nodes.set(node, memory);
    this.share = Math.max(LEAST_PER_NODE, Math.floor(REMEMBERED / this.nodes.size));
    return memory;
  }
}

function forgetHalf(memory: Memory): void {
  const forgotten = memory.old;
  memory.forgottenUpTo = Math.max(memory.forgottenUpTo, forgotten.newest);
  memory.old = memory.young;
  memory.young = forgotten;
  forgotten.clear();
}

/** Flows that are remembered and forgotten together. The same flow has the same key and time: a uuid used twice loses nothing. */
class Half {
  /** Time of the newest; 0 while there is none. */
  newest = 0;
  private readonly flows = new FlowTable();
  /** `flowKey` and time of those without a uuid, or with an odd one. */
  private readonly others = new Set<string>();

  get size(): number {
    return this.flows.size + this.others.size;
  }

  has(flow: Flow): boolean {
    return this.flows.has(flow.uuid, flow.time) || (this.others.size > 0 && this.others.has(otherKey(flow)));
  }

  /** False when it is here already. */
  add(flow: Flow): boolean {
    const { size } = this;
    if (!this.flows.add(flow.uuid, flow.time)) this.others.add(otherKey(flow));
    if (flow.time > this.newest) this.newest = flow.time;
    return this.size > size;
  }

  clear(): void {
    this.flows.clear();
    this.others.clear();
    this.newest = 0;
  }
}

const otherKey = (flow: Flow): string => `${flow.time} ${flowKey(flow)}`;
