import 'server-only';
import { randomUUID } from 'node:crypto';
import type { AuthContext } from '#lib/api/migration.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { CheckStatus } from '#lib/migration/model.ts';
import type { GateMove } from '#lib/migration/gate/command.ts';
import type { GateFacts, GatePerson, GateRecord, StoredDecision } from '#lib/migration/gate/record.ts';
import type { Prisma } from '../generated/client.ts';

/** SHA-256 of nothing: what glass was broken on where no evidence had been read. */
export const NO_EVIDENCE = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Times are the triggers' to set. */
const LATER = new Date(0);

/** Begins a request by its first move; gives its id. Evidence, plan and rules are frozen as they are now. */
export async function beginRequest(
  tx: Prisma.TransactionClient,
  facts: GateFacts,
  move: GateMove,
  by: GatePerson,
  { comment, after }: { readonly comment: string; readonly after: string | undefined },
): Promise<string> {
  const { rules } = facts;
  const { id } = await tx.gateRequest.create({
    data: {
      id: randomUUID(),
      migrationId: facts.migration,
      number: 0,
      clusterId: facts.cluster,
      environment: facts.environment,
      phase: facts.phase,
      state: move.to,
      stateReason: move.reason,
      stateSince: LATER,
      movedBy: move.by,
      movedSubject: by.subject,
      movedName: by.name,
      evidenceHash: facts.evidence?.hash ?? NO_EVIDENCE,
      planVersion: facts.planVersion,
      planRevision: facts.planRevision,
      needed: rules.approvals,
      teams: [...rules.teams],
      ttlMinutes: rules.ttlMinutes,
      comment,
      requestedBy: by.subject,
      requestedName: by.name,
      requestedAt: LATER,
      expiresAt: LATER,
      afterId: after ?? null,
      brokenGlass: move.by === 'break-glass',
    },
    select: { id: true },
  });
  return id;
}

/** Takes one step with a request that is locked and at `record.version`; gives the version after it. Throws `conflict` when it is at another one. */
export async function moveRequest(
  tx: Prisma.TransactionClient,
  record: Pick<GateRecord, 'id' | 'version'>,
  move: GateMove,
  by: GatePerson,
): Promise<number> {
  const version = record.version + 1;
  const { count } = await tx.gateRequest.updateMany({
    where: { id: record.id, version: record.version },
    data: {
      state: move.to,
      stateReason: move.reason,
      version,
      movedBy: move.by,
      movedSubject: by.subject,
      movedName: by.name,
      ...(move.by === 'break-glass' && { brokenGlass: true }),
    },
  });
  if (count !== 1) throw new CausewayError('conflict', 'the request was changed in the meantime: look at it again');
  return version;
}

export interface NewDecision {
  readonly request: string;
  readonly decision: StoredDecision['decision'];
  readonly by: GatePerson;
  readonly team: string;
  readonly comment: string;
  readonly evidenceHash: string;
  readonly auth: AuthContext;
}

/** Writes down a decision, before the step it makes and in its transaction. */
export async function insertDecision(tx: Prisma.TransactionClient, { request, by, auth, ...rest }: NewDecision): Promise<void> {
  const id = randomUUID();
  await tx.$executeRaw`
    INSERT INTO "gate_decision" ("id", "request_id", "version", "decision", "by_subject", "by_name", "team", "comment", "evidence_hash", "auth", "at")
    VALUES (${id}, ${request}, 0, ${rest.decision}, ${by.subject}, ${by.name}, ${rest.team}, ${rest.comment}, ${rest.evidenceHash},
      ${JSON.stringify(auth)}::jsonb, now())`;
}

/** Writes down that glass was broken. */
export async function insertGlass(
  tx: Prisma.TransactionClient,
  request: string,
  by: GatePerson,
  glass: { readonly reason: string; readonly ticket: string; readonly auth: AuthContext },
): Promise<void> {
  await tx.gateGlass.create({ data: { requestId: request, bySubject: by.subject, byName: by.name, at: LATER, ...glass } });
}

/** Closes the review that somebody owes. */
export async function closeReview(tx: Prisma.TransactionClient, request: string, by: GatePerson, finding: string): Promise<void> {
  await tx.gateGlass.update({
    where: { requestId: request },
    data: { closedBy: by.subject, closedName: by.name, closedAt: LATER, finding },
  });
}

/** Writes down that a rollback began. */
export async function beginRollback(
  tx: Prisma.TransactionClient,
  request: string,
  by: GatePerson,
  trigger: string,
): Promise<void> {
  await tx.gateRollback.create({
    data: { requestId: request, trigger, bySubject: by.subject, byName: by.name, startedAt: LATER },
  });
}

/** Writes down how a rollback ended. */
export async function endRollback(
  tx: Prisma.TransactionClient,
  request: string,
  by: GatePerson,
  end: {
    readonly outcome: 'rolled-back' | 'failed';
    readonly observed: string;
    readonly checksAfter: readonly { readonly check: string; readonly status: CheckStatus; readonly value: string }[];
  },
): Promise<void> {
  await tx.gateRollback.update({
    where: { requestId: request },
    data: {
      outcome: end.outcome,
      observed: end.observed,
      endedBy: by.subject,
      endedName: by.name,
      checksAfter: end.checksAfter.map(({ check, status, value }) => ({ check, status, value })),
    },
  });
}
