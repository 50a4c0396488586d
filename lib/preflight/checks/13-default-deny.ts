// Threads: cilium/cilium PR #30572; devantler-tech/platform #3407, #3408, #3501.
import { closedBy, workloadIdOf } from '#lib/audit/isolated.ts';
import { type CompiledPolicies, compilePolicies } from '#lib/policy/compile.ts';
import type { Identity } from '#lib/policy/identity.ts';
import { k8sValue, POD_NAMESPACE } from '#lib/policy/labels.ts';
import type { LintContext, LintWorld } from '#lib/policy/lint/context.ts';
import { clusterwideEverything } from '#lib/policy/lint/rules/clusterwide-everything.ts';
import { denyOnly } from '#lib/policy/lint/rules/deny-only.ts';
import { emptyPeerList } from '#lib/policy/lint/rules/empty-peer-list.ts';
import { refused } from '#lib/policy/lint/rules/refused.ts';
import { reportedInvalid } from '#lib/policy/lint/rules/reported-invalid.ts';
import { counted } from '#lib/policy/lint/words.ts';
import type { PolicyRef } from '#lib/policy/model.ts';
import { meetsAll } from '#lib/policy/selector.ts';
import { isRecord } from '#lib/policy/schema/problems.ts';
import type { PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { policyName, policyView, ruleFindings } from '../policy-view.ts';
import { factsOfVersion } from '../version-facts.ts';
import { parseVersion } from '../versions.ts';

const RULES = [refused, reportedInvalid, emptyPeerList, clusterwideEverything];
const SYSTEM = 'kube-system';
const MOST_NAMED = 100;

export const defaultDeny: PreflightCheck = {
  number: 13,
  id: 'default-deny',
  title: 'No accidental or invalid default deny',
  severity: 'error',
  subsystem: 'policies',
  gates: [2],
  acknowledge: [],
  why: 'The first policy that selects a pod closes it, a deny section closes its direction, and a policy that the agents refuse enforces nothing at all.',
  fix: 'Say enableDefaultDeny: false where only a deny is meant, leave kube-system out of clusterwide selectors, and repair what is reported as not valid.',
  links: [
    ...threads('PR 30572', 'devantler-tech/platform#3407', 'devantler-tech/platform#3408', 'devantler-tech/platform#3501'),
    ciliumDocs('Default deny', 'security/policy/intro/#policy-enforcement-modes'),
  ],
  needs: ['policies', 'pods', 'namespaces', 'target-version'],
  decide(inputs) {
    const view = policyView(inputs);
    if (!view) return unknownWithout('policies');
    const { compiled, lint } = view;
    const written = [...RULES.flatMap((rule) => ruleFindings(rule, lint)), ...denials(lint), ...emptySpecs(inputs)];
    if (!compiled || !lint.world) return outcomeOf(written, ['pods']);
    const closed = newlyClosed(lint.world, compiled);
    return outcomeOf([...written, ...system(lint), ...closed.slice(0, MOST_NAMED)]);
  },
};

/** Workloads that these policies close and that would be open without them. Pods of one identity are closed alike. */
function newlyClosed({ world, index }: LintWorld, compiled: CompiledPolicies): PreflightFinding[] {
  const open = compilePolicies(world, []);
  const byIdentity = new Map<Identity, readonly ('ingress' | 'egress')[]>();
  const counts = new Map<string, { all: number; ingress: number; egress: number }>();
  for (const endpoint of world.endpoints) {
    if (endpoint.cluster !== undefined) continue;
    const { identity } = index.endpointPeer(endpoint);
    let directions = byIdentity.get(identity);
    if (!directions) {
      const [before, after] = [closedBy(open, endpoint), closedBy(compiled, endpoint)];
      directions = (['ingress', 'egress'] as const).filter((direction) => after[direction] && !before[direction]);
      byIdentity.set(identity, directions);
    }
    const workload = workloadIdOf(endpoint);
    const count = counts.get(workload) ?? { all: 0, ingress: 0, egress: 0 };
    counts.set(workload, count);
    count.all++;
    for (const direction of directions) count[direction]++;
  }
  return [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([workload, count]) =>
      (['egress', 'ingress'] as const)
        .filter((direction) => count[direction] > 0)
        .map((direction) =>
          note(
            workload,
            `${counted(count[direction], 'pod')} of ${count.all} ${count[direction] === 1 ? 'is' : 'are'} closed for ${direction} by these policies, and open without them`,
          ),
        ),
    );
}

/** A deny alone closes its direction. Where another policy allows something to the same pods, that is what closes it, and on purpose. */
function denials(lint: LintContext): PreflightFinding[] {
  const isClosedAnyway = (ref: PolicyRef, path: string): boolean => {
    const entries = lint.subjects.entries.filter((entry) => entry.policy === ref && entry.path.startsWith(`${path}[`));
    return entries.every((entry) => lint.subjects.for(entry).some(({ deny, peers }) => !deny && peers !== 'nobody'));
  };
  return [...denyOnly.check(lint)].map(({ policy, path, message }) =>
    isClosedAnyway(policy, path)
      ? note(policyName(policy), `it only denies, and other policies already close these pods (${path})`)
      : fail(policyName(policy), `${message} (${path})`, denyOnly.fix),
  );
}

/** A clusterwide policy that closes every pod of kube-system together with others: more often an accident than not. */
function system({ subjects, world }: LintContext): PreflightFinding[] {
  const own = (world?.pods ?? []).filter(({ labels }) => k8sValue(labels, POD_NAMESPACE) === SYSTEM);
  const others = (world?.pods ?? []).filter(({ labels }) => k8sValue(labels, POD_NAMESPACE) !== SYSTEM);
  if (own.length === 0) return [];
  const told = new Set<string>();
  return subjects.entries.flatMap(({ policy, direction, defaultDeny: closes, subject }) => {
    const key = `${policy} ${direction}`;
    const selects = ({ labels }: Identity): boolean => meetsAll(subject.requirements, labels) === 'yes';
    if (!closes || subject.node || told.has(key) || !policy.startsWith('ccnp:') || !own.every(selects) || !others.some(selects))
      return [];
    told.add(key);
    return [
      fail(
        policyName(policy),
        `it closes ${direction} of every pod of ${SYSTEM} too`,
        `Leave it out (io.kubernetes.pod.namespace NotIn ${SYSTEM}), or set enableDefaultDeny: false.`,
      ),
    ];
  });
}

/** Policies without a rule are stored today and refused by the API server of newer versions. */
function emptySpecs({ target, policies = [] }: PreflightInputs): PreflightFinding[] {
  const version = parseVersion(target ?? '');
  if (!version || !factsOfVersion(version)?.refusesEmptySpec) return [];
  return policies
    .filter(({ kind, spec, specs }) => kind !== 'NetworkPolicy' && isEmpty(spec) && isEmpty(specs))
    .map(({ kind, metadata: { namespace, name = '' } }) =>
      fail(
        policyName(`${kind === 'CiliumNetworkPolicy' ? 'cnp' : 'ccnp'}:${namespace ? `${namespace}/` : ''}${name}`),
        `it has no spec: the API server refuses it from Cilium ${target} on`,
        'Delete it, or give it the rule that was meant.',
      ),
    );
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isRecord(value) && Object.keys(value).length === 0);
