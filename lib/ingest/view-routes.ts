import 'server-only';
import { DropsQuery } from '#lib/api/drops.ts';
import { FlowsQuery } from '#lib/api/flows.ts';
import { TimelineQuery } from '#lib/api/timeline.ts';
import { TopologyQuery } from '#lib/api/topology.ts';
import type { RangeQuery } from '#lib/api/common.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CaptureViews } from './capture-view.ts';
import type { ClusterPipeline } from './cluster-pipeline.ts';
import { type History, recordOf } from './history.ts';
import { parsed } from './input.ts';
import { readDrops } from './read-drops.ts';
import { readFlows } from './read-flows.ts';
import { readTimeline } from './read-timeline.ts';
import { ofNamespace, readTopology } from './read-topology.ts';
import type { TimeRange } from './ring.ts';
import type { Answer, Call, Route } from './server.ts';
import { rangeInCapture, rangeOf } from './time-range.ts';

const DEFAULT_MS = 3_600_000;

/** Flows, map, timeline and drops: of a cluster's live traffic and its record, or with `?capture=` of a capture. */
export function viewRoutes(db: TrafficDb, of: (call: Call) => ClusterPipeline): Route[] {
  const captures = new CaptureViews(db);

  /** What a query is about, and the window: the last hour, or the whole capture, when it names none. */
  async function subject(
    call: Call,
    query: RangeQuery & { readonly capture?: string | undefined },
    now: number,
  ): Promise<{ readonly history: History; readonly range: TimeRange }> {
    if (query.capture === undefined) {
      return { history: recordOf(of(call), db), range: rangeOf(query, now) ?? { from: now - DEFAULT_MS, to: now } };
    }
    const { history, range } = await captures.historyOf(of(call).id, query.capture);
    return { history, range: rangeInCapture(query, now) ?? range };
  }

  async function topology(call: Call): Promise<Answer> {
    const query = parsed(TopologyQuery, call.query);
    const now = Date.now();
    const isLive = query.capture === undefined && rangeOf(query, now) === undefined;
    const live = isLive ? of(call).maps.current(query.level, now) : undefined;
    const { history, range } = await subject(call, query, now);
    const map = live?.topology ?? (await readTopology(history, query.level, range, now));
    return {
      json: query.namespace === undefined ? map : ofNamespace(map, query.namespace),
      // Numbers the live map, for those who follow its deltas.
      headers: live ? { 'x-causeway-revision': live.revision } : {},
    };
  }

  return [
    {
      method: 'GET',
      path: '/clusters/:cluster/flows',
      async handle(call) {
        const query = parsed(FlowsQuery, call.query);
        const { capture } = query;
        const now = Date.now();
        return {
          json: await (capture === undefined
            ? readFlows(of(call), query, now)
            : captures.flows(of(call).id, capture, query, now)),
        };
      },
    },
    { method: 'GET', path: '/clusters/:cluster/topology', handle: topology },
    {
      method: 'GET',
      path: '/clusters/:cluster/timeline',
      async handle(call) {
        const query = parsed(TimelineQuery, call.query);
        const { history, range } = await subject(call, query, Date.now());
        return { json: await readTimeline(history, query, range) };
      },
    },
    {
      method: 'GET',
      path: '/clusters/:cluster/drops',
      async handle(call) {
        const query = parsed(DropsQuery, call.query);
        const { history, range } = await subject(call, query, Date.now());
        return { json: await readDrops(history, query, range) };
      },
    },
  ];
}
