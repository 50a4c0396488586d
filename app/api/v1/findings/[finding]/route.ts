import { auditContext } from '#lib/http/audit-context.ts';
import { handle } from '#lib/http/handle.ts';
import { readFinding } from '#lib/usecases/findings/read-findings.ts';
import { triageFinding } from '#lib/usecases/findings/triage-finding.ts';

export const PUT = handle('PUT /api/v1/findings/{finding}', async (call) => {
  const { cluster, id } = await readFinding(call.params['finding'] ?? '');
  await call.onCluster(cluster, 'finding.triage');
  return triageFinding(id, call.body, auditContext(call));
});
