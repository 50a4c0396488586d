import { auditContext } from '#lib/http/audit-context.ts';
import { handle } from '#lib/http/handle.ts';
import { verifyAuditLog } from '#lib/usecases/audit-log/verify-audit-log.ts';

export const GET = handle('GET /api/v1/audit-log/verification', async (call) => {
  const began = performance.now();
  const { head, broken, ...rest } = await verifyAuditLog(auditContext(call));
  return { ...rest, broken: [...broken], ...(head && { head }), tookMs: Math.round(performance.now() - began) };
});
