import { handle } from '#lib/http/handle.ts';
import { passJson, passOn } from '#lib/http/pass-on.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/policy-sets/{set}', (call) => passOn(call));

export const PUT = handle('PUT /api/v1/clusters/{cluster}/policy-sets/{set}', (call) => passJson(call));

export const DELETE = handle('DELETE /api/v1/clusters/{cluster}/policy-sets/{set}', (call) => passOn(call, { method: 'DELETE' }));
