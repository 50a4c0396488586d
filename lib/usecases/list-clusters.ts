import 'server-only';
import type { Cluster } from '#lib/api/clusters.ts';
import { type ClusterRow, readClusters } from '#lib/db/platform/clusters.ts';
import { noStates, type ClusterStates } from './cluster-states.ts';

/** What the caller may do to a cluster, asked of `authorize`. */
export interface ClusterRights {
  read(cluster: ClusterRow): boolean;
  manage(cluster: ClusterRow): boolean;
}

/** The clusters the caller may read, with the state of each relay. While ingest is away every state is `failed`, saying so. */
export async function listClusters(rights: ClusterRights, readStates: () => Promise<ClusterStates>): Promise<Cluster[]> {
  const [rows, states] = await Promise.all([readClusters(), readStates().catch(noStates)]);
  return rows.filter((row) => rights.read(row)).map((row) => clusterOf(row, states, rights));
}

/** A row as the API shows it: how a relay is reached is for those who may change it. */
export function clusterOf(row: ClusterRow, states: ClusterStates, rights: Pick<ClusterRights, 'manage'>): Cluster {
  const { id, name, environment, demo, relay, objects } = row;
  const reached = rights.manage(row) ? { ...(relay && { relay }), ...(objects && { objects }) } : {};
  return { id, name, environment, demo, ...reached, ...states(id, relay !== undefined) };
}
