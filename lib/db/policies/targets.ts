import 'server-only';
import { ObjectsTarget } from '#lib/api/clusters.ts';
import type { Statements } from '../traffic/connection.ts';

/** Where the objects of a cluster are to be had. */
export interface ObjectsPlace {
  readonly cluster: string;
  readonly target: ObjectsTarget | undefined;
  /** When its upload was made, Unix milliseconds; undefined where nothing was uploaded. */
  readonly uploadedAt: number | undefined;
}

/** Of all clusters, also of those that have none. A target that is none (written by another version) is left out. */
export async function readObjectsPlaces(db: Statements): Promise<ObjectsPlace[]> {
  const rows = await db.rows<{ id: string; objects: unknown; at: number | null }>(
    `SELECT id, cluster.objects, object_upload.created_at_ms AS at FROM cluster LEFT JOIN object_upload ON object_upload.cluster = id ORDER BY id`,
  );
  return rows.map(({ id, objects, at }) => ({
    cluster: id,
    target: ObjectsTarget.safeParse(objects).data,
    uploadedAt: at ?? undefined,
  }));
}
