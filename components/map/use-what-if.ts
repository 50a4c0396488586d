'use client';
import { useMemo } from 'react';
import { WhatIfReport } from '#lib/api/what-if.ts';
import type { Level, MapEdge, Topology } from '#lib/topology/topology.ts';
import type { Console } from '#components/live/use-console.ts';
import { originOfText, paramsOf } from '#components/policies/what-if/origin.ts';
import { useCandidate } from '#components/policies/what-if/use-candidate.ts';
import { windowInput } from '#components/policies/suggest/suggest-input.ts';
import { usePost } from '#components/policies/use-post.ts';
import type { WouldBe } from './overlays.ts';
import { wouldBeByEdge } from './what-if-edges.ts';

export interface WhatIfOverlay {
  readonly told: ((edge: MapEdge) => WouldBe | undefined) | undefined;
  /** What the candidate does to the lines shown, in a sentence; undefined without a candidate. */
  readonly words: string | undefined;
  /** For the way back to the editor. */
  readonly params: Record<string, string>;
}

/** What a candidate would do to the edges of the map: the text of the editor, its edits of this tab included, judged by the server over the window shown. */
export function useWhatIf(view: Console, level: Level, key: string | null, shown: Topology | undefined): WhatIfOverlay {
  const origin = useMemo(() => originOfText(key ?? ''), [key]);
  const { candidate, problem } = useCandidate(view, origin, undefined);
  const body = useMemo(
    () =>
      key !== null && candidate !== undefined
        ? { ...windowInput(view), yaml: candidate.text, mode: candidate.mode, removes: candidate.removes, limit: 5000 }
        : null,
    [key, candidate, view],
  );
  const { data, error } = usePost(`${view.api}/policies/what-if`, body, WhatIfReport);
  return useMemo(() => {
    const params = paramsOf(origin);
    if (key === null) return { told: undefined, words: undefined, params };
    const failure = error ?? problem;
    if (failure)
      return { told: undefined, words: `The candidate could not be judged: ${failure.detail ?? failure.title}`, params };
    if (!data) return { told: undefined, words: 'Judging the candidate.', params };
    if (level === 'pod') {
      return { told: undefined, words: 'A what-if tells workloads apart, not pods: choose another level.', params };
    }
    const would = wouldBeByEdge(data.rows, level);
    const count = (kind: WouldBe['kind']) => shown?.edges.filter((edge) => would.get(edge.key)?.kind === kind).length ?? 0;
    return {
      told: (edge) => would.get(edge.key),
      words: `With the candidate, of the edges shown: ${count('newly-denied')} newly denied, ${count('newly-allowed')} newly allowed, ${count('undecided')} cannot be told.`,
      params,
    };
  }, [key, origin, error, problem, data, level, shown]);
}
