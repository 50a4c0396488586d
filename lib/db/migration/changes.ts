import 'server-only';
import type { MigrationChanged } from '#lib/api/migration.ts';
import type { Phase } from '#lib/migration/model.ts';
import { withDatabase } from '../client.ts';
import type { MigrationChange as Row, Prisma } from '../generated/client.ts';

/** What a change is about: what those who watch read again. */
export type ChangeKind = 'gate' | 'check' | 'step' | 'elevation' | 'settings' | 'upload' | 'risk' | 'evidence';

export interface NewChange {
  readonly cluster: string;
  readonly phase?: Phase;
  readonly what: ChangeKind;
  /** A sentence without the name of who did it. */
  readonly text: string;
  /** Absent for what happened by itself. */
  readonly by?: { readonly subject: string; readonly name: string };
  /** As the history names it: `gate.approve`, `check.failed`. */
  readonly action?: string;
  /** Gate request it is about. */
  readonly request?: string;
}

/** Tells those who watch the migration of `cluster`, in the transaction of the change itself; it is also a line of the phase's history. */
export async function noteChange(tx: Prisma.TransactionClient, change: NewChange): Promise<void> {
  const { cluster, phase, what, text, by, action = what, request } = change;
  await tx.migrationChange.create({
    data: {
      clusterId: cluster,
      what,
      action,
      text,
      ...(phase !== undefined && { phase }),
      ...(by && { bySubject: by.subject, byName: by.name }),
      ...(request !== undefined && { request }),
    },
  });
}

/** What those who watch are told and no history keeps. */
const READING = 'evidence.read';

/** Tells those who watch that the evidence of a phase was read and says the same as before. */
export const noteReading = (tx: Prisma.TransactionClient, cluster: string, phase: Phase): Promise<void> =>
  noteChange(tx, { cluster, phase, what: 'evidence', action: READING, text: 'the evidence was read and says the same' });

/** A change with what the history of its phase shows besides. */
export interface StoredChange extends MigrationChanged {
  readonly action: string;
  readonly request?: string;
}

/** Changes after `seq`, in order, at most `limit`. */
export const readChangesAfter = (seq: number, limit = 1000): Promise<StoredChange[]> =>
  withDatabase(async (db) =>
    (await db.migrationChange.findMany({ where: { seq: { gt: seq } }, orderBy: { seq: 'asc' }, take: limit })).map(changeOf),
  );

/** Number of the newest change that is older than `ms`: everything before it has been committed. 0 when there is none. */
export const readSettledSeq = (ms: number): Promise<number> =>
  withDatabase(async (db) => {
    const [row] = await db.$queryRaw<{ seq: bigint | null }[]>`
      SELECT max("seq") AS seq FROM "migration_change" WHERE "at" < now() - make_interval(secs => ${ms / 1000})`;
    return Number(row?.seq ?? 0);
  });

/** What happened to a phase of a cluster, newest first. */
export const readHistory = (cluster: string, phase: Phase, limit = 200): Promise<StoredChange[]> =>
  withDatabase(async (db) =>
    (
      await db.migrationChange.findMany({
        where: { clusterId: cluster, phase, NOT: { action: READING } },
        orderBy: { seq: 'desc' },
        take: limit,
      })
    ).map(changeOf),
  );

const DAYS_KEPT = 90;
const MOST_KEPT = 2000;

/** Lets go of old changes of a cluster: the audit log keeps what people did. */
export async function forgetChanges(tx: Prisma.TransactionClient, cluster: string): Promise<void> {
  await tx.$executeRaw`DELETE FROM "migration_change" WHERE "cluster_id" = ${cluster} AND "at" < now() - make_interval(days => ${DAYS_KEPT}::int)
    AND "seq" < (SELECT min("seq") FROM (SELECT "seq" FROM "migration_change" WHERE "cluster_id" = ${cluster} ORDER BY "seq" DESC LIMIT ${MOST_KEPT}) newest)`;
}

function changeOf({ seq, at, clusterId, phase, what, action, text, bySubject, byName, request }: Row): StoredChange {
  return {
    seq: Number(seq),
    at: at.getTime(),
    cluster: clusterId,
    ...(phase !== null && { phase: phase as Phase }), // the table takes no other
    what,
    action,
    text,
    ...(bySubject !== null && { by: { subject: bySubject, name: byName ?? '' } }),
    ...(request !== null && { request }),
  };
}
