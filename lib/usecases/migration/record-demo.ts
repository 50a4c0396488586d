import 'server-only';
import { createHash, randomUUID } from 'node:crypto';
import type { Environment } from '#lib/api/common.ts';
import { BY_CONSOLE } from '#lib/audit-log/event.ts';
import { touchInputs } from '#lib/db/migration/edits.ts';
import { insertMigration, joinCluster, keepPlan, migrationOf } from '#lib/db/migration/migrations.ts';
import { inTransaction } from '#lib/db/migration/transaction.ts';
import { insertUpload, packedText } from '#lib/db/migration/uploads.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { UploadKind } from '#lib/migration/model.ts';
import { LATEST_PLAN } from '#lib/migration/plan/plan.ts';
import { readUpload, uploadSummary } from '#lib/preflight/files/upload.ts';
import { editorOf, tellEdit } from './edit.ts';

/** A demo cluster with the files that its tools would have printed. */
export interface DemoMember {
  readonly cluster: string;
  readonly environment: Environment;
  readonly files: readonly { readonly kind: Exclude<UploadKind, 'objects'>; readonly fileName: string; readonly text: string }[];
}

/** Begins the migration of the demo clusters, with files that say what they are, unless one of them belongs to a migration already. */
export async function recordDemoMigration(name: string, members: readonly DemoMember[]): Promise<void> {
  await inTransaction(async (tx) => {
    for (const { cluster } of members) if (await migrationOf(tx, cluster)) return;
    const [first] = members;
    if (!first) return;
    const id = randomUUID();
    const by = editorOf({ audit: BY_CONSOLE });
    await keepPlan(tx, LATEST_PLAN);
    const choices = { method: 'mutual-auth', route: 'node-groups' } as const;
    await insertMigration(tx, { id, name, planVersion: LATEST_PLAN.version, choices, by });
    for (const { cluster, environment, files } of members) {
      await joinCluster(tx, id, cluster, environment);
      for (const file of files) await insertUpload(tx, { ...storedForm(file), id: randomUUID(), cluster, by });
      await touchInputs(tx, cluster);
    }
    await tellEdit(
      tx,
      { cluster: first.cluster, audit: BY_CONSOLE },
      {
        action: 'migration.create',
        object: { type: 'migration', id },
        details: { name, plan: LATEST_PLAN.version, clusters: members.map(({ cluster }) => cluster).join(' ') },
        change: { what: 'settings', action: 'migration.begun', text: `began the migration “${name}” of the demo` },
      },
    );
  });
}

function storedForm({ kind, fileName, text }: DemoMember['files'][number]) {
  const reading = readUpload(kind, text);
  if (!reading.ok) throw new CausewayError('bad-input', `${fileName}: ${reading.problem.message}`);
  const bytes = Buffer.from(text);
  return {
    kind,
    fileName,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    summary: uploadSummary(reading.value),
    body: packedText(text),
  };
}
