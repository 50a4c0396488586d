import 'server-only';
import type { BatchesQuery, BatchList } from '#lib/api/receipts.ts';
import { withStatements } from '#lib/db/client.ts';
import { readBatches, readNewestHead, readReach, type StoredHead } from '#lib/db/receipts/read-log.ts';
import { gapsOf } from '#lib/receipts/verify.ts';
import { enoughWitnesses, standingOf } from './standing.ts';

/** Batches of a cluster's log, newest first, with the newest signed head. */
export const listBatches = ({ cluster, before, limit, gaps }: BatchesQuery): Promise<BatchList> =>
  withStatements(async (db) => {
    // The head before the batches: none is then shown as further along than its log.
    const reach = await readReach(db, cluster, await enoughWitnesses(db));
    const head = await readNewestHead(db, cluster);
    const { batches, next } = await readBatches(db, cluster, { before, limit, onlyGaps: gaps !== undefined });
    return {
      batches: batches.map((batch) => ({
        ...batch,
        gaps: gapsOf(batch.header.completeness),
        standing: standingOf(batch.header.seq, reach),
      })),
      ...(next !== undefined && { next }),
      ...(head && { head: headOf(head) }),
    };
  });

const headOf = ({ witnesses, ...head }: StoredHead): NonNullable<BatchList['head']> => ({
  ...head,
  witnesses: witnesses.map((witness) => ({ ...witness })),
});
