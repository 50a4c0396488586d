import 'server-only';
import { type MigrationRow, readKeptPlan } from '#lib/db/migration/migrations.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Plan } from '#lib/migration/plan/model.ts';
import { planOf } from '#lib/migration/plan/plan.ts';

/** The plan that a migration stands on. `gone`: the console does not have it any more, it is the one that was kept. */
export async function planInUse({ planVersion }: MigrationRow): Promise<{ readonly plan: Plan; readonly gone: boolean }> {
  const plan = planOf(planVersion);
  if (plan) return { plan, gone: false };
  const kept = await readKeptPlan(planVersion);
  if (!kept) throw new CausewayError('not-found', `version ${planVersion} of the plan is neither in this console nor stored`);
  return { plan: kept, gone: true };
}
