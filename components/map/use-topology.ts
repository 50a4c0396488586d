'use client';
import { useReducer, useState } from 'react';
import { ClusterStatus } from '#lib/api/clusters.ts';
import type { Problem } from '#lib/api/common.ts';
import { TopologyDeltaJson, TopologyJson } from '#lib/api/topology.ts';
import { useApi } from '#components/live/use-api.ts';
import { DEFAULT_RANGE } from '#components/live/range.ts';
import type { Console } from '#components/live/use-console.ts';
import { on, useStream } from '#components/live/use-stream.ts';
import { publishStatus } from '#components/live/use-status.ts';
import type { Level, Topology, TopologyDelta } from '#lib/topology/topology.ts';
import { applyDelta } from './topology-state.ts';

export interface TopologyFeed {
  readonly topology: Topology | undefined;
  readonly problem: Problem | undefined;
  readonly loading: boolean;
  /** Unix milliseconds of the newest good answer, while newer ones fail. */
  readonly staleSince: number | undefined;
  readonly reload: () => void;
}

/** The live window of the topology stream is the default range; every other window is asked for as a whole. */
export function useTopology({ api, live, past, capture, range, rangeQuery, refreshMs }: Console, level: Level): TopologyFeed {
  const streams = !past && capture === null && range === DEFAULT_RANGE;
  const stream = useLiveTopology(streams ? `${api}/topology/stream?level=${level}` : null, live);
  const asked = useApi(streams ? null : `${api}/topology?level=${level}&${rangeQuery()}`, TopologyJson, { refreshMs });
  if (streams) return stream;
  return {
    topology: asked.data && topologyOfJson(asked.data),
    problem: asked.error,
    loading: asked.loading,
    staleSince: asked.staleSince,
    reload: asked.reload,
  };
}

/** From so many edges on a delta is not drawn each second but with others, so that a view of thousands stays quick to the hand. */
const MANY_EDGES = 3000;
const CALM_MS = 3000;

interface Live {
  readonly url: string;
  readonly newest: Topology;
  /** What is drawn: the newest, or for many edges one of at most a few seconds ago. */
  readonly shown: Topology;
}

type Received =
  | { readonly kind: 'snapshot'; readonly url: string; readonly topology: Topology }
  | { readonly kind: 'delta'; readonly url: string; readonly delta: TopologyDelta };

/** Pure: the map after one event of its stream. */
export function receive(live: Live | undefined, event: Received): Live | undefined {
  const { url } = event;
  if (event.kind === 'snapshot') return { url, newest: event.topology, shown: event.topology };
  // A delta without its snapshot (of a stream left already) says nothing.
  if (live === undefined || live.url !== url) return live;
  const newest = applyDelta(live.newest, event.delta);
  const calm = newest.edges.length > MANY_EDGES && newest.lastUpdated - live.shown.lastUpdated < CALM_MS;
  return calm ? { ...live, newest } : { url, newest, shown: newest };
}

/** Snapshot and deltas of one stream, folded. While paused what was seen last stays. */
function useLiveTopology(url: string | null, live: boolean): TopologyFeed {
  const [state, dispatch] = useReducer(receive, undefined);
  const [attempt, setAttempt] = useState(0);
  const known = state !== undefined && state.url === url ? state.shown : undefined;
  // A paused map still needs its first picture.
  const open = url !== null && (live || known === undefined);
  const stream = useStream(open ? `${url}${attempt > 0 ? `#${attempt}` : ''}` : null, {
    snapshot: on(TopologyJson, (json) => dispatch({ kind: 'snapshot', url: url ?? '', topology: topologyOfJson(json) })),
    delta: on(TopologyDeltaJson, (json) => dispatch({ kind: 'delta', url: url ?? '', delta: deltaOfJson(json) })),
    status: on(ClusterStatus, publishStatus),
  });
  const failing = open && (stream.state === 'reconnecting' || stream.state === 'closed');
  return {
    topology: known,
    problem: failing ? stream.problem : undefined,
    loading: known === undefined && url !== null && !(failing && stream.problem !== undefined),
    staleSince: failing && known ? known.lastUpdated : undefined,
    reload: () => setAttempt(attempt + 1),
  };
}

/** Absent in JSON is undefined in the domain: reading an absent property gives undefined. */
export const topologyOfJson = (json: TopologyJson): Topology => json as Topology;
const deltaOfJson = (json: TopologyDeltaJson): TopologyDelta => json as TopologyDelta;
