import 'server-only';
import type { FindingTriage } from '#lib/api/receipts.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { appendAudit } from '../audit-log/append.ts';
import { withDatabase } from '../client.ts';

/**
 * Writes what a person made of a finding, with its line in the audit log, unless it was changed since they saw it: false then. Unix milliseconds.
 */
export const writeTriage = (
  id: string,
  { state, note, version }: FindingTriage,
  context: AuditContext,
  now: number,
): Promise<boolean> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      const before = await tx.finding.findUnique({ where: { id } });
      const { count } = await tx.finding.updateMany({
        where: { id, version },
        data: { state, note, changedBy: context.actor.name, changedAtMs: now, version: { increment: 1 } },
      });
      if (count !== 1 || !before) return false;
      await appendAudit(tx, {
        ...context,
        action: 'finding.triage',
        object: { type: 'finding', id },
        outcome: 'ok',
        cluster: before.cluster,
        ...(note !== '' && { reason: note }),
        details: { rule: before.rule, from: before.state, to: state },
      });
      return true;
    }),
  );
