import 'server-only';
import { readGateFiles } from '#lib/db/gates/records.ts';
import { inGateTransaction } from '#lib/db/gates/transaction.ts';
import { lockEvidence } from '#lib/db/migration/evidence.ts';
import { migrationOf, noMigration } from '#lib/db/migration/migrations.ts';
import type { Phase } from '#lib/migration/model.ts';
import { requestView, rollbackView } from '#lib/usecases/gates/view.ts';
import type { PhaseGate } from './read-phase.ts';

/** The gate of a phase as it is stored. */
export const readStoredGate = (cluster: string, phase: Phase): Promise<PhaseGate> =>
  inGateTransaction(async (tx) => {
    const migration = await migrationOf(tx, cluster);
    const member = migration?.clusters.find(({ id }) => id === cluster);
    if (!migration || !member) throw noMigration();
    const evidence = await lockEvidence(tx, cluster, phase);
    const files = await readGateFiles(tx, { clusterId: cluster, phase });
    const newest = files.at(-1);
    return {
      panel: {
        ...(newest && { request: requestView(newest) }),
        rules: migration.rules[member.environment],
        ...(evidence?.hash !== undefined && { evidenceHash: evidence.hash }),
        conditions: [],
        choices: [],
      },
      rollbacks: files.flatMap((file) => rollbackView(file) ?? []),
    };
  });
