import { atPath, jsonAt, jsonsAt } from '#lib/policy/describe-json.ts';
import { httpRule, matchesRequest } from '#lib/policy/http.ts';
import type { PolicyObject, PolicyRef, Question, RuleRef } from '#lib/policy/model.ts';
import { refOf } from '#lib/policy/policy-ref.ts';

/** The HTTP rule that lets a request pass, by its place in the `http` list of its port section. Undefined where none matches for sure. */
export function matchingHttpRule(
  policies: readonly PolicyObject[],
  rules: readonly RuleRef[],
  { l7 }: Question,
): { readonly policy: PolicyRef; readonly index: number } | undefined {
  if (!l7 || !('http' in l7)) return undefined;
  for (const { policy, path } of rules) {
    const object = byRef(policies).get(policy);
    const sections = object ? jsonsAt(atPath(object, path), 'toPorts') : [];
    for (const section of sections) {
      const http = jsonsAt(jsonAt(section, 'rules'), 'http');
      const index = http.findIndex((one) => matchesRequest(httpRule(one), l7.http, l7.notSeen) === 'yes');
      if (index >= 0) return { policy, index };
    }
  }
  return undefined;
}

const tables = new WeakMap<readonly PolicyObject[], ReadonlyMap<PolicyRef, PolicyObject>>();

/** Policies by their reference: the same list is asked for every row of a report. */
function byRef(policies: readonly PolicyObject[]): ReadonlyMap<PolicyRef, PolicyObject> {
  let table = tables.get(policies);
  if (!table) tables.set(policies, (table = new Map(policies.map((policy) => [refOf(policy), policy]))));
  return table;
}
