'use client';
import { useState } from 'react';
import type { Problem } from '#lib/api/common.ts';
import { BatchList, type BatchSummary } from '#lib/api/receipts.ts';
import { callApi, problemOf } from '#components/live/api.ts';
import { useApi } from '#components/live/use-api.ts';
import { holdBatches } from './log-view.ts';

/** Batches of a page. */
const PAGE = 50;

export interface Batches {
  /** The newest answer; undefined before the first. */
  readonly page: BatchList | undefined;
  readonly rows: readonly BatchSummary[];
  /** Newer ones that are not shown while somebody reads. */
  readonly waiting: number;
  readonly problem: Problem | undefined;
  readonly staleSince: number | undefined;
  readonly loading: boolean;
  readonly changing: boolean;
  /** Reads older ones; undefined at the beginning of the log. */
  readonly loadOlder: (() => void) | undefined;
  readonly loadingOlder: boolean;
  readonly olderProblem: Problem | undefined;
  /** Shows the newest again. */
  readonly release: () => void;
  readonly reload: () => void;
}

interface Held {
  readonly url: string;
  readonly first: readonly BatchSummary[];
  readonly older: readonly BatchSummary[];
  /** Where what is not read yet begins. */
  readonly next: number | undefined;
  /** Older ones were asked for. */
  readonly searched: boolean;
}

/** Batches of a cluster up to sequence `upto`, or the newest, again each `refreshMs`; with `gaps` only those that missed something. While somebody is `reading`, or has older ones open, no row moves. */
export function useBatches(
  cluster: string,
  { upto, gaps, refreshMs, reading }: { upto: number | null; gaps: boolean; refreshMs: number; reading: boolean },
): Batches {
  const url = batchesUrl(cluster, { gaps, ...(upto !== null && { before: upto + 1 }) });
  const newest = useApi(url, BatchList, { refreshMs });
  const [held, setHeld] = useState<Held>();
  const [loadingOlder, setLoadingOlder] = useState(false);
  const [failed, setFailed] = useState<{ readonly url: string; readonly problem: Problem }>();
  const page = newest.data;
  const mine = held?.url === url && !newest.changing ? held : undefined;

  // Reading begins: what is in sight is what stays.
  if (reading && page && !newest.changing && !mine)
    setHeld({ url, first: page.batches, older: [], next: page.next, searched: false });
  if (!reading && mine && !mine.searched && !loadingOlder) setHeld(undefined);

  const { rows: first, waiting } = holdBatches(mine?.first, page?.batches ?? [], gaps);
  const rows = mine ? [...first, ...mine.older] : first;
  const next = mine ? mine.next : page?.next;
  const readOlder = async (before: number) => {
    setLoadingOlder(true);
    setFailed(undefined);
    try {
      const { body } = await callApi(batchesUrl(cluster, { gaps, before }), BatchList);
      const shown = mine ?? { url, first: page?.batches ?? [], older: [] };
      setHeld({ ...shown, older: [...shown.older, ...body.batches], next: body.next, searched: true });
    } catch (error) {
      setFailed({ url, problem: problemOf(error) });
    } finally {
      setLoadingOlder(false);
    }
  };
  return {
    page,
    rows,
    waiting,
    problem: newest.error,
    staleSince: newest.staleSince,
    loading: newest.loading,
    changing: newest.changing,
    loadOlder: next === undefined || newest.changing ? undefined : () => void readOlder(next),
    loadingOlder,
    olderProblem: failed?.url === url ? failed.problem : undefined,
    release: () => setHeld(undefined),
    reload: newest.reload,
  };
}

/** Path of the API for batches. */
export function batchesUrl(
  cluster: string,
  { before, limit = PAGE, gaps = false }: { readonly before?: number; readonly limit?: number; readonly gaps?: boolean },
): string {
  const query = new URLSearchParams({ cluster, limit: String(limit) });
  if (before !== undefined) query.set('before', String(before));
  if (gaps) query.set('gaps', '1');
  return `/api/v1/batches?${query}`;
}
