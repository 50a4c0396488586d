import 'server-only';
import type { AuthContext, BreakGlassInput, GateRequest, GateRequestInput } from '#lib/api/migration.ts';
import { withDatabase } from '#lib/db/client.ts';
import { type GateSight, holdGate, readSight } from '#lib/db/gates/facts.ts';
import type { Prisma } from '#lib/db/generated/client.ts';
import { type GateFile, readGateFile } from '#lib/db/gates/records.ts';
import { settle } from '#lib/db/gates/settle.ts';
import { inGateTransaction } from '#lib/db/gates/transaction.ts';
import type { GateOrder } from '#lib/migration/gate/command.ts';
import { decideGate } from '#lib/migration/gate/decide.ts';
import type { Phase } from '#lib/migration/model.ts';
import { evaluateNow, evaluateSoon } from '#lib/usecases/migration/evaluate-now.ts';
import { askingForStepUp, requireStepUp } from '#lib/usecases/step-up/require-step-up.ts';
import { askerOf, type GateCall, pageOf, type Refused, refusedError } from './call.ts';
import { carryOut, NO_STEP_UP } from './carry-out.ts';
import { requestView } from './view.ts';

/**
 * Requests that the gate of a phase opens, on the evidence the person has seen: it is read anew first, and where it is not the same any more
 * throws `evidence-changed`.
 */
export async function requestGate(call: GateCall, phase: Phase, input: GateRequestInput): Promise<GateRequest> {
  const order: GateOrder = { command: 'request', ...input };
  await mayTry(call, phase, order);
  await evaluateNow(call.ingest, call.cluster, phase);
  return finish(await inGateTransaction((tx) => begin(tx, call, phase, order, () => Promise.resolve(NO_STEP_UP))));
}

/** Passes a gate without approval: its own decision, red for good, and a review that another person owes. Throws `step-up-required` first. */
export async function breakGlass(call: GateCall, phase: Phase, input: BreakGlassInput): Promise<GateRequest> {
  const order: GateOrder = { command: 'break-glass', reason: input.reason, ticket: input.ticket };
  await mayTry(call, phase, order);
  // Glass is broken where things go wrong: that ingest does not answer may be one of them.
  await evaluateSoon(call.ingest, call.cluster, phase);
  const auth = (tx: Prisma.TransactionClient, { facts }: GateSight): Promise<AuthContext> =>
    requireStepUp(tx, {
      actor: call.audit.actor,
      action: 'gate.break-glass',
      purpose: `Break the glass: phase ${phase} of ${call.cluster} in ${facts.environment}, without approval`,
      request: `${call.cluster}/${phase}`,
      stepUp: input.stepUp,
      command: call.command,
      returnTo: pageOf(call.cluster, phase, facts.environment),
    });
  return finish(await askingForStepUp(() => inGateTransaction((tx) => begin(tx, call, phase, order, auth))));
}

/** Refuses without a lock and without reading evidence what this person may not do. */
async function mayTry(call: GateCall, phase: Phase, order: GateOrder): Promise<void> {
  const outcome = await withDatabase(async (db) => {
    const { facts, newest } = await readSight(db, call.cluster, phase, askerOf(call), 'look');
    return decideGate(newest === undefined ? undefined : await readGateFile(db, newest), order, call.caller, facts);
  });
  if (!outcome.ok && (outcome.code === 'forbidden' || outcome.code === 'bad-input'))
    throw refusedError({ refusal: outcome, record: undefined });
}

async function begin(
  tx: Prisma.TransactionClient,
  call: GateCall,
  phase: Phase,
  order: GateOrder,
  authOf: (tx: Prisma.TransactionClient, sight: GateSight) => Promise<AuthContext>,
): Promise<GateFile | Refused> {
  await holdGate(tx, call.cluster, phase, 'begin');
  const before = await readSight(tx, call.cluster, phase, askerOf(call), 'look');
  const locked = before.newest === undefined ? undefined : await readGateFile(tx, before.newest, true);
  const sight = await readSight(tx, call.cluster, phase, askerOf(call), 'begin');
  const file = locked && (await settle(tx, locked, sight.facts));
  const outcome = decideGate(file, order, call.caller, sight.facts);
  if (!outcome.ok) return { refusal: outcome, record: file };
  return carryOut(tx, call, { order, outcome, facts: sight.facts, file, auth: await authOf(tx, sight) });
}

function finish(done: GateFile | Refused): GateRequest {
  if ('refusal' in done) throw refusedError(done);
  return requestView(done);
}
