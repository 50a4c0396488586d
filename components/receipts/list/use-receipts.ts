'use client';
import { useState } from 'react';
import { ReceiptPage, type ReceiptSummary } from '#lib/api/receipts.ts';
import type { Problem } from '#lib/api/common.ts';
import { callApi, problemOf } from '#components/live/api.ts';
import { useApi } from '#components/live/use-api.ts';
import { type HeldRows, holdRows } from './receipts-view.ts';

export interface Receipts extends HeldRows {
  /** The newest answer; undefined before the first. */
  readonly page: ReceiptPage | undefined;
  readonly problem: Problem | undefined;
  readonly staleSince: number | undefined;
  /** What is shown answers the filter before. */
  readonly changing: boolean;
  readonly loading: boolean;
  /** Reads older ones; undefined at the end. */
  readonly loadOlder: (() => void) | undefined;
  readonly loadingOlder: boolean;
  readonly olderProblem: Problem | undefined;
  /** Shows the newest, and forgets the older ones. */
  readonly release: () => void;
  readonly reload: () => void;
}

interface Older {
  readonly query: string;
  /** The newest page as it was when older ones were asked for, or reading began. */
  readonly first: readonly ReceiptSummary[];
  readonly rows: readonly ReceiptSummary[];
  readonly cursor: string | undefined;
}

/** Receipts of a query, the newest page again each `refreshMs`. While somebody is `reading`, or has older ones open, no row moves. */
export function useReceipts(query: string, { refreshMs, reading }: { refreshMs: number; reading: boolean }): Receipts {
  const newest = useApi(`/api/v1/receipts?${query}`, ReceiptPage, { refreshMs });
  const [held, setHeld] = useState<Older>();
  const [loadingOlder, setLoadingOlder] = useState(false);
  const [failed, setFailed] = useState<{ readonly query: string; readonly problem: Problem }>();
  const page = newest.data;
  const mine = held?.query === query && !newest.changing ? held : undefined;
  const open = mine !== undefined && mine.rows.length > 0;

  // Reading begins: what is in sight is what stays.
  if (reading && page && !newest.changing && mine === undefined)
    setHeld({ query, first: page.receipts, rows: [], cursor: page.nextCursor });
  if (!reading && mine && !open && !loadingOlder) setHeld(undefined);

  const { rows, waiting, more } = holdRows(mine?.first, page?.receipts ?? []);
  const cursor = mine ? mine.cursor : page?.nextCursor;
  const readOlder = async (from: string) => {
    setLoadingOlder(true);
    setFailed(undefined);
    const before = mine ?? { query, first: page?.receipts ?? [], rows: [], cursor: from };
    try {
      const { body } = await callApi(`/api/v1/receipts?${query}&cursor=${encodeURIComponent(from)}`, ReceiptPage);
      setHeld({ ...before, rows: [...before.rows, ...body.receipts], cursor: body.nextCursor });
    } catch (error) {
      setFailed({ query, problem: problemOf(error) });
    } finally {
      setLoadingOlder(false);
    }
  };
  return {
    page,
    rows: mine ? [...rows, ...mine.rows] : rows,
    waiting,
    more,
    problem: newest.error,
    staleSince: newest.staleSince,
    changing: newest.changing,
    loading: newest.loading,
    loadOlder: cursor === undefined || newest.changing ? undefined : () => void readOlder(cursor),
    loadingOlder,
    olderProblem: failed?.query === query ? failed.problem : undefined,
    release: () => setHeld(undefined),
    reload: newest.reload,
  };
}
