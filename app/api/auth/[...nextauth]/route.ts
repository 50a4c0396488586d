import { answerAuth } from '#lib/auth/next-auth.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { auditRequest } from '#lib/http/audit-context.ts';
import { noteRefusal } from '#lib/http/audit-denials.ts';
import { type Call, handle } from '#lib/http/handle.ts';

export const GET = handle('GET /api/auth/{nextauth}', (call) => answered(call));
export const POST = handle('POST /api/auth/{nextauth}', (call) => answered(call));

async function answered({
  request,
  requestId,
  params,
  log,
}: Pick<Call, 'request' | 'requestId' | 'params' | 'log'>): Promise<Response> {
  const from = auditRequest(request.headers, requestId);
  const response = await answerAuth(request, (params['nextauth'] ?? '').split('/'), {
    log,
    request: from,
    note: ({ subject, outcome, reason }) =>
      void noteRefusal({
        actor: { kind: 'anonymous', subject, name: '' },
        request: from,
        action: 'session.sign-in',
        object: { type: 'session', id: '' },
        outcome,
        reason,
      }),
  });
  if (!response) throw new CausewayError('not-found', 'there is nothing here');
  return response;
}
