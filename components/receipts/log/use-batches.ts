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
}

/** Batches of a cluster up to sequence `upto`, or the newest, again each `refreshMs`. While somebody is `reading`, or has older ones open, no row moves. */
export function useBatches(
  cluster: string,
  { upto, refreshMs, reading }: { upto: number | null; refreshMs: number; reading: boolean },
): Batches {
  const url = batchesUrl(cluster, upto === null ? undefined : upto + 1);
  const newest = useApi(url, BatchList, { refreshMs });
  const [held, setHeld] = useState<Held>();
  const [loadingOlder, setLoadingOlder] = useState(false);
  const [failed, setFailed] = useState<{ readonly url: string; readonly problem: Problem }>();
  const page = newest.data;
  const mine = held?.url === url && !newest.changing ? held : undefined;

  // Reading begins: what is in sight is what stays.
  if (reading && page && !newest.changing && !mine) setHeld({ url, first: page.batches, older: [] });
  if (!reading && mine?.older.length === 0 && !loadingOlder) setHeld(undefined);

  const { rows: first, waiting } = holdBatches(mine?.first, page?.batches ?? []);
  const rows = mine ? [...first, ...mine.older] : first;
  const last = rows.at(-1)?.header.seq ?? 0;
  const readOlder = async () => {
    setLoadingOlder(true);
    setFailed(undefined);
    try {
      const { body } = await callApi(batchesUrl(cluster, last), BatchList);
      const before = mine ?? { url, first: page?.batches ?? [], older: [] };
      setHeld({ ...before, older: [...before.older, ...body.batches] });
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
    loadOlder: last > 0 && !newest.changing ? () => void readOlder() : undefined,
    loadingOlder,
    olderProblem: failed?.url === url ? failed.problem : undefined,
    release: () => setHeld(undefined),
    reload: newest.reload,
  };
}

/** Path of the API for batches before a sequence. */
export function batchesUrl(cluster: string, before?: number, limit = PAGE): string {
  const query = new URLSearchParams({ cluster, limit: String(limit) });
  if (before !== undefined) query.set('before', String(before));
  return `/api/v1/batches?${query}`;
}
