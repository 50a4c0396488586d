/**
 * The state machine of gates told once more, from its description and without any of the code it checks: what each step needs and does. Used
 * against what the database holds after everybody has done what they could.
 */
const STEPS: Readonly<Record<string, { readonly from: readonly string[]; readonly to: readonly string[] }>> = {
  request: { from: ['none'], to: ['requested'] },
  approve: { from: ['requested', 'approving'], to: ['approving', 'approved'] },
  reject: { from: ['requested', 'approving'], to: ['rejected'] },
  withdraw: { from: ['requested', 'approving'], to: ['withdrawn'] },
  expire: { from: ['requested', 'approving', 'approved'], to: ['expired'] },
  'go-stale': { from: ['requested', 'approving', 'approved'], to: ['stale'] },
  revoke: { from: ['approved'], to: ['revoked'] },
  execute: { from: ['approved'], to: ['executing'] },
  'break-glass': { from: ['none', 'requested', 'approving', 'approved'], to: ['executing'] },
  complete: { from: ['executing', 'verifying'], to: ['verifying', 'completed'] },
  fail: { from: ['executing', 'verifying', 'rolling-back'], to: ['failed'] },
  'glass-ends': { from: ['executing'], to: ['failed'] },
  'roll-back': { from: ['none', 'executing', 'verifying'], to: ['rolling-back'] },
  'finish-roll-back': { from: ['rolling-back'], to: ['rolled-back'] },
};

/** A step as the model looks at it. */
export interface ModelStep {
  readonly version: number;
  readonly from_state: string;
  readonly to_state: string;
  readonly command: string;
  readonly by_subject: string;
  readonly needed: number;
  readonly requested_by: string;
  readonly contributors: readonly string[];
}

/** A request as far as its steps have been replayed. */
export interface ModelFile {
  state: string;
  version: number;
  readonly approvers: Set<string>;
}

export const newFile = (): ModelFile => ({ state: 'none', version: 0, approvers: new Set() });

/** Takes a step in the model; gives why it may not be taken, and then takes it not. */
export function replay(file: ModelFile, step: ModelStep): string | undefined {
  const problem = problemOf(step, file);
  if (problem !== undefined) return problem;
  file.state = step.to_state;
  file.version = step.version;
  if (step.command === 'approve') file.approvers.add(step.by_subject);
  return undefined;
}

function problemOf(step: ModelStep, file: ModelFile): string | undefined {
  const rule = STEPS[step.command];
  if (!rule?.from.includes(step.from_state) || !rule.to.includes(step.to_state)) return 'there is no such step';
  if (step.from_state !== file.state || step.version !== file.version + 1) return `it was ${file.state} at ${file.version}`;
  if (['approve', 'reject', 'revoke'].includes(step.command)) {
    if (step.by_subject === step.requested_by) return 'whoever asked decided';
    if (step.contributors.includes(step.by_subject)) return 'whoever made the evidence decided';
  }
  if (step.command === 'withdraw' && step.by_subject !== step.requested_by) return 'somebody else withdrew it';
  if (step.command !== 'approve') return undefined;
  if (file.approvers.has(step.by_subject)) return 'the second vote of one person';
  const reached = file.approvers.size + 1 >= step.needed;
  return (step.to_state === 'approved') === reached ? undefined : `${file.approvers.size + 1} of ${step.needed} approvals`;
}
