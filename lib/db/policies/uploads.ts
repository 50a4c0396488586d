import 'server-only';
import { type AuditContext, BY_CONSOLE } from '#lib/audit-log/event.ts';
import { appendAuditBy } from '../audit-log/append.ts';
import type { TrafficDb } from '../traffic/connection.ts';
import { pack, unpack } from '../traffic/packed.ts';

/** Objects that somebody uploaded for a cluster. */
export interface StoredUpload<T> {
  readonly objects: readonly T[];
  readonly createdBy: string;
  /** Unix milliseconds; names the upload too. */
  readonly createdAt: number;
}

/** Puts the objects in place of those that were uploaded before. */
export async function saveUpload(
  db: TrafficDb,
  cluster: string,
  upload: StoredUpload<object>,
  context: AuditContext = BY_CONSOLE,
): Promise<void> {
  const objects = upload.objects.length;
  const body = await pack(upload.objects);
  await db.transaction(async (tx) => {
    await tx.rows(
      `INSERT INTO object_upload (cluster, objects, body, created_by, created_at_ms) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (cluster) DO UPDATE SET objects = excluded.objects, body = excluded.body, created_by = excluded.created_by,
       created_at_ms = excluded.created_at_ms`,
      [cluster, objects, body, upload.createdBy, upload.createdAt],
    );
    const object = { type: 'objects', id: cluster };
    await appendAuditBy(tx, { ...context, action: 'objects.upload', object, cluster, outcome: 'ok', details: { objects } });
  });
}

/** The caller states the type of the objects: only this console writes these rows. */
export async function readUpload<T>(db: TrafficDb, cluster: string): Promise<StoredUpload<T> | undefined> {
  const [row] = await db.rows<{ body: Buffer; createdBy: string; createdAt: number }>(
    'SELECT body, created_by AS "createdBy", created_at_ms AS "createdAt" FROM object_upload WHERE cluster = $1',
    [cluster],
  );
  if (!row) return undefined;
  const { body, ...upload } = row;
  return { ...upload, objects: await unpack<readonly T[]>(body) };
}
