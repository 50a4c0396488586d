import 'server-only';
import type { AuthContext } from '#lib/api/migration.ts';
import type { Prisma } from '#lib/db/generated/client.ts';
import type { GateFile } from '#lib/db/gates/records.ts';
import { readGateFile } from '#lib/db/gates/records.ts';
import { tellMove } from '#lib/db/gates/tell.ts';
import { beginRequest, beginRollback, endRollback, insertDecision, insertGlass, moveRequest } from '#lib/db/gates/write.ts';
import type { GateMove, GateOrder, GateOutcome } from '#lib/migration/gate/command.ts';
import { isOpen } from '#lib/migration/gate/edges.ts';
import type { GateFacts } from '#lib/migration/gate/record.ts';
import { type GateCall, noRequest, personOf } from './call.ts';

/** How nobody had to prove anything beyond their session. */
export const NO_STEP_UP: AuthContext = { amr: [], weakness: '' };

interface Decided {
  readonly order: GateOrder;
  readonly outcome: GateOutcome & { readonly ok: true };
  readonly facts: GateFacts;
  /** The request that is locked; undefined where the phase has none. */
  readonly file: GateFile | undefined;
  readonly auth: AuthContext;
}

/** Writes down what was decided: records, steps, and for each step who is told. All in the transaction that holds the request. */
export async function carryOut(tx: Prisma.TransactionClient, call: GateCall, decided: Decided): Promise<GateFile> {
  const id = decided.outcome.begins ? await begin(tx, call, decided) : await go(tx, call, decided);
  const file = await readGateFile(tx, id);
  if (!file) throw noRequest();
  return file;
}

async function begin(tx: Prisma.TransactionClient, call: GateCall, decided: Decided): Promise<string> {
  const { order, outcome, facts, file } = decided;
  const [move] = outcome.moves;
  if (!move) throw new Error('what begins has a first step');
  // What failed or was rolled back is taken up again; a completed phase only by its own rollback.
  const after = file && (file.state !== 'completed' || move.by === 'roll-back') && !isOpen(file.state) ? file.id : undefined;
  const comment = order.command === 'break-glass' ? order.reason : order.comment;
  const id = await beginRequest(tx, facts, move, personOf(call), { comment, after });
  await record(tx, call, decided, id, move);
  const begun = await readGateFile(tx, id);
  if (!begun) throw noRequest();
  await tell(tx, call, decided, begun, 'none', move);
  return id;
}

async function go(tx: Prisma.TransactionClient, call: GateCall, decided: Decided): Promise<string> {
  if (!decided.file) throw noRequest();
  let current = decided.file;
  for (const move of decided.outcome.moves) {
    await record(tx, call, decided, current.id, move);
    const version = await moveRequest(tx, current, move, personOf(call));
    await tell(tx, call, decided, current, current.state, move);
    current = { ...current, state: move.to, version };
  }
  return current.id;
}

/** What a step leaves behind besides itself. */
async function record(
  tx: Prisma.TransactionClient,
  call: GateCall,
  decided: Decided,
  id: string,
  { by: command }: GateMove,
): Promise<void> {
  const { order, outcome, facts, file, auth } = decided;
  const by = personOf(call);
  if (order.command === 'break-glass') return insertGlass(tx, id, by, { reason: order.reason, ticket: order.ticket, auth });
  const { comment } = order;
  if (command === 'approve' || command === 'reject' || command === 'revoke') {
    const evidenceHash = file?.evidenceHash ?? '';
    return insertDecision(tx, { request: id, decision: command, by, team: outcome.team ?? '', comment, evidenceHash, auth });
  }
  if (command === 'roll-back') return beginRollback(tx, id, by, comment);
  const checksAfter = facts.evidence?.checks ?? [];
  if (command === 'finish-roll-back') return endRollback(tx, id, by, { outcome: 'rolled-back', observed: comment, checksAfter });
  if (command === 'fail' && file?.state === 'rolling-back')
    return endRollback(tx, id, by, { outcome: 'failed', observed: comment, checksAfter });
}

function tell(
  tx: Prisma.TransactionClient,
  call: GateCall,
  { order, outcome, auth }: Decided,
  file: GateFile,
  from: string,
  move: GateMove,
) {
  const { acr, amr, authTime, weakness } = auth;
  return tellMove(tx, file, from, move, {
    person: personOf(call),
    audit: call.audit,
    details: {
      ...('comment' in order && order.comment && { comment: order.comment }),
      ...('ticket' in order && { ticket: order.ticket }),
      ...(outcome.team && { team: outcome.team }),
      ...(acr !== undefined && { acr }),
      ...(amr.length > 0 && { amr: amr.join(' ') }),
      ...(authTime !== undefined && { authTime }),
      ...(weakness && { weakness }),
    },
  });
}
