import 'server-only';
import { ENVIRONMENTS, type Environment } from '#lib/api/common.ts';
import { GateRules } from '#lib/api/migration.ts';

const HOUR = 60;
const COMMON = { approvals: 1, teams: [], ttlMinutes: 24 * HOUR, soakMinutes: 0, windows: [], stepUp: false, elevation: false };

/** Rules of a migration's gates until an admin sets others. */
export const DEFAULT_RULES: Readonly<Record<Environment, GateRules>> = {
  DEV: COMMON,
  TST: { ...COMMON, soakMinutes: 24 * HOUR },
  PRD: { ...COMMON, approvals: 2, ttlMinutes: 4 * HOUR, soakMinutes: 72 * HOUR, stepUp: true, elevation: true },
};

/** The rules of each environment, out of what a migration stores of them. What cannot be read is not taken for a laxer rule: the default holds. */
export function rulesOf(stored: unknown): Readonly<Record<Environment, GateRules>> {
  const known = new Map(stored instanceof Object ? Object.entries(stored) : []);
  const rule = (environment: Environment) => GateRules.safeParse(known.get(environment)).data ?? DEFAULT_RULES[environment];
  return Object.fromEntries(ENVIRONMENTS.map((environment) => [environment, rule(environment)])) as Record<
    Environment,
    GateRules
  >;
}
