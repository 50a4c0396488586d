import { effectiveGrants } from '#lib/auth/actor.ts';
import { readMembers } from '#lib/db/platform/members.ts';
import { handle } from '#lib/http/handle.ts';

export const GET = handle('GET /api/v1/members', async () => ({ members: await readMembers(Date.now(), effectiveGrants) }));
