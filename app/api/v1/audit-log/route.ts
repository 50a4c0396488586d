import { handle } from '#lib/http/handle.ts';
import { readAuditLog } from '#lib/usecases/audit-log/read-audit-log.ts';

export const GET = handle('GET /api/v1/audit-log', ({ query }) => readAuditLog(query, Date.now()));
