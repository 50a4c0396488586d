import { handle } from '#lib/http/handle.ts';
import { passOn } from '#lib/http/pass-on.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/attestation', (call) => passOn(call));
