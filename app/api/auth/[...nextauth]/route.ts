import { answerAuth } from '#lib/auth/next-auth.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { handle } from '#lib/http/handle.ts';

export const GET = handle('GET /api/auth/{nextauth}', ({ request, params, log }) => answered(request, params, log));
export const POST = handle('POST /api/auth/{nextauth}', ({ request, params, log }) => answered(request, params, log));

async function answered(
  request: Request,
  params: Readonly<Record<string, string>>,
  log: Parameters<typeof answerAuth>[2],
): Promise<Response> {
  const response = await answerAuth(request, (params['nextauth'] ?? '').split('/'), log);
  if (!response) throw new CausewayError('not-found', 'there is nothing here');
  return response;
}
