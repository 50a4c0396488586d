import 'server-only';
import { Environment } from '#lib/api/common.ts';
import { AuthContext } from '#lib/api/migration.ts';
import type { GateRecord, StoredDecision } from '#lib/migration/gate/record.ts';
import { GATE_STATES, type GateState, PHASES, type Phase } from '#lib/migration/model.ts';
import type { GateDecision, GateGlass, GateRequest, GateRollback, Prisma } from '../generated/client.ts';

/** A decision with how the person proved to be who they are. */
export type SignedDecision = StoredDecision & { readonly auth: AuthContext };

/** A request with all that was written down for it. */
export interface GateFile extends GateRecord {
  readonly decisions: readonly SignedDecision[];
  readonly glass: GateGlass | undefined;
  readonly rollback: GateRollback | undefined;
}

/** One request; `lock` keeps it as it is until the transaction ends. */
export async function readGateFile(tx: Prisma.TransactionClient, id: string, lock = false): Promise<GateFile | undefined> {
  if (lock) await tx.$queryRaw`SELECT 1 FROM "gate_request" WHERE "id" = ${id} FOR UPDATE`;
  return (await readGateFiles(tx, { id }))[0];
}

/** Requests by a condition, oldest first. */
export async function readGateFiles(tx: Prisma.TransactionClient, where: Prisma.GateRequestWhereInput): Promise<GateFile[]> {
  const rows = await tx.gateRequest.findMany({ where, orderBy: { number: 'asc' } });
  if (rows.length === 0) return [];
  // One after the other: the queries of a transaction share its connection.
  const records = { where: { requestId: { in: rows.map(({ id }) => id) } } };
  const decisions = await tx.gateDecision.findMany({ ...records, orderBy: { version: 'asc' } });
  const glasses = await tx.gateGlass.findMany(records);
  const rollbacks = await tx.gateRollback.findMany(records);
  const of = <T extends { requestId: string }>(all: readonly T[], id: string) => all.filter(({ requestId }) => requestId === id);
  return rows.map((row) => fileOf(row, of(decisions, row.id), of(glasses, row.id)[0], of(rollbacks, row.id)[0]));
}

function fileOf(
  row: GateRequest,
  decisions: readonly GateDecision[],
  glass: GateGlass | undefined,
  rollback: GateRollback | undefined,
): GateFile {
  return {
    id: row.id,
    number: row.number,
    migration: row.migrationId,
    cluster: row.clusterId,
    environment: Environment.parse(row.environment),
    phase: phaseOfRow(row.phase),
    state: stateOfRow(row.state),
    stateReason: row.stateReason,
    stateSince: row.stateSince.getTime(),
    version: row.version,
    requestedBy: { subject: row.requestedBy, name: row.requestedName },
    requestedAt: row.requestedAt.getTime(),
    expiresAt: row.expiresAt.getTime(),
    comment: row.comment,
    after: row.afterId ?? undefined,
    brokenGlass: row.brokenGlass,
    evidenceHash: row.evidenceHash,
    planVersion: row.planVersion,
    planRevision: row.planRevision,
    needed: row.needed,
    teams: row.teams,
    ttlMinutes: row.ttlMinutes,
    contributors: row.contributors,
    decisions: decisions.map(decisionOf),
    glass,
    rollback,
  };
}

const decisionOf = (row: GateDecision): SignedDecision => ({
  id: row.id,
  decision: row.decision as StoredDecision['decision'], // the table takes no other
  by: { subject: row.bySubject, name: row.byName },
  team: row.team,
  comment: row.comment,
  at: row.at.getTime(),
  evidenceHash: row.evidenceHash,
  auth: AuthContext.parse(row.auth),
});

/** The table of edges lets in no other. */
export function stateOfRow(text: string): GateState {
  const state = GATE_STATES.find((known) => known === text);
  if (state === undefined) throw new Error(`${text} is no state of a gate request`);
  return state;
}

/** A constraint of the tables takes no other. */
export function phaseOfRow(value: number): Phase {
  const phase = PHASES.find((known) => known === value);
  if (phase === undefined) throw new Error(`${value} is no phase`);
  return phase;
}
