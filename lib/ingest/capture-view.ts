import 'server-only';
import type { Capture } from '#lib/api/captures.ts';
import type { FlowPage, FlowsQuery } from '#lib/api/flows.ts';
import { chunkIndex } from '#lib/db/traffic/captures.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { RollupBuffer } from '#lib/ledger/rollup-buffer.ts';
import { dropKeyOf, type Rollup } from '#lib/ledger/rollup.ts';
import { minuteOf } from '#lib/topology/minutes.ts';
import { RollingTopology } from '#lib/topology/rolling.ts';
import type { Coverage } from '#lib/topology/topology.ts';
import { chunksIn, completeCapture, flowsOfChunk } from './capture-reader.ts';
import { readFilter } from './filter.ts';
import { type History, lossesOf } from './history.ts';
import { EVER, type TimeRange } from './ring.ts';
import { rangeInCapture } from './time-range.ts';
import { wireCoverage, wireFlows } from './wire.ts';

/** Captures whose counts are kept in memory; the one used longest ago goes first. */
const MOST_VIEWS = 4;
/** How long a page may search before it is cut short; its cursor goes on from there. */
const BUDGET_MS = 2000;

/** Views of captures, by the same code as those of live traffic: a capture's flows are counted once, when they are first asked for. */
export class CaptureViews {
  readonly #db: TrafficDb;
  readonly #views = new Map<string, Promise<History>>();

  constructor(db: TrafficDb) {
    this.#db = db;
  }

  /** The counts of a capture, and the time it spans. Throws `not-found`, or `conflict` for one that is not complete. */
  async historyOf(cluster: string, id: string): Promise<{ readonly history: History; readonly range: TimeRange }> {
    const capture = await completeCapture(this.#db, cluster, id);
    const known = this.#views.get(id) ?? this.#count(capture);
    this.#views.delete(id);
    this.#views.set(id, known);
    known.catch(() => this.#views.delete(id));
    for (const old of this.#views.keys()) if (this.#views.size > MOST_VIEWS) this.#views.delete(old);
    return { history: await known, range: spanOf(capture) };
  }

  /** A page of a capture's flows, newest first. */
  async flows(cluster: string, id: string, query: FlowsQuery, now: number): Promise<FlowPage> {
    const { matches } = readFilter(query.filter);
    const capture = await completeCapture(this.#db, cluster, id);
    const range = rangeInCapture(query, now) ?? EVER;
    const start = startOf(query.cursor);
    const deadline = performance.now() + BUDGET_MS;
    const flows: Flow[] = [];
    const page = (nextCursor?: string): FlowPage => ({
      flows: wireFlows(flows),
      ...(nextCursor !== undefined && { nextCursor }),
      ...(capture.from !== undefined && { oldest: capture.from }),
      coverage: wireCoverage(coverageOf(capture, [])),
    });
    for (const { no } of (await chunksIn(this.#db, id, range)).toReversed()) {
      if (no > start.chunk) continue;
      const chunk = await flowsOfChunk(this.#db, id, no);
      for (let index = no === start.chunk ? Math.min(start.index, chunk.length) - 1 : chunk.length - 1; index >= 0; index -= 1) {
        const flow = chunk[index];
        if (!flow || flow.time < range.from || flow.time > range.to || !matches(flow)) continue;
        if (flows.length === query.limit) return page(`${no}.${index + 1}`);
        flows.push(flow);
      }
      if (performance.now() > deadline && no > 0) return page(`${no}.0`);
    }
    return page();
  }

  async #count(capture: Capture): Promise<History> {
    const rolling = new RollingTopology({ cluster: capture.cluster });
    const buffer = new RollupBuffer();
    const nodes = new Set<string>();
    for (const { no } of await chunkIndex(this.#db, capture.id)) {
      for (const flow of await flowsOfChunk(this.#db, capture.id, no)) {
        const seen = rolling.attribution.attribute(flow);
        rolling.add(flow, seen);
        buffer.add(flow, seen);
        nodes.add(flow.nodeName);
      }
    }
    const rollups = buffer.drain();
    return {
      cluster: capture.cluster,
      rolling,
      rollups: async ({ from, to }) => rollups.filter(({ bucket }) => bucket >= minuteOf(from) && bucket < to),
      coverage: async () => coverageOf(capture, rollups, nodes.size),
      seenBefore: async (_keys, time) =>
        new Set(rollups.flatMap(({ drops }) => drops.filter((drop) => drop.first_seen < time).map((drop) => dropKeyOf(drop)))),
      oldest: async () => (rollups.length === 0 ? undefined : Math.min(...rollups.map(({ bucket }) => bucket))),
    };
  }
}

/** The whole capture, its last flow included. */
const spanOf = ({ from = 0, to = 0 }: Capture): TimeRange => ({ from, to: to + 1 });

/** A capture is what it is: nothing is expected that is not in it. */
const coverageOf = (capture: Capture, rollups: readonly Rollup[], nodes = 0): Coverage => ({
  nodesReporting: nodes,
  nodesExpected: nodes,
  missing: [],
  ...lossesOf(rollups),
  gaps: [],
  newestFlow: capture.to,
});

/** `chunk.index`: look below this flow. */
function startOf(cursor: string | undefined): { readonly chunk: number; readonly index: number } {
  if (cursor === undefined) return { chunk: Number.POSITIVE_INFINITY, index: Number.POSITIVE_INFINITY };
  const match = /^(\d{1,6})\.(\d{1,6})$/.exec(cursor);
  if (!match) throw new CausewayError('bad-request', 'the cursor is not one of a capture', { place: { parameter: 'cursor' } });
  return { chunk: Number(match[1]), index: Number(match[2]) };
}
