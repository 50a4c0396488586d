import 'server-only';
import type { AuthContext } from '#lib/api/migration.ts';
import type { AuditActor } from '#lib/audit-log/event.ts';
import { appendAudit } from '#lib/db/audit-log/append.ts';
import { withDatabase } from '#lib/db/client.ts';
import type { Prisma } from '#lib/db/generated/client.ts';
import { insertStepUp, type NewStepUp, readStepUp, useStepUp, type WaitingCommand } from '#lib/db/platform/step-ups.ts';
import { CausewayError } from '#lib/errors/errors.ts';

/** A command that needs a fresh sign-in with a second factor. */
export interface StepUpDemand {
  readonly actor: AuditActor;
  readonly action: string;
  /** What it is for, as a sentence: `Approve phase 3 in PRD of Platform`. */
  readonly purpose: string;
  /** What the action is done to: id of a gate request, an elevation, or `cluster/phase`. */
  readonly request: string;
  readonly evidenceHash?: string | undefined;
  /** Id of a step-up that came with the command. */
  readonly stepUp?: string | undefined;
  /** The request as it came; `stepUp` in its body does not count. */
  readonly command: WaitingCommand;
  /** Path of the page to come back to. */
  readonly returnTo: string;
}

/** Thrown where a step-up has to be done first; `askingForStepUp` stores it and gives the error its id. */
class StepUpNeeded extends CausewayError {
  readonly wanted: NewStepUp;
  readonly actor: AuditActor;
  /** Id that came with the command and did not fit. */
  readonly presented: string | undefined;
  constructor(wanted: NewStepUp, actor: AuditActor, presented: string | undefined, message: string) {
    super('step-up-required', message);
    this.wanted = wanted;
    this.actor = actor;
    this.presented = presented;
  }
}

/**
 * How the person proved to be who they are, by the step-up that came with the command, which is used up in the transaction `tx` (its own
 * without one). Where there is none that fits (another person, session, action, request, evidence or command; not verified, used or expired) throws
 * `step-up-required`; run the whole under `askingForStepUp`, which stores what has to be done, as the transaction cannot.
 */
export async function requireStepUp(
  tx: Pick<Prisma.TransactionClient, '$queryRaw'> | undefined,
  { actor, action, purpose, request, evidenceHash, stepUp, command, returnTo }: StepUpDemand,
): Promise<AuthContext> {
  if (actor.kind !== 'person' || actor.sessionId === undefined) throw new CausewayError('forbidden', `${action} is for people`);
  const wanted = {
    subject: actor.subject,
    sessionId: actor.sessionId,
    action,
    purpose,
    request,
    evidenceHash,
    command,
    returnTo,
  };
  if (stepUp === undefined)
    throw new StepUpNeeded(wanted, actor, undefined, `${purpose}: this needs a fresh sign-in with a second factor`);
  const auth = await (tx ? useStepUp(tx, stepUp, wanted) : withDatabase((db) => useStepUp(db, stepUp, wanted)));
  if (auth) return auth;
  throw new StepUpNeeded(wanted, actor, stepUp, `${purpose}: ${UNFIT}`);
}

const UNFIT =
  'the sign-in that came with this does not count here: it was for something else, was used already, or is older than ten minutes. Sign in afresh';

/** Runs `work`; a step-up that it asks for is stored once its transaction is rolled back, and named in `place.stepUp` of the error. */
export async function askingForStepUp<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StepUpNeeded)) throw error;
    const { wanted, actor, presented } = error;
    if (presented !== undefined) await noteUnfit(actor, wanted, presented);
    const id = await insertStepUp(wanted);
    throw new CausewayError('step-up-required', error.message, { cause: error, place: { stepUp: id } });
  }
}

const noteUnfit = (actor: AuditActor, { action, request }: NewStepUp, presented: string): Promise<void> =>
  withDatabase((db) =>
    appendAudit(db, {
      actor,
      action: 'session.step-up',
      object: { type: 'step-up', id: presented },
      outcome: 'denied',
      reason: UNFIT,
      details: { for: action, request },
    }),
  );

/** One of the caller's own step-ups; undefined for anybody else's. */
export async function readOwnStepUp(actor: AuditActor, id: string) {
  const stored = await readStepUp(id);
  return stored?.subject === actor.subject ? stored : undefined;
}
