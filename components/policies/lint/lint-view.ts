import { compareText } from '#components/ui/compare-text.ts';
import type { LintFinding } from '#lib/api/policies.ts';
import { policyLabel } from '../links.ts';

/** What the page of lint shows of its findings. Pure. */

export const SEVERITIES = ['error', 'warning', 'note'] as const;

export const SHOWN_SEVERITIES = ['all', ...SEVERITIES] as const;
export type ShownSeverity = (typeof SHOWN_SEVERITIES)[number];

/** Findings of one rule of lint, or of one policy. */
export interface FindingGroup {
  readonly key: string;
  readonly findings: readonly LintFinding[];
}

/** Findings of the severity that hold all words of `find` in what they say, their rule or their policy. */
export function findFindings(findings: readonly LintFinding[], find: string, severity: ShownSeverity): LintFinding[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  return findings.filter((finding) => {
    if (severity !== 'all' && finding.severity !== severity) return false;
    const text = `${finding.ruleId} ${policyLabel(finding.policy)} ${finding.message}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export const countSeverities = (findings: readonly LintFinding[]): Record<ShownSeverity, number> => ({
  all: findings.length,
  error: findings.filter(({ severity }) => severity === 'error').length,
  warning: findings.filter(({ severity }) => severity === 'warning').length,
  note: findings.filter(({ severity }) => severity === 'note').length,
});

/** By rule of lint or by policy: the group with the worst finding first, then the larger one, then by name. */
export function groupFindings(findings: readonly LintFinding[], by: 'rule' | 'policy'): FindingGroup[] {
  const groups = new Map<string, LintFinding[]>();
  for (const finding of findings) {
    const key = by === 'rule' ? finding.ruleId : finding.policy;
    const group = groups.get(key);
    if (group) group.push(finding);
    else groups.set(key, [finding]);
  }
  return [...groups]
    .map(([key, own]) => ({ key, findings: own.toSorted(inOrder) }))
    .toSorted((a, b) => worst(a) - worst(b) || b.findings.length - a.findings.length || compareText(a.key, b.key));
}

/** A citation as a link where it is an address, as text otherwise. */
export function citationOf(source: string): { readonly text: string; readonly href: string | undefined } {
  if (!source.startsWith('https://') || !URL.canParse(source)) return { text: source, href: undefined };
  const { href, hostname, pathname } = new URL(source);
  return { text: `${hostname}${pathname.replace(/\/$/, '')}`, href };
}

const rank = ({ severity }: LintFinding): number => SEVERITIES.indexOf(severity);
const worst = ({ findings }: FindingGroup): number => Math.min(...findings.map(rank));
const inOrder = (a: LintFinding, b: LintFinding): number =>
  rank(a) - rank(b) || compareText(a.policy, b.policy) || (a.line ?? 0) - (b.line ?? 0) || compareText(a.path, b.path);
