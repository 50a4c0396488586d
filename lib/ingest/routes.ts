import 'server-only';
import { type ClusterStateList, RelayTarget } from '#lib/api/clusters.ts';
import { FlowStreamQuery } from '#lib/api/flows.ts';
import { TopologyQuery } from '#lib/api/topology.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import type { Redaction } from '#lib/flow/redact.ts';
import type { SigningKeys } from '#lib/keys/signing-keys.ts';
import { checkRelay } from '#lib/usecases/check-relay.ts';
import { captureRoutes } from './capture-routes.ts';
import type { ClusterPipeline } from './cluster-pipeline.ts';
import { readFilter } from './filter.ts';
import { flowLogRoutes } from './flow-logs/routes.ts';
import { jsonBody, parsed } from './input.ts';
import type { Judge } from './judge/judge.ts';
import { keyRoutes } from './keys/routes.ts';
import { judgeRoutes } from './judge/routes.ts';
import type { WatchedSets } from './judge/watch.ts';
import { ingestMetrics } from './metrics.ts';
import { clusterNow } from './migration/cluster-now.ts';
import type { MigrationEvaluator } from './migration/evaluator.ts';
import { migrationRoutes } from './migration/routes.ts';
import type { NatsBus } from './nats/nats-bus.ts';
import type { PipelineSet } from './pipeline-set.ts';
import type { ObjectsSet } from './policies/objects-set.ts';
import { policyRoutes } from './policies/routes.ts';
import { readNamespaces } from './read-namespaces.ts';
import { receiptRoutes } from './receipts/routes.ts';
import type { Call, Route } from './server.ts';
import { viewRoutes } from './view-routes.ts';

/** What ingest consists of, as far as its routes ask it. */
export interface IngestParts {
  readonly pipelines: PipelineSet;
  readonly objects: ObjectsSet;
  readonly judge: Judge;
  readonly watched: WatchedSets;
  readonly evaluator: MigrationEvaluator;
  /** Undefined where nothing is signed. */
  readonly keys: SigningKeys | undefined;
  /** Undefined where NATS is not used. */
  readonly nats: NatsBus | undefined;
}

/** The paths of the public API below `/api/v1` that need live data, and what the web process asks for itself. */
export function ingestRoutes(
  { pipelines, objects, judge, watched, evaluator, keys, nats }: IngestParts,
  db: TrafficDb,
  redaction: Redaction,
): Route[] {
  const of = ({ params }: Call): ClusterPipeline => pipelines.of(params['cluster'] ?? '');
  const metrics = ingestMetrics(
    () => pipelines.all(),
    () => watched.totals(),
    () => nats?.counts(),
  );
  return [
    { method: 'GET', path: '/metrics', handle: async () => ({ text: await metrics(), type: 'text/plain; version=0.0.4' }) },
    ...viewRoutes(db, of),
    ...captureRoutes(db, of, redaction),
    ...policyRoutes(db, objects),
    ...flowLogRoutes(db, objects),
    ...keyRoutes(db, keys),
    ...receiptRoutes({ db, of, tapOf: (cluster) => pipelines.of(cluster).receipts?.tap, nats: () => nats?.status() }),
    ...judgeRoutes({
      judge,
      db,
      of,
      factsOf: (cluster) => objects.current(cluster),
      sourceOf: (cluster) => objects.of(cluster).state(),
    }),
    ...migrationRoutes({
      db,
      judge,
      evaluator,
      factsOf: (cluster) => objects.current(cluster),
      objectsOf: (cluster) => objects.objects(cluster),
      clusterNow: (cluster, now) => clusterNow(db, pipelines.of(cluster), now),
      objectsFrom: (cluster) =>
        objects
          .of(cluster)
          .state()
          .detail.replace(/^Reads |\.$/g, ''),
    }),
    { method: 'GET', path: '/health', open: true, handle: () => ({ json: { ok: true } }) },
    {
      method: 'POST',
      path: '/reload',
      handle: async () => {
        await Promise.all([pipelines.reload(), objects.reload()]);
        return { json: { clusters: pipelines.all().length } };
      },
    },
    {
      method: 'POST',
      path: '/relay-check',
      handle: async ({ body }) => ({ json: await checkRelay(parsed(RelayTarget, await jsonBody(body))) }),
    },
    { method: 'GET', path: '/clusters', handle: () => ({ json: clusterStates(pipelines.all()) }) },
    { method: 'GET', path: '/clusters/:cluster/status', handle: (call) => ({ json: of(call).status(Date.now()) }) },
    { method: 'GET', path: '/clusters/:cluster/nodes', handle: (call) => ({ json: { nodes: of(call).nodes.list(Date.now()) } }) },
    { method: 'GET', path: '/clusters/:cluster/namespaces', handle: async (call) => ({ json: await readNamespaces(of(call)) }) },
    { method: 'GET', path: '/clusters/:cluster/flows/stream', handle: (call) => flowStream(of(call), call) },
    {
      method: 'GET',
      path: '/clusters/:cluster/topology/stream',
      handle: (call) => {
        const pipeline = of(call);
        const { level } = parsed(TopologyQuery, call.query);
        return { events: (sink) => pipeline.maps.join(level, sink, Date.now()) };
      },
    },
  ];
}

const clusterStates = (pipelines: readonly ClusterPipeline[]): ReturnType<typeof ClusterStateList.parse> => ({
  clusters: pipelines.map(({ id, follow }) => ({ id, state: follow.state, stateDetail: follow.detail })),
});

/** Live flows, or with `x-causeway-backlog: only` just what came after `Last-Event-ID` or `cursor`: the web process asks so for a browser that comes back. */
function flowStream(pipeline: ClusterPipeline, { query, headers }: Call): ReturnType<Route['handle']> {
  const { filter, rows, cursor } = parsed(FlowStreamQuery, query);
  const { canonical, matches } = readFilter(filter);
  const last = headers['last-event-id'];
  const lastEventId = typeof last === 'string' ? last : cursor;
  const key = { filter: canonical, rows };
  if (headers['x-causeway-backlog'] === 'only' && lastEventId !== undefined) {
    return { frames: pipeline.hub.backlog(key, matches, lastEventId).map(({ bytes }) => bytes) };
  }
  return { events: (sink) => pipeline.hub.join(key, matches, sink, lastEventId) };
}
