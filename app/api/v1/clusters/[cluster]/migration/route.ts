import { rightsOf } from '#lib/auth/cluster-rights.ts';
import { taggedVersion, versionOfIfMatch } from '#lib/http/etag.ts';
import { handle } from '#lib/http/handle.ts';
import { beginMigration } from '#lib/usecases/migration/begin-migration.ts';
import { changeMigration } from '#lib/usecases/migration/change-migration.ts';
import { readMigration } from '#lib/usecases/migration/read-migration.ts';
import { editOf, managesAs } from './answers.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/migration', async ({ actor, cluster }) =>
  taggedVersion(await readMigration(cluster.id, rightsOf(actor).read)),
);

export const POST = handle('POST /api/v1/clusters/{cluster}/migration', async (call) => {
  const { actor, cluster, body } = call;
  await beginMigration(editOf(call), body, managesAs(actor));
  return readMigration(cluster.id, rightsOf(actor).read);
});

export const PATCH = handle('PATCH /api/v1/clusters/{cluster}/migration', async (call) => {
  const { actor, cluster, body, request } = call;
  await changeMigration(editOf(call), versionOfIfMatch(request.headers), body, managesAs(actor));
  return taggedVersion(await readMigration(cluster.id, rightsOf(actor).read));
});
