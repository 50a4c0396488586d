'use client';
import useSWR from 'swr';
import { type Schema, callApi, problemOf } from '#components/live/api.ts';
import type { ApiState } from '#components/live/use-api.ts';

/** A question that needs a body, asked once for each body: `POST url`, answered as `useApi` answers. `null` asks nothing. */
export function usePost<T>(url: string, json: unknown, schema: Schema<T>): ApiState<T> {
  const body = json === null ? null : JSON.stringify(json);
  const { data, error, isLoading, mutate } = useSWR(
    body === null ? null : [url, body],
    async ([address, text]) => {
      const answer = await callApi(address, schema, { method: 'POST', json: JSON.parse(text) as unknown });
      return { ...answer, of: text, at: Date.now() };
    },
    { keepPreviousData: true, revalidateOnFocus: false, revalidateIfStale: false, shouldRetryOnError: false },
  );
  const usable = body === null ? undefined : data;
  const problem = error === undefined ? undefined : problemOf(error);
  return {
    data: usable?.body,
    etag: usable?.etag,
    error: problem,
    loading: usable === undefined && problem === undefined && body !== null,
    changing: usable !== undefined && usable.of !== body && isLoading,
    staleSince: usable !== undefined && problem !== undefined ? usable.at : undefined,
    reload: () => void mutate(),
  };
}
