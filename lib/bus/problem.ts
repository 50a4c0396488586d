import 'server-only';
import type { Problem } from '#lib/api/common.ts';
import { PROBLEM_STATUS } from '#lib/api/problem-status.ts';
import { CausewayError } from '#lib/errors/errors.ts';

/** An error as the problem document that says it to another process; undefined for one that nobody expected: it stays in the log. */
export function problemOf(error: unknown): Problem | undefined {
  if (!(error instanceof CausewayError)) return undefined;
  return {
    type: `/problems/${error.code}`,
    title: error.code.replaceAll('-', ' '),
    status: PROBLEM_STATUS[error.code],
    detail: error.message,
    ...(error.place && { place: { ...error.place } }),
  };
}
