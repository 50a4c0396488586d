import { handle } from '#lib/http/handle.ts';
import { passJson, passOn } from '#lib/http/pass-on.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/policy-sets', (call) => passOn(call));

export const POST = handle('POST /api/v1/clusters/{cluster}/policy-sets', (call) => passJson(call));
