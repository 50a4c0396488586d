import { type CompiledPolicies, compilePolicies } from '#lib/policy/compile.ts';
import { type LintContext, lintContext } from '#lib/policy/lint/context.ts';
import type { LintRule } from '#lib/policy/lint/rule.ts';
import type { PolicyObject, PolicyRef, World } from '#lib/policy/model.ts';
import { fail, note } from './outcome.ts';
import type { PreflightFinding } from './check.ts';
import type { PreflightInputs } from './inputs.ts';

/** Policies of some inputs made ready once, however many checks look at them. */
export interface PolicyView {
  readonly lint: LintContext;
  /** Absent where the cluster's objects are not known. */
  readonly compiled?: CompiledPolicies;
}

const views = new WeakMap<readonly PolicyObject[], { readonly world: World | undefined; readonly view: PolicyView }>();

/** Undefined when it is not known which policies there are. */
export function policyView({ policies, world, settings }: PreflightInputs): PolicyView | undefined {
  if (!policies) return undefined;
  const known = views.get(policies);
  if (known && known.world === world) return known.view;
  const max = settings.number('bpf.policyMapMax');
  const view: PolicyView = {
    lint: lintContext(policies, world, max === undefined ? {} : { policyMapMax: max }),
    ...(world && { compiled: compilePolicies(world, policies) }),
  };
  views.set(policies, { world, view });
  return view;
}

/** What a lint rule says, as findings: one that fails, or one to know, by `status`. */
export function ruleFindings(
  rule: LintRule,
  context: LintContext,
  statusOf: (severity: LintRule['severity']) => 'fail' | 'pass' = () => 'fail',
): PreflightFinding[] {
  return [...rule.check(context)].map(({ policy, path, message, severity = rule.severity, fix = rule.fix }) => {
    const object = policyName(policy);
    const text = `${message} (${path})`;
    return statusOf(severity) === 'fail' ? fail(object, text, fix) : note(object, text);
  });
}

const KINDS = new Map([
  ['cnp', 'CiliumNetworkPolicy'],
  ['ccnp', 'CiliumClusterwideNetworkPolicy'],
  ['knp', 'NetworkPolicy'],
]);

/** `CiliumNetworkPolicy shop/db` of `cnp:shop/db`. */
export function policyName(ref: PolicyRef): string {
  const colon = ref.indexOf(':');
  return `${KINDS.get(ref.slice(0, colon)) ?? ref.slice(0, colon)} ${ref.slice(colon + 1)}`;
}
