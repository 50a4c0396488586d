import 'server-only';
import { ENVIRONMENTS, type Environment } from '#lib/api/common.ts';
import { GateRules } from '#lib/api/migration.ts';
import { DEFAULT_RULES } from '#lib/migration/gate/rules.ts';

/** The rules of each environment, out of what a migration stores of them. What cannot be read is not taken for a laxer rule: the default holds. */
export function rulesOf(stored: unknown): Readonly<Record<Environment, GateRules>> {
  const known = new Map(stored instanceof Object ? Object.entries(stored) : []);
  const rule = (environment: Environment) =>
    GateRules.safeParse(known.get(environment)).data ?? GateRules.parse(DEFAULT_RULES[environment]);
  return Object.fromEntries(ENVIRONMENTS.map((environment) => [environment, rule(environment)])) as Record<
    Environment,
    GateRules
  >;
}
