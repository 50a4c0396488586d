import { EdgeCounters } from './counters.ts';
import type { TrafficEdge, TrafficNode } from './directory.ts';
import { type SuspicionRule, VerdictSum, mapEdgeOf, mapNodeOf } from './fold.ts';
import { MINUTE_MS, minuteOf } from './minutes.ts';
import type { RollingEdge } from './rolling-edge.ts';
import type { Coverage, Level, MapEdge, MapNode, Topology, TopologyDelta } from './topology.ts';

const MAX_NOTED = 500_000;

/** An edge that stayed silent for so long after it left the window leaves the map; until then it is there as `idle`. */
const IDLE_MS = 15 * MINUTE_MS;

interface ViewEdge {
  readonly edge: TrafficEdge;
  /** The edges at pod level that it is the sum of. */
  readonly parts: Set<RollingEdge>;
  map: MapEdge | undefined;
  /** What it gave to the nodes at its ends: flows by verdict, and the parts that had any. */
  verdicts: readonly number[];
  active: readonly RollingEdge[];
}
interface ViewNode {
  readonly node: TrafficNode;
  /** Edges that are shown. */
  readonly edges: Set<ViewEdge>;
  readonly verdicts: VerdictSum;
  /** Pods with flows in the window, with the number of edges that have them. */
  readonly pods: Map<TrafficNode, number>;
  map: MapNode | undefined;
}

/** What a view needs of the topology it looks at. */
export interface LiveSource {
  readonly cluster: string;
  readonly suspicion: SuspicionRule;
  /** Edges with flows in the minute that starts then. */
  edgesOfMinute(minute: number): readonly RollingEdge[];
  /** All that are held. */
  edges(): Iterable<RollingEdge>;
}

/**
 * One view of a rolling topology: a level and a window that moves by whole minutes. `advance` computes anew only the edges that had flows since the
 * call before or in a minute that left the window, and the nodes at their ends.
 */
export class LiveTopology {
  readonly level: Level;
  readonly windowMs: number;
  /** This view's bit in `RollingEdge.noted`. */
  readonly bit: number;
  /** Edges that had flows since the last `advance`. */
  #noted: RollingEdge[] = [];
  /** Nobody asked yet, or for so long that the list above grew too long: the next `advance` looks at everything. */
  #stale = true;
  readonly #rolling: LiveSource;
  readonly #edges = new Map<string, ViewEdge>();
  readonly #nodes = new Map<string, ViewNode>();
  #from = 0;
  #to = 0;
  #idleFrom = 0;
  #lastUpdated = 0;
  #coverage: Coverage | undefined;

  constructor(options: {
    readonly rolling: LiveSource;
    readonly level: Level;
    readonly windowMs?: number;
    readonly bit?: number;
  }) {
    this.#rolling = options.rolling;
    this.level = options.level;
    this.windowMs = options.windowMs ?? 300_000;
    this.bit = options.bit ?? 0;
  }

  /** Puts an edge on the list of those to be looked at; called by the topology, once between two calls of `advance`. */
  note(rolling: RollingEdge): void {
    if (this.#stale) return;
    this.#noted.push(rolling);
    if (this.#noted.length < MAX_NOTED) return;
    this.#stale = true;
    this.#noted = [];
    this.#edges.clear();
    this.#nodes.clear();
  }

  /**
   * Moves the window to end at `now` and says what changed: for the stream, once a second. The window starts at a whole minute, `windowMs` ago or up to
   * a minute earlier.
   */
  advance(now: number, coverage: Coverage): TopologyDelta {
    const from = minuteOf(now - this.windowMs);
    const idleFrom = from - IDLE_MS;
    if (this.#stale) this.#noted = [...this.#rolling.edges()];
    else {
      this.#noteMinutes(this.#from, from);
      this.#noteMinutes(this.#idleFrom, idleFrom);
    }
    this.#stale = false;
    return this.#update(from, minuteOf(now) + MINUTE_MS, idleFrom, now, coverage);
  }

  /** The map as of the last `advance`: what a newcomer needs before the deltas that follow. Advances first when that was never done. */
  current(now: number, coverage: Coverage): Topology {
    if (this.#coverage === undefined) this.advance(now, coverage);
    return this.#topology(this.#coverage ?? coverage);
  }

  /** The map of the minutes that start in `from..to`, of these edges; for a view that is used once. */
  window(edges: Iterable<RollingEdge>, from: number, to: number, now: number, coverage: Coverage): Topology {
    this.#noted = [...edges];
    this.#update(from, to, from, now, coverage);
    return this.#topology(coverage);
  }

  #topology(coverage: Coverage): Topology {
    return {
      cluster: this.#rolling.cluster,
      level: this.level,
      from: this.#from,
      to: this.#to,
      nodes: [...this.#nodes.values()].flatMap(({ map }) => map ?? []),
      edges: [...this.#edges.values()].flatMap(({ map }) => map ?? []),
      lastUpdated: this.#lastUpdated,
      coverage,
    };
  }

  #noteMinutes(from: number, to: number): void {
    const first = Math.max(from, to - 60 * MINUTE_MS); // the topology holds no more
    for (let minute = first; minute < to; minute += MINUTE_MS) {
      for (const rolling of this.#rolling.edgesOfMinute(minute)) this.#noted.push(rolling); // too many for a spread
    }
  }

  #update(from: number, to: number, idleFrom: number, now: number, coverage: Coverage): TopologyDelta {
    const changed = new Set<ViewEdge>();
    for (const rolling of this.#noted) {
      rolling.noted &= ~this.bit;
      changed.add(this.#edgeOf(rolling));
    }
    this.#noted = [];
    const removedEdges: string[] = [];
    const nodes = new Set<ViewNode>();
    for (const view of changed) {
      const shown = view.map !== undefined;
      const source = this.#nodeOf(view.edge.source);
      const destination = this.#nodeOf(view.edge.destination);
      take(view, source, destination);
      this.#sum(view, from, to, idleFrom);
      give(view, source, destination);
      nodes.add(source).add(destination);
      if (view.map) continue;
      if (shown) removedEdges.push(view.edge.key);
      this.#edges.delete(view.edge.key);
    }
    const removedNodes: string[] = [];
    for (const view of nodes) {
      if (view.edges.size > 0) {
        view.map = mapNodeOf(view.node, podsOf(view), addressesIn(view.node, from, to), view.verdicts.counts());
      } else {
        if (view.map) removedNodes.push(view.node.id);
        this.#nodes.delete(view.node.id);
      }
    }
    this.#from = from;
    this.#to = Math.max(from, Math.min(to, now));
    this.#idleFrom = idleFrom;
    this.#lastUpdated = now;
    this.#coverage = coverage;
    return {
      from,
      to: this.#to,
      nodes: [...nodes].flatMap(({ edges, map }) => (edges.size > 0 && map ? map : [])),
      edges: [...changed].flatMap(({ map }) => map ?? []),
      removedNodes,
      removedEdges,
      lastUpdated: now,
      coverage,
    };
  }

  #edgeOf(rolling: RollingEdge): ViewEdge {
    const edge = rolling.edge.at(this.level);
    let view = this.#edges.get(edge.key);
    if (!view) this.#edges.set(edge.key, (view = { edge, parts: new Set(), map: undefined, verdicts: [], active: [] }));
    view.parts.add(rolling);
    return view;
  }

  #nodeOf(node: TrafficNode): ViewNode {
    let view = this.#nodes.get(node.id);
    if (!view)
      this.#nodes.set(node.id, (view = { node, edges: new Set(), verdicts: new VerdictSum(), pods: new Map(), map: undefined }));
    return view;
  }

  /** Brings the edge up to the window; its `map` is undefined when nothing of it is left, not even as idle. */
  #sum(view: ViewEdge, from: number, to: number, idleFrom: number): void {
    const sum = new EdgeCounters();
    const active: RollingEdge[] = [];
    let lastSeen = 0;
    for (const part of view.parts) {
      let held = false;
      let flows = false;
      for (const [minute, slot] of part.slots) {
        if (minute < idleFrom || minute >= to) continue;
        held = true;
        lastSeen = Math.max(lastSeen, slot.lastSeen);
        if (minute < from) continue;
        flows = true;
        sum.merge(slot);
      }
      if (flows) active.push(part);
      if (!held) view.parts.delete(part);
    }
    const { key, protocol, port, l7, metricsPath, source, destination, firstSeen } = view.edge;
    const facts = { key, protocol, port, l7, metricsPath, source, destination, firstSeen, lastSeen };
    view.map = view.parts.size > 0 ? mapEdgeOf(facts, sum, this.#rolling.suspicion) : undefined;
    view.verdicts = sum.verdictCounts();
    view.active = active;
  }
}

/** Takes off the nodes what the edge gave them before. */
function take(view: ViewEdge, source: ViewNode, destination: ViewNode): void {
  for (const end of new Set([source, destination])) {
    end.edges.delete(view);
    end.verdicts.add(view.verdicts, -1);
  }
  for (const { edge } of view.active) {
    countPod(source, edge.source, -1);
    countPod(destination, edge.destination, -1);
  }
}

/** Adds to the nodes what the edge has; a node that is both ends gets its flows once. */
function give(view: ViewEdge, source: ViewNode, destination: ViewNode): void {
  if (!view.map) return;
  for (const end of new Set([source, destination])) {
    end.edges.add(view);
    end.verdicts.add(view.verdicts);
  }
  for (const { edge } of view.active) {
    countPod(source, edge.source, 1);
    countPod(destination, edge.destination, 1);
  }
}

function countPod(view: ViewNode, pod: TrafficNode, by: number): void {
  if (pod.namespace === '') return;
  const count = (view.pods.get(pod) ?? 0) + by;
  if (count > 0) view.pods.set(pod, count);
  else view.pods.delete(pod);
}

/** Distinct pods. A workload that stands for its pods of before a restart is one only while none of them is seen. */
function podsOf({ pods }: ViewNode): number {
  const seen = new Map<TrafficNode, number>();
  for (const { name, workload } of pods.keys()) seen.set(workload, (seen.get(workload) ?? 0) + (name === workload.name ? 0 : 1));
  let sum = 0;
  for (const count of seen.values()) sum += Math.max(1, count);
  return sum;
}

function addressesIn({ addresses }: TrafficNode, from: number, to: number): number {
  let count = 0;
  if (addresses) for (const seen of addresses.values()) if (seen >= from && seen < to) count++;
  return count;
}
