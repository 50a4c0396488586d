'use client';
import { useMemo } from 'react';
import { TopologyJson } from '#lib/api/topology.ts';
import { diffTopologies, type EdgeChange } from '#lib/topology/diff.ts';
import type { Level, MapEdge, Topology } from '#lib/topology/topology.ts';
import { useApi } from '#components/live/use-api.ts';
import type { Console } from '#components/live/use-console.ts';
import { clock } from '#components/ui/format.ts';
import type { TimeWindow } from './time-window.ts';
import { topologyOfJson } from './use-topology.ts';

export interface Comparison {
  /** The map with what is gone still on it; undefined while nothing is compared. */
  readonly topology: Topology | undefined;
  readonly changeOf: ((edge: MapEdge) => EdgeChange | undefined) | undefined;
  /** What is compared and what came out, in a sentence. */
  readonly words: string | undefined;
}

const NOTHING: Comparison = { topology: undefined, changeOf: undefined, words: undefined };

/** Compares what is shown with another window of the same cluster. */
export function useCompare(
  { api, capture }: Console,
  level: Level,
  window: TimeWindow | undefined,
  shown: Topology | undefined,
): Comparison {
  const url = window && capture === null ? `${api}/topology?level=${level}&from=${window.from}&to=${window.to}` : null;
  const { data, error } = useApi(url, TopologyJson);
  return useMemo(() => {
    if (window === undefined || shown === undefined || url === null) return NOTHING;
    const times = `${clock(window.from)} to ${clock(window.to)} UTC`;
    if (error) return { ...NOTHING, words: `The map of ${times} could not be read: ${error.detail ?? error.title}` };
    if (data === undefined) return { ...NOTHING, words: `Reading the map of ${times}.` };
    const before = topologyOfJson(data);
    if (before.edges.length === 0)
      return {
        ...NOTHING,
        words: `Nothing was received from ${times}, so there is nothing to compare with. Choose another time below.`,
      };
    const diff = diffTopologies(before, shown);
    const count = (kind: EdgeChange['kind']) => [...diff.edges.values()].filter((change) => change.kind === kind).length;
    const gone = [...diff.edges.values()].flatMap((change) => (change.kind === 'gone' ? change.before : []));
    const nodes = new Set(shown.nodes.map(({ id }) => id));
    return {
      topology: {
        ...shown,
        edges: [...shown.edges, ...gone.filter(({ key }) => !shown.edges.some((edge) => edge.key === key))],
        nodes: [...shown.nodes, ...before.nodes.filter(({ id }) => !nodes.has(id))],
      },
      changeOf: (edge) => diff.edges.get(edge.key),
      words: `Against ${times}: ${count('new')} new, ${count('gone')} gone, ${count('changed')} changed, ${count('same')} as before.`,
    };
  }, [window, shown, url, data, error]);
}
