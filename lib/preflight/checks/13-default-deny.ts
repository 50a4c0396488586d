// Threads: cilium/cilium PR #30572; devantler-tech/platform #3407, #3408, #3501.
import { type Isolated, newlyIsolated } from '#lib/audit/isolated.ts';
import { compilePolicies } from '#lib/policy/compile.ts';
import type { Identity } from '#lib/policy/identity.ts';
import { k8sValue, POD_NAMESPACE } from '#lib/policy/labels.ts';
import type { LintContext } from '#lib/policy/lint/context.ts';
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
    const { world } = lint.world;
    const closed = newlyIsolated(world, compilePolicies(world, []), compiled);
    return outcomeOf([...written, ...system(lint), ...closed.slice(0, MOST_NAMED).map(isolated)]);
  },
};

const isolated = ({ workload, direction, endpoints, of }: Isolated): PreflightFinding =>
  note(
    workload,
    `${counted(endpoints.length, 'pod')} of ${of} ${endpoints.length === 1 ? 'is' : 'are'} closed for ${direction} by these policies, and open without them`,
  );

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
