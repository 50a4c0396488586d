import 'server-only';
import { canonicalText, type NewAuditEvent } from '#lib/audit-log/event.ts';
import type { Prisma } from '../generated/client.ts';
import type { Statements } from '../traffic/connection.ts';

/**
 * Adds an event to the audit log in the transaction of the change it tells of: both commit, or neither. Call it last: from here to the commit
 * nobody else can add one, and a row locked after it could be what another waits with.
 */
export async function appendAudit(tx: Pick<Prisma.TransactionClient, '$executeRaw'>, event: NewAuditEvent): Promise<void> {
  await tx.$executeRaw`INSERT INTO audit_event (body) VALUES (${canonicalText(event)})`;
}

/** As `appendAudit`, for what is written with plain statements. */
export async function appendAuditBy(tx: Statements, event: NewAuditEvent): Promise<void> {
  await tx.rows('INSERT INTO audit_event (body) VALUES ($1)', [canonicalText(event)]);
}
