import { auditContext } from '#lib/http/audit-context.ts';
import { handle } from '#lib/http/handle.ts';
import { textStream } from '#lib/http/text-stream.ts';
import { exportAuditLog } from '#lib/usecases/audit-log/export-audit-log.ts';
import { filterOf } from '#lib/usecases/audit-log/read-audit-log.ts';

const TYPES = { jsonl: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' } as const;

export const GET = handle('GET /api/v1/audit-log/export', async (call) => {
  const { format, ...query } = call.query;
  const pieces = await exportAuditLog(format, filterOf(query, Date.now()), auditContext(call));
  return new Response(textStream(pieces), {
    headers: { 'content-type': TYPES[format], 'content-disposition': `attachment; filename="audit-log.${format}"` },
  });
});
