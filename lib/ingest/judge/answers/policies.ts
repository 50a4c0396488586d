import 'server-only';
import type { LintFinding, PolicyList, PolicySummary } from '#lib/api/policies.ts';
import { coverageOf } from '#lib/audit/coverage.ts';
import { outcomesOf, replayedOf } from '#lib/audit/compare.ts';
import type { PolicyFacts } from '#lib/audit/policy-facts.ts';
import { type PolicyUse, ruleKey, UNUSED, useOf } from '#lib/audit/use.ts';
import { readFirstSeen } from '#lib/db/policies/versions.ts';
import { oldestRollup } from '#lib/db/traffic/rollups.ts';
import type { AskOf } from '../asks.ts';
import type { Desk } from '../desk.ts';
import { lintOf } from './lint.ts';

const MOST_WORKLOADS = 20;

/** The inventory: every policy in force with what it selects and what it did in a window. */
export async function answerPolicies(desk: Desk, cluster: string, { source, traffic }: AskOf<'policies'>): Promise<PolicyList> {
  const input = await desk.input(cluster, traffic);
  const { compiled, hash } = desk.inForce(cluster);
  const outcomes = outcomesOf(compiled, replayedOf(input));
  const use = useOf(input.tuples, outcomes);
  const firstSeen = await readFirstSeen(desk.db, cluster);
  const { since, policies } = desk.facts(cluster);
  const oldest = traffic.capture === undefined ? await oldestRollup(desk.db, cluster) : undefined;
  const lint = lintOf(desk, cluster);
  return {
    source,
    set: { hash, since, policies: policies.length },
    from: input.from,
    to: input.to,
    policies: desk.policyFacts(cluster).map((facts) => summaryOf(facts, use, lint, firstSeen.get(facts.ref) ?? since)),
    namespaces: coverageOf(input.world, compiled, input.tuples),
    incompleteMinutes: input.incompleteMinutes,
    ...(oldest !== undefined && oldest > input.from && { trafficSince: oldest }),
  };
}

/** A policy in a line. */
export function summaryOf(
  facts: PolicyFacts,
  use: PolicyUse,
  lint: ReadonlyMap<string, readonly LintFinding[]>,
  firstSeen: number,
): PolicySummary {
  const { ref, kind, namespace, name, hash, generation, reported, rules, endpoints, workloads } = facts;
  const { flows, lastHit } = use.policies.get(ref) ?? UNUSED;
  const findings = lint.get(ref) ?? [];
  const count = (severity: LintFinding['severity']): number => findings.filter((finding) => finding.severity === severity).length;
  return {
    ref,
    kind,
    namespace,
    name,
    ...(generation !== undefined && { generation }),
    hash,
    firstSeen,
    valid: facts.valid,
    problems: [...facts.problems],
    ...(reported && { reported }),
    ingress: facts.ingress,
    egress: facts.egress,
    rules: rules.length,
    selects: { endpoints: endpoints.length, workloads: workloads.slice(0, MOST_WORKLOADS), workloadsTotal: workloads.length },
    hits: flows,
    ...(lastHit !== undefined && { lastHit }),
    unusedRules: rules.filter(({ path }) => !use.rules.has(ruleKey({ policy: ref, path }))).length,
    findings: { error: count('error'), warning: count('warning'), note: count('note') },
  };
}
