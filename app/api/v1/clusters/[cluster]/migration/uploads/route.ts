import { handle } from '#lib/http/handle.ts';
import { listUploads } from '#lib/usecases/migration/list-uploads.ts';
import { uploadEvidence } from '#lib/usecases/migration/upload-evidence.ts';
import { editOf } from '../answers.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/migration/uploads', ({ cluster }) => listUploads(cluster.id));

export const POST = handle('POST /api/v1/clusters/{cluster}/migration/uploads', (call) => {
  const { request, query } = call;
  return uploadEvidence(editOf(call), { body: request.body, kind: query.kind, name: query.name });
});
