import { handle } from '#lib/http/handle.ts';
import { passJson } from '#lib/http/pass-on.ts';

export const POST = handle('POST /api/v1/clusters/{cluster}/receipts', (call) => passJson(call));
