'use client';
import Link from 'next/link';
import { visibleText } from '#lib/flow/text.ts';
import { useConsole } from '#components/live/use-console.ts';
import { cx } from '#components/ui/cx.ts';
import { policyHref, policyLabel, policyParts, policyPath, ruleName } from './links.ts';
import { KIND_WORDS } from './policy-ref.ts';

/** `payments/`**`ledger`** with its kind, told once and quietly. Text that is no reference is shown as it is. */
export function PolicyName({ policy, kind = true, namespace = true, className }: PolicyNameProps) {
  const parts = policyParts(policy);
  const words = parts && KIND_WORDS[parts.kind];
  return (
    <span
      className={cx('inline-flex max-w-full min-w-0 items-baseline gap-1.5', className)}
      title={visibleText(policyLabel(policy))}
    >
      <span className="min-w-0 truncate font-mono text-12">
        {namespace && parts && parts.namespace !== '' && <span className="text-ink-3">{visibleText(parts.namespace)}/</span>}
        <span className="text-ink">{visibleText(parts?.name ?? policy)}</span>
      </span>
      {kind && words && (
        <abbr title={words.full} className="shrink-0 text-12 text-ink-3 no-underline">
          {words.short}
        </abbr>
      )}
    </span>
  );
}
interface PolicyNameProps {
  /** `cnp:namespace/name`. */
  policy: string;
  kind?: boolean;
  namespace?: boolean;
  className?: string;
}

/** A policy's name that leads to its page, to `line` of its text where one is given. */
export function PolicyLink({ line, ...name }: PolicyNameProps & { line?: number | undefined }) {
  const view = useConsole();
  if (!policyParts(name.policy)) return <PolicyName {...name} />;
  return (
    <Link
      href={view.hrefOf(policyPath(name.policy), line === undefined ? {} : { line: String(line) })}
      className="ring-focus inline-flex min-h-6 max-w-full min-w-0 items-center rounded-sm hover:underline"
    >
      <PolicyName {...name} />
    </Link>
  );
}

/** A rule, by its policy and its place in it, that leads to its line. */
export function RuleLink({ rule, named = true, className }: RuleLinkProps) {
  const view = useConsole();
  return (
    <Link
      href={policyHref(view, rule.policy, rule)}
      className={cx(
        'ring-focus inline-flex min-h-6 max-w-full min-w-0 items-center gap-1.5 rounded-sm hover:underline',
        className,
      )}
    >
      {named && <PolicyName policy={rule.policy} kind={false} />}
      <span className="shrink-0 font-mono text-12 text-ink-2">{visibleText(ruleName(rule.path))}</span>
    </Link>
  );
}
interface RuleLinkProps {
  rule: { readonly policy: string; readonly path: string; readonly line?: number | undefined };
  /** Whether the policy is named too. */
  named?: boolean;
  className?: string;
}
