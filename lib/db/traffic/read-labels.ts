import 'server-only';
import type { TrafficDb } from './connection.ts';

/** The label sets of these hashes. */
export async function readLabelSets(db: TrafficDb, hashes: readonly string[]): Promise<Map<string, readonly string[]>> {
  const rows = await db.rows<{ hash: string; labels: string[] }>(
    'SELECT hash, labels FROM label_set WHERE hash IN (SELECT jsonb_array_elements_text($1::jsonb))',
    [JSON.stringify(hashes)],
  );
  return new Map(rows.map(({ hash, labels }) => [hash, labels]));
}

/** Which label set each identity of a cluster carried last, by its hash. */
export async function readIdentities(db: TrafficDb, cluster: string): Promise<Map<number, string>> {
  const rows = await db.rows<{ identity: string; hash: string }>(
    'SELECT identity::text, label_set AS hash FROM identity_labels WHERE cluster = $1',
    [cluster],
  );
  return new Map(rows.map(({ identity, hash }) => [Number(identity), hash]));
}
