import type { InputName, PreflightFinding } from '#lib/preflight/check.ts';
import { counted } from '#lib/policy/lint/words.ts';
import type { Evidence } from './evidence.ts';
import { type Measured, unknown } from './measure.ts';

/** Whether the running agents enforce: audit mode is off. */
export function enforced({ inputs: { running } }: Evidence): Measured {
  const audits = running.flag('policyAuditMode');
  if (audits === undefined) return unknown('cilium-config is not known.', 'cilium-config');
  return {
    kind: 'verdict',
    passes: !audits,
    value: audits ? 'audit mode' : 'enforcing',
    needs: 'enforcing',
    reason: audits ? `${running.nameOf('policyAuditMode')} is true: policies only report.` : 'Policies are enforced.',
  };
}

/** What a preflight check said. */
export const preflightCheck =
  (number: number) =>
  ({ preflight }: Evidence): Measured => {
    const outcome = preflight.get(number);
    if (!outcome) return unknown(`This console has no preflight check ${number}.`);
    const { status, findings, missing } = outcome;
    const failed = findings.filter((finding) => finding.status === 'fail');
    const open = findings.filter((finding) => finding.status === 'unknown');
    const shown = (status === 'fail' ? failed : open).map(({ object, message }) => `${object}: ${message}`);
    const figures = { findings: findings.length, failed: failed.length, unknown: open.length };
    if (status === 'unknown') {
      const reason = missing.length > 0 ? `It cannot say without ${namesOf(missing)}.` : sentenceOf(open[0], 'It cannot say.');
      return { kind: 'unknown', missing, reason, objects: shown, figures };
    }
    return {
      kind: 'verdict',
      passes: status === 'pass',
      value: status === 'pass' ? 'pass' : counted(failed.length, 'finding'),
      needs: 'pass',
      reason: status === 'pass' ? sentenceOf(findings[0], 'Nothing stands against it.') : sentenceOf(failed[0], 'It fails.'),
      objects: shown,
      figures,
    };
  };

/** A finding as a sentence; `otherwise` without one. */
function sentenceOf(finding: PreflightFinding | undefined, otherwise: string): string {
  if (!finding) return otherwise;
  const text = `${finding.object}: ${finding.message}`;
  return text.endsWith('.') ? text : `${text}.`;
}

const namesOf = (names: readonly InputName[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
