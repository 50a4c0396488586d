import 'server-only';
import { randomBytes } from 'node:crypto';
import canonicalize from 'canonicalize';
import { AuthContext } from '#lib/api/migration.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { appendAudit } from '../audit-log/append.ts';
import { withDatabase } from '../client.ts';
import type { Prisma, StepUp as Row } from '../generated/client.ts';

/** How long a step-up may take from the first command to the second. */
const TEN_MINUTES_MS = 600_000;
const KEPT_DAYS = 30;

/** The command that waits for a step-up, without the id of the step-up itself. */
export interface WaitingCommand {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** What a step-up is bound to: nothing else can use it. */
export interface StepUpBinding {
  readonly subject: string;
  readonly sessionId: string;
  readonly action: string;
  /** What the action is done to: id of a gate request, an elevation, `cluster/phase`. */
  readonly request: string;
  readonly evidenceHash: string | undefined;
  readonly command: WaitingCommand;
}

export interface NewStepUp extends StepUpBinding {
  /** What it is for, as a sentence. */
  readonly purpose: string;
  /** Path of the page the person comes from. */
  readonly returnTo: string;
}

/** A step-up as stored. Times in Unix milliseconds, by the clock of the database. */
export interface StoredStepUp {
  readonly id: string;
  readonly subject: string;
  readonly sessionId: string;
  readonly purpose: string;
  readonly command: WaitingCommand;
  readonly returnTo: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly state: 'asked' | 'verified' | 'used' | 'expired' | 'refused';
  readonly reason: string;
}

/** Stores a step-up that is to be done, and gives its id. What ended a month ago is cleared away. */
export const insertStepUp = (asked: NewStepUp): Promise<string> =>
  withDatabase(async (db) => {
    const id = randomBytes(18).toString('base64url');
    await db.$executeRaw`DELETE FROM step_up WHERE expires_at < now() - make_interval(days => ${KEPT_DAYS}::int)`;
    await db.$executeRaw`
      INSERT INTO step_up (id, subject, session_id, action, request, evidence_hash, command, return_to, purpose, expires_at)
      VALUES (${id}, ${asked.subject}, ${asked.sessionId}, ${asked.action}, ${asked.request}, ${asked.evidenceHash ?? null},
        ${commandText(asked.command)}, ${asked.returnTo}, ${asked.purpose}, now() + make_interval(secs => ${TEN_MINUTES_MS / 1000}::int))`;
    return id;
  });

/**
 * Uses the step-up up, within the transaction of the change it is for: the way the person proved to be who they are, or undefined where
 * `id` is no verified, unused, unexpired step-up of just this person, session and command. Of two at once one gets it.
 */
export async function useStepUp(
  tx: Pick<Prisma.TransactionClient, '$queryRaw'>,
  id: string,
  { subject, sessionId, action, request, evidenceHash, command }: StepUpBinding,
): Promise<AuthContext | undefined> {
  const [row] = await tx.$queryRaw<{ auth: unknown }[]>`
    UPDATE step_up SET used_at = clock_timestamp()
    WHERE id = ${id} AND subject = ${subject} AND session_id = ${sessionId} AND action = ${action} AND request = ${request}
      AND evidence_hash IS NOT DISTINCT FROM ${evidenceHash ?? null} AND command = ${commandText(command)}
      AND verified_at IS NOT NULL AND used_at IS NULL AND expires_at > clock_timestamp()
    RETURNING auth`;
  return row && AuthContext.parse(row.auth);
}

/** The step-up with this id as it stands now. */
export const readStepUp = (id: string): Promise<StoredStepUp | undefined> =>
  withDatabase(async (db) => {
    const [row] = await db.$queryRaw<{ now: Date }[]>`SELECT clock_timestamp() AS now`;
    const stored = await db.stepUp.findUnique({ where: { id } });
    return stored && row ? stepUpOf(stored, row.now.getTime()) : undefined;
  });

/** A sign-in that verifies a step-up. */
export interface Verification {
  readonly id: string;
  readonly sessionId: string;
  readonly auth: AuthContext;
  /** SHA-256 of the secret of the cookie before, and of the new one. */
  readonly tokenHash: string;
  readonly newTokenHash: string;
  readonly context: AuditContext;
}

/**
 * Marks the step-up as verified and gives its session a new secret: the cookie before is dead. False where the step-up was answered already or
 * has expired, or the session has ended: then nothing has changed.
 */
export const verifyStepUp = ({ id, sessionId, auth, tokenHash, newTokenHash, context }: Verification): Promise<boolean> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      const verified = await tx.$executeRaw`
        UPDATE step_up SET verified_at = clock_timestamp(), auth = ${JSON.stringify(auth)}::jsonb
        WHERE id = ${id} AND session_id = ${sessionId} AND verified_at IS NULL AND refused_at IS NULL AND expires_at > clock_timestamp()`;
      if (verified !== 1) return false;
      const { count } = await tx.session.updateMany({
        where: { id: sessionId, tokenHash, revokedAt: null },
        data: { tokenHash: newTokenHash },
      });
      if (count !== 1) throw new SessionGone();
      await appendAudit(tx, {
        ...context,
        action: 'session.step-up',
        object: { type: 'step-up', id },
        outcome: 'ok',
        details: detailsOf(auth),
      });
      return true;
    }),
  ).catch((error: unknown) => {
    if (error instanceof SessionGone) return false;
    throw error;
  });

class SessionGone extends Error {}

/** Writes down why a sign-in did not verify the step-up. `final`: it cannot be verified any more; one that was answered before stays as it is. */
export const refuseStepUp = (
  { id, final }: { readonly id: string; readonly final: boolean },
  reason: string,
  context: AuditContext,
): Promise<void> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      if (final)
        await tx.$executeRaw`
        UPDATE step_up SET refused_at = clock_timestamp(), reason = ${reason} WHERE id = ${id} AND verified_at IS NULL AND refused_at IS NULL`;
      await appendAudit(tx, {
        ...context,
        action: 'session.step-up',
        object: { type: 'step-up', id },
        outcome: 'denied',
        reason,
      });
    }),
  );

const detailsOf = ({ acr, amr, authTime, weakness }: AuthContext) => ({
  ...(acr !== undefined && { acr }),
  amr: amr.join(' '),
  ...(authTime !== undefined && { authTime }),
  ...(weakness && { weakness }),
});

/** Two commands are the same when this text is: order of keys and spelling of numbers do not matter, all else does. */
function commandText({ method, path, body }: WaitingCommand): string {
  const bare = body instanceof Object && !Array.isArray(body) ? withoutStepUp(body) : body;
  return canonicalize({ method, path, ...(bare !== undefined && { body: bare }) }) ?? '';
}

const withoutStepUp = (body: object) => Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'stepUp'));

function stepUpOf(row: Row, now: number): StoredStepUp {
  const { id, subject, sessionId, purpose, command, returnTo, createdAt, expiresAt, reason } = row;
  const parsed = JSON.parse(command) as Partial<WaitingCommand> & Pick<WaitingCommand, 'method' | 'path'>;
  return {
    id,
    subject,
    sessionId,
    purpose,
    command: { method: parsed.method, path: parsed.path, body: parsed.body },
    returnTo,
    createdAt: createdAt.getTime(),
    expiresAt: expiresAt.getTime(),
    state: stateOf(row, now),
    reason,
  };
}

function stateOf({ usedAt, refusedAt, verifiedAt, expiresAt }: Row, now: number): StoredStepUp['state'] {
  if (usedAt) return 'used';
  if (refusedAt) return 'refused';
  if (expiresAt.getTime() <= now) return 'expired';
  return verifiedAt ? 'verified' : 'asked';
}
