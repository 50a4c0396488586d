// Threads: cilium/cilium PR #30572; devantler-tech/platform #3407, #3408, #3501.
import { type Isolated, newlyIsolated } from '#lib/audit/isolated.ts';
import { compilePolicies } from '#lib/policy/compile.ts';
import { clusterwideEverything } from '#lib/policy/lint/rules/clusterwide-everything.ts';
import { denyOnly } from '#lib/policy/lint/rules/deny-only.ts';
import { emptyPeerList } from '#lib/policy/lint/rules/empty-peer-list.ts';
import { refused } from '#lib/policy/lint/rules/refused.ts';
import { reportedInvalid } from '#lib/policy/lint/rules/reported-invalid.ts';
import { counted } from '#lib/policy/lint/words.ts';
import { isRecord } from '#lib/policy/schema/problems.ts';
import type { PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { policyName, policyView, ruleFindings } from '../policy-view.ts';
import { factsOfVersion } from '../version-facts.ts';
import { parseVersion } from '../versions.ts';

const RULES = [refused, reportedInvalid, emptyPeerList, denyOnly, clusterwideEverything];
const SYSTEM = 'kube-system/';

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
    const written = [...RULES.flatMap((rule) => ruleFindings(rule, lint)), ...emptySpecs(inputs)];
    if (!compiled || !lint.world) return outcomeOf(written, ['pods']);
    const open = compilePolicies(lint.world.world, []);
    return outcomeOf([...written, ...newlyIsolated(lint.world.world, open, compiled).map(isolated)]);
  },
};

/** Pods of the cluster itself that become closed are an accident more often than not. */
function isolated({ workload, direction, endpoints, of }: Isolated): PreflightFinding {
  const message = `${counted(endpoints.length, 'pod')} of ${of} ${endpoints.length === 1 ? 'is' : 'are'} closed for ${direction} by these policies, and open without them`;
  return workload.startsWith(SYSTEM)
    ? fail(
        workload,
        message,
        'Check that what the pods of the cluster itself need is allowed, or leave kube-system out of the selector.',
      )
    : note(workload, message);
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
