import 'server-only';
import type { ClusterInput } from '#lib/api/clusters.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import type { IngestClient } from '#lib/bus/ingest-client.ts';
import { type ClusterRow, insertCluster, putCluster, readCluster, updateCluster } from '#lib/db/platform/clusters.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { tellIngest } from './tell-ingest.ts';

/** Adds a cluster and has ingest follow it. Throws `conflict` when the id is taken. */
export async function addCluster(input: ClusterInput, ingest: IngestClient, context: AuditContext): Promise<ClusterRow> {
  const row = await insertCluster(input, context);
  await tellIngest(ingest);
  return row;
}

/** Changes the cluster that was read at `version`. Throws `precondition-failed` when someone else was faster. A demo cluster cannot be pointed elsewhere. */
export async function changeCluster(
  cluster: ClusterRow,
  version: number,
  input: ClusterInput,
  ingest: IngestClient,
  context: AuditContext,
): Promise<ClusterRow> {
  if (input.id !== cluster.id)
    throw new CausewayError('bad-input', 'the id of a cluster cannot change', { place: { field: 'id' } });
  if (cluster.demo) throw new CausewayError('conflict', 'a demo cluster is set up by the console itself');
  const row = await updateCluster(cluster.id, version, input, context);
  if (row) {
    await tellIngest(ingest);
    return row;
  }
  const now = await readCluster(cluster.id);
  if (!now) throw new CausewayError('not-found', 'the cluster was removed in the meantime');
  throw new CausewayError('precondition-failed', 'the cluster was changed in the meantime; read it again');
}

/** The clusters the console is started with: the demo ones, or the one of `--relay`. Existing ones are pointed to their new address. */
export async function putClusters(clusters: readonly (ClusterInput & { readonly demo: boolean })[]): Promise<void> {
  for (const cluster of clusters) await putCluster(cluster);
}
