import type { EdgeCounters } from './counters.ts';
import type { TrafficEdge } from './directory.ts';

/** An edge at pod level with its counters by minute. */
export class RollingEdge {
  readonly edge: TrafficEdge;
  readonly slots = new Map<number, EdgeCounters>();
  /** The slot last added to: nearly always the right one. */
  minute = -1;
  slot: EdgeCounters | undefined;
  /** Which live views have this edge on their list of changed ones, one bit each. */
  noted = 0;

  constructor(edge: TrafficEdge) {
    this.edge = edge;
  }
}
