'use client';
import { useEffect, useEffectEvent, useId, useState } from 'react';
import type { Problem } from '#lib/api/common.ts';
import { type Schema, readProblem } from './api.ts';
import { type StreamState, reportConnection } from './connections.ts';
import { retryDelayMs } from './use-api.ts';

/** What to do with one kind of event: its parsed JSON and its `id` (the cursor; empty when it has none). */
export type StreamHandler = (data: unknown, id: string) => void;

export interface Stream {
  readonly state: StreamState;
  /** Unix milliseconds since which `state` holds; 0 before the first attempt. */
  readonly since: number;
  /** Why it is closed or why the last attempt failed, when the server said so. */
  readonly problem: Problem | undefined;
}

/** No stream of ours is silent this long: status comes each second. Then the line is dead, whatever the browser believes. */
const SILENT_MS = 20_000;

const CLOSED: Stream = { state: 'closed', since: 0, problem: undefined };

/** A handler that takes only what `schema` accepts; a message of another shape is left out, so that one bad frame ends nothing. */
export function on<T>(schema: Schema<T>, handle: (data: T, id: string) => void): StreamHandler {
  return (data, id) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) handle(parsed.data, id);
  };
}

/**
 * One server-sent event stream for as long as the component lives and `url` stays; `null` closes it. The names of `handlers` are read
 * when it opens, the functions may change at every render. A lost line is opened again with growing pauses; a refusal (4xx) is final.
 * With `resumes`, a stream that is opened again goes on after the last event that had an id.
 */
export function useStream(
  url: string | null,
  handlers: Readonly<Record<string, StreamHandler>>,
  { resumes = false }: { readonly resumes?: boolean } = {},
): Stream {
  const id = useId();
  const [stream, setStream] = useState<Stream>({ state: 'connecting', since: 0, problem: undefined });
  const receive = useEffectEvent((event: string, data: unknown, cursor: string) => handlers[event]?.(data, cursor));
  const names = Object.keys(handlers).toSorted().join(' ');

  useEffect(() => {
    if (url === null) return undefined;
    const abort = new AbortController();
    let source: EventSource | undefined;
    let lastEvent = Date.now();
    let lastId = '';
    let attempt = 0;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let current: Stream = { state: 'connecting', since: Date.now(), problem: undefined };

    const say = (state: StreamState, problem?: Problem, retryAt?: number) => {
      if (abort.signal.aborted) return;
      current = { state, since: current.state === state ? current.since : Date.now(), problem };
      setStream(current);
      reportConnection(id, { url, state, since: current.since, lastEvent, retryAt });
    };
    const open = () => {
      // A new source knows nothing of the one before: only the address can say where it stopped.
      source = new EventSource(resumes && lastId !== '' ? withCursor(url, lastId) : url);
      lastEvent = Date.now();
      source.addEventListener('open', () => {
        attempt = 0;
        lastEvent = Date.now();
        say('live');
      });
      source.addEventListener('error', () => {
        // A lost line is retried by the browser, with its Last-Event-ID; an error response is final for it, not for us.
        if (source?.readyState === EventSource.CLOSED) void reopen();
        else say('reconnecting');
      });
      for (const name of names.split(' ')) {
        source.addEventListener(name, (event: MessageEvent<string>) => {
          lastEvent = Date.now();
          if (event.lastEventId !== '') lastId = event.lastEventId;
          if (current.state !== 'live') say('live');
          receive(name, parse(event.data), event.lastEventId);
        });
      }
    };
    const reopen = async () => {
      source?.close();
      const problem = await whyRefused(url, abort.signal);
      if (abort.signal.aborted) return;
      if (problem && problem.status >= 400 && problem.status < 500 && problem.status !== 429) return say('closed', problem);
      attempt += 1;
      const delay = retryDelayMs(attempt);
      say('reconnecting', problem, Date.now() + delay);
      retry = setTimeout(open, delay);
    };
    const watch = setInterval(() => {
      if (current.state !== 'live' || Date.now() - lastEvent < SILENT_MS) return;
      source?.close();
      say('reconnecting');
      open();
    }, 2000);

    say('connecting');
    open();
    return () => {
      abort.abort();
      clearTimeout(retry);
      clearInterval(watch);
      source?.close();
      reportConnection(id, undefined);
    };
  }, [url, names, id, resumes]);

  return url === null ? CLOSED : stream;
}

/** EventSource hides why it was refused: ask once more and read only the status. */
async function whyRefused(url: string, signal: AbortSignal): Promise<Problem | undefined> {
  const probe = new AbortController();
  const stop = () => probe.abort();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const response = await fetch(url, { headers: { accept: 'text/event-stream' }, signal: probe.signal });
    return response.ok ? undefined : await readProblem(response);
  } catch {
    return undefined;
  } finally {
    signal.removeEventListener('abort', stop);
    probe.abort();
  }
}

const withCursor = (url: string, cursor: string): string =>
  `${url}${url.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
