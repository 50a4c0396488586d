import type { DirectionDecision, PolicyDecision } from '#lib/policy/model.ts';

/** An open direction, or what `overrides` say. */
export const aDirection = (overrides: Partial<DirectionDecision> = {}): DirectionDecision => ({
  enforced: true,
  defaultDeny: true,
  verdict: 'allowed',
  reason: 'allow-rule',
  matchAllow: ['cnp:payments/ledger'],
  matchDeny: [],
  allowRules: [],
  denyRules: [],
  ...overrides,
});

/** A closed direction. */
export const aDenial = (overrides: Partial<DirectionDecision> = {}): DirectionDecision =>
  aDirection({ verdict: 'denied', reason: 'default-deny', matchAllow: [], ...overrides });

/** A decision in which the given directions are as given and the other is open. */
export function aDecision(directions: Partial<Pick<PolicyDecision, 'egress' | 'ingress'>> = {}): PolicyDecision {
  const { egress = aDirection(), ingress = aDirection() } = directions;
  const denies = [egress, ingress].some(({ verdict, l7, audit }) => (verdict === 'denied' && !audit) || l7 === 'denied');
  return { verdict: denies ? 'denied' : 'allowed', egress, ingress };
}
