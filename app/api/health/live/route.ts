import { handle } from '#lib/http/handle.ts';

export const GET = handle('GET /api/health/live', async () => Response.json({ status: 'live' }));
