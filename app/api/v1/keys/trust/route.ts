import { handle } from '#lib/http/handle.ts';
import { passJson } from '#lib/http/pass-on.ts';

export const PUT = handle('PUT /api/v1/keys/trust', passJson);
