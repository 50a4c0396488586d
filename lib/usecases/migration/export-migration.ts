import 'server-only';
import type { Environment } from '#lib/api/common.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { appendAudit } from '#lib/db/audit-log/append.ts';
import { readHistory } from '#lib/db/migration/changes.ts';
import { readPoints } from '#lib/db/migration/evidence.ts';
import { readFacts } from '#lib/db/migration/facts.ts';
import { readRisks } from '#lib/db/migration/risks.ts';
import { inTransaction } from '#lib/db/migration/transaction.ts';
import { migrationMarkdown } from '#lib/migration/export.ts';
import type { Phase } from '#lib/migration/model.ts';
import type { PhaseGate } from '#lib/usecases/gates/read-gate.ts';
import { type MaySee, migrationOf, readMigrationState } from './read-migration.ts';
import { detailOf } from './read-phase.ts';
import { registerOf } from './risks.ts';

export interface ExportPorts {
  readonly maySee: MaySee;
  readonly readGate: (cluster: { readonly id: string; readonly environment: Environment }, phase: Phase) => Promise<PhaseGate>;
  readonly audit: AuditContext;
}

export interface ExportedFile {
  readonly text: string;
  readonly type: string;
  readonly fileName: string;
}

/** The whole migration as far as the caller may see it, as a document or as data. That it left the console is written down. */
export async function exportMigration(
  of: string,
  format: 'json' | 'markdown',
  { maySee, readGate, audit }: ExportPorts,
  now = Date.now(),
): Promise<ExportedFile> {
  const state = await readMigrationState(of);
  const migration = migrationOf(state, maySee);
  const phases = [];
  for (const { id, ownEnvironment } of state.migration.clusters) {
    const cluster = { id, environment: ownEnvironment };
    if (!maySee(cluster)) continue;
    const values = await readFacts(id);
    for (const { phase } of state.plan.phases) {
      const [points, history, gate] = await Promise.all([
        readPoints(id, phase),
        readHistory(id, phase),
        readGate(cluster, phase),
      ]);
      phases.push(detailOf(state, id, phase, { values, points, history, gate }));
    }
  }
  const { risks, impacts } = registerOf(state, of, await readRisks(state.migration.id));
  await inTransaction((tx) =>
    appendAudit(tx, {
      ...audit,
      action: 'migration.export',
      object: { type: 'migration', id: state.migration.id },
      outcome: 'ok',
      details: { format },
      cluster: of,
    }),
  );
  const fileName = `migration-${of}-${new Date(now).toISOString().slice(0, 10)}`;
  if (format === 'markdown')
    return { text: migrationMarkdown(migration, phases, now), type: 'text/markdown; charset=utf-8', fileName: `${fileName}.md` };
  const text = JSON.stringify({ exportedAt: now, migration, phases, risks, impacts }, undefined, 2);
  return { text, type: 'application/json', fileName: `${fileName}.json` };
}
