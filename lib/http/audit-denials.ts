import 'server-only';
import type { NewAuditEvent } from '#lib/audit-log/event.ts';
import { AuditThrottle } from '#lib/audit-log/throttle.ts';
import { appendAudit } from '#lib/db/audit-log/append.ts';
import { withDatabase } from '#lib/db/client.ts';
import { messageOf } from '#lib/errors/errors.ts';
import { rootLog } from './log.ts';

/** How often what was only counted is written. Milliseconds. */
const FLUSH_MS = 10_000;

// One for all copies of this module that a development server makes.
const holder = globalThis as { causewayDenials?: { throttle: AuditThrottle<NewAuditEvent>; timer: NodeJS.Timeout } };

/**
 * Writes an event that anybody can cause as often as they like (a refusal, a failed sign-in) into the audit log: the first few of a caller and kind in a
 * minute, then one with their count. It never fails the answer that it tells of: where the database is away, the log of the process has it.
 */
export async function noteRefusal(event: NewAuditEvent): Promise<void> {
  const { actor, action, object, outcome, request } = event;
  const caller = actor.subject || request?.address || '';
  const counted = denials().throttle.take(JSON.stringify([caller, action, object, outcome]), event, Date.now());
  if (counted) await write(counted.event, counted.count);
}

function denials(): NonNullable<typeof holder.causewayDenials> {
  return (holder.causewayDenials ??= {
    throttle: new AuditThrottle(),
    timer: setInterval(() => void flush(Date.now()), FLUSH_MS).unref(),
  });
}

async function flush(now: number): Promise<void> {
  for (const { event, count } of holder.causewayDenials?.throttle.due(now) ?? []) await write(event, count);
}

async function write(event: NewAuditEvent, count: number): Promise<void> {
  const counted = count === 1 ? event : { ...event, details: { ...event.details, count } };
  await withDatabase((db) => appendAudit(db, counted)).catch((error: unknown) => {
    rootLog().error({ event: counted, reason: messageOf(error) }, 'not written to the audit log');
  });
}
