import type { Problem } from '#lib/api/common.ts';
import { PROBLEM_STATUS } from '#lib/api/problem-status.ts';
import { CausewayError, ERROR_CODES, type ErrorCode } from '#lib/errors/errors.ts';

interface ProblemKind {
  readonly status: number;
  /** What it means and what to do, for a person who opens `/problems/<code>`. */
  readonly meaning: string;
}

const MEANINGS: Readonly<Record<ErrorCode, string>> = {
  'bad-request':
    'The request is not one this path understands: an unknown or repeated parameter, or a value of the wrong form. "place" names it.',
  'bad-filter': 'The filter text cannot be read. "place" gives the position of the first part that is wrong.',
  'bad-input': 'The body or file was read, but its content is not what is expected. "place" says where.',
  'too-large': 'The body, file, line or header is above its limit. "detail" gives the limit.',
  unauthenticated: 'There is no valid session and no valid token. Sign in, or send "Authorization: Bearer cwy_...".',
  forbidden: 'The caller is known, but has no role that allows this here. "detail" names the roles that would.',
  'cross-origin': 'The request came from another site. The console answers its own pages and programs with a token, nobody else.',
  'not-found': 'There is no such thing, or none that the caller may see.',
  conflict:
    'It cannot be done in the present state: the name is taken, or a request with the same Idempotency-Key is not the same or still runs.',
  'precondition-failed':
    'Someone else changed it in the meantime, or the request does not say which version it changes. Read it again and send its ETag as If-Match.',
  'step-up-required':
    'This decision needs a fresh sign-in with a second factor. `place.stepUp` names the step-up to complete; send the command again with its id.',
  'evidence-changed': 'The evidence is not what the request names any more. Read the phase again and decide on what it says now.',
  'rate-limited': 'Too many requests in a short time. "Retry-After" gives the seconds to wait.',
  'cursor-gone': 'What the cursor pointed to is not held any more. Start again from the newest.',
  'relay-unreachable': 'Hubble Relay cannot be reached at its address.',
  'relay-tls':
    'The TLS connection to Hubble Relay failed: certificate, authority, server name, or TLS expected on one side only.',
  'relay-incompatible': 'What answers at the relay address is not a Hubble Relay that this version understands.',
  'relay-refused': 'Hubble Relay refused the request.',
  'database-unreachable': 'The database cannot be reached. Nothing was changed; try again.',
  'database-newer': 'The database belongs to a newer version of the console.',
  'database-locked': 'Another process uses the embedded database.',
  'ingest-unreachable': 'The ingest process does not answer. Live data comes back with it; try again.',
  'witness-unreachable': 'A witness of the log cannot be reached, or fails.',
  'witness-refused': 'A witness of the log refuses the head, or what it answers does not verify.',
  'not-configured': 'This needs configuration that the console was started without.',
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
  const known = ERROR_CODES.find((each) => each === code);
  return known && { status: PROBLEM_STATUS[known], meaning: MEANINGS[known] };
}
