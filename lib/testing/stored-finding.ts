import { withDatabase } from '#lib/db/client.ts';
import { findingId } from '#lib/receipts/rules/finding-id.ts';
import type { Sighting } from '#lib/receipts/rules/rule.ts';
import { aSighting } from './sightings.ts';

/** Puts a finding into the database of this process, open and as it is when it was noted first; gives its id. */
export async function storedFinding(
  cluster: string,
  overrides: Partial<Sighting> = {},
  receipts: readonly string[] = [],
): Promise<string> {
  const { rule, key, severity, title, subject, reasons, about, first, last, count } = aSighting(overrides);
  const id = findingId(cluster, rule, key);
  await withDatabase((db) =>
    db.finding.create({
      data: {
        id,
        cluster,
        rule,
        severity,
        title,
        subject,
        reasons: [...reasons],
        about: JSON.stringify(about),
        firstAtMs: first,
        lastAtMs: last,
        count,
        receipts: { create: receipts.map((receiptId) => ({ receiptId, atMs: last })) },
      },
    }),
  );
  return id;
}
