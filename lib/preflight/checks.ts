import type { PreflightCheck } from './check.ts';

/** All preflight checks, by their number. */
export const PREFLIGHT_CHECKS: readonly PreflightCheck[] = [].toSorted(
  (a: PreflightCheck, b: PreflightCheck) => a.number - b.number,
);
