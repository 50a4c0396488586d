'use client';
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'react';
import { ClusterStatus } from '#lib/api/clusters.ts';
import type { Problem } from '#lib/api/common.ts';
import { FlowBatch, FlowPage, GapEvent } from '#lib/api/flows.ts';
import { callApi, problemOf } from '#components/live/api.ts';
import { useApi } from '#components/live/use-api.ts';
import { publishStatus } from '#components/live/use-status.ts';
import { type Stream, on, useStream } from '#components/live/use-stream.ts';
import { FrameBatches } from './frame-batches.ts';
import { type FlowRows, NO_ROWS, type StreamItem, foldRows } from './flow-rows.ts';
import { type StreamRate, addSample, startRate } from './stream-rate.ts';

/** Rows that the stream sends in a batch of 100 ms: 200 a second are more than anyone reads. */
const ROWS_PER_BATCH = 20;
export const MAX_ROWS_PER_SECOND = ROWS_PER_BATCH * 10;
const PAGE = 100;
/** About what a tall screen shows. A page can hold fewer and still not be the last: a search ends early rather than hold up those who watch. */
const SCREENFUL = 40;

export interface Flows extends FlowRows {
  readonly rate: StreamRate;
  readonly stream: Stream;
  readonly status: ClusterStatus | undefined;
  readonly loading: boolean;
  readonly error: Problem | undefined;
  readonly reload: () => void;
  /** Asks for older flows; undefined when there are none. */
  readonly loadOlder: (() => void) | undefined;
  readonly loadingOlder: boolean;
  /** Unix milliseconds of the oldest flow that is still held by the console. */
  readonly oldest: number | undefined;
}

/** What to show: the flows of `api` that match `filter`. `live` follows the stream; otherwise `rangeQuery` names a window or a capture. */
export interface FlowsAsked {
  readonly api: string;
  readonly filter: string;
  readonly rangeQuery: string;
  readonly live: boolean;
  /** Nothing moves while true; what comes waits. */
  readonly held: boolean;
}

/** Flows of a cluster: the newest page at once, then the stream, folded once a frame. Remount, by `key`, for another question. */
export function useFlows({ api, filter, rangeQuery, live, held }: FlowsAsked): Flows {
  const [state, act] = useReducer(foldRows, NO_ROWS);
  const [rate, setRate] = useState<StreamRate>(() => startRate(0));
  const [status, setStatus] = useState<ClusterStatus>();

  const search = new URLSearchParams({ filter, limit: String(PAGE) });
  // Following, the newest flows are wanted however long ago they were; a window of the past names its own time.
  const first = `${api}/flows?${search}${live ? '' : `&${rangeQuery}`}`;
  const page = useApi(first, FlowPage);
  useEffect(() => {
    if (page.data) act({ type: 'page', page: page.data });
  }, [page.data]);
  useEffect(() => act({ type: 'hold', held }), [held]);

  const [batches] = useState(
    () =>
      new FrameBatches<StreamItem>((events) => {
        act({ type: 'events', events });
        const now = Date.now();
        setRate((before) =>
          events.reduce((sum, event) => addSample(sum, sampleOf(event, now)), before.since === 0 ? startRate(now) : before),
        );
      }),
  );
  useEffect(() => () => batches.stop(), [batches]);
  const follow = `${api}/flows/stream?${new URLSearchParams({ filter, rows: String(ROWS_PER_BATCH) })}`;
  const stream = useStream(
    live ? follow : null,
    {
      flows: on(FlowBatch, (batch) => batches.push({ kind: 'batch', batch })),
      gap: on(GapEvent, (gap) => batches.push({ kind: 'gap', gap })),
      status: on(ClusterStatus, (next) => {
        publishStatus(next);
        setStatus(next);
      }),
    },
    { resumes: true },
  );

  const older = useOlder(first, page.data, act);
  const searchOn = state.rows.length < SCREENFUL ? older.loadOlder : undefined;
  useLayoutEffect(() => searchOn?.(), [searchOn]);
  return useMemo(
    () => ({
      ...state,
      rate,
      stream,
      status,
      loading: (page.loading || older.loadingOlder) && state.rows.length === 0,
      error: page.error,
      reload: page.reload,
      oldest: page.data?.oldest,
      ...older,
    }),
    [state, rate, stream, status, page.loading, page.error, page.reload, page.data, older],
  );
}

const sampleOf = (item: StreamItem, at: number) => {
  if (item.kind === 'batch')
    return { at, matched: item.batch.matched, sent: item.batch.flows.length, skipped: item.batch.skipped };
  return { at, matched: 0, sent: 0, skipped: 0 };
};

/** Pages back from the first page, one at a time. */
function useOlder(first: string, page: FlowPage | undefined, act: (action: { type: 'older'; page: FlowPage }) => void) {
  const [cursor, setCursor] = useState<{ of: string; next: string | undefined }>();
  const [loadingOlder, setLoading] = useState(false);
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const next = cursor?.of === first ? cursor.next : page?.nextCursor;

  const loadOlder = useMemo(() => {
    const load = async (from: string) => {
      if (abort.current && !abort.current.signal.aborted) return;
      const own = new AbortController();
      abort.current = own;
      setLoading(true);
      try {
        const { body } = await callApi(`${first}&cursor=${encodeURIComponent(from)}`, FlowPage, { signal: own.signal });
        act({ type: 'older', page: body });
        setCursor({ of: first, next: body.nextCursor });
      } catch (error) {
        // The oldest rows fell out of the ring meanwhile: what is shown is all there is.
        if (problemOf(error).status === 410) setCursor({ of: first, next: undefined });
      } finally {
        own.abort();
        setLoading(false);
      }
    };
    return next === undefined ? undefined : () => void load(next);
  }, [first, next, act]);
  return useMemo(() => ({ loadingOlder, loadOlder }), [loadingOlder, loadOlder]);
}
