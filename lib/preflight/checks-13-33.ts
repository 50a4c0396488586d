import type { PreflightCheck } from './check.ts';

/** Checks 13 to 33, by their number. */
export const CHECKS_13_TO_33: readonly PreflightCheck[] = [];
