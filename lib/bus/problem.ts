import 'server-only';
import type { Problem } from '#lib/api/common.ts';
import { CausewayError, type ErrorCode } from '#lib/errors/errors.ts';

/** HTTP status of each failure between the processes of one console. */
const STATUS_OF: Readonly<Record<ErrorCode, number>> = {
  'bad-request': 400,
  'bad-filter': 400,
  'bad-input': 422,
  'too-large': 413,
  unauthenticated: 401,
  forbidden: 403,
  'cross-origin': 403,
  'not-found': 404,
  conflict: 409,
  'precondition-failed': 412,
  'rate-limited': 429,
  'cursor-gone': 410,
  'relay-unreachable': 502,
  'relay-tls': 502,
  'relay-incompatible': 502,
  'relay-refused': 502,
  'database-unreachable': 503,
  'database-newer': 503,
  'database-locked': 503,
  'ingest-unreachable': 503,
  'not-configured': 503,
};

/** An error as the problem document that says it to another process; undefined for one that nobody expected: it stays in the log. */
export function problemOf(error: unknown): Problem | undefined {
  if (!(error instanceof CausewayError)) return undefined;
  return {
    type: `/problems/${error.code}`,
    title: error.code.replaceAll('-', ' '),
    status: STATUS_OF[error.code],
    detail: error.message,
    ...(error.place && { place: { ...error.place } }),
  };
}
