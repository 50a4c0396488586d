import { handle } from '#lib/http/handle.ts';
import { passOn, passUpload } from '#lib/http/pass-on.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/captures', (call) => passOn(call));

export const POST = handle('POST /api/v1/clusters/{cluster}/captures', (call) =>
  call.body
    ? passOn(call, { method: 'POST', body: JSON.stringify(call.body), headers: { 'content-type': 'application/json' } })
    : passUpload(call),
);
