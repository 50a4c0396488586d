import type { Problem } from '#lib/api/common.ts';
import { CausewayError, ERROR_CODES, type ErrorCode } from '#lib/errors/errors.ts';

interface ProblemKind {
  readonly status: number;
  /** What it means and what to do, for a person who opens `/problems/<code>`. */
  readonly meaning: string;
}

/** Every code with its status. The keys are those of `ERROR_CODES`, so that a new code does not compile without a row here. */
const KINDS: Readonly<Record<ErrorCode, ProblemKind>> = {
  'bad-request': {
    status: 400,
    meaning:
      'The request is not one this path understands: an unknown or repeated parameter, or a value of the wrong form. "place" names it.',
  },
  'bad-filter': {
    status: 400,
    meaning: 'The filter text cannot be read. "place" gives the position of the first part that is wrong.',
  },
  'bad-input': {
    status: 422,
    meaning: 'The body or file was read, but its content is not what is expected. "place" says where.',
  },
  'too-large': { status: 413, meaning: 'The body, file, line or header is above its limit. "detail" gives the limit.' },
  unauthenticated: {
    status: 401,
    meaning: 'There is no valid session and no valid token. Sign in, or send "Authorization: Bearer cwy_...".',
  },
  forbidden: {
    status: 403,
    meaning: 'The caller is known, but has no role that allows this here. "detail" names the roles that would.',
  },
  'cross-origin': {
    status: 403,
    meaning: 'The request came from another site. The console answers its own pages and programs with a token, nobody else.',
  },
  'not-found': { status: 404, meaning: 'There is no such thing, or none that the caller may see.' },
  conflict: {
    status: 409,
    meaning:
      'It cannot be done in the present state: the name is taken, or a request with the same Idempotency-Key is not the same or still runs.',
  },
  'precondition-failed': {
    status: 412,
    meaning:
      'Someone else changed it in the meantime, or the request does not say which version it changes. Read it again and send its ETag as If-Match.',
  },
  'rate-limited': { status: 429, meaning: 'Too many requests in a short time. "Retry-After" gives the seconds to wait.' },
  'cursor-gone': { status: 410, meaning: 'What the cursor pointed to is not held any more. Start again from the newest.' },
  'relay-unreachable': { status: 502, meaning: 'Hubble Relay cannot be reached at its address.' },
  'relay-tls': {
    status: 502,
    meaning: 'The TLS connection to Hubble Relay failed: certificate, authority, server name, or TLS expected on one side only.',
  },
  'relay-incompatible': {
    status: 502,
    meaning: 'What answers at the relay address is not a Hubble Relay that this version understands.',
  },
  'relay-refused': { status: 502, meaning: 'Hubble Relay refused the request.' },
  'database-unreachable': { status: 503, meaning: 'The database cannot be reached. Nothing was changed; try again.' },
  'database-newer': { status: 503, meaning: 'The database belongs to a newer version of the console.' },
  'database-locked': { status: 503, meaning: 'Another process uses the embedded database.' },
  'ingest-unreachable': { status: 503, meaning: 'The ingest process does not answer. Live data comes back with it; try again.' },
  'not-configured': { status: 503, meaning: 'This needs configuration that the console was started without.' },
};

/** A failure that is nobody's expected one: logged here, opaque outside. */
const INTERNAL: ProblemKind = {
  status: 500,
  meaning: 'Something went wrong inside the console. The log has the reason under the request id.',
};

/** RFC 9457 for what was thrown. Only a `CausewayError` speaks for itself; anything else gives `internal` without a detail. */
export function problemOf(error: unknown, requestId?: string): Problem {
  const known = error instanceof CausewayError ? error : undefined;
  const code = known?.code ?? 'internal';
  // Where ingest listens is for the log, not for a browser.
  const detail = code === 'ingest-unreachable' ? 'the ingest process does not answer' : known?.message;
  return {
    type: `/problems/${code}`,
    title: code.replaceAll('-', ' '),
    status: kindOf(code)?.status ?? INTERNAL.status,
    ...(detail && { detail }),
    ...(requestId !== undefined && { requestId }),
    ...(known?.place && { place: { ...known.place } }),
  };
}

/** The problem as a response. `retryAfterSeconds` for `rate-limited`. */
export function problemResponse(error: unknown, requestId: string, retryAfterSeconds?: number): Response {
  const problem = problemOf(error, requestId);
  return Response.json(problem, {
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(problem.status === 401 && { 'www-authenticate': 'Bearer realm="causeway"' }),
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
      ...(problem.status === 503 && { 'retry-after': '5' }),
    },
  });
}

export const PROBLEM_CODES: readonly string[] = [...ERROR_CODES, 'internal'];

/** Title, status and meaning of a code; undefined for one that does not exist. */
export function kindOf(code: string): ProblemKind | undefined {
  if (code === 'internal') return INTERNAL;
  return Object.hasOwn(KINDS, code) ? KINDS[code as ErrorCode] : undefined;
}
