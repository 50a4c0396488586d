import 'server-only';
import { gzipSync } from 'node:zlib';
import type { EvidenceUpload } from '#lib/api/migration.ts';
import type { UploadKind } from '#lib/migration/model.ts';
import { withDatabase } from '../client.ts';
import type { Prisma } from '../generated/client.ts';

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
