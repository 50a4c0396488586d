import 'server-only';
import { withDatabase } from '#lib/db/client.ts';
import { holdGate, readSight } from '#lib/db/gates/facts.ts';
import { readGateFile } from '#lib/db/gates/records.ts';
import { settle } from '#lib/db/gates/settle.ts';
import { inGateTransaction } from '#lib/db/gates/transaction.ts';
import { lapseOf } from '#lib/migration/gate/lapse.ts';
import type { Phase } from '#lib/migration/model.ts';

/** Nobody's own facts matter for what happens by itself. */
const NOBODY = { subject: '', sessionId: undefined };

/**
 * Writes down what time or changed facts have made of the newest request of a phase, so that whoever reads it afterwards finds it as it is. Looks
 * first without a lock: mostly there is nothing to write.
 */
export async function settleGate(cluster: string, phase: Phase): Promise<void> {
  const due = await withDatabase(async (db) => {
    const { facts, newest } = await readSight(db, cluster, phase, NOBODY, 'look');
    const file = newest === undefined ? undefined : await readGateFile(db, newest);
    return file && lapseOf(file, facts) ? file.id : undefined;
  });
  if (due === undefined) return;
  await inGateTransaction(async (tx) => {
    await holdGate(tx, cluster, phase, 'decide');
    const file = await readGateFile(tx, due, true);
    const { facts } = await readSight(tx, cluster, phase, NOBODY, 'decide');
    if (file) await settle(tx, file, facts);
  });
}
