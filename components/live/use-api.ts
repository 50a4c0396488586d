'use client';
import useSWR from 'swr';
import type { Problem } from '#lib/api/common.ts';
import { type Schema, callApi, problemOf } from './api.ts';

export interface ApiState<T> {
  /** The newest good answer. It stays while the next one is fetched and when that fails. */
  readonly data: T | undefined;
  readonly etag: string | undefined;
  readonly error: Problem | undefined;
  /** Nothing to show yet. */
  readonly loading: boolean;
  /** What is shown answers the question before (another range or filter of the same path); the new answer is on its way. */
  readonly changing: boolean;
  /** Unix milliseconds of the answer shown, while newer ones fail; undefined when all is well. */
  readonly staleSince: number | undefined;
  readonly reload: () => void;
}

/** `GET url`, parsed by `schema`, again each `refreshMs` while the page is visible. `null` asks nothing. */
export function useApi<T>(url: string | null, schema: Schema<T>, options: { refreshMs?: number | undefined } = {}): ApiState<T> {
  const { data, error, isLoading, mutate } = useSWR(url, (key: string) => fetchAnswer(key, schema), {
    refreshInterval: options.refreshMs ?? 0,
    keepPreviousData: true,
    revalidateOnFocus: true,
    dedupingInterval: 400,
    onErrorRetry: (failure, _key, _config, revalidate, { retryCount }) => {
      // A refusal does not change by asking again; everything else may.
      const { status } = problemOf(failure);
      if (status >= 400 && status < 500 && status !== 408 && status !== 429) return;
      setTimeout(() => void revalidate({ retryCount }), retryDelayMs(retryCount));
    },
  });
  // The answer kept from before may only stand in where it is about the same thing.
  const usable = url !== null && data !== undefined && pathOf(data.url) === pathOf(url) ? data : undefined;
  const problem = error === undefined ? undefined : problemOf(error);
  return {
    data: usable?.body,
    etag: usable?.etag,
    error: problem,
    loading: usable === undefined && problem === undefined && url !== null,
    changing: usable !== undefined && usable.url !== url && isLoading,
    staleSince: usable !== undefined && problem !== undefined ? usable.at : undefined,
    reload: () => void mutate(),
  };
}

/** One second, doubled to at most fifteen, with a quarter of jitter so that browsers do not come back together. */
export function retryDelayMs(attempt: number, random: () => number = Math.random): number {
  return Math.min(15_000, 1000 * 2 ** Math.max(0, attempt - 1)) * (0.75 + random() * 0.5);
}

async function fetchAnswer<T>(url: string, schema: Schema<T>) {
  const { body, etag } = await callApi(url, schema);
  return { url, body, etag, at: Date.now() };
}

const pathOf = (url: string) => url.split('?', 1)[0];
