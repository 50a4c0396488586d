import 'server-only';
import type { FindingEntry, FindingList, FindingsQuery } from '#lib/api/receipts.ts';
import { withStatements } from '#lib/db/client.ts';
import { countFindings, findFinding, listFindings, readStandings } from '#lib/db/findings/read.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { rangeOf } from '#lib/ingest/time-range.ts';

/** Findings of a cluster, with how far each rule can speak of it. */
export const readFindings = (query: FindingsQuery, now: number): Promise<FindingList> =>
  withStatements(async (db) => {
    const { cluster, rule, state, severity, limit } = query;
    const list = await listFindings(db, { cluster, rule, state, severity, limit, range: rangeOf(query, now) });
    return { ...list, counts: await countFindings(db, cluster), ...(await readStandings(db, cluster)) };
  });

/** Throws `not-found`. */
export async function readFinding(id: string): Promise<FindingEntry> {
  const finding = await withStatements((db) => findFinding(db, id));
  if (!finding) throw new CausewayError('not-found', 'there is no such finding');
  return finding;
}
