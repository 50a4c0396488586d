import 'server-only';
import type { GateRequest, ReviewInput } from '#lib/api/migration.ts';
import { appendAudit } from '#lib/db/audit-log/append.ts';
import { holdGate } from '#lib/db/gates/facts.ts';
import { readGateFile } from '#lib/db/gates/records.ts';
import { inGateTransaction } from '#lib/db/gates/transaction.ts';
import { closeReview as writeReview } from '#lib/db/gates/write.ts';
import { noteChange } from '#lib/db/migration/changes.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { mayNotReview } from '#lib/migration/gate/review.ts';
import { type GateCall, personOf, refusedError } from './call.ts';
import { requestView } from './view.ts';

/** Closes the review of broken glass, by another person than the one who broke it. `id` is that of the request. */
export async function closeReview(call: GateCall, id: string, { finding }: ReviewInput): Promise<GateRequest> {
  return inGateTransaction(async (tx) => {
    const seen = await readGateFile(tx, id);
    if (!seen?.glass || seen.cluster !== call.cluster)
      throw new CausewayError('not-found', 'there is no such review in this cluster');
    await holdGate(tx, call.cluster, seen.phase, 'begin');
    const file = await readGateFile(tx, id, true);
    if (!file?.glass) throw new CausewayError('not-found', 'there is no such review in this cluster');
    const { bySubject, byName, closedBy, closedName } = file.glass;
    const refusal = mayNotReview(
      {
        by: { subject: bySubject, name: byName },
        closedBy: closedBy === null ? undefined : { subject: closedBy, name: closedName ?? '' },
      },
      call.caller,
    );
    if (refusal) throw refusedError({ refusal, record: undefined });
    const by = personOf(call);
    const { cluster, phase, environment, number } = file;
    await writeReview(tx, id, by, finding);
    const text = `reviewed the glass that ${byName} broke (request ${number}): ${finding}`;
    await noteChange(tx, { cluster, phase, what: 'gate', action: 'review.close', request: id, text, by });
    await appendAudit(tx, {
      ...call.audit,
      action: 'review.close',
      object: { type: 'gate-request', id },
      outcome: 'ok',
      reason: finding,
      cluster,
      details: { number, phase, environment, 'broken by': bySubject },
    });
    return requestView((await readGateFile(tx, id)) ?? file);
  });
}
