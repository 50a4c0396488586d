import 'server-only';
import { randomUUID } from 'node:crypto';
import type { Elevation, ElevationCommandInput, ElevationInput } from '#lib/api/migration.ts';
import type { AuditAction } from '#lib/audit-log/actions.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { appendAudit } from '#lib/db/audit-log/append.ts';
import {
  asOf,
  closeElevation,
  grantElevation,
  insertElevation,
  lockElevation,
  readOpenElevations,
  readOwnElevation,
} from '#lib/db/gates/elevations.ts';
import { gateNow, holdGate, readSight } from '#lib/db/gates/facts.ts';
import { withDatabase } from '#lib/db/client.ts';
import { CONSOLE_AUDIT } from '#lib/db/gates/tell.ts';
import { inGateTransaction } from '#lib/db/gates/transaction.ts';
import type { Prisma } from '#lib/db/generated/client.ts';
import { noteChange } from '#lib/db/migration/changes.ts';
import { enqueueEvent } from '#lib/db/webhooks/enqueue.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Refusal } from '#lib/migration/gate/command.ts';
import { decideElevation, type ElevationRecord, elevationState, mayNotAsk } from '#lib/migration/gate/elevation.ts';
import type { GatePerson } from '#lib/migration/gate/record.ts';
import type { Phase } from '#lib/migration/model.ts';
import { askingForStepUp, requireStepUp } from '#lib/usecases/step-up/require-step-up.ts';
import { askerOf, type GateCall, pageOf, personOf, refusedError } from './call.ts';
import { elevationView } from './view.ts';

/** Asks for the right to request and pass gates of a phase for a while. It counts in the session it was asked from. Throws `conflict`. */
export async function askElevation(call: GateCall, phase: Phase, { reason, minutes }: ElevationInput): Promise<Elevation> {
  const { sessionId } = call;
  if (sessionId === undefined) throw new CausewayError('forbidden', 'an elevation is for people who signed in');
  const done = await inGateTransaction(async (tx): Promise<ElevationRecord | { refusal: Refusal }> => {
    await holdGate(tx, call.cluster, phase, 'begin');
    const { facts } = await readSight(tx, call.cluster, phase, askerOf(call), 'look');
    const open = await readOwnElevation(tx, call.cluster, call.caller.subject, true);
    const now = open && asOf(open, facts.now);
    if (open && now?.state === 'expired') await expire(tx, open);
    const refusal = mayNotAsk(call.caller, facts.rules, facts.environment, now?.state === 'expired' ? undefined : now);
    if (refusal) return { refusal };
    const by = personOf(call);
    const { cluster } = call;
    const { environment } = facts;
    const asked = await insertElevation(tx, { id: randomUUID(), cluster, environment, phase, by, sessionId, reason, minutes });
    await enqueueEvent(tx, {
      event: 'elevation.asked',
      cluster,
      environment,
      phase,
      text: `${cluster} (${environment}), phase ${phase}: ${by.name} asks for an elevation of ${minutes} minutes: ${reason}`,
      data: { elevation: asked.id, minutes },
    });
    await tell(tx, asked, 'elevation.request', `asked for an elevation of ${minutes} minutes: ${reason}`, call.audit, by, {
      reason,
      minutes,
    });
    return asked;
  });
  if ('refusal' in done) throw refusedError({ refusal: done.refusal, record: undefined });
  return elevationView(done);
}

/** Grants, refuses or ends an elevation. Granting needs another person and a fresh sign-in: throws `step-up-required` first. */
export async function commandElevation(call: GateCall, id: string, input: ElevationCommandInput): Promise<Elevation> {
  const done = await askingForStepUp(() => inGateTransaction((tx) => decide(tx, call, id, input)));
  if ('refusal' in done) throw refusedError({ refusal: done.refusal, record: undefined });
  return elevationView(done);
}

async function decide(
  tx: Prisma.TransactionClient,
  call: GateCall,
  id: string,
  input: ElevationCommandInput,
): Promise<ElevationRecord | { refusal: Refusal }> {
  const stored = await lockElevation(tx, call.cluster, id);
  if (!stored) throw new CausewayError('not-found', 'there is no such elevation in this cluster');
  const record = asOf(stored, await gateNow(tx));
  if (record.state !== stored.state) await expire(tx, stored);
  const outcome = decideElevation(record, input.command, call.caller);
  if (!outcome.ok) return { refusal: outcome };
  const by = personOf(call);
  const said = input.comment ? `: ${input.comment}` : '';
  const about = `the elevation of ${record.by.name} for phase ${record.phase}`;
  if (outcome.to === 'running') {
    const auth = await requireStepUp(tx, {
      actor: call.audit.actor,
      action: 'elevation.grant',
      purpose: `Grant ${record.by.name} an elevation of ${record.minutes} minutes: phase ${record.phase} of ${record.cluster} in ${record.environment}`,
      request: record.id,
      stepUp: input.stepUp,
      command: call.command,
      returnTo: pageOf(record.cluster, record.phase, record.environment),
    });
    const granted = await grantElevation(tx, id, by, auth, input.comment);
    const { acr, amr, weakness } = auth;
    const proof = { ...(acr !== undefined && { acr }), amr: amr.join(' '), ...(weakness && { weakness }) };
    await tell(tx, granted, 'elevation.grant', `granted ${about}, ${record.minutes} minutes${said}`, call.audit, by, {
      minutes: record.minutes,
      to: record.by.subject,
      ...proof,
    });
    return granted;
  }
  const closed = await closeElevation(tx, id, outcome.to, by, input.comment);
  const verb = outcome.to === 'refused' ? 'refused' : 'ended';
  const action = outcome.to === 'refused' ? 'elevation.refuse' : 'elevation.end';
  await tell(tx, closed, action, `${verb} ${about}${said}`, call.audit, by, { to: record.by.subject });
  return closed;
}

/** Writes down which elevations of these clusters ended by themselves since somebody looked last. */
export async function settleElevations(clusters: readonly string[]): Promise<void> {
  const due = await withDatabase(async (db) => {
    const now = await gateNow(db);
    return (await readOpenElevations(db, clusters)).filter((record) => elevationState(record, now) === 'expired');
  });
  for (const { cluster, id } of due) {
    await inGateTransaction(async (tx) => {
      const record = await lockElevation(tx, cluster, id);
      // Somebody may have been faster.
      const open = record?.state === 'asked' || record?.state === 'running';
      if (open && elevationState(record, await gateNow(tx)) === 'expired') await expire(tx, record);
    });
  }
}

/** Writes down that an elevation ended by itself. */
async function expire(tx: Prisma.TransactionClient, record: ElevationRecord): Promise<void> {
  const ended = await closeElevation(tx, record.id, 'expired', undefined, '');
  const text = `the elevation of ${record.by.name} for phase ${record.phase} ${record.state === 'asked' ? 'was not granted in time' : 'ran out'}`;
  await tell(tx, ended, 'elevation.end', text, CONSOLE_AUDIT, undefined, { to: record.by.subject });
}

async function tell(
  tx: Prisma.TransactionClient,
  { id, cluster, environment, phase }: ElevationRecord,
  action: AuditAction,
  text: string,
  audit: AuditContext,
  by: GatePerson | undefined,
  details: Readonly<Record<string, string | number>>,
): Promise<void> {
  await noteChange(tx, { cluster, phase, what: 'elevation', action, text, ...(by && { by }) });
  await appendAudit(tx, {
    ...audit,
    action,
    object: { type: 'elevation', id },
    outcome: 'ok',
    cluster,
    details: { phase, environment, ...details },
  });
}
