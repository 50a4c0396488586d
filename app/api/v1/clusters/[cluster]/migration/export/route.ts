import { rightsOf } from '#lib/auth/cluster-rights.ts';
import { auditContext } from '#lib/http/audit-context.ts';
import { handle } from '#lib/http/handle.ts';
import { exportMigration } from '#lib/usecases/migration/export-migration.ts';
import { readPhaseGate } from '../answers.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/migration/export', async (call) => {
  const { actor, cluster, query } = call;
  const { text, type, fileName } = await exportMigration(cluster.id, query.format, {
    maySee: rightsOf(actor).read,
    readGate: (member, phase) => readPhaseGate(call, member, phase),
    audit: auditContext(call),
  });
  return new Response(text, {
    headers: { 'content-type': type, 'content-disposition': `attachment; filename="${fileName}"` },
  });
});
