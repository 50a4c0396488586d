import 'server-only';
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { addressesOf, allowedUrl, type Resolve, type Resolved } from './target.ts';

/** What is to be sent, and how it is signed. */
export interface Message {
  /** The same at every attempt: receivers tell repeats by it. */
  readonly id: string;
  readonly url: string;
  /** JSON. */
  readonly body: string;
  /** `whsec_...` */
  readonly secret: string;
}

export interface DeliverOptions {
  readonly origins: readonly string[];
  readonly resolve?: Resolve;
  readonly timeoutMs?: number;
  readonly now?: () => number;
  readonly signal?: AbortSignal;
}

/** What became of an attempt. `problem` is in our own words: nothing the receiver wrote is in it. */
export type Outcome =
  | { readonly ok: true; readonly status: number }
  | {
      readonly ok: false;
      readonly status?: number;
      readonly problem: string;
      /** Trying again cannot help: the target is not allowed. */
      readonly final?: true;
      /** The receiver wants nothing more (410). */
      readonly gone?: true;
      /** Pause that the receiver asked for. */
      readonly retryAfterMs?: number;
    };

const TIMEOUT_MS = 5_000;
const MOST_ANSWER_BYTES = 64 * 1024;

/**
 * Sends a message once, signed by the Standard Webhooks scheme. It goes to an allowed origin only, to an address that was looked at, follows no
 * redirect, waits five seconds in all and reads no more of the answer than it must. Never throws.
 */
export async function deliver(message: Message, options: DeliverOptions): Promise<Outcome> {
  let url: URL;
  try {
    url = allowedUrl(message.url, options.origins);
  } catch (error) {
    return { ok: false, problem: messageOf(error), final: true };
  }
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const late = AbortSignal.timeout(timeoutMs);
  const signal = options.signal ? AbortSignal.any([late, options.signal]) : late;
  try {
    const addresses = await withSignal(addressesOf(url, options.resolve), signal);
    return outcomeOf(await post(url, addresses, headersOf(message, options.now?.() ?? Date.now()), message.body, signal));
  } catch (error) {
    if (late.aborted) return { ok: false, problem: `no answer within ${timeoutMs / 1000} s` };
    if (error instanceof CausewayError) return { ok: false, problem: error.message };
    return { ok: false, problem: `the target cannot be reached: ${connectionProblem(error)}` };
  }
}

function headersOf({ id, body, secret }: Message, now: number): Record<string, string> {
  return {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'Causeway',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, new Date(now), body),
  };
}

/** Status and headers of the answer, whose body is read away up to its limit, so that a polite receiver is not cut off. */
function post(
  url: URL,
  addresses: readonly Resolved[],
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const options: RequestOptions = { method: 'POST', headers, signal, agent: false, lookup: pinned(addresses) };
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps(url, options) : requestHttp(url, options);
    request.once('error', reject);
    request.once('response', (response) => {
      request.off('error', reject).on('error', () => {});
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MOST_ANSWER_BYTES) response.destroy();
      });
      // The status alone counts: however the rest of the answer ends (whole, too long, too slow, broken), it has been given.
      response.on('error', () => {});
      response.once('close', () => resolve(response));
    });
    request.end(body);
  });
}

/** A resolver that answers every question with the addresses that were found before. */
export const pinned =
  (addresses: readonly Resolved[]): LookupFunction =>
  (_name, { all }, done) => {
    const [first] = addresses;
    if (!first) return done(new Error('no address'), '', 0);
    if (all) return done(null, [...addresses]);
    done(null, first.address, first.family);
  };

function outcomeOf({ statusCode: status = 0, headers }: IncomingMessage): Outcome {
  if (status >= 200 && status < 300) return { ok: true, status };
  if (status === 410) return { ok: false, status, problem: 'answered 410 Gone: the receiver wants nothing more', gone: true };
  if (status >= 300 && status < 400) return { ok: false, status, problem: `answered ${status}: redirects are not followed` };
  const seconds = /^\d{1,6}$/.exec(headers['retry-after'] ?? '')?.[0];
  const pause = seconds === undefined ? {} : { retryAfterMs: Number(seconds) * 1000 };
  return { ok: false, status, problem: `answered ${status}`, ...pause };
}

/** The code of the system or of OpenSSL, without what a certificate says of itself. */
function connectionProblem(error: unknown): string {
  const code = error instanceof Object && 'code' in error ? String(error.code) : '';
  return /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? code : 'the connection failed';
}

function withSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
