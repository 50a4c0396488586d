import 'server-only';
import type { AuthContext, GateCommandInput, GateRequest } from '#lib/api/migration.ts';
import { withDatabase } from '#lib/db/client.ts';
import { type Hold, holdGate, readSight } from '#lib/db/gates/facts.ts';
import type { Prisma } from '#lib/db/generated/client.ts';
import { type GateFile, readGateFile } from '#lib/db/gates/records.ts';
import { settle } from '#lib/db/gates/settle.ts';
import { inGateTransaction } from '#lib/db/gates/transaction.ts';
import { decideGate, refusedAtOnce } from '#lib/migration/gate/decide.ts';
import type { GateFacts } from '#lib/migration/gate/record.ts';
import { evaluateNow, evaluateSoon } from '#lib/usecases/migration/evaluate-now.ts';
import { askingForStepUp, requireStepUp } from '#lib/usecases/step-up/require-step-up.ts';
import { askerOf, type GateCall, noRequest, pageOf, type Refused, refusedError } from './call.ts';
import { carryOut, NO_STEP_UP } from './carry-out.ts';
import { requestView } from './view.ts';

/**
 * Gives a command to a gate request. Everything it rests on is read in the transaction that writes it, with the request locked: approve,
 * revoke and a change of evidence cannot interleave. Throws `conflict` with how the request stands, `evidence-changed`, `forbidden`,
 * `step-up-required`.
 */
export async function giveCommand(call: GateCall, id: string, input: GateCommandInput): Promise<GateRequest> {
  const { phase } = await mayTry(call, id, input);
  if (input.command === 'execute' || input.command === 'complete') await evaluateNow(call.ingest, call.cluster, phase);
  if (input.command === 'finish-roll-back') await evaluateSoon(call.ingest, call.cluster, phase);
  const done = await askingForStepUp(() => inGateTransaction((tx) => decide(tx, call, id, phase, input)));
  if ('refusal' in done) throw refusedError(done);
  return requestView(done);
}

/** Refuses without a lock and without reading evidence what is refused whatever else there is. */
async function mayTry(call: GateCall, id: string, input: GateCommandInput): Promise<GateFile> {
  return withDatabase(async (db) => {
    const file = await readGateFile(db, id);
    if (file?.cluster !== call.cluster) throw noRequest();
    const { facts } = await readSight(db, call.cluster, file.phase, askerOf(call), 'look');
    const refusal = refusedAtOnce(file, input, call.caller, facts);
    if (refusal) throw refusedError({ refusal, record: file });
    return file;
  });
}

async function decide(
  tx: Prisma.TransactionClient,
  call: GateCall,
  id: string,
  phase: GateFile['phase'],
  input: GateCommandInput,
): Promise<GateFile | Refused> {
  const hold: Hold = input.command === 'roll-back' ? 'begin' : 'decide';
  await holdGate(tx, call.cluster, phase, hold);
  const locked = await readGateFile(tx, id, true);
  if (!locked) throw noRequest();
  const { facts } = await readSight(tx, call.cluster, phase, askerOf(call), hold);
  const file = await settle(tx, locked, facts);
  const outcome = decideGate(file, input, call.caller, facts);
  if (!outcome.ok) return { refusal: outcome, record: file };
  const auth = input.command === 'approve' && facts.rules.stepUp ? await stepUp(tx, call, file, facts, input) : NO_STEP_UP;
  return carryOut(tx, call, { order: input, outcome, facts, file, auth });
}

const stepUp = (
  tx: Prisma.TransactionClient,
  call: GateCall,
  { id, number, phase, environment, evidenceHash }: GateFile,
  { plan }: GateFacts,
  input: GateCommandInput,
): Promise<AuthContext> =>
  requireStepUp(tx, {
    actor: call.audit.actor,
    action: 'gate.approve',
    purpose: `Approve request ${number}: phase ${phase}${plan ? ` (${plan.phaseName})` : ''} of ${call.cluster} in ${environment}`,
    request: id,
    evidenceHash,
    stepUp: input.stepUp,
    command: call.command,
    returnTo: pageOf(call.cluster, phase, environment),
  });
