import { handle } from '#lib/http/handle.ts';
import { passOn, passUpload } from '#lib/http/pass-on.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/policies/source', (call) => passOn(call));

export const PUT = handle('PUT /api/v1/clusters/{cluster}/policies/source', (call) => passUpload(call));
