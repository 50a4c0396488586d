import { messageOf } from '#lib/errors/errors.ts';
import type { Phase } from '#lib/migration/model.ts';
import type { PreflightCheck, PreflightOutcome, PreflightResult } from './check.ts';
import { PREFLIGHT_CHECKS } from './checks.ts';
import type { PreflightInputs } from './inputs.ts';

export interface PreflightOptions {
  /** Only checks that this phase's gate asks for, be it to be acknowledged. */
  readonly phase?: Phase | undefined;
  readonly checks?: readonly PreflightCheck[];
}

/** What the checks say, by their number. One that fails in itself says `unknown` with the reason; the others are not concerned. */
export function runPreflight(
  inputs: PreflightInputs,
  { phase, checks = PREFLIGHT_CHECKS }: PreflightOptions = {},
): PreflightResult[] {
  return checks
    .filter((check) => phase === undefined || check.gates.includes(phase) || check.acknowledge.includes(phase))
    .map((check) => ({ check, ...outcomeOf(check, inputs) }));
}

function outcomeOf(check: PreflightCheck, inputs: PreflightInputs): PreflightOutcome {
  try {
    return check.decide(inputs);
  } catch (error) {
    const message = `The check failed in itself: ${messageOf(error).slice(0, 300)}. Please report it.`;
    return {
      status: 'unknown',
      findings: [{ status: 'unknown', message, object: `check ${check.number}` }],
      missing: check.needs,
    };
  }
}
