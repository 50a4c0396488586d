import type { Standing } from '#lib/receipts/statement.ts';
import { VERIFY_STEPS, type Verification, type VerifyStep, type VerifyStepId } from '#lib/receipts/verify.ts';
import type { Tone } from '#components/ui/Chip.tsx';
import type { MarkName } from '#components/ui/Mark.tsx';

/** What became of a verification, in words. Pure. */
export interface Outcome {
  readonly tone: Tone;
  readonly mark: MarkName;
  /** For a chip: `10 of 10 required checks pass`. */
  readonly short: string;
  /** What it means, and what to do. */
  readonly long: string;
  /** Whether what the receipt says may be repeated. */
  readonly stands: boolean;
}

export function outcomeOf(verification: Verification): Outcome {
  const { exit, steps, gaps } = verification;
  const failed = steps.find(({ status }) => status === 'fail');
  const { passed, required } = countRequired(verification);
  const count = `${passed} of ${required} required checks pass`;
  switch (exit) {
    case 0:
      return { tone: 'fwd', mark: 'pass', short: count, long: 'Valid: every required check passes.', stands: true };
    case 5:
      return {
        tone: 'audit',
        mark: 'gap',
        short: `${count}, the batch had gaps`,
        long: `Valid, and its batch did not see everything: ${gaps.join(', ')}. The receipt stands; what its batch does not hold may have happened all the same.`,
        stands: true,
      };
    case 4:
      return {
        tone: 'neutral',
        mark: 'unknown',
        short: 'not witnessed enough',
        long: 'Signed and whole, and too few witnesses have seen a head of the log with it: whoever holds the log could still drop it. Fetch it again later, or ask why the witnesses are silent.',
        stands: true,
      };
    case 3:
      return {
        tone: 'drop',
        mark: 'fail',
        short: 'a key that is not trusted',
        long: `Not trusted: ${failed?.detail ?? 'a key is unknown or was not in force'}. Either the trust bundle is of another console or time, or somebody else made this.`,
        stands: false,
      };
    case 2:
      return {
        tone: 'drop',
        mark: 'fail',
        short: 'no receipt',
        long: `This is no receipt: ${failed?.detail ?? 'it cannot be read'}.`,
        stands: false,
      };
    case 1:
      return {
        tone: 'drop',
        mark: 'fail',
        short: 'not valid',
        long: `Not valid: ${failed ? `${VERIFY_STEPS[failed.id].toLowerCase()}, ${failed.detail}` : 'a check fails'}. It was changed, or never was what it says. Keep the file as it is and ask where it came from.`,
        stands: false,
      };
  }
}

/** What of log and witnesses the statement may tell: what was verified, of a receipt that stands. Undefined of one that does not. */
export function verifiedStanding(verification: Verification): Standing | undefined {
  const { steps, receipt, witnesses } = verification;
  if (!outcomeOf(verification).stands) return undefined;
  const logged = steps.some(({ id, status }) => id === 'checkpoint' && status === 'pass');
  const size = logged ? receipt?.proof?.log?.size : undefined;
  return size === undefined ? { witnesses: [] } : { checkpoint: size, witnesses: witnesses.map(({ name }) => name) };
}

/** A step as it is shown; `not-reached` ones come after one that failed. */
export interface ShownStep {
  readonly id: VerifyStepId;
  readonly number: number;
  readonly name: string;
  readonly status: VerifyStep['status'] | 'not-reached';
  readonly detail: string;
}

/** All steps in their order, those that were not reached too. */
export function shownSteps({ steps }: Verification): readonly ShownStep[] {
  return Object.entries(VERIFY_STEPS).map(([id, name], index) => {
    // Of two about one thing the failure is what counts.
    const own = steps.filter((step) => step.id === id);
    const step = own.find(({ status }) => status === 'fail') ?? own[0];
    return {
      id: id as VerifyStepId,
      number: index + 1,
      name,
      status: step?.status ?? 'not-reached',
      detail: step?.detail ?? 'not reached: a check before it fails',
    };
  });
}

export const STEP_MARKS: Readonly<Record<ShownStep['status'], MarkName>> = {
  pass: 'pass',
  fail: 'fail',
  absent: 'unknown',
  'not-reached': 'unknown',
};

/** Steps that had to pass: what is absent was needed only where its absence is what is wrong. */
function countRequired({ steps }: Verification): { passed: number; required: number } {
  const passed = steps.filter(({ status }) => status === 'pass').length;
  return { passed, required: steps.filter(({ status }) => status !== 'absent').length };
}
