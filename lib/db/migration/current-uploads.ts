import 'server-only';
import { gunzipSync } from 'node:zlib';
import { UPLOAD_KINDS, type UploadKind } from '#lib/migration/model.ts';
import type { Statements } from '../traffic/connection.ts';

/** A file that counts, without its content. */
export interface CurrentUpload {
  readonly id: string;
  readonly kind: UploadKind;
  readonly fileName: string;
  readonly sha256: string;
  readonly bySubject: string;
  /** Unix milliseconds. */
  readonly at: number;
}

/** The newest file of each kind. */
export async function currentUploads(db: Statements, cluster: string): Promise<CurrentUpload[]> {
  const rows = await db.rows<Omit<CurrentUpload, 'at'> & { readonly at: Date }>(
    `SELECT id, kind, file_name AS "fileName", sha256, by_subject AS "bySubject", at FROM evidence_upload
     WHERE cluster_id = $1 AND NOT superseded ORDER BY at, id`,
    [cluster],
  );
  return rows.filter(({ kind }) => UPLOAD_KINDS.includes(kind)).map(({ at, ...rest }) => ({ ...rest, at: at.getTime() }));
}

/** The content of a file. */
export async function uploadText(db: Statements, id: string): Promise<string | undefined> {
  const [row] = await db.rows<{ readonly body: Uint8Array }>('SELECT body FROM evidence_upload WHERE id = $1', [id]);
  return row && gunzipSync(row.body).toString('utf8');
}
