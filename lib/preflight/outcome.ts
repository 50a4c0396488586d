import type { InputName, PreflightFinding, PreflightOutcome } from './check.ts';

/** The outcome that follows from findings: one that fails decides, then one that is unknown. */
export function outcomeOf(findings: readonly PreflightFinding[], missing: readonly InputName[] = []): PreflightOutcome {
  const failed = findings.filter(({ status }) => status === 'fail');
  const open = findings.filter(({ status }) => status === 'unknown');
  const rest = findings.filter(({ status }) => status === 'pass');
  const sorted = [...failed, ...open, ...rest];
  if (failed.length > 0) return { status: 'fail', findings: sorted, missing };
  if (open.length > 0 || missing.length > 0) return { status: 'unknown', findings: sorted, missing };
  return { status: 'pass', findings: sorted, missing: [] };
}

/** Nothing can be said without these inputs. */
export const unknownWithout = (...missing: readonly InputName[]): PreflightOutcome => ({
  status: 'unknown',
  findings: [],
  missing,
});

export const fail = (object: string, message: string, fix?: string): PreflightFinding => ({
  status: 'fail',
  object,
  message,
  ...(fix !== undefined && { fix }),
});
export const unknown = (object: string, message: string, fix?: string): PreflightFinding => ({
  status: 'unknown',
  object,
  message,
  ...(fix !== undefined && { fix }),
});
/** What a pass, or a person who takes a risk on, is worth knowing. */
export const note = (object: string, message: string): PreflightFinding => ({ status: 'pass', object, message });
