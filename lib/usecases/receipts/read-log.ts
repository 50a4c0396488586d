import 'server-only';
import type { ConsistencyProof, ConsistencyQuery } from '#lib/api/receipts.ts';
import { withStatements } from '#lib/db/client.ts';
import { readConsistency, readNewestHead, readReach, type StoredHead } from '#lib/db/receipts/read-log.ts';
import { CausewayError } from '#lib/errors/errors.ts';

/** The newest signed head of a log. Throws `not-found` before the first. */
export const newestHead = (cluster: string): Promise<StoredHead> =>
  withStatements(async (db) => {
    const head = await readNewestHead(db, cluster);
    if (!head) throw noHeadYet();
    return head;
  });

/** Proof that the log of `from` batches is the beginning of that of `to`, or of the newest signed head. Throws `bad-request` for sizes beyond that. */
export const proveConsistency = ({ cluster, from, to }: ConsistencyQuery): Promise<ConsistencyProof> =>
  withStatements(async (db) => {
    const { logged } = await readReach(db, cluster, 1);
    if (logged === 0) throw noHeadYet();
    const size = to ?? logged;
    if (size > logged) throw badSize('to', `the newest signed head of this log has ${logged} batches`);
    if (from > size) throw badSize('from', `a log of ${from} batches is not the beginning of one of ${size}`);
    return { from, to: size, ...(await readConsistency(db, cluster, from, size)) };
  });

const noHeadYet = () => new CausewayError('not-found', 'the log of this cluster has no signed head yet');
const badSize = (parameter: string, why: string) => new CausewayError('bad-request', why, { place: { parameter } });
