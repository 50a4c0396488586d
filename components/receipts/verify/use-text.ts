'use client';
import useSWR from 'swr';
import type { Problem } from '#lib/api/common.ts';
import { ApiFailure, problemOf, readProblem } from '#components/live/api.ts';

export interface TextState {
  readonly text: string | undefined;
  readonly problem: Problem | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
}

/** `GET url` as the text it is, read once and again when `version` changes: what is verified are its very characters. `null` asks nothing. */
export function useText(url: string | null, version = ''): TextState {
  const { data, error, isLoading, mutate } = useSWR(
    url === null ? null : ['text', url, version],
    ([, address]) => fetchText(address),
    { keepPreviousData: true, revalidateOnFocus: false, revalidateOnReconnect: false, shouldRetryOnError: false },
  );
  return {
    text: data,
    problem: error === undefined ? undefined : problemOf(error),
    loading: isLoading && data === undefined,
    reload: () => void mutate(),
  };
}

async function fetchText(url: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new ApiFailure(
      { type: '/problems/offline', title: 'the console does not answer', status: 0, detail: 'No connection to the console.' },
      cause,
    );
  }
  if (!response.ok) throw new ApiFailure(await readProblem(response));
  return response.text();
}
