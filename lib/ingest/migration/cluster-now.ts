import 'server-only';
import type { PolicySource } from '#lib/api/policies.ts';
import { isDemo } from '#lib/db/migration/choices.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import type { RelayFacts } from '#lib/preflight/inputs.ts';
import type { ClusterNow } from '../judge/asks.ts';
import type { ClusterPipeline } from '../cluster-pipeline.ts';

/** What is known of a cluster beside its objects, policies and stored traffic. */
export async function clusterNow(db: TrafficDb, pipeline: ClusterPipeline, now: number): Promise<ClusterNow> {
  return { now, relay: relayFacts(pipeline, now), target: undefined, demo: await isDemo(db, pipeline.id) };
}

/** Whether relay and objects of a cluster have been heard of since ingest began, or are known to be out of reach. */
export const isSettled = ({ follow, nodes }: ClusterPipeline, { state }: PolicySource): boolean =>
  state !== 'starting' && follow.state !== 'connecting' && (follow.state !== 'live' || nodes.list(Date.now()).length > 0);

const LIVE_WINDOW_MS = 5 * 60_000;

/** How the relay of a cluster stands; undefined while it has not said which nodes there are. */
function relayFacts(pipeline: ClusterPipeline, now: number): RelayFacts | undefined {
  const { nodesReporting, nodesExpected, missing } = pipeline.coverage(now - LIVE_WINDOW_MS, now);
  if (nodesExpected === 0) return undefined;
  const list = pipeline.nodes.list(now);
  const sum = (of: (node: (typeof list)[number]) => number | undefined): number =>
    list.reduce((total, node) => total + (of(node) ?? 0), 0);
  const [held, most, rate] = [
    sum(({ numFlows }) => numFlows),
    sum(({ maxFlows }) => maxFlows),
    sum(({ flowsPerSecond }) => flowsPerSecond),
  ];
  return {
    connected: nodesReporting,
    expected: nodesExpected,
    missing,
    lost: sum(({ lostLastHour }) => lostLastHour),
    ...(most > 0 && { heldFlows: held, mostFlows: most }),
    ...(rate > 0 && { rate }),
    ...(rate > 0 && most > 0 && { horizonMs: Math.round((most / rate) * 1000) }),
  };
}
