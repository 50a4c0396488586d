import 'server-only';
import type { AuditLogPage, AuditLogQuery } from '#lib/api/audit-log.ts';
import { loggedEvent } from '#lib/audit-log/logged.ts';
import { type AuditFilter, readAuditActions, readAuditHead, readAuditRows } from '#lib/db/audit-log/read.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { rangeOf } from '#lib/ingest/time-range.ts';

/** A page of the log, newest first. The cursor is the number of the last row of the page before. Throws `bad-request`. */
export async function readAuditLog({ cursor, limit, ...query }: AuditLogQuery, now: number): Promise<AuditLogPage> {
  const before = cursorOf(cursor);
  const [rows, actions, head] = await Promise.all([
    readAuditRows(filterOf(query, now), limit + 1, before),
    readAuditActions(),
    readAuditHead(),
  ]);
  const [last] = await readAuditRows({}, 1);
  const page = rows.slice(0, limit);
  const next = rows.length > limit ? page.at(-1) : undefined;
  return {
    events: page.map(loggedEvent),
    ...(next && { nextCursor: String(next.seq) }),
    actions,
    ...(last && { head: { ...head, at: last.at } }),
  };
}

/** What a query asks for, its window in times. */
export function filterOf(query: Omit<AuditLogQuery, 'cursor' | 'limit'>, now: number): AuditFilter {
  const { q, actor, action, object, cluster, outcome } = query;
  return { ...rangeOf(query, now), q, actor, action, object, cluster, outcome };
}

function cursorOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (!/^\d{1,15}$/.test(cursor))
    throw new CausewayError('bad-request', 'this cursor is none of ours', { place: { parameter: 'cursor' } });
  return Number(cursor);
}
