import 'server-only';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { Problem } from '#lib/api/common.ts';
import { CausewayError, ERROR_CODES, messageOf } from '#lib/errors/errors.ts';

/** Where the ingest process listens: `unix:/path/to.sock` or `http://host:port`, and the bearer token it wants. */
export interface IngestTarget {
  readonly url: string;
  readonly token: string;
}

export interface IngestAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface AskInit {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is passed on as it comes, never held whole. */
  readonly body?: string | Uint8Array | Readable | ReadableStream<Uint8Array>;
  /** Milliseconds without a byte from ingest before giving up; 30 s when absent, none for streams. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The web process's way to ingest. Paths and queries are those of the public API without `/api/v1`, e.g. `/clusters/prd/flows`, `?limit=50`. */
export interface IngestClient {
  /** The whole answer, whatever its status. Throws `ingest-unreachable` when there is none. */
  ask(path: string, search?: string, init?: AskInit): Promise<IngestAnswer>;
  /** The answer as a stream, once its status is known: for downloads and server-sent events. */
  open(path: string, search?: string, init?: AskInit): Promise<IncomingMessage>;
  close(): void;
}

const TIMEOUT_MS = 30_000;

export function createIngestClient(target: IngestTarget): IngestClient {
  // Plain answers share kept connections; a stream has one of its own and must not hold up the others.
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const streams = new Agent({ keepAlive: false });
  return {
    async ask(path, search = '', init = {}) {
      const answer = await send(target, agent, path, search, { timeoutMs: TIMEOUT_MS, ...init });
      return { status: answer.statusCode ?? 0, headers: answer.headers, body: await bodyOf(answer) };
    },
    open: (path, search = '', init = {}) => send(target, streams, path, search, init),
    close() {
      agent.destroy();
      streams.destroy();
    },
  };
}

/** What a problem answer of ingest says, as the error it was there; the web edge maps it to a problem again. */
export function errorOfAnswer(status: number, body: Buffer): CausewayError | (Error & { readonly code?: undefined }) {
  const problem = problemOf(body);
  const code = ERROR_CODES.find((known) => problem?.type === `/problems/${known}`);
  // A fault of ingest is in its log under this request's id; it is no expected failure, and not silence either.
  if (problem && !code) return new Error(`ingest failed with status ${status}: ${problem.title}`);
  if (!problem || !code) return new CausewayError('ingest-unreachable', `ingest answered with status ${status}`);
  return new CausewayError(code, problem.detail ?? problem.title, problem.place ? { place: problem.place } : {});
}

function problemOf(body: Buffer): Problem | undefined {
  try {
    return Problem.safeParse(JSON.parse(body.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

export async function bodyOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk as Buffer);
  } catch (error) {
    throw unreachable(error);
  }
  return Buffer.concat(chunks);
}

function send(target: IngestTarget, agent: Agent, path: string, search: string, init: AskInit): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body, timeoutMs, signal } = init;
  const base = addressOf(target.url);
  return new Promise((resolve, reject) => {
    const call = request({
      ...base,
      agent,
      method,
      path: path + search,
      headers: { host: 'ingest', authorization: `Bearer ${target.token}`, ...headers },
      ...(signal && { signal }),
      ...(timeoutMs && { timeout: timeoutMs }),
    });
    call.once('response', resolve);
    call.once('error', (error) => reject(unreachable(error)));
    call.once('timeout', () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
      call.end(body);
      return;
    }
    const source = body instanceof Readable ? body : Readable.fromWeb(body as WebStream<Uint8Array>);
    // An answer may come before the body has been read, e.g. "too large": then the rest is not wanted.
    pipeline(source, call).catch((error: unknown) => reject(unreachable(error)));
  });
}

function addressOf(url: string): { socketPath: string } | { host: string; port: string } {
  if (url.startsWith('unix:')) return { socketPath: url.slice('unix:'.length) };
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port || '80' };
}

const unreachable = (error: unknown): CausewayError =>
  error instanceof CausewayError
    ? error
    : new CausewayError('ingest-unreachable', `the ingest process does not answer: ${messageOf(error)}`, { cause: error });
