'use client';
import useSWRInfinite from 'swr/infinite';
import { AuditLogPage } from '#lib/api/audit-log.ts';
import type { Problem } from '#lib/api/common.ts';
import { callApi, problemOf } from '#components/live/api.ts';

const REFRESH_MS = 15_000;

export interface AuditLog {
  /** Newest first, as far as they were asked for; undefined before the first answer. */
  readonly pages: readonly AuditLogPage[] | undefined;
  readonly problem: Problem | undefined;
  readonly loadingOlder: boolean;
  /** What is shown answers the filter before. */
  readonly changing: boolean;
  readonly hasOlder: boolean;
  readonly loadOlder: () => void;
  readonly reload: () => void;
}

/** The audit log, page by page. While older pages are open nothing is read anew by itself: rows do not move under the reader. */
export function useAuditLog(query: string): AuditLog {
  const { data, error, isLoading, isValidating, size, setSize, mutate } = useSWRInfinite(
    (index: number, before: AuditLogPage | null) => keyOf(query, index, before),
    async (url: string) => (await callApi(url, AuditLogPage)).body,
    {
      keepPreviousData: true,
      revalidateFirstPage: false,
      revalidateOnFocus: false,
      shouldRetryOnError: false,
      // Only the newest page may be read again by the clock.
      refreshInterval: (pages) => ((pages?.length ?? 0) <= 1 ? REFRESH_MS : 0),
    },
  );
  return {
    pages: data,
    problem: error === undefined ? undefined : problemOf(error),
    changing: isLoading && data !== undefined,
    loadingOlder: isLoading || (isValidating && size > (data?.length ?? 0)),
    hasOlder: data?.at(-1)?.nextCursor !== undefined,
    loadOlder: () => void setSize(size + 1),
    reload: () => void mutate(),
  };
}

function keyOf(query: string, index: number, before: AuditLogPage | null): string | null {
  const search = new URLSearchParams(query);
  if (index > 0) {
    const cursor = before?.nextCursor;
    if (cursor === undefined) return null;
    search.set('cursor', cursor);
  }
  return `/api/v1/audit-log${search.size > 0 ? `?${search}` : ''}`;
}
