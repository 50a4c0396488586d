import 'server-only';
import { z } from 'zod';
import type { Statements } from '../traffic/connection.ts';

/** What ingest was told of the organisation and its witnesses. */
export interface TrustSetting {
  readonly organisation: string;
  /** `x`: public key, base64url. */
  readonly witnesses: readonly { readonly name: string; readonly url: string; readonly x: string }[];
  readonly quorum: number;
}

const Witnesses = z.array(z.object({ name: z.string(), url: z.string(), x: z.string() }));

/** Keeps what ingest was told, with the time at which it became something else. */
export const putTrustSetting = (
  db: Statements,
  { organisation, witnesses, quorum }: TrustSetting,
  now: number,
): Promise<unknown> =>
  db.rows(
    `INSERT INTO trust_setting (id, organisation, witnesses, quorum, changed_at_ms) VALUES (1, $1, $2::jsonb, $3, $4)
     ON CONFLICT (id) DO UPDATE SET organisation = $1, witnesses = $2::jsonb, quorum = $3, changed_at_ms = $4
     WHERE (trust_setting.organisation, trust_setting.witnesses, trust_setting.quorum) IS DISTINCT FROM ($1, $2::jsonb, $3)`,
    [organisation, JSON.stringify(witnesses.map(({ name, url, x }) => ({ name, url, x }))), quorum, now],
  );

/** Undefined until an ingest that signs has started once. */
export async function readTrustSetting(db: Statements): Promise<(TrustSetting & { readonly changedAtMs: number }) | undefined> {
  const [row] = await db.rows<{ organisation: string; witnesses: unknown; quorum: number; changed_at_ms: number }>(
    'SELECT organisation, witnesses, quorum, changed_at_ms FROM trust_setting',
  );
  if (!row) return undefined;
  const { organisation, quorum, changed_at_ms } = row;
  return { organisation, witnesses: Witnesses.parse(row.witnesses), quorum, changedAtMs: changed_at_ms };
}

/** Clusters that have a log or may get one, by id, and when the newest of them was added: Unix milliseconds. */
export async function readLogs(db: Statements): Promise<{ clusters: string[]; changedAtMs: number }> {
  const rows = await db.rows<{ id: string; at: number }>(
    `SELECT id, min(at)::float8 AS at FROM (
       SELECT id, extract(epoch FROM created_at) * 1000 AS at FROM cluster
       UNION ALL SELECT cluster, min(sealed_at_ms) FROM receipt_batch WHERE seq = 0 GROUP BY cluster
     ) logs GROUP BY id ORDER BY id COLLATE "C"`,
  );
  return { clusters: rows.map(({ id }) => id), changedAtMs: Math.max(0, ...rows.map(({ at }) => Math.floor(at))) };
}

/** A bundle that a root has signed, as it was imported. */
export interface SignedTrust {
  readonly rootX: string;
  readonly rootKid: string;
  /** The file with its signature. */
  readonly bundle: string;
  readonly atMs: number;
  readonly byName: string;
}

export const addSignedTrust = (tx: Statements, { rootX, rootKid, bundle, atMs, byName }: SignedTrust): Promise<unknown> =>
  tx.rows('INSERT INTO trust_signature (root_x, root_kid, bundle, at_ms, by_name) VALUES ($1, $2, $3, $4, $5)', [
    rootX,
    rootKid,
    bundle,
    atMs,
    byName,
  ]);

/** The newest one; undefined while none was imported. */
export async function readSignedTrust(db: Statements): Promise<SignedTrust | undefined> {
  const [row] = await db.rows<{ root_x: string; root_kid: string; bundle: string; at_ms: number; by_name: string }>(
    'SELECT root_x, root_kid, bundle, at_ms, by_name FROM trust_signature ORDER BY id DESC LIMIT 1',
  );
  return row && { rootX: row.root_x, rootKid: row.root_kid, bundle: row.bundle, atMs: row.at_ms, byName: row.by_name };
}

/** When each witness saw a head last, by name: Unix milliseconds. */
export async function readWitnessTimes(db: Statements): Promise<Map<string, number>> {
  const rows = await db.rows<{ witness: string; at: number }>(
    'SELECT witness, max(at_ms) AS at FROM cosignature GROUP BY witness',
  );
  return new Map(rows.map(({ witness, at }) => [witness, at]));
}
