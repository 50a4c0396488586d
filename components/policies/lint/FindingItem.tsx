import type { LintFinding } from '#lib/api/policies.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { SEVERITY_MARKS } from '../policy/policy-lines.ts';
import { RuleLink } from '../PolicyName.tsx';
import { citationOf } from './lint-view.ts';

/** One finding of lint: where, what, why it matters, what to do, and who says so. */
export function FindingItem({ finding, named, rule = true }: FindingItemProps) {
  const { severity, message, why, fix, ruleId, source } = finding;
  const citation = citationOf(source);
  return (
    <li className="grid grid-cols-[12px_minmax(0,1fr)] gap-x-2.5 border-t border-line px-4 py-2.5 text-13 first:border-t-0">
      <Mark name={SEVERITY_MARKS[severity]} label={severity} className="mt-1" />
      <div className="flex min-w-0 flex-col gap-0.5">
        <p className="font-label wrap-anywhere first-letter:uppercase">{visibleText(message)}</p>
        <p className="flex min-w-0 flex-wrap items-center gap-x-2 text-12 text-ink-3">
          <RuleLink rule={finding} named={named} />
          {finding.line !== undefined && <span>line {finding.line}</span>}
        </p>
        <p className="max-w-prose text-12 wrap-anywhere text-ink-2">{visibleText(why)}</p>
        {fix !== undefined && (
          <p className="max-w-prose text-12 wrap-anywhere text-ink-2">
            <span className="font-label text-ink">Fix: </span>
            {visibleText(fix)}
          </p>
        )}
        <p className="text-12 wrap-anywhere text-ink-3">
          {rule && <span className="font-mono">{visibleText(ruleId)}, </span>}
          {citation.href === undefined ? (
            visibleText(citation.text)
          ) : (
            <a
              href={citation.href}
              target="_blank"
              rel="noopener noreferrer"
              className="ring-focus rounded-sm text-accent-text hover:underline"
            >
              {citation.text}
            </a>
          )}
        </p>
      </div>
    </li>
  );
}
interface FindingItemProps {
  finding: LintFinding;
  /** Whether the policy is named. */
  named: boolean;
  /** Whether the rule of lint is named. */
  rule?: boolean;
}
