import { handle } from '#lib/http/handle.ts';
import { openApiDocument } from '#lib/http/openapi.ts';

export const GET = handle('GET /api/v1/openapi.json', async () => Response.json(openApiDocument()));
