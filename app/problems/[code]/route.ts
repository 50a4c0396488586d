import { CausewayError } from '#lib/errors/errors.ts';
import { handle } from '#lib/http/handle.ts';
import { kindOf } from '#lib/http/problem.ts';

export const GET = handle('GET /problems/{code}', async ({ params }) => {
  const code = params['code'] ?? '';
  const kind = kindOf(code);
  if (!kind) throw new CausewayError('not-found', 'there is no such problem type');
  return { type: `/problems/${code}`, title: code.replaceAll('-', ' '), status: kind.status, detail: kind.meaning };
});
