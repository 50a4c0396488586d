import 'server-only';
import type { LintReport } from '#lib/api/policies.ts';
import { lintPolicies } from '#lib/policy/lint/lint.ts';
import type { PolicyRef, TextPlace } from '#lib/policy/model.ts';
import { policyText } from '#lib/policy/nearest-yaml.ts';
import { type ParsedPolicy, parsePolicies } from '#lib/policy/parse.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import type { Desk } from '../desk.ts';
import type { JudgedFacts } from '../source.ts';

type Findings = LintReport['findings'];

const reports = new WeakMap<JudgedFacts, Findings>();

/** What lint says of the set in force. Lines are those of the text that the answer about a policy has. */
export function answerLint(desk: Desk, cluster: string): LintReport {
  return { findings: findingsOf(desk, cluster), policies: desk.facts(cluster).policies.length };
}

/** The findings by policy. */
export function lintOf(desk: Desk, cluster: string): ReadonlyMap<PolicyRef, Findings> {
  const byPolicy = new Map<PolicyRef, Findings>();
  for (const finding of findingsOf(desk, cluster)) {
    const findings = byPolicy.get(finding.policy);
    if (findings) findings.push(finding);
    else byPolicy.set(finding.policy, [finding]);
  }
  return byPolicy;
}

function findingsOf(desk: Desk, cluster: string): Findings {
  const facts = desk.facts(cluster);
  const known = reports.get(facts);
  if (known) return known;
  const { world, policies } = facts;
  const findings = lintPolicies(policies, { world, placeOf: placesIn(facts) }).map(({ place, ...finding }) => ({
    ...finding,
    ...(place && { line: place.line }),
  }));
  reports.set(facts, findings);
  return findings;
}

/** Finds places in the text of each policy, which is made when a finding asks for it. */
function placesIn({ policies }: JudgedFacts): (ref: PolicyRef, path: string) => TextPlace | undefined {
  const objects = new Map(policies.map((policy) => [refOf(policy), policy]));
  const texts = new Map<PolicyRef, ParsedPolicy | undefined>();
  return (ref, path) => {
    const object = objects.get(ref);
    if (object && !texts.has(ref)) texts.set(ref, parsePolicies(policyText(object)).objects[0]);
    return texts.get(ref)?.placeOf(path);
  };
}
