import type { CheckDefinition } from '../check.ts';
import type { Phase, PlanChoices } from '../model.ts';
import { IMPACTS } from './impacts.ts';
import type { Plan, PlanPhase, Step } from './model.ts';
import { CHAINING } from './phases/chaining.ts';
import { FULL_IPAM } from './phases/full-ipam.ts';
import { IDENTITY } from './phases/identity.ts';
import { POLICIES } from './phases/policies.ts';
import { PREPARE } from './phases/prepare.ts';
import { RISKS } from './risks.ts';

/** From the VPC CNI to Cilium in five phases. */
const PLAN_2026_2: Plan = {
  version: '2026.2',
  phases: [PREPARE, CHAINING, POLICIES, IDENTITY, FULL_IPAM],
  impacts: IMPACTS,
  risks: RISKS,
};

/** Every version that migrations may stand on, oldest first. A migration keeps the one it began with until a person moves it on. */
const PLANS: readonly Plan[] = [PLAN_2026_2];

export const LATEST_PLAN: Plan = PLAN_2026_2;

/** Undefined for a version that this console does not have, or has no more. */
export const planOf = (version: string): Plan | undefined => PLANS.find((plan) => plan.version === version);

/** The phase as one migration walks it: steps and checks of the ways that were not chosen are left out. */
export function phaseOf(plan: Plan, phase: Phase, choices: PlanChoices): PlanPhase {
  const whole = plan.phases.find((each) => each.phase === phase);
  if (!whole) throw new Error(`plan ${plan.version} has no phase ${phase}`);
  const steps = whole.steps.filter((step) => isChosen(step, choices));
  const left = whole.steps.filter((step) => !steps.includes(step)).flatMap(({ checks }) => checks);
  const kept = new Set(steps.flatMap(({ checks }) => checks));
  const checks = whole.checks.filter(
    (check) => (check.method?.includes(choices.method) ?? true) && (kept.has(check.id) || !left.includes(check.id)),
  );
  const ids = new Set(checks.map(({ id }) => id));
  return { ...whole, checks, steps: steps.map((step) => ({ ...step, checks: step.checks.filter((id) => ids.has(id)) })) };
}

const isChosen = ({ method, route }: Step, choices: PlanChoices): boolean =>
  (method?.includes(choices.method) ?? true) && (route?.includes(choices.route) ?? true);

/** A check of any phase by its id. */
export function checkOf(plan: Plan, id: string): { readonly phase: Phase; readonly check: CheckDefinition } | undefined {
  for (const { phase, checks } of plan.phases) {
    const check = checks.find((each) => each.id === id);
    if (check) return { phase, check };
  }
  return undefined;
}
