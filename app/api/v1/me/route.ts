import { handle } from '#lib/http/handle.ts';

export const GET = handle('GET /api/v1/me', async ({ actor: { ceiling: _, ...me } }) => ({ ...me, grants: [...me.grants] }));
