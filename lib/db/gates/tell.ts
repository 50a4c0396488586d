import 'server-only';
import type { Environment } from '#lib/api/common.ts';
import type { WebhookEvent } from '#lib/api/webhooks.ts';
import type { AuditAction } from '#lib/audit-log/actions.ts';
import { type AuditContext, systemActor } from '#lib/audit-log/event.ts';
import type { GateMove } from '#lib/migration/gate/command.ts';
import type { GateMover } from '#lib/migration/gate/edges.ts';
import type { GatePerson } from '#lib/migration/gate/record.ts';
import type { Phase } from '#lib/migration/model.ts';
import { appendAudit } from '../audit-log/append.ts';
import type { Prisma } from '../generated/client.ts';
import { noteChange } from '../migration/changes.ts';
import { enqueueEvent } from '../webhooks/enqueue.ts';

/** What happens by itself is done by the console. */
export const CONSOLE: GatePerson = { subject: 'console', name: 'Causeway' };
export const CONSOLE_AUDIT: AuditContext = { actor: systemActor('gates') };

/** A request as it is told of. */
export interface Told {
  readonly id: string;
  readonly number: number;
  readonly migration: string;
  readonly cluster: string;
  readonly environment: Environment;
  readonly phase: Phase;
  readonly evidenceHash: string;
}

const AUDIT: Readonly<Record<GateMover, AuditAction>> = {
  request: 'gate.request',
  approve: 'gate.approve',
  reject: 'gate.reject',
  withdraw: 'gate.withdraw',
  revoke: 'gate.revoke',
  expire: 'gate.expire',
  'go-stale': 'gate.stale',
  execute: 'gate.execute',
  'break-glass': 'gate.break-glass',
  complete: 'gate.complete',
  fail: 'gate.fail',
  'glass-ends': 'gate.fail',
  'roll-back': 'gate.roll-back',
  'finish-roll-back': 'gate.rolled-back',
};

/** What a step did, as a sentence about its request and without the name of who took it. */
function sentenceOf({ to, by, reason }: GateMove, number: number): string {
  const because = reason ? `: ${reason}` : '';
  switch (by) {
    case 'request':
      return `requested the gate (request ${number})`;
    case 'approve':
      return to === 'approved' ? `approved request ${number}: the gate is approved` : `approved request ${number}`;
    case 'reject':
      return `rejected request ${number}${because}`;
    case 'withdraw':
      return `withdrew request ${number}${because}`;
    case 'revoke':
      return `revoked the approval of request ${number}${because}`;
    case 'expire':
      return `request ${number} expired${because}`;
    case 'go-stale':
      return `request ${number} is stale${because}`;
    case 'execute':
      return `passed the gate (request ${number})`;
    case 'break-glass':
      return `broke the glass (request ${number})${because}`;
    case 'complete':
      return to === 'completed' ? `completed the phase (request ${number})` : `began to verify request ${number}${because}`;
    case 'fail':
    case 'glass-ends':
      return `request ${number} failed${because}`;
    case 'roll-back':
      return `began to roll back (request ${number})${because}`;
    case 'finish-roll-back':
      return `rolled back (request ${number})${because}`;
  }
}

/** Who outside is told of it; undefined where nobody is. */
function eventOf({ to, by }: GateMove): WebhookEvent | undefined {
  switch (to) {
    case 'requested':
      return 'gate.requested';
    case 'approved':
      return 'gate.approved';
    case 'rejected':
      return 'gate.rejected';
    case 'stale':
    case 'expired':
    case 'revoked':
      return 'gate.stale';
    case 'executing':
      return by === 'break-glass' ? 'gate.broken-glass' : 'gate.executed';
    case 'completed':
      return 'gate.completed';
    case 'rolled-back':
      return 'gate.rolled-back';
    default:
      return undefined;
  }
}

/**
 * Tells of a step in its transaction: those who watch, webhooks, and last the audit log, whose head is held from there to the commit. `from` is
 * the state before, `none` for one that begins.
 */
export async function tellMove(
  tx: Prisma.TransactionClient,
  request: Told,
  from: string,
  move: GateMove,
  who: {
    readonly person: GatePerson;
    readonly audit: AuditContext;
    readonly details?: Readonly<Record<string, string | number | boolean>>;
  },
): Promise<void> {
  const { id, number, cluster, environment, phase, evidenceHash } = request;
  const text = sentenceOf(move, number);
  const byItself = who.person === CONSOLE;
  await noteChange(tx, {
    cluster,
    phase,
    what: 'gate',
    action: AUDIT[move.by],
    request: id,
    text,
    ...(!byItself && { by: who.person }),
  });
  const event = eventOf(move);
  if (event) {
    await enqueueEvent(tx, {
      event,
      cluster,
      environment,
      phase,
      text: `${cluster} (${environment}), phase ${phase}: ${byItself ? '' : `${who.person.name} `}${text}`,
      data: { request: id, number, state: move.to, evidenceHash },
    });
  }
  await appendAudit(tx, {
    ...who.audit,
    action: AUDIT[move.by],
    object: { type: 'gate-request', id },
    outcome: 'ok',
    reason: move.reason,
    cluster,
    details: { number, phase, environment, from, to: move.to, evidence: evidenceHash, ...who.details },
  });
}
