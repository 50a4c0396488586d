import 'server-only';
import { takesGzip } from './gzip.ts';
import type { Call } from './handle.ts';
import { fanout } from './ingest.ts';
import { ingestPath, type IngestRoute } from './pass-on.ts';

/** How often a stream asks whether its reader may still read. A withdrawn role or a revoked session ends it by then. */
const RECHECK_MS = 60_000;

/**
 * The shared stream of ingest at the path of `call`, as server-sent events. What can fail with a status has failed when this resolves.
 * It ends when the browser leaves, and at the next check after the reader's right is gone: the browser's own retry then gets the 401 or 403.
 */
export async function streamOfIngest(
  call: Call<Extract<IngestRoute, `${string}/stream`>>,
  recheckMs = RECHECK_MS,
): Promise<Response> {
  const { request, log } = call;
  const ended = new AbortController();
  const leave = () => ended.abort();
  if (request.signal.aborted) leave();
  request.signal.addEventListener('abort', leave, { once: true });
  // The place of one reader is no part of what all readers of a stream share.
  const { searchParams } = new URL(request.url);
  const cursor = searchParams.get('cursor') ?? undefined;
  searchParams.delete('cursor');
  const gzip = takesGzip(request.headers);
  const frames = await fanout().subscribe(ingestPath(call), searchParams.size > 0 ? `?${searchParams}` : '', {
    signal: ended.signal,
    lastEventId: request.headers.get('last-event-id')?.slice(0, 200) ?? cursor,
    gzip,
  });
  const timer = setInterval(() => {
    void call.stillAllowed().then((allowed) => {
      if (allowed) return;
      log.info({ caller: call.actor.subject }, 'stream ended: the reader may not read it any more');
      leave();
    });
  }, recheckMs);
  ended.signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  return new Response(frames, { headers: { ...SSE_HEADERS, ...(gzip && { 'content-encoding': 'gzip' }) } });
}

/** No buffering on the way, nor another compression: an event must arrive when it happens. */
export const SSE_HEADERS = {
  vary: 'accept-encoding',
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};
