import 'server-only';
import type { AuditActor, AuditContext } from '#lib/audit-log/event.ts';
import type { Call } from './server.ts';

/** Who asks and from where, as the web process says it; ingest itself where nobody does. */
export function auditContextOf({ headers }: Pick<Call, 'headers'>): AuditContext {
  const given = headers['x-causeway-audit'];
  if (typeof given !== 'string') return INGEST;
  const { actor, request } = JSON.parse(decodeURIComponent(given)) as AuditContext;
  return { actor: known(actor), ...(request && { request: { ...request } }) };
}

const INGEST: AuditContext = { actor: { kind: 'system', subject: 'ingest', name: 'ingest' } };

const known = ({ kind, subject, name, sessionId }: AuditActor): AuditActor => ({
  kind,
  subject,
  name,
  ...(sessionId !== undefined && { sessionId }),
});
