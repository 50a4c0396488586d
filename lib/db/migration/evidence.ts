import 'server-only';
import type { CheckResult } from '#lib/migration/check.ts';
import type { CheckStatus, Phase } from '#lib/migration/model.ts';
import { withDatabase } from '../client.ts';
import type { PhaseEvidence as Row, Prisma } from '../generated/client.ts';

/** The evidence of a phase as it is now. Times are Unix milliseconds. */
export interface EvidenceRow {
  readonly cluster: string;
  readonly phase: Phase;
  readonly hash: string | undefined;
  readonly met: boolean;
  readonly results: readonly CheckResult[];
  readonly contributors: readonly string[];
  readonly inputsVersion: number;
  readonly evaluatedVersion: number;
  readonly evaluatedAt: number | undefined;
  readonly problem: string;
}

/** Whether nobody changed anything since it was read. */
export const isCurrent = ({ inputsVersion, evaluatedVersion }: EvidenceRow): boolean => inputsVersion === evaluatedVersion;

/** Evidence of all phases of these clusters. */
export const readEvidence = (clusters: readonly string[]): Promise<EvidenceRow[]> =>
  withDatabase(async (db) =>
    (
      await db.phaseEvidence.findMany({
        where: { clusterId: { in: [...clusters] } },
        orderBy: [{ clusterId: 'asc' }, { phase: 'asc' }],
      })
    ).map(evidenceOf),
  );

/** The evidence of a phase as it is stored; undefined for a cluster without a migration. */
export async function evidenceOfPhase(
  tx: Prisma.TransactionClient,
  cluster: string,
  phase: Phase,
): Promise<EvidenceRow | undefined> {
  const row = await tx.phaseEvidence.findUnique({ where: { clusterId_phase: { clusterId: cluster, phase } } });
  return row ? evidenceOf(row) : undefined;
}

/** The evidence of a phase, locked until the transaction ends; undefined for a cluster without a migration. */
export async function lockEvidence(
  tx: Prisma.TransactionClient,
  cluster: string,
  phase: Phase,
): Promise<EvidenceRow | undefined> {
  await tx.$queryRaw`SELECT 1 FROM "phase_evidence" WHERE "cluster_id" = ${cluster} AND "phase" = ${phase} FOR UPDATE`;
  return evidenceOfPhase(tx, cluster, phase);
}

export interface NewEvidence {
  readonly cluster: string;
  readonly phase: Phase;
  readonly snapshot: { readonly hash: string; readonly body: string };
  readonly met: boolean;
  readonly results: readonly CheckResult[];
  readonly contributors: readonly string[];
  /** The `inputsVersion` it was made from. */
  readonly evaluatedVersion: number;
}

/** Writes evidence over the row that is locked, and its snapshot once. */
export async function writeEvidence(tx: Prisma.TransactionClient, evidence: NewEvidence): Promise<void> {
  const { cluster, phase, snapshot, met, results, contributors, evaluatedVersion } = evidence;
  const json = JSON.stringify(results);
  await tx.$executeRaw`INSERT INTO "evidence_snapshot" ("hash", "body", "cluster_id", "phase", "results")
    VALUES (${snapshot.hash}, ${snapshot.body}, ${cluster}, ${phase}, ${json}::jsonb) ON CONFLICT DO NOTHING`;
  await tx.$executeRaw`UPDATE "phase_evidence" SET "hash" = ${snapshot.hash}, "met" = ${met}, "results" = ${json}::jsonb,
    "contributors" = ${[...contributors]}, "evaluated_version" = ${evaluatedVersion}, "evaluated_at" = now(), "problem" = ''
    WHERE "cluster_id" = ${cluster} AND "phase" = ${phase}`;
}

/** Says why the evidence of these phases could not be read; what was known stays. */
export async function writeProblem(
  tx: Prisma.TransactionClient,
  cluster: string,
  phases: readonly Phase[],
  problem: string,
): Promise<void> {
  await tx.phaseEvidence.updateMany({
    where: { clusterId: cluster, phase: { in: [...phases] }, NOT: { problem } },
    data: { problem },
  });
}

/** The bytes that a hash is of, if they are evidence of this cluster. */
export const readSnapshot = (cluster: string, hash: string): Promise<string | undefined> =>
  withDatabase(async (db) => {
    const row = await db.evidenceSnapshot.findFirst({ where: { hash, clusterId: cluster }, select: { body: true } });
    return row?.body;
  });

/** A figure of a check when it was read. */
export interface PointRow {
  readonly check: string;
  readonly at: number;
  readonly value: number;
  readonly status: CheckStatus;
}

const POINTS_KEPT = 300;

/** Adds points of this time to the series of a phase, and lets go of the oldest. */
export async function writePoints(
  tx: Prisma.TransactionClient,
  cluster: string,
  phase: Phase,
  points: readonly Omit<PointRow, 'at'>[],
  at: Date,
): Promise<void> {
  if (points.length === 0) return;
  await tx.checkPoint.createMany({
    data: points.map(({ check, value, status }) => ({ clusterId: cluster, phase, checkId: check, at, value, status })),
    skipDuplicates: true,
  });
  await tx.$executeRaw`DELETE FROM "check_point" p USING (
      SELECT "check_id", "at", row_number() OVER (PARTITION BY "check_id" ORDER BY "at" DESC) AS place
      FROM "check_point" WHERE "cluster_id" = ${cluster} AND "phase" = ${phase}) old
    WHERE p."cluster_id" = ${cluster} AND p."phase" = ${phase} AND p."check_id" = old."check_id" AND p."at" = old."at" AND old.place > ${POINTS_KEPT}`;
}

/** When the newest point of a phase was written; undefined when there is none. Unix milliseconds. */
export async function newestPoint(tx: Prisma.TransactionClient, cluster: string, phase: Phase): Promise<number | undefined> {
  const row = await tx.checkPoint.findFirst({
    where: { clusterId: cluster, phase },
    orderBy: { at: 'desc' },
    select: { at: true },
  });
  return row?.at.getTime();
}

/** The series of a phase, oldest point first. */
export const readPoints = (cluster: string, phase: Phase): Promise<PointRow[]> =>
  withDatabase(async (db) =>
    (await db.checkPoint.findMany({ where: { clusterId: cluster, phase }, orderBy: { at: 'asc' } })).map(
      ({ checkId, at, value, status }) => ({
        check: checkId,
        at: at.getTime(),
        value,
        status: status as CheckStatus, // written by `writePoints` alone
      }),
    ),
  );

function evidenceOf(row: Row): EvidenceRow {
  const { clusterId, phase, hash, met, results, contributors, inputsVersion, evaluatedVersion, evaluatedAt, problem } = row;
  return {
    cluster: clusterId,
    phase: phase as Phase, // the table takes no other
    hash: hash ?? undefined,
    met,
    results: results as unknown as readonly CheckResult[], // written by `writeEvidence` alone
    contributors,
    inputsVersion,
    evaluatedVersion,
    evaluatedAt: evaluatedAt?.getTime(),
    problem,
  };
}
