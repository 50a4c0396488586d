import 'server-only';
import { Readable } from 'node:stream';
import { type AskInit, bodyOf, errorOfAnswer } from '#lib/bus/ingest-client.ts';
import { pathOf, type RouteId } from './api-routes.ts';
import { auditContext } from './audit-context.ts';
import type { Call } from './handle.ts';
import { ingest } from './ingest.ts';
import { mediaTypeOf } from './read-body.ts';

/** The routes that ingest answers: the same path there, without `/api/v1`. */
export type IngestRoute = Extract<RouteId, `${string} /api/v1/clusters/{cluster}/${string}` | `${string} /api/v1/keys${string}`>;

/** Headers of an answer of ingest that reach the caller. */
const PASSED = ['content-type', 'etag', 'content-disposition', 'content-length'] as const;

/** Path of the call at ingest, built from the checked parameters. */
export function ingestPath({ id, params }: Pick<Call<IngestRoute>, 'id' | 'params'>): string {
  return pathOf(id)
    .replace('/api/v1', '')
    .replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

/** Passes a checked call to ingest and its answer back as the bytes it is; a problem of ingest becomes ours. */
export async function passOn(call: Call<IngestRoute>, init: AskInit = {}): Promise<Response> {
  const { status, headers, body } = await ingest().ask(ingestPath(call), searchOf(call), {
    ...init,
    headers: { ...headersOf(call), ...init.headers },
  });
  if (status >= 400) throw errorOfAnswer(status, body);
  const bare = status === 204 || status === 304;
  return new Response(bare ? null : new Uint8Array(body), { status, headers: passed(headers) });
}

/** As `passOn`, with the checked body as JSON. */
export const passJson = (call: Call<IngestRoute>): Promise<Response> =>
  passOn(call, {
    method: call.request.method as 'POST' | 'PUT',
    body: JSON.stringify(call.body),
    headers: { 'content-type': 'application/json', ...ifMatchOf(call.request) },
  });

/** As `passOn`, for an answer of any size: it flows through as it comes, at the pace of the reader. */
export async function passOnStream(call: Call<IngestRoute>): Promise<Response> {
  const answer = await ingest().open(ingestPath(call), searchOf(call), { headers: headersOf(call), signal: call.request.signal });
  const status = answer.statusCode ?? 0;
  if (status >= 400) throw errorOfAnswer(status, await bodyOf(answer));
  return new Response(Readable.toWeb(answer) as ReadableStream<Uint8Array>, { status, headers: passed(answer.headers) });
}

/** Passes a file on as it comes, never held whole; its limits are checked where it is read. There is no time limit but the sender's own. */
export async function passUpload(
  call: Call<
    | 'POST /api/v1/clusters/{cluster}/captures'
    | 'PUT /api/v1/clusters/{cluster}/policies/source'
    | 'POST /api/v1/clusters/{cluster}/flow-logs'
  >,
): Promise<Response> {
  const { request } = call;
  const headers = { 'content-type': mediaTypeOf(request) };
  return passOn(call, {
    method: request.method as 'POST' | 'PUT',
    headers,
    timeoutMs: 0,
    signal: request.signal,
    body: request.body ?? new Uint8Array(),
  });
}

/** An edit names the version it was made from. */
function ifMatchOf(request: Request): Record<string, string> {
  const tag = request.headers.get('if-match');
  return tag === null ? {} : { 'if-match': tag };
}

const searchOf = ({ request }: Pick<Call, 'request'>): string => new URL(request.url).search;

/** Who asks, for what ingest writes down; percent-encoded, as a name may hold any character. */
function headersOf(call: Call<IngestRoute>): Record<string, string> {
  const { request, requestId, actor } = call;
  const known = request.headers.get('if-none-match');
  return {
    'x-request-id': requestId,
    'x-causeway-actor': encodeURIComponent(actor.name),
    ...(request.method !== 'GET' && { 'x-causeway-audit': auditHeader(call) }),
    ...(known !== null && { 'if-none-match': known }),
  };
}

/** Who asks and from where, for what ingest adds to the audit log. */
function auditHeader(call: Call<IngestRoute>): string {
  const { actor, request } = auditContext(call);
  const userAgent = request?.userAgent.slice(0, 300) ?? '';
  return encodeURIComponent(JSON.stringify({ actor, request: { ...request, userAgent } }));
}

function passed(headers: Readonly<Record<string, unknown>>): Headers {
  const result = new Headers();
  for (const name of PASSED) {
    const value = headers[name];
    if (typeof value === 'string') result.set(name, value);
  }
  if (result.has('etag')) result.set('cache-control', 'private, no-cache');
  return result;
}
