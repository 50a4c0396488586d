import 'server-only';
import { editsOf, type PhaseEdits } from '#lib/db/migration/edits.ts';
import { type EvidenceRow, evidenceOfPhase } from '#lib/db/migration/evidence.ts';
import { type MemberCluster, type MigrationRow, migrationOf, noMigration } from '#lib/db/migration/migrations.ts';
import { readGateFiles } from '#lib/db/gates/records.ts';
import type { Prisma } from '#lib/db/generated/client.ts';
import { completionOf } from '#lib/migration/gate/standing.ts';
import type { Phase } from '#lib/migration/model.ts';
import type { PhaseAsk } from '../judge/asks.ts';

/** A phase with what people did for it, as of `row.inputsVersion` or a little later. */
export interface PhaseToRead {
  readonly ask: PhaseAsk;
  readonly row: EvidenceRow;
  readonly edits: PhaseEdits;
}

export interface ClusterToRead {
  readonly migration: MigrationRow;
  readonly member: MemberCluster;
  readonly phases: readonly PhaseToRead[];
}

/**
 * What is to be read of a cluster. The row of a phase is read before what people did: what comes in between makes the evidence older than it is, never
 * newer. Throws `not-found` for a cluster without a migration.
 */
export async function readAsks(db: Prisma.TransactionClient, cluster: string, phases: readonly Phase[]): Promise<ClusterToRead> {
  const rows = new Map<Phase, EvidenceRow>();
  for (const phase of phases) {
    const row = await evidenceOfPhase(db, cluster, phase);
    if (!row) throw noMigration();
    rows.set(phase, row);
  }
  const migration = await migrationOf(db, cluster);
  const member = migration?.clusters.find(({ id }) => id === cluster);
  if (!migration || !member) throw noMigration();
  const gates = await readGateFiles(db, { clusterId: cluster, migrationId: migration.id });
  const toRead: PhaseToRead[] = [];
  for (const [phase, row] of rows) {
    const edits = await editsOf(db, cluster, phase);
    const before = completionOf(gates.filter((gate) => gate.phase === phase - 1));
    toRead.push({ row, edits, ask: askOf(migration, phase, edits, before?.at ?? migration.createdAt) });
  }
  return { migration, member, phases: toRead };
}

function askOf({ planVersion, choices }: MigrationRow, phase: Phase, { checks }: PhaseEdits, begunAt: number): PhaseAsk {
  const of = (kind: (typeof checks)[number]['kind']) => checks.filter((edit) => edit.kind === kind);
  return {
    phase,
    planVersion,
    choices,
    begunAt,
    thresholds: new Map(of('threshold').flatMap(({ check, value }) => (value === undefined ? [] : [[check, value] as const]))),
    attested: new Map(of('attest').map(({ check, by, text, at }) => [check, { by: by.name, statement: text, at }])),
  };
}
