import 'server-only';
import type { EvidenceUpload } from '#lib/api/migration.ts';
import { noMigration, readMigrationOf } from '#lib/db/migration/migrations.ts';
import { readUploads } from '#lib/db/migration/uploads.ts';

/** Evidence files of a cluster, newest first, those that were replaced included. Throws `not-found` without a migration. */
export async function listUploads(cluster: string): Promise<{ uploads: EvidenceUpload[] }> {
  if (!(await readMigrationOf(cluster))) throw noMigration();
  return { uploads: await readUploads(cluster) };
}
