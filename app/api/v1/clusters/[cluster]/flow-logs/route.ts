import { handle } from '#lib/http/handle.ts';
import { passOn, passUpload } from '#lib/http/pass-on.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/flow-logs', (call) => passOn(call));

export const POST = handle('POST /api/v1/clusters/{cluster}/flow-logs', (call) => passUpload(call));
