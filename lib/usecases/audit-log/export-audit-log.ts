import 'server-only';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { CSV_HEADER, csvLine, jsonLine } from '#lib/audit-log/export.ts';
import { appendAudit } from '#lib/db/audit-log/append.ts';
import { type AuditFilter, auditRows, readAuditHead } from '#lib/db/audit-log/read.ts';
import { withDatabase } from '#lib/db/client.ts';

export type AuditFormat = 'jsonl' | 'csv';

/**
 * The log up to where it ends now, oldest first, as text in pieces. That it was exported, and which part, is written down before the first piece: whoever
 * reads it has been told of.
 */
export async function exportAuditLog(
  format: AuditFormat,
  filter: AuditFilter,
  context: AuditContext,
): Promise<AsyncGenerator<string>> {
  const { seq } = await readAuditHead();
  const asked = Object.entries(filter).filter(([, value]) => value !== undefined) as [string, string | number][];
  await withDatabase((db) =>
    appendAudit(db, {
      ...context,
      action: 'audit-log.export',
      object: { type: 'audit-log', id: '' },
      outcome: 'ok',
      details: { ...Object.fromEntries(asked), format, upTo: seq },
    }),
  );
  return lines(format, filter, seq);
}

async function* lines(format: AuditFormat, filter: AuditFilter, until: number): AsyncGenerator<string> {
  if (format === 'csv') yield `${CSV_HEADER}\r\n`;
  const [lineOf, end] = format === 'csv' ? ([csvLine, '\r\n'] as const) : ([jsonLine, '\n'] as const);
  for await (const rows of auditRows(filter, until)) yield rows.map((row) => lineOf(row) + end).join('');
}
