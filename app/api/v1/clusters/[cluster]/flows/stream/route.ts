import { handle } from '#lib/http/handle.ts';
import { streamOfIngest } from '#lib/http/sse.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/flows/stream', (call) => streamOfIngest(call));
