import type { ErrorCode } from '#lib/errors/errors.ts';

/** HTTP status of each failure, to browsers and between the processes of one console. A new code does not compile without a row here. */
export const PROBLEM_STATUS: Readonly<Record<ErrorCode, number>> = {
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
  'step-up-required': 403,
  'evidence-changed': 409,
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
