import 'server-only';
import { RelayTarget } from '#lib/api/clusters.ts';
import type { Statements } from './connection.ts';

/** A cluster to follow. */
export interface FollowedCluster {
  readonly id: string;
  readonly relay: RelayTarget;
}

/** The ids of all clusters, followed or not. */
export async function clusterIds(db: Statements): Promise<string[]> {
  return (await db.rows<{ id: string }>('SELECT id FROM cluster ORDER BY id')).map(({ id }) => id);
}

/** The clusters that have a relay. A row whose relay is not one (written by another version) is left out. */
export async function clustersToFollow(db: Statements): Promise<FollowedCluster[]> {
  const rows = await db.rows<{ id: string; relay: unknown }>('SELECT id, relay FROM cluster WHERE relay IS NOT NULL ORDER BY id');
  return rows.flatMap(({ id, relay }) => {
    const target = RelayTarget.safeParse(relay);
    return target.success ? [{ id, relay: target.data }] : [];
  });
}
