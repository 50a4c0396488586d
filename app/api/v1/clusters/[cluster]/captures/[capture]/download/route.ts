import { handle } from '#lib/http/handle.ts';
import { passOnStream } from '#lib/http/pass-on.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/captures/{capture}/download', (call) => passOnStream(call));
