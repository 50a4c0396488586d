'use client';
import { useEffect, useRef, useState } from 'react';
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

/** Snapshot and deltas of one stream, folded. While paused what was seen last stays. */
function useLiveTopology(url: string | null, live: boolean): TopologyFeed {
  const [shown, setShown] = useState<{ readonly url: string; readonly topology: Topology }>();
  const [attempt, setAttempt] = useState(0);
  const newest = useRef<Topology>(undefined);
  const accept = (topology: Topology) => {
    newest.current = topology;
    if (url !== null) setShown({ url, topology });
  };
  const known = shown !== undefined && shown.url === url;
  // A paused map still needs its first picture.
  const open = url !== null && (live || !known);
  const stream = useStream(open ? `${url}${attempt > 0 ? `#${attempt}` : ''}` : null, {
    snapshot: on(TopologyJson, (json) => accept(topologyOfJson(json))),
    delta: on(TopologyDeltaJson, (json) => newest.current && accept(applyDelta(newest.current, deltaOfJson(json)))),
    status: on(ClusterStatus, publishStatus),
  });
  useEffect(() => {
    newest.current = undefined;
  }, [url]);
  const failing = open && (stream.state === 'reconnecting' || stream.state === 'closed');
  return {
    topology: known ? shown.topology : undefined,
    problem: failing ? stream.problem : undefined,
    loading: !known && url !== null && !(failing && stream.problem !== undefined),
    staleSince: failing && known ? shown.topology.lastUpdated : undefined,
    reload: () => setAttempt(attempt + 1),
  };
}

/** Absent in JSON is undefined in the domain: reading an absent property gives undefined. */
export const topologyOfJson = (json: TopologyJson): Topology => json as Topology;
const deltaOfJson = (json: TopologyDeltaJson): TopologyDelta => json as TopologyDelta;
