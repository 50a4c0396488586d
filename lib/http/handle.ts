import 'server-only';
import type { Logger } from 'pino';
import { ClusterId } from '#lib/api/common.ts';
import { actorOf } from '#lib/auth/actor.ts';
import { type Action, type Actor, authorize, hasAnyRole, type Resource } from '#lib/auth/authorize.ts';
import { config } from '#lib/config/config.ts';
import { type ClusterRow, readCluster } from '#lib/db/platform/clusters.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import {
  type API_ROUTES,
  type ApiRoute,
  type BodyOf,
  type QueryOf,
  querySchemaOf,
  type ResponseOf,
  type RouteId,
  routeOf,
} from './api-routes.ts';
import { auditActor, auditRequest } from './audit-context.ts';
import { noteRefusal } from './audit-denials.ts';
import { once } from './idempotency.ts';
import { requestIdOf, rootLog } from './log.ts';
import { countRequest } from './metrics.ts';
import { asGzip, takesGzip } from './gzip.ts';
import { problemResponse } from './problem.ts';
import { addressOf, RateLimited, RateLimiter } from './rate-limit.ts';
import { mediaTypeOf, readJson, readQuery } from './read-body.ts';
import { checkSameOrigin, isSafe } from './same-origin.ts';

/** A request that has passed its checks: who, on what, with which input. */
export interface Call<K extends RouteId = RouteId> {
  readonly id: K;
  readonly request: Request;
  readonly requestId: string;
  readonly log: Logger;
  /** Path parameters. */
  readonly params: Readonly<Record<string, string>>;
  /** The cluster of the path. */
  readonly cluster: K extends `${string}{cluster}${string}` ? ClusterRow : undefined;
  readonly actor: (typeof API_ROUTES)[K]['access'] extends 'public' ? undefined : Actor;
  readonly query: QueryOf<K>;
  /** Undefined for an upload, whose bytes are still in `request.body`. */
  readonly body: BodyOf<K>;
  /** Throws `forbidden` unless the caller may do this as well. */
  require(action: Action, resource: Resource): void;
  /**
   * The cluster with this id, for routes whose path does not name it. Throws `not-found` when the caller may not know of it, `forbidden` unless this may
   * be done to it. A route about a thing in a cluster says what there is none of: what is hidden then reads as what does not exist, whose cluster is
   * undefined.
   */
  onCluster(id: string | undefined, action: Action, none?: string): Promise<ClusterRow>;
  /** Whether the route's own rule still holds, asked anew: for streams. */
  stillAllowed(): Promise<boolean>;
}

type Answer<K extends RouteId> = Response | ResponseOf<K>;
interface RouteContext {
  readonly params: Promise<Record<string, string | string[]>>;
}

/**
 * The handler of a route: origin, caller, rate, rule, query and body are checked as the table in `api-routes.ts` says, in this order, then
 * `run` is called once. What it returns is sent as JSON unless it is a response; what it throws becomes a problem.
 */
export function handle<K extends RouteId>(
  id: K,
  run: (call: Call<K>) => Promise<Answer<K>>,
): (request: Request, context: RouteContext) => Promise<Response> {
  const route = routeOf(id);
  return async (request, context) => {
    const began = performance.now();
    const requestId = requestIdOf(request.headers);
    const log = rootLog().child({ requestId, route: id });
    const seen: Seen = {};
    let response: Response;
    try {
      response = await answer(id, route, request, plain(await context.params), requestId, log, seen, run);
    } catch (error) {
      if (request.signal.aborted) return new Response(null, { status: CALLER_LEFT });
      if (!(error instanceof CausewayError)) log.error({ err: error }, 'unexpected failure');
      response = problemResponse(error, requestId, error instanceof RateLimited ? error.retryAfterSeconds : undefined);
      seen.caller ??= 'anonymous';
      if (isRefusal(error, request.headers)) await noteDenied(id, error, request.headers, requestId, seen);
      if (response.status >= 500) log.warn({ reason: messageOf(error), cause: causeOf(error) }, 'failed');
    }
    const ms = Math.round(performance.now() - began);
    countRequest(id, response.status, ms);
    // Probes and scrapes come every few seconds and say nothing while they succeed.
    const level = route.access === 'public' && response.ok ? 'debug' : 'info';
    log[level]({ status: response.status, ms, caller: seen.caller }, 'request');
    const isStream = route.produces === 'text/event-stream';
    return secured(isStream && takesGzip(request.headers) ? await asGzip(response) : response, requestId);
  };
}

async function answer<K extends RouteId>(
  id: K,
  route: ApiRoute,
  request: Request,
  params: Record<string, string>,
  requestId: string,
  log: Logger,
  seen: Seen,
  run: (call: Call<K>) => Promise<Answer<K>>,
): Promise<Response> {
  const { headers, method } = request;
  const url = new URL(request.url);
  checkSameOrigin(method, headers, config().publicUrl);
  const actor = route.access === 'public' ? undefined : await caller(headers);
  seen.caller = actor?.subject ?? 'anonymous';
  seen.actor = actor;
  limiter().take(
    route.limit ?? (isSafe(method) ? 'read' : 'write'),
    actor?.subject ?? `address ${addressOf(headers)}`,
    Date.now(),
  );
  if ('cluster' in params) seen.cluster = params['cluster'];
  const cluster = 'cluster' in params ? await clusterSeenBy(actor, params['cluster'] ?? '') : undefined;
  if (actor) enforce(route, actor, cluster);
  const query =
    id.startsWith('GET /api/auth') || id.startsWith('POST /api/auth') ? {} : readQuery(url.searchParams, querySchemaOf(id));
  const isUpload = route.upload?.includes(mediaTypeOf(request)) === true;
  const body = route.body && !isUpload ? await readJson(request, route.body) : undefined;
  if (actor && route.on === 'body') requireOn(actor, route, body as { id: string; environment: ClusterRow['environment'] });

  const call = {
    id,
    request,
    requestId,
    log,
    params,
    cluster,
    actor,
    query,
    body,
    require: (action: Action, resource: Resource) => {
      if (actor) demand(actor, action, resource);
      else throw signInFirst();
    },
    onCluster: async (named: string | undefined, action: Action, none?: string) => {
      if (named !== undefined) seen.cluster = named;
      const row = await clusterSeenBy(actor, named ?? '', none);
      if (actor) demand(actor, action, row);
      return row;
    },
    stillAllowed: async () => {
      const now = await actorOf(headers).catch(() => undefined);
      if (!now || now.subject !== actor?.subject) return false;
      return isAction(route.access) ? authorize(now, route.access, cluster ?? 'organisation').allowed : hasAnyRole(now);
    },
  } as Call<K>; // the types of K say what the checks above have just established
  const respond = async () => toResponse(await run(call), route);
  const key = route.creates ? headers.get('idempotency-key') : null;
  if (key === null || !actor) return respond();
  return once(
    { actor: actor.subject, key, operation: `${method} ${url.pathname}`, body, secretAnswer: route.secretAnswer === true },
    respond,
  );
}

async function caller(headers: Headers): Promise<Actor> {
  const actor = await actorOf(headers);
  if (!actor) throw signInFirst();
  return actor;
}

/** The cluster, if there is one and the caller may know of it: whoever may not read a cluster cannot learn its name by trying. */
async function clusterSeenBy(actor: Actor | undefined, id: string, none = 'there is no such cluster'): Promise<ClusterRow> {
  const cluster = ClusterId.safeParse(id).success ? await readCluster(id) : undefined;
  if (!cluster || !actor || !authorize(actor, 'cluster.read', cluster).allowed)
    throw cluster ? new HiddenCluster(none) : new CausewayError('not-found', none);
  return cluster;
}

/** For the caller the same as no cluster at all; for the audit log a refusal. */
class HiddenCluster extends CausewayError {
  constructor(none: string) {
    super('not-found', none);
  }
}

/** What is known of a request once it fails. */
interface Seen {
  caller?: string;
  actor?: Actor | undefined;
  cluster?: string | undefined;
}

/** Whether someone was refused what they have no right to. Being asked to sign in is none, unless by a token that does not count. */
function isRefusal(error: unknown, headers: Headers): boolean {
  if (error instanceof HiddenCluster) return true;
  if (!(error instanceof CausewayError)) return false;
  if (error.code === 'unauthenticated') return headers.has('authorization');
  return error.code === 'forbidden' || error.code === 'cross-origin';
}

const noteDenied = (id: RouteId, error: unknown, headers: Headers, requestId: string, { actor, cluster }: Seen): Promise<void> =>
  noteRefusal({
    actor: auditActor(actor),
    request: auditRequest(headers, requestId),
    action: 'access.denied',
    object: { type: 'route', id },
    outcome: 'denied',
    reason: error instanceof HiddenCluster ? 'no right to read this cluster' : messageOf(error),
    ...(cluster !== undefined && { cluster }),
  });

function enforce(route: ApiRoute, actor: Actor, cluster: ClusterRow | undefined): void {
  if (!hasAnyRole(actor)) throw new CausewayError('forbidden', 'none of your groups has a role in this console');
  if (!isAction(route.access) || (route.on === 'body' && !cluster)) return;
  demand(actor, route.access, route.on === 'anywhere' ? 'anywhere' : (cluster ?? 'organisation'));
}

/** What an edit makes of a cluster must be allowed as well as the edit of what it is. */
function requireOn(actor: Actor, route: ApiRoute, body: { id: string; environment: ClusterRow['environment'] }): void {
  if (isAction(route.access)) demand(actor, route.access, body);
}

function demand(actor: Actor, action: Action, resource: Resource): void {
  const decision = authorize(actor, action, resource);
  if (!decision.allowed) throw new CausewayError('forbidden', decision.reason);
}

/** Nobody reads this answer; the number is what proxies use in their logs. */
const CALLER_LEFT = 499;

const isAction = (access: ApiRoute['access']): access is Action => access !== 'signed-in' && access !== 'public';
const signInFirst = () => new CausewayError('unauthenticated', 'sign in, or send a token');

const holder = globalThis as { causewayLimiter?: RateLimiter };
const limiter = () => (holder.causewayLimiter ??= new RateLimiter(config().rateLimit));

function toResponse(result: unknown, route: ApiRoute): Response {
  if (result instanceof Response) return result;
  if (result === undefined) return new Response(null, { status: 204 });
  return Response.json(result, { status: route.status ?? 200 });
}

/** Next gives routes without a variable part no parameters at all. */
function plain(params: Record<string, string | string[]> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(params ?? {}).map(([name, value]) => [name, [value].flat().join('/').slice(0, 200)]));
}

/** Headers every answer of the API has. Pages get theirs from `proxy.ts`. */
function secured(response: Response, requestId: string): Response {
  const headers = new Headers(response.headers);
  headers.set('x-request-id', requestId);
  headers.set('x-content-type-options', 'nosniff');
  headers.set('referrer-policy', 'no-referrer');
  headers.set('cross-origin-resource-policy', 'same-origin');
  headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  if (config().publicUrl.startsWith('https:')) headers.set('strict-transport-security', HSTS);
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

const HSTS = 'max-age=63072000; includeSubDomains';
const causeOf = (error: unknown) => (error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : undefined);
