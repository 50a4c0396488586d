import type { DirectionDecision, PolicyRef, Question, RuleRef } from '#lib/policy/model.ts';
import { explain, type ExplainedSet } from '#lib/policy/explain.ts';
import type { Outcome } from './judge.ts';
import { matchingHttpRule } from './http-rule.ts';

const MOST_RULES = 8;

/**
 * What decides an outcome, in a few words: `no egress rule`, `REDIRECTED by ledger-from-checkout http[1]`, `at L7: path matches no rule, nearest path
 * /v1/.*`. `set` is the one that was asked.
 */
export function outcomeText({ verdict, decision, unknown, question }: Outcome, set: ExplainedSet): string {
  if (verdict === 'unknown') return unknown[0]?.detail ?? 'cannot be told';
  if (!decision) return verdict;
  const { egress, ingress } = decision;
  if (verdict === 'denied') {
    const [direction, deciding] = denies(egress) ? (['egress', egress] as const) : (['ingress', ingress] as const);
    return deciding.verdict === 'allowed' && question
      ? requestDenialText(set, question, direction)
      : denialText(direction, deciding);
  }
  const redirecting = [egress, ingress].find(({ redirect }) => redirect !== undefined);
  if (redirecting) {
    const rule = question && matchingHttpRule(set.policies, redirecting.allowRules, question);
    const by = rule ? `${namesOf([rule.policy])} http[${rule.index}]` : namesOf(redirecting.matchAllow);
    return `REDIRECTED by ${by}${authText(egress, ingress)}`;
  }
  if (egress.audit || ingress.audit) return 'denied, but only reported: audit mode';
  const allowing = [...new Set([...egress.matchAllow, ...ingress.matchAllow])];
  if (allowing.length > 0) return `FORWARDED by ${namesOf(allowing)}${authText(egress, ingress)}`;
  if (egress.reason === 'localhost' || ingress.reason === 'localhost') return 'FORWARDED: from the local node';
  if (egress.reason === 'default-allow' || ingress.reason === 'default-allow') return 'FORWARDED: open by default';
  return 'FORWARDED: no policy selects it';
}

/** The rules that decide, in the direction that does, at most 8. */
export function outcomeRules({ verdict, decision }: Outcome): RuleRef[] {
  if (!decision) return [];
  const { egress, ingress } = decision;
  const deciding = verdict === 'denied' ? [egress, ingress].filter(denies) : [egress, ingress];
  return deciding.flatMap((each) => (each.denyRules.length > 0 ? each.denyRules : each.allowRules)).slice(0, MOST_RULES);
}

/** Whether a direction refuses, at L3/L4 or the request. */
export const denies = ({ verdict, l7, audit }: DirectionDecision): boolean =>
  (verdict === 'denied' && audit !== true) || (verdict === 'allowed' && l7 === 'denied');

/** The connection is allowed, the request is not. */
function requestDenialText(set: ExplainedSet, question: Question, direction: 'egress' | 'ingress'): string {
  const what = question.l7 && 'dns' in question.l7 ? 'name' : 'request';
  const near = explain(set, question)[direction].near.flatMap(({ failed }) => (failed.length === 1 ? failed : []));
  const nearest = near.find((failed) => failed.what === 'http' || failed.what === 'dns');
  if (!nearest) return `at L7: ${what} matches no rule`;
  const field = /^(path|method|host) /.exec(nearest.wanted)?.[1] ?? what;
  return `at L7: ${field} matches no rule, nearest ${nearest.wanted}`;
}

function denialText(direction: 'egress' | 'ingress', decision: DirectionDecision): string {
  if (decision.reason === 'deny-rule') return `denied by ${namesOf(decision.matchDeny)}`;
  return `no ${direction} rule`;
}

const authText = (...decisions: readonly DirectionDecision[]): string =>
  decisions.some(({ auth }) => auth !== undefined) ? ', after authentication' : '';

/** At most two policies by their names. */
function namesOf(refs: readonly PolicyRef[]): string {
  const names = refs.map((ref) => ref.slice(Math.max(ref.indexOf(':'), ref.indexOf('/')) + 1));
  return names.length > 2 ? `${names.slice(0, 2).join(', ')} and ${names.length - 2} more` : names.join(', ');
}
