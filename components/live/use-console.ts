'use client';
import { useParams } from 'next/navigation';
import { parseAsBoolean, parseAsInteger, parseAsString, useQueryStates } from 'nuqs';
import { useMemo } from 'react';
import { DEFAULT_RANGE, isRange, refreshMsOf, windowQuery } from './range.ts';

const SHARED = {
  range: parseAsString.withDefault(DEFAULT_RANGE),
  from: parseAsInteger,
  to: parseAsInteger,
  paused: parseAsBoolean.withDefault(false),
  capture: parseAsString,
};

/** What all pages of a cluster share through the URL: which cluster, which time, live or paused, which capture. */
export function useConsole() {
  const params = useParams<{ cluster?: string }>();
  const [query, setQuery] = useQueryStates(SHARED, { history: 'push' });
  const cluster = params?.cluster ?? '';

  return useMemo(() => {
    const range = isRange(query.range) ? query.range : DEFAULT_RANGE;
    const window = { range, from: query.from, to: query.to };
    const past = query.from !== null;
    return {
      /** Id of the cluster in the path; empty on pages of no cluster. */
      cluster,
      /** Base of the cluster's API. */
      api: `/api/v1/clusters/${encodeURIComponent(cluster)}`,
      ...window,
      window,
      capture: query.capture,
      paused: query.paused,
      /** A window of the past is shown, not the last so much. */
      past,
      /** New data is wanted: not paused, not past, no capture. */
      live: !query.paused && !past && query.capture === null,
      setRange: (next: string) => setQuery({ range: next, from: null, to: null }),
      setWindow: (from: number, to: number) => setQuery({ from: Math.round(from), to: Math.round(to) }),
      backToLive: () => setQuery({ from: null, to: null, paused: null, capture: null }),
      setPaused: (paused: boolean) => setQuery({ paused: paused || null }, { history: 'replace' }),
      setCapture: (capture: string | null) => setQuery({ capture }),
      /** `range=5m` or `from=…&to=…`, and the capture when one is open: for API calls. */
      rangeQuery: () => windowQuery(window) + (query.capture === null ? '' : `&capture=${encodeURIComponent(query.capture)}`),
      /** How often to ask again: 0 when nothing new is wanted. */
      refreshMs: query.paused || query.capture !== null ? 0 : refreshMsOf(window),
      /** A link to a page of this cluster (`flows`, `map`), with the shared state and `extra` of its own. */
      hrefOf: (page: string, extra: Readonly<Record<string, string>> = {}) => {
        const search = new URLSearchParams();
        if (range !== DEFAULT_RANGE) search.set('range', range);
        if (query.from !== null) search.set('from', String(query.from));
        if (query.to !== null) search.set('to', String(query.to));
        if (query.paused) search.set('paused', 'true');
        if (query.capture !== null) search.set('capture', query.capture);
        for (const [name, value] of Object.entries(extra)) search.set(name, value);
        return `/c/${encodeURIComponent(cluster)}/${page}${search.size > 0 ? `?${search}` : ''}`;
      },
    };
  }, [cluster, query, setQuery]);
}

export type Console = ReturnType<typeof useConsole>;
