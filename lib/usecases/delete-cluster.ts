import 'server-only';
import type { AuditContext } from '#lib/audit-log/event.ts';
import type { IngestClient } from '#lib/bus/ingest-client.ts';
import { deleteClusterRow } from '#lib/db/platform/clusters.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { tellIngest } from './tell-ingest.ts';

/** Removes a cluster; ingest stops following it. What is stored of its traffic goes with the retention. */
export async function deleteCluster(id: string, ingest: IngestClient, context: AuditContext): Promise<void> {
  if (!(await deleteClusterRow(id, context))) throw new CausewayError('not-found', 'the cluster was removed already');
  await tellIngest(ingest);
}
