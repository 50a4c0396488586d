import 'server-only';
import { Readable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import type { MigrationChanged } from '#lib/api/migration.ts';
import { frameOf, HEARTBEAT, HEARTBEAT_MS } from '#lib/bus/sse.ts';
import { ChangeFeed, changesSince } from '#lib/db/migration/change-feed.ts';
import { takesGzip } from './gzip.ts';
import type { Call } from './handle.ts';
import { rootLog } from './log.ts';
import { SSE_HEADERS } from './sse.ts';

const RECHECK_MS = 60_000;
/** A browser that does not read is let go: it comes back and is told from where it was. */
const MOST_WAITING = 256 * 1024;

/** An event and no comment: a page sees it, and takes a line without any for dead. */
const BEAT = frameOf('beat', '{}').bytes;

// One for all copies of this module that a development server makes.
const holder = globalThis as { causewayChanges?: ChangeFeed };
const feed = (): ChangeFeed =>
  (holder.causewayChanges ??= new ChangeFeed((error) => rootLog().warn({ error }, 'changes of migrations cannot be read')));

/** Which clusters' changes the caller may be told of, asked anew now and then. */
export type ReadSeen = () => Promise<ReadonlySet<string>>;

/**
 * Event `changed` for each change of the clusters in `readSeen`, from after `Last-Event-ID` on where the browser sends one, and `beat` now and then. It ends when the browser
 * leaves or is too slow, and at the next check after the right to read is gone.
 */
export async function streamOfChanges(
  call: Call<'GET /api/v1/clusters/{cluster}/migration/stream'>,
  readSeen: ReadSeen,
  recheckMs = RECHECK_MS,
): Promise<Response> {
  const { request, log } = call;
  let seen = await readSeen();
  const gzip = takesGzip(request.headers) ? createGzip({ flush: constants.Z_SYNC_FLUSH }) : undefined;
  const plain = new Readable({ read() {} });
  const tell = (changes: readonly MigrationChanged[]): void => {
    for (const { seq, at, cluster, phase, what, text, by } of changes) {
      if (!seen.has(cluster)) continue;
      const change = { seq, at, cluster, ...(phase !== undefined && { phase }), what, text, ...(by && { by }) };
      plain.push(frameOf('changed', JSON.stringify(change), String(seq)).bytes);
    }
    if (plain.readableLength > MOST_WAITING) end();
  };
  plain.push(HEARTBEAT);
  const leave = await feed().listen(tell);
  const beat = setInterval(() => plain.push(BEAT), HEARTBEAT_MS);
  const recheck = setInterval(() => {
    void Promise.all([call.stillAllowed(), readSeen()])
      .then(([allowed, now]) => {
        seen = now;
        if (allowed) return;
        log.info({ caller: call.actor.subject }, 'stream ended: the reader may not read it any more');
        end();
      })
      .catch(end);
  }, recheckMs);
  let ended = false;
  function end(): void {
    if (ended) return;
    ended = true;
    leave();
    clearInterval(beat);
    clearInterval(recheck);
    plain.push(null);
  }
  request.signal.addEventListener('abort', end, { once: true });
  plain.once('close', end);
  const last = lastSeq(request);
  if (last !== undefined) tell((await changesSince(last)) ?? [readAnew(last, call.cluster.id)]);
  if (request.signal.aborted) end();
  const body = gzip ? plain.pipe(gzip) : plain;
  if (gzip) gzip.once('close', end);
  return new Response(Readable.toWeb(body) as ReadableStream<Uint8Array>, {
    headers: { ...SSE_HEADERS, ...(gzip && { 'content-encoding': 'gzip' }) },
  });
}

/** Too much has happened to tell one by one. */
const readAnew = (seq: number, cluster: string): MigrationChanged => ({
  seq,
  at: Date.now(),
  cluster,
  what: 'settings',
  text: '',
});

/** Where the reader was: the browser's own retry says it in a header, a page that opens a new source only in the address. */
function lastSeq({ headers, url }: Request): number | undefined {
  const text = headers.get('last-event-id') ?? new URL(url).searchParams.get('cursor') ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
