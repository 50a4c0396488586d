import 'server-only';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { EvidenceUpload } from '#lib/api/migration.ts';
import { UPLOAD_KINDS, type UploadKind } from '#lib/migration/model.ts';
import { withDatabase } from '../client.ts';
import type { Prisma } from '../generated/client.ts';
import type { Statements } from '../traffic/connection.ts';

const LISTED = {
  id: true,
  kind: true,
  fileName: true,
  bytes: true,
  sha256: true,
  summary: true,
  superseded: true,
  bySubject: true,
  byName: true,
  at: true,
} as const;

/** Uploads of a cluster, newest first. */
export const readUploads = (cluster: string): Promise<EvidenceUpload[]> =>
  withDatabase(async (db) =>
    (
      await db.evidenceUpload.findMany({
        where: { clusterId: cluster },
        orderBy: [{ at: 'desc' }, { id: 'desc' }],
        take: 500,
        select: LISTED,
      })
    ).map(uploadOf),
  );

export interface NewUpload {
  readonly id: string;
  readonly cluster: string;
  readonly kind: UploadKind;
  readonly fileName: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly summary: string;
  readonly by: { readonly subject: string; readonly name: string };
  /** Packed, as `packedText` makes it. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Stores a file in place of the one of its kind before, which stays listed. */
export async function insertUpload(tx: Prisma.TransactionClient, upload: NewUpload): Promise<EvidenceUpload> {
  const { cluster, by, ...rest } = upload;
  await tx.evidenceUpload.updateMany({
    where: { clusterId: cluster, kind: upload.kind, superseded: false },
    data: { superseded: true },
  });
  const row = await tx.evidenceUpload.create({
    data: { ...rest, clusterId: cluster, bySubject: by.subject, byName: by.name },
    select: LISTED,
  });
  return uploadOf(row);
}

export const packedText = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(gzipSync(text));

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

function uploadOf(row: Prisma.EvidenceUploadGetPayload<{ select: typeof LISTED }>): EvidenceUpload {
  const { id, kind, fileName, bytes, sha256, summary, superseded, bySubject, byName, at } = row;
  return {
    id,
    kind: kind as UploadKind, // the route takes no other
    fileName,
    bytes,
    sha256,
    summary,
    superseded,
    by: { subject: bySubject, name: byName },
    at: at.getTime(),
  };
}
