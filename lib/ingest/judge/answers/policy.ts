import 'server-only';
import type { PolicyDetail } from '#lib/api/policies.ts';
import { outcomesOf, replayedOf } from '#lib/audit/compare.ts';
import { workloadNameOf } from '#lib/audit/isolated.ts';
import { labelTextsOf } from '#lib/audit/selected.ts';
import { type PolicyUse, ruleKey, UNUSED, useOf } from '#lib/audit/use.ts';
import { readVersions } from '#lib/db/policies/versions.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { policyText } from '#lib/policy/nearest-yaml.ts';
import { type ParsedPolicy, parsePolicies } from '#lib/policy/parse.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import type { AskOf } from '../asks.ts';
import type { Desk } from '../desk.ts';
import { lintOf } from './lint.ts';
import { summaryOf } from './policies.ts';

const MOST_ENDPOINTS = 500;

/** One policy with what each of its rules did in a window. Lines are those of the text in the answer. */
export async function answerPolicy(desk: Desk, cluster: string, { ref, traffic }: AskOf<'policy'>): Promise<PolicyDetail> {
  const { policies, world, since } = desk.facts(cluster);
  const object = policies.find((policy) => refOf(policy) === ref);
  const facts = desk.policyFacts(cluster).find((each) => each.ref === ref);
  if (!object || !facts) throw new CausewayError('not-found', `the cluster has no policy ${ref} now`);
  const input = await desk.input(cluster, traffic);
  const use = useOf(input.tuples, outcomesOf(desk.inForce(cluster).compiled, replayedOf(input)));
  const versions = await readVersions(desk.db, cluster, ref);
  const yaml = policyText(object);
  const [parsed] = parsePolicies(yaml).objects;
  const lint = lintOf(desk, cluster);
  const shadows = desk.shadows(cluster);
  return {
    summary: summaryOf(facts, use, lint, versions.find(({ current }) => current)?.firstSeen ?? since),
    yaml,
    rules: facts.rules.map((rule) => ({
      ...rule,
      ...useOfRule(use, ref, rule.path),
      ...lineOf(parsed, rule.path),
      shadowedBy: shadows(ref, rule.path),
    })),
    endpoints: facts.endpoints.slice(0, MOST_ENDPOINTS).map((endpoint) => ({
      id: endpoint.id,
      namespace: endpoint.namespace,
      workload: workloadNameOf(endpoint),
      labels: [...labelTextsOf(endpoint, world)],
    })),
    versions: versions.map(({ generation, ...version }) => ({ ...version, ...(generation !== undefined && { generation }) })),
    findings: [...(lint.get(ref) ?? [])],
    from: input.from,
    to: input.to,
  };
}

function useOfRule(
  { rules }: PolicyUse,
  policy: string,
  path: string,
): Pick<PolicyDetail['rules'][number], 'flows' | 'tuples' | 'lastHit'> {
  const { flows, tuples, lastHit } = rules.get(ruleKey({ policy, path })) ?? UNUSED;
  return { flows, tuples, ...(lastHit !== undefined && { lastHit }) };
}

function lineOf(parsed: ParsedPolicy | undefined, path: string): { readonly line?: number } {
  const line = parsed?.placeOf(path)?.line;
  return line === undefined ? {} : { line };
}
