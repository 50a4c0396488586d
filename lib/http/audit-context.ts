import 'server-only';
import type { AuditActor, AuditContext } from '#lib/audit-log/event.ts';
import type { Actor } from '#lib/auth/authorize.ts';
import type { Call } from './handle.ts';
import { addressOf } from './rate-limit.ts';

/** Who calls and from where, as the audit log writes it down. */
export function auditContext({ actor, request, requestId }: Pick<Call, 'actor' | 'request' | 'requestId'>): AuditContext {
  return { actor: auditActor(actor), request: auditRequest(request.headers, requestId) };
}

export const auditRequest = (headers: Headers, id: string): NonNullable<AuditContext['request']> => ({
  id,
  address: addressOf(headers),
  userAgent: headers.get('user-agent') ?? '',
});

/** The caller as the audit log names them; whoever did not say who they are is `anonymous`. */
export function auditActor(actor: Actor | undefined): AuditActor {
  if (!actor) return { kind: 'anonymous', subject: '', name: '' };
  const { kind, subject, name, sessionId } = actor;
  return { kind, subject, name, ...(sessionId !== undefined && { sessionId }) };
}
