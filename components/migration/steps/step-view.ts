import type { PhaseStep } from '#lib/api/migration.ts';
import type { StateShape } from '../state-words.ts';

/** What a step's line says: a mark, and words where there is more to say than when it was ticked. */
export function stepLook(step: Pick<PhaseStep, 'status' | 'done' | 'checks'>): { shape: StateShape | 'unknown'; words: string } {
  const checks = step.checks.length === 1 ? 'its check' : 'a check';
  if (step.status === 'fail') return { shape: 'fail', words: step.done ? `ticked, but ${checks} fails` : `${checks} fails` };
  if (step.status === 'unknown')
    return { shape: 'unknown', words: step.done ? `ticked, but ${checks} is unknown` : `${checks} is unknown` };
  if (step.done) return { shape: 'pass', words: '' };
  return { shape: 'open', words: step.status === 'pass' ? 'checks pass, not ticked yet' : 'open' };
}

/** What a step leaves behind, in words. */
export const evidenceWords = (evidence: PhaseStep['evidence']): string =>
  ({ automatic: 'read by the console', uploaded: 'an uploaded file', typed: "a person's word" })[evidence];
