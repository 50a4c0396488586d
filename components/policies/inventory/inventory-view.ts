import { compareText } from '#components/ui/compare-text.ts';
import type { PolicyList, PolicySummary } from '#lib/api/policies.ts';

/** What the inventory shows of a list of policies: which, in which order, under which namespace. Pure. */

export const SHOWN = ['all', 'invalid', 'unused', 'findings'] as const;
export type Shown = (typeof SHOWN)[number];

export const SORTS = ['name', 'selects', 'hits', 'last', 'findings'] as const;
export type Sort = (typeof SORTS)[number];

export type NamespaceCoverage = PolicyList['namespaces'][number];

/** The policies of a namespace, or the clusterwide ones: then `namespace` is empty. */
export interface Group {
  readonly namespace: string;
  readonly policies: readonly PolicySummary[];
  /** How many of its pods are closed by default; absent where no pod of it is known. */
  readonly coverage: NamespaceCoverage | undefined;
}

/** Policies that hold all words of `find` in their name, kind or what they select, of the kind that `shown` names. */
export function findPolicies(policies: readonly PolicySummary[], find: string, shown: Shown): PolicySummary[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  return policies.filter((policy) => {
    if (!isShown(policy, shown)) return false;
    const text = `${policy.namespace}/${policy.name} ${policy.kind} ${policy.selects.workloads.join(' ')}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Which a person means by a button: those not in force, those no traffic needs, those lint has something to say of. */
export function isShown(policy: PolicySummary, shown: Shown): boolean {
  switch (shown) {
    case 'all':
      return true;
    case 'invalid':
      return !policy.valid;
    case 'unused':
      return policy.unusedRules > 0;
    case 'findings':
      return findingsOf(policy) > 0;
  }
}

/** How many of each a filter button would show. */
export const countShown = (policies: readonly PolicySummary[]): Record<Shown, number> => ({
  all: policies.length,
  invalid: policies.filter((policy) => isShown(policy, 'invalid')).length,
  unused: policies.filter((policy) => isShown(policy, 'unused')).length,
  findings: policies.filter((policy) => isShown(policy, 'findings')).length,
});

export const findingsOf = ({ findings }: PolicySummary): number => findings.error + findings.warning + findings.note;

/** Names upwards, all else the most or newest first; what is equal by name. */
export function sortPolicies(policies: readonly PolicySummary[], sort: Sort): PolicySummary[] {
  return policies.toSorted((a, b) => ORDER[sort](a, b) || byName(a, b));
}

/** `policies` in the order of `refs`, so that nothing moves while somebody points at it; those that are new come last. */
export function inOrderOf(policies: readonly PolicySummary[], refs: readonly string[]): PolicySummary[] {
  const places = new Map(refs.map((ref, place) => [ref, place]));
  const placeOf = ({ ref }: PolicySummary) => places.get(ref) ?? refs.length;
  return policies.toSorted((a, b) => placeOf(a) - placeOf(b));
}

const byName = (a: PolicySummary, b: PolicySummary) =>
  compareText(a.namespace, b.namespace) || compareText(a.name, b.name) || compareText(a.kind, b.kind);

const ORDER: Record<Sort, (a: PolicySummary, b: PolicySummary) => number> = {
  name: () => 0,
  selects: (a, b) => b.selects.endpoints - a.selects.endpoints,
  hits: (a, b) => b.hits - a.hits,
  last: (a, b) => (b.lastHit ?? 0) - (a.lastHit ?? 0),
  findings: (a, b) =>
    Number(a.valid) - Number(b.valid) ||
    b.findings.error - a.findings.error ||
    b.findings.warning - a.findings.warning ||
    b.findings.note - a.findings.note,
};

/**
 * The policies by namespace, clusterwide ones first, in the order given. With `all` also namespaces that have pods and no policy of their own:
 * what nobody has written a policy for is what a person looks for.
 */
export function groupPolicies(
  policies: readonly PolicySummary[],
  namespaces: readonly NamespaceCoverage[],
  all: boolean,
): Group[] {
  const coverage = new Map(namespaces.map((row) => [row.namespace, row]));
  const groups = new Map<string, PolicySummary[]>();
  if (all) for (const { namespace, pods } of namespaces) if (pods > 0) groups.set(namespace, []);
  for (const policy of policies) {
    const group = groups.get(policy.namespace);
    if (group) group.push(policy);
    else groups.set(policy.namespace, [policy]);
  }
  return [...groups]
    .map(([namespace, own]) => ({
      namespace,
      policies: own,
      coverage: namespace === '' ? undefined : coverage.get(namespace),
    }))
    .toSorted((a, b) => compareText(a.namespace, b.namespace));
}

/** The four figures above the table. */
export interface Figures {
  readonly policies: number;
  readonly byKind: readonly { readonly kind: string; readonly count: number }[];
  readonly invalid: number;
  readonly rules: number;
  readonly unusedRules: number;
  readonly pods: number;
  readonly ingressClosed: number;
  readonly egressClosed: number;
  readonly auditFlows: number;
}

export function figuresOf({ policies, namespaces }: Pick<PolicyList, 'policies' | 'namespaces'>): Figures {
  const sum = (read: (row: NamespaceCoverage) => number) => namespaces.reduce((total, row) => total + read(row), 0);
  const kinds = new Map<string, number>();
  for (const { kind } of policies) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return {
    policies: policies.length,
    byKind: [...kinds].map(([kind, count]) => ({ kind, count })).toSorted((a, b) => b.count - a.count),
    invalid: policies.filter(({ valid }) => !valid).length,
    rules: policies.reduce((total, { rules }) => total + rules, 0),
    unusedRules: policies.reduce((total, { unusedRules }) => total + unusedRules, 0),
    pods: sum(({ pods }) => pods),
    ingressClosed: sum(({ ingressClosed }) => ingressClosed),
    egressClosed: sum(({ egressClosed }) => egressClosed),
    auditFlows: sum(({ auditFlows }) => auditFlows),
  };
}

/** The reason a policy is not in force, with its place: `spec.ingress[0]: … (line 12)`. */
export function invalidReason({ problems, reported }: PolicySummary): string {
  const [problem] = problems.filter(({ layer }) => layer !== 'lint');
  if (!problem) return reported?.message ?? '';
  const place = problem.place ? ` (line ${problem.place.line})` : '';
  return `${problem.path === '' ? '' : `${problem.path}: `}${problem.message}${place}`;
}
