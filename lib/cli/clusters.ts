import { BY_CONSOLE } from '#lib/audit-log/event.ts';
import { ClusterInput } from '#lib/api/clusters.ts';
import { Environment } from '#lib/api/common.ts';
import { closeDatabase } from '#lib/db/client.ts';
import { deleteClusterRow, readClusters } from '#lib/db/platform/clusters.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { demoEvidence } from '#lib/demo/evidence/evidence.ts';
import { type DemoMember, recordDemoMigration } from '#lib/usecases/migration/record-demo.ts';
import { putClusters } from '#lib/usecases/save-cluster.ts';
import type { DataDir } from './data-dir.ts';
import { actAs } from './environment.ts';
import { type ObjectsOptions, objectsTarget } from './objects-options.ts';
import { type RelayOptions, relayTarget } from './relay-options.ts';

/** A demo relay as the demo part announces it. */
export interface DemoCluster {
  readonly id: string;
  readonly name: string;
  readonly environment: string;
  readonly address: string;
  /** Folder of its Kubernetes objects. */
  readonly objects?: string;
}

/** Records the clusters that `up` starts with: the demo ones, or the relay's. Demo clusters exist only while they are played. */
export async function recordClusters(
  data: DataDir,
  databaseUrl: string,
  demo: readonly DemoCluster[],
  options: RelayOptions & ObjectsOptions,
): Promise<void> {
  actAs(data, databaseUrl);
  try {
    const playing = new Set(demo.map(({ id }) => id));
    for (const row of await readClusters()) if (row.demo && !playing.has(row.id)) await deleteClusterRow(row.id, BY_CONSOLE);
    await putClusters(
      demo.map(({ id, name, environment, address, objects: path }) => ({
        ...ClusterInput.parse({ id, name, environment, relay: { address } }),
        ...(path !== undefined && { objects: { from: 'folder' as const, path } }),
        demo: true,
      })),
    );
    await recordDemoMigration('Platform', demo.map(memberOf));
    const objects = objectsTarget(options);
    if (options.relay)
      await putClusters([{ ...clusterOf({ ...options, relay: options.relay }), ...(objects && { objects }), demo: false }]);
  } finally {
    await closeDatabase();
  }
}

/** A demo cluster in the demo's migration. */
function memberOf({ id, environment }: DemoCluster): DemoMember {
  const files = demoEvidence(id).flatMap(({ kind, ...file }) => (kind === 'objects' ? [] : [{ kind, ...file }]));
  return { cluster: id, environment: Environment.parse(environment), files };
}

/** The relay's cluster as options name it. Throws `bad-input` for an address or a name that is none. */
export function clusterOf(options: RelayOptions & { readonly relay: string }): ClusterInput {
  const name = options.clusterName ?? 'cluster';
  const id = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63);
  const cluster = ClusterInput.safeParse({ id, name, environment: options.environment ?? 'DEV', relay: relayTarget(options) });
  if (cluster.success) return cluster.data;
  const [issue] = cluster.error.issues;
  throw new CausewayError(
    'bad-input',
    `${issue?.path.includes('address') ? `--relay ${options.relay}` : `--cluster-name ${name}`}: expected ${issue?.message}`,
  );
}
