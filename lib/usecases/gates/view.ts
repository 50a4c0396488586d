import 'server-only';
import type { BrokenGlass, Elevation, GateRequest, RollbackRecord } from '#lib/api/migration.ts';
import { RollbackRecord as RollbackSchema } from '#lib/api/migration.ts';
import type { GateFile } from '#lib/db/gates/records.ts';
import type { ElevationRecord } from '#lib/migration/gate/elevation.ts';
import { tally } from '#lib/migration/gate/tally.ts';

/** A request as the API shows it. */
export function requestView(file: GateFile): GateRequest {
  const { decisions, approved, needed } = tally(file);
  return {
    id: file.id,
    number: file.number,
    phase: file.phase,
    environment: file.environment,
    state: file.state,
    version: file.version,
    evidenceHash: file.evidenceHash,
    planVersion: file.planVersion,
    planRevision: file.planRevision,
    requestedBy: { ...file.requestedBy },
    requestedAt: file.requestedAt,
    comment: file.comment,
    expiresAt: file.expiresAt,
    decisions: decisions.map(({ id, decision, by, team, comment, at, evidenceHash, counts, void: why }, index) => ({
      id,
      decision,
      by: { ...by },
      ...(team && { team }),
      comment,
      at,
      evidenceHash,
      counts,
      ...(why !== undefined && { void: why }),
      auth: file.decisions[index]?.auth ?? { amr: [], weakness: '' },
    })),
    approved,
    needed,
    stateReason: file.stateReason,
    stateSince: file.stateSince,
    brokenGlass: file.brokenGlass,
    ...(file.after !== undefined && { after: file.after }),
  };
}

export const elevationView = ({
  cluster,
  environment,
  phase,
  by,
  grantedBy,
  grantedAt,
  endsAt,
  ...rest
}: ElevationRecord): Elevation => ({
  id: rest.id,
  cluster,
  environment,
  phase,
  by: { ...by },
  reason: rest.reason,
  minutes: rest.minutes,
  askedAt: rest.askedAt,
  state: rest.state,
  ...(grantedBy && { grantedBy: { ...grantedBy } }),
  ...(grantedAt !== undefined && { grantedAt }),
  ...(endsAt !== undefined && { endsAt }),
});

/** Glass that was broken for a request; undefined where none was. The review has the id of the request. */
export function glassView({ id, phase, environment, glass }: GateFile): BrokenGlass | undefined {
  if (!glass) return undefined;
  const { closedBy, closedName, closedAt, finding } = glass;
  return {
    request: id,
    phase,
    environment,
    by: { subject: glass.bySubject, name: glass.byName },
    at: glass.at.getTime(),
    reason: glass.reason,
    ticket: glass.ticket,
    review: {
      id,
      ...(closedBy !== null && { closedBy: { subject: closedBy, name: closedName ?? '' } }),
      ...(closedAt && { closedAt: closedAt.getTime() }),
      ...(finding !== null && { finding }),
    },
  };
}

/** The rollback of a request; undefined where there was none. */
export function rollbackView({ id, rollback }: GateFile): RollbackRecord | undefined {
  if (!rollback) return undefined;
  const { endedAt, endedBy, endedName } = rollback;
  return RollbackSchema.parse({
    id,
    request: id,
    trigger: rollback.trigger,
    by: { subject: rollback.bySubject, name: rollback.byName },
    startedAt: rollback.startedAt.getTime(),
    ...(endedAt && { endedAt: endedAt.getTime() }),
    ...(endedBy !== null && { endedBy: { subject: endedBy, name: endedName ?? '' } }),
    outcome: rollback.outcome,
    observed: rollback.observed,
    checksAfter: rollback.checksAfter,
  });
}
