import 'server-only';
import type { LintReport } from '#lib/api/policies.ts';
import { lintPolicies } from '#lib/policy/lint/lint.ts';
import type { LintFinding } from '#lib/policy/lint/finding.ts';
import type { Desk } from '../desk.ts';
import type { JudgedFacts } from '../source.ts';

const reports = new WeakMap<JudgedFacts, readonly LintFinding[]>();

/** What lint says of the set in force. */
export function answerLint(desk: Desk, cluster: string): LintReport {
  return { findings: findingsOf(desk, cluster).map(wire), policies: desk.facts(cluster).policies.length };
}

/** The findings by policy. */
export function lintOf(desk: Desk, cluster: string): ReadonlyMap<string, readonly LintReport['findings'][number][]> {
  const byPolicy = new Map<string, LintReport['findings'][number][]>();
  for (const finding of findingsOf(desk, cluster).map(wire)) {
    const findings = byPolicy.get(finding.policy);
    if (findings) findings.push(finding);
    else byPolicy.set(finding.policy, [finding]);
  }
  return byPolicy;
}

function findingsOf(desk: Desk, cluster: string): readonly LintFinding[] {
  const facts = desk.facts(cluster);
  let findings = reports.get(facts);
  if (!findings) reports.set(facts, (findings = lintPolicies(facts.policies, { world: facts.world })));
  return findings;
}

const wire = ({ place, ...finding }: LintFinding): LintReport['findings'][number] => ({
  ...finding,
  ...(place && { line: place.line }),
});
