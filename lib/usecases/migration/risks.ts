import 'server-only';
import type { RiskEdit, RiskEntry, RiskRegister } from '#lib/api/migration.ts';
import { readRisks, type RiskRow, writeRisk } from '#lib/db/migration/risks.ts';
import { lockMigrationOf } from '#lib/db/migration/migrations.ts';
import { inTransaction } from '#lib/db/migration/transaction.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Phase } from '#lib/migration/model.ts';
import { PHASES } from '#lib/migration/model.ts';
import type { Risk } from '#lib/migration/plan/model.ts';
import { checkOf, planOf } from '#lib/migration/plan/plan.ts';
import { riskStateOf } from '#lib/migration/risk-state.ts';
import { type EditContext, editorOf, planGone, tellEdit } from './edit.ts';
import { type MigrationState, readMigrationState } from './read-migration.ts';

/** The register with what checks in this cluster say, and the impact table. */
export async function readRiskRegister(cluster: string): Promise<RiskRegister> {
  const state = await readMigrationState(cluster);
  const rows = await readRisks(state.migration.id);
  return registerOf(state, cluster, rows);
}

export function registerOf(state: MigrationState, cluster: string, rows: readonly RiskRow[]): RiskRegister {
  const { plan } = state;
  return {
    risks: plan.risks.map((risk) => entryOf(state, cluster, risk, rows)),
    impacts: plan.impacts.map(({ component, phases }) => ({
      component,
      phases: PHASES.flatMap((phase) => {
        const impact = phases[phase];
        return impact ? [{ phase, ...impact }] : [];
      }),
    })),
  };
}

/** Changes what people say of a risk. Throws `not-found` for one that is none of the plan, `conflict` when someone else was faster. */
export async function editRisk(context: EditContext, id: string, edit: RiskEdit): Promise<RiskEntry> {
  await inTransaction(async (tx) => {
    const migration = await lockMigrationOf(tx, context.cluster);
    const plan = planOf(migration.planVersion);
    if (!plan) throw planGone(migration.planVersion);
    const risk = plan.risks.find((known) => known.id === id);
    if (!risk) throw new CausewayError('not-found', 'the plan has no such risk');
    const { version, note } = edit;
    const row = {
      risk: id,
      owner: edit.owner ?? undefined,
      likelihood: edit.likelihood ?? undefined,
      impact: edit.impact ?? undefined,
      state: edit.state ?? undefined,
      note,
      by: editorOf(context),
      version,
    };
    if (!(await writeRisk(tx, migration.id, row)))
      throw new CausewayError('conflict', 'someone else has just changed this risk; look at it again');
    await tellEdit(tx, context, {
      action: 'risk.change',
      object: { type: 'risk', id },
      reason: note,
      details: { state: edit.state ?? 'by its checks', owner: edit.owner ?? '' },
      change: { what: 'risk', action: 'risk.changed', text: `changed the risk “${risk.title}”` },
    });
  });
  const entry = (await readRiskRegister(context.cluster)).risks.find((risk) => risk.id === id);
  if (!entry) throw new CausewayError('not-found', 'the plan has no such risk');
  return entry;
}

function entryOf(state: MigrationState, cluster: string, risk: Risk, rows: readonly RiskRow[]): RiskEntry {
  const row = rows.find((each) => each.risk === risk.id);
  const checks = risk.checks.flatMap((id) => {
    const known = checkOf(state.plan, id);
    if (!known) return [];
    const { phase, check } = known;
    return [{ id, phase, title: check.title, status: statusIn(state, cluster, phase, id) }];
  });
  const { id, title, phases, likelihood, impact, mitigation } = risk;
  return {
    id,
    title,
    phases: [...phases],
    likelihood: row?.likelihood ?? likelihood,
    impact: row?.impact ?? impact,
    mitigation,
    owner: row?.owner ?? '',
    checks,
    ...riskStateOf(checks, row?.state),
    note: row?.note ?? '',
    said: {
      ...(row?.likelihood && { likelihood: row.likelihood }),
      ...(row?.impact && { impact: row.impact }),
      ...(row?.state && { state: row.state }),
    },
    ...(row && { changedBy: row.by, changedAt: row.at }),
    version: row?.version ?? 0,
  };
}

const statusIn = (state: MigrationState, cluster: string, phase: Phase, id: string) =>
  state.evidence(cluster, phase)?.results.find(({ check }) => check === id)?.status ?? 'unknown';
