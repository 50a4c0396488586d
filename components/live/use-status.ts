'use client';
import useSWR from 'swr';
import { ClusterStatus } from '#lib/api/clusters.ts';
import type { Problem } from '#lib/api/common.ts';
import { callApi, problemOf } from './api.ts';

/** What a stream of this page said about a cluster, so that nobody needs to ask again for it. */
const published = new Map<string, { readonly status: ClusterStatus; readonly at: number }>();

/** Hands a `status` event of a stream to the frame: it then shows that and asks less. */
export function publishStatus(status: ClusterStatus): void {
  published.set(status.cluster, { status, at: Date.now() });
}

export interface StatusState {
  readonly status: ClusterStatus | undefined;
  /** Unix milliseconds, by the browser's clock, at which `status` was true. */
  readonly at: number;
  readonly error: Problem | undefined;
}

/** Relay state, rates and coverage of a cluster, at most two seconds old. */
export function useStatus(cluster: string): StatusState {
  const { data, error } = useSWR(cluster === '' ? null : `status ${cluster}`, () => readStatus(cluster), {
    refreshInterval: 2000,
    dedupingInterval: 500,
    onErrorRetry: (_failure, _key, _config, revalidate, { retryCount }) => {
      setTimeout(() => void revalidate({ retryCount }), Math.min(10_000, 2000 * retryCount));
    },
  });
  return {
    status: data?.status,
    at: data?.at ?? 0,
    error: error === undefined ? undefined : problemOf(error),
  };
}

async function readStatus(cluster: string) {
  const known = published.get(cluster);
  if (known && Date.now() - known.at < 2500) return known;
  const { body } = await callApi(`/api/v1/clusters/${encodeURIComponent(cluster)}/status`, ClusterStatus);
  return { status: body, at: Date.now() };
}
