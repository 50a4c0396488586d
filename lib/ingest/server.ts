import 'server-only';
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import type { Logger } from 'pino';
import { problemOf } from '#lib/bus/problem.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { Sink } from './hub.ts';

/** A request of the web process. `params` are the named parts of the path. */
export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: Readable;
  /** Aborts when the caller is gone or the server closes. */
  readonly signal: AbortSignal;
}

/** What a handler answers. A stream is opened only once everything that can fail with a status has been done. */
export type Answer =
  | { readonly json: unknown; readonly status?: number; readonly headers?: Readonly<Record<string, string>> }
  /** JSON that is written already: UTF-8. */
  | { readonly jsonBytes: Uint8Array }
  | { readonly status: 204 }
  | { readonly text: string; readonly type: string }
  | { readonly stream: Readable; readonly headers: Readonly<Record<string, string>> }
  | { readonly events: (sink: Sink) => () => void }
  | { readonly frames: readonly Buffer[] };

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/clusters/:cluster/flows` */
  readonly path: string;
  /** Answers without a bearer: health only. */
  readonly open?: true;
  handle(call: Call): Answer | Promise<Answer>;
}

export interface Listen {
  /** `unix:/path/to.sock`, or `http://host:port` (port 0 for any). */
  readonly url: string;
  readonly token: string;
}

export interface IngestServer {
  /** As listened on, with the real port. */
  readonly url: string;
  close(): Promise<void>;
}

/** Bytes that may wait for the web process before a stream's batches are left out. */
const STREAM_BYTES = 8 * 1024 * 1024;

/** The HTTP interface between web and ingest: bearer token, problem documents, JSON and server-sent events. Never reachable from outside. */
export async function serveIngest(listen: Listen, routes: readonly Route[], log: Logger): Promise<IngestServer> {
  const closing = new AbortController();
  const table = routes.map((route) => ({ route, pattern: patternOf(route.path) }));
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      log.warn({ error: messageOf(error) }, 'an answer could not be sent');
      response.destroy();
    });
  });
  server.keepAliveTimeout = 65_000;
  server.requestTimeout = 0; // an upload takes as long as it takes; its size is bounded

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = headerOf(request, 'x-request-id') ?? randomUUID();
    response.setHeader('x-request-id', requestId);
    response.setHeader('cache-control', 'no-store');
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://ingest');
    const started = performance.now();
    try {
      const match = find(table, request.method ?? 'GET', pathname);
      if (!match.route.open) checkToken(request, listen.token);
      const caller = new AbortController();
      response.once('close', () => caller.abort());
      const result = await match.route.handle({
        params: match.params,
        query: Object.fromEntries(searchParams),
        headers: request.headers,
        body: request,
        signal: AbortSignal.any([caller.signal, closing.signal]),
      });
      await send(result, request, response, closing.signal);
      log.debug({ requestId, method: request.method, path: pathname, ms: Math.round(performance.now() - started) }, 'answered');
    } catch (error) {
      const problem = problemOf(error) ?? {
        type: 'about:blank',
        title: 'internal error',
        status: 500,
        detail: 'see the log of ingest',
      };
      if (problem.status >= 500) log.error({ requestId, path: pathname, error: messageOf(error) }, 'request failed');
      if (response.headersSent) response.destroy();
      else {
        response.writeHead(problem.status, { 'content-type': 'application/problem+json' });
        response.end(JSON.stringify({ ...problem, requestId }));
        // The rest of the body is read away, or the next request on this connection waits behind it for ever. Who was reading it lets go first: a pipe
        // that notices later that its end is closed would pause it again.
        request.unpipe().resume();
      }
    }
  }

  const url = await listenOn(server, listen.url);
  return {
    url,
    async close() {
      closing.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 1000).unref();
      await closed;
    },
  };
}

async function send(answer: Answer, request: IncomingMessage, response: ServerResponse, closing: AbortSignal): Promise<void> {
  if ('json' in answer) return sendJson(Buffer.from(JSON.stringify(answer.json)), answer, request, response);
  if ('jsonBytes' in answer) return sendJson(answer.jsonBytes, {}, request, response);
  if ('status' in answer) return void response.writeHead(answer.status).end();
  if ('text' in answer) return void response.writeHead(200, { 'content-type': answer.type }).end(answer.text);
  if ('stream' in answer) {
    response.writeHead(200, answer.headers);
    return pipeline(answer.stream, response);
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
  response.socket?.setNoDelay(true);
  if ('frames' in answer) return void response.end(Buffer.concat(answer.frames));
  const end = (): void => void response.destroy();
  const leave = answer.events({
    hasRoom: () => response.writableLength < STREAM_BYTES,
    write: (bytes) => void response.write(bytes),
    end,
  });
  closing.addEventListener('abort', end, { once: true });
  response.once('close', () => {
    closing.removeEventListener('abort', end);
    leave();
  });
}

/** JSON with a strong ETag (the answer's own, or one of its bytes), so that an unchanged answer costs its caller no bytes. */
function sendJson(
  body: Uint8Array,
  answer: Pick<Extract<Answer, { json: unknown }>, 'headers' | 'status'>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const etag = answer.headers?.['etag'] ?? `"${createHash('sha1').update(body).digest('base64url')}"`;
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (request.method === 'GET') response.setHeader('etag', etag);
  if (request.method === 'GET' && headerOf(request, 'if-none-match') === etag) return void response.writeHead(304).end();
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(body);
}

function find(
  table: readonly { readonly route: Route; readonly pattern: RegExp }[],
  method: string,
  path: string,
): { route: Route; params: Readonly<Record<string, string>> } {
  for (const { route, pattern } of table) {
    const match = route.method === method ? pattern.exec(path) : null;
    if (match) return { route, params: decoded(match.groups ?? {}) };
  }
  throw new CausewayError('not-found', `no ${method} ${path}`);
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    throw new CausewayError('bad-request', 'the path is not valid');
  }
}

/** Patterns come from our own table of routes, never from a request. */
const patternOf = (path: string): RegExp => new RegExp(`^${path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`);

function checkToken(request: IncomingMessage, token: string): void {
  const given = Buffer.from(
    createHash('sha256')
      .update(headerOf(request, 'authorization') ?? '')
      .digest(),
  );
  const wanted = Buffer.from(createHash('sha256').update(`Bearer ${token}`).digest());
  if (!timingSafeEqual(given, wanted)) throw new CausewayError('unauthenticated', 'the token of ingest is missing or wrong');
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function listenOn(server: Server, url: string): Promise<string> {
  const path = url.startsWith('unix:') ? url.slice('unix:'.length) : undefined;
  if (path !== undefined && existsSync(path)) rmSync(path);
  const { hostname, port } = path === undefined ? new URL(url) : { hostname: '', port: '' };
  const host = hostname.replace(/^\[|\]$/g, '');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path === undefined ? { host, port: Number(port || 80) } : { path }, resolve);
  });
  if (path !== undefined) {
    chmodSync(path, 0o600);
    return url;
  }
  const address = server.address();
  return `http://${hostname}:${address !== null && typeof address === 'object' ? address.port : port}`;
}
