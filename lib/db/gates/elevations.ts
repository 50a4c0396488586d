import 'server-only';
import { Environment } from '#lib/api/common.ts';
import type { AuthContext } from '#lib/api/migration.ts';
import { ELEVATION_STATES, type ElevationRecord, elevationState } from '#lib/migration/gate/elevation.ts';
import type { GatePerson } from '#lib/migration/gate/record.ts';
import type { GateElevation as Row, Prisma } from '../generated/client.ts';
import { phaseOfRow } from './records.ts';

export interface NewElevation extends Pick<
  ElevationRecord,
  'id' | 'cluster' | 'environment' | 'phase' | 'by' | 'sessionId' | 'reason' | 'minutes'
> {}

export async function insertElevation(tx: Prisma.TransactionClient, elevation: NewElevation): Promise<ElevationRecord> {
  const { id, cluster, by, ...rest } = elevation;
  // The time is the trigger's to set.
  return elevationOf(
    await tx.gateElevation.create({
      data: { id, clusterId: cluster, subject: by.subject, name: by.name, askedAt: new Date(0), ...rest },
    }),
  );
}

/** One elevation of a cluster, locked until the transaction ends. */
export async function lockElevation(
  tx: Prisma.TransactionClient,
  cluster: string,
  id: string,
): Promise<ElevationRecord | undefined> {
  await tx.$queryRaw`SELECT 1 FROM "gate_elevation" WHERE "id" = ${id} FOR UPDATE`;
  const row = await tx.gateElevation.findFirst({ where: { id, clusterId: cluster } });
  return row ? elevationOf(row) : undefined;
}

/** Elevations of these clusters that are asked for or run, newest first. Those whose time is over are among them: ask `elevationState`. */
export async function readOpenElevations(tx: Prisma.TransactionClient, clusters: readonly string[]): Promise<ElevationRecord[]> {
  const where = { clusterId: { in: [...clusters] }, state: { in: ['asked', 'running'] } };
  return (await tx.gateElevation.findMany({ where, orderBy: { askedAt: 'desc' } })).map(elevationOf);
}

/** One's own elevation in a cluster that is asked for or runs; `lock` keeps it so until the transaction ends. */
export async function readOwnElevation(
  tx: Prisma.TransactionClient,
  cluster: string,
  subject: string,
  lock: boolean,
): Promise<ElevationRecord | undefined> {
  if (lock)
    await tx.$queryRaw`SELECT 1 FROM "gate_elevation" WHERE "cluster_id" = ${cluster} AND "subject" = ${subject} AND "state" IN ('asked', 'running') FOR SHARE`;
  const row = await tx.gateElevation.findFirst({ where: { clusterId: cluster, subject, state: { in: ['asked', 'running'] } } });
  return row ? elevationOf(row) : undefined;
}

/** Lets it run from now on, for the minutes that were asked for. */
export async function grantElevation(
  tx: Prisma.TransactionClient,
  id: string,
  by: GatePerson,
  auth: AuthContext,
  comment: string,
): Promise<ElevationRecord> {
  const now = new Date(0); // the trigger sets both times by the clock of the database
  return elevationOf(
    await tx.gateElevation.update({
      where: { id },
      data: { state: 'running', grantedBy: by.subject, grantedName: by.name, grantedAt: now, endsAt: now, auth, comment },
    }),
  );
}

/** Ends it, or refuses it. `by` is absent for one that ended by itself. */
export async function closeElevation(
  tx: Prisma.TransactionClient,
  id: string,
  state: 'refused' | 'ended' | 'expired',
  by: GatePerson | undefined,
  comment: string,
): Promise<ElevationRecord> {
  return elevationOf(await tx.gateElevation.update({ where: { id }, data: { state, closedName: by?.name ?? '', comment } }));
}

function elevationOf(row: Row): ElevationRecord {
  const state = ELEVATION_STATES.find((known) => known === row.state);
  if (!state) throw new Error(`${row.state} is no state of an elevation`);
  return {
    id: row.id,
    cluster: row.clusterId,
    environment: Environment.parse(row.environment),
    phase: phaseOfRow(row.phase),
    by: { subject: row.subject, name: row.name },
    sessionId: row.sessionId,
    reason: row.reason,
    minutes: row.minutes,
    askedAt: row.askedAt.getTime(),
    state,
    grantedBy: row.grantedBy === null ? undefined : { subject: row.grantedBy, name: row.grantedName ?? '' },
    grantedAt: row.grantedAt?.getTime(),
    endsAt: row.endsAt?.getTime(),
  };
}

/** With the state that it has now by the clock given. */
export const asOf = (record: ElevationRecord, now: number): ElevationRecord => ({
  ...record,
  state: elevationState(record, now),
});
