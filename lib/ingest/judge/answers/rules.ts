import 'server-only';
import { decide } from '#lib/policy/decide.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import type { RuleReport } from '#lib/receipts/rules/rule.ts';
import { judgeFlows } from '#lib/receipts/rules/rules.ts';
import type { AskOf } from '../asks.ts';
import type { Desk } from '../desk.ts';

/** What the rules R1 to R4 make of a window, by the objects and policies of now. */
export function answerRules(desk: Desk, cluster: string, { window, propagation, seenBefore }: AskOf<'rules'>): RuleReport[] {
  const { inventory } = desk.facts(cluster);
  const { compiled, policies } = desk.inForce(cluster);
  return judgeFlows(window, {
    inventory,
    decide: (question) => decide(compiled, question),
    policies: new Set(policies.map(refOf)),
    propagation,
    seenBefore,
  });
}
