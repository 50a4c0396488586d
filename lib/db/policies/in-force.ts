import 'server-only';
import { CausewayError } from '#lib/errors/errors.ts';
import type { PolicyObject, PolicyRef } from '#lib/policy/model.ts';
import type { Statements, TrafficDb } from '../traffic/connection.ts';
import { pack } from '../traffic/packed.ts';

/** A policy as it is in a cluster; `hash` is its `specHash`. */
export interface PolicyInForce {
  readonly ref: PolicyRef;
  readonly hash: string;
  readonly object: PolicyObject;
}

/** What is recorded at one time: the policies of a cluster, all of them. */
export interface PolicyRecord {
  readonly cluster: string;
  /** Of the ingest that writes; see `beginPolicyRun`. */
  readonly run: number;
  /** Unix milliseconds. */
  readonly time: number;
  /** `setHash` of `policies`. */
  readonly setHash: string;
  readonly policies: readonly PolicyInForce[];
}

/** For so long a set that was seen is taken to be still there; after a longer silence nobody knows what was. */
const SILENCE_MS = 3 * 60_000;
/** Rows of one statement. */
const AT_ONCE = 200;

/** Takes over the recording of a cluster's policies: whoever did it before may not any more. Gives the number that writes must name. */
export async function beginPolicyRun(db: TrafficDb, cluster: string): Promise<number> {
  const [row] = await db.rows<{ run: number }>(
    `INSERT INTO policy_state (cluster, run) VALUES ($1, 1)
     ON CONFLICT (cluster) DO UPDATE SET run = policy_state.run + 1 RETURNING run`,
    [cluster],
  );
  if (!row) throw new Error('INSERT ... RETURNING gave no row');
  return row.run;
}

/**
 * Records which policies are in force, as often as one likes: what did not change only moves "last seen" on, and the same record written twice
 * changes nothing. Policies that are gone end; where nobody looked for a while they end when they were last seen. Throws `conflict` when another
 * ingest records this cluster.
 */
export async function recordPolicies(db: TrafficDb, record: PolicyRecord): Promise<void> {
  await db.transaction(async (tx) => {
    const seen = await takeTurn(tx, record);
    const last = await lastForce(tx, record.cluster);
    const silent = record.time - seen > SILENCE_MS;
    if (last?.hash === record.setHash && !silent) return extendForce(tx, record);
    await recordChanges(tx, record, silent ? seen : record.time);
    if (last?.hash === record.setHash) return extendForce(tx, record);
    if (last && !silent)
      await tx.rows('UPDATE policy_force SET to_ms = $2 WHERE cluster = $1 AND from_ms = $3', [
        record.cluster,
        record.time,
        last.from,
      ]);
    await tx.rows(
      `INSERT INTO policy_force (cluster, from_ms, to_ms, hash, policies) VALUES ($1, $2, $2, $3, $4)
       ON CONFLICT (cluster, from_ms) DO UPDATE SET hash = excluded.hash, policies = excluded.policies`,
      [record.cluster, record.time, record.setHash, record.policies.length],
    );
  });
}

/** When the set was last seen before; 0 for never. Holds the row, so that two records never mix. */
async function takeTurn(tx: Statements, { cluster, run, time }: PolicyRecord): Promise<number> {
  const [state] = await tx.rows<{ run: number; seen: number }>(
    'SELECT run, seen_ms AS seen FROM policy_state WHERE cluster = $1 FOR UPDATE',
    [cluster],
  );
  if (state?.run !== run) throw new CausewayError('conflict', `another ingest records the policies of ${cluster} now`);
  await tx.rows('UPDATE policy_state SET seen_ms = GREATEST(seen_ms, $2) WHERE cluster = $1', [cluster, time]);
  return state.seen;
}

async function lastForce(tx: Statements, cluster: string): Promise<{ hash: string; from: number } | undefined> {
  const [row] = await tx.rows<{ hash: string; from: number }>(
    'SELECT hash, from_ms AS "from" FROM policy_force WHERE cluster = $1 ORDER BY from_ms DESC LIMIT 1',
    [cluster],
  );
  return row;
}

const extendForce = async (tx: Statements, { cluster, time }: PolicyRecord): Promise<void> => {
  await tx.rows(
    `UPDATE policy_force SET to_ms = GREATEST(to_ms, $2)
     WHERE cluster = $1 AND from_ms = (SELECT max(from_ms) FROM policy_force WHERE cluster = $1)`,
    [cluster, time],
  );
};

/** Ends what is not there any more at `endedAt`, and begins what is new at the time of the record. */
async function recordChanges(tx: Statements, { cluster, time, policies }: PolicyRecord, endedAt: number): Promise<void> {
  const open = await tx.rows<{ ref: string; hash: string; from: number }>(
    'SELECT ref, hash, from_ms AS "from" FROM policy_presence WHERE cluster = $1 AND to_ms IS NULL',
    [cluster],
  );
  const now = new Map(policies.map((policy) => [policy.ref, policy]));
  const ended = open.filter(({ ref, hash }) => now.get(ref)?.hash !== hash);
  const lasting = new Set(open.filter((row) => !ended.includes(row)).map(({ ref }) => ref));
  const begun = policies.filter(({ ref }) => !lasting.has(ref));
  for (const rows of chunks(ended)) {
    await tx.rows(
      `UPDATE policy_presence SET to_ms = GREATEST($2, row."from") FROM jsonb_to_recordset($3::jsonb) AS row(ref text, "from" float8)
       WHERE cluster = $1 AND policy_presence.ref = row.ref AND from_ms = row."from"`,
      [cluster, endedAt, JSON.stringify(rows)],
    );
  }
  for (const rows of chunks(begun)) {
    const packed = await Promise.all(
      rows.map(async ({ ref, hash, object }) => ({
        ref,
        hash,
        generation: object.metadata.generation ?? null,
        body: (await pack(object)).toString('base64'),
      })),
    );
    await tx.rows(
      `WITH given AS (SELECT * FROM jsonb_to_recordset($3::jsonb) AS row(ref text, hash text, generation float8, body text)),
       version AS (INSERT INTO policy_version (cluster, ref, hash, body) SELECT $1, ref, hash, decode(body, 'base64') FROM given
         ON CONFLICT DO NOTHING)
       INSERT INTO policy_presence (cluster, ref, from_ms, hash, generation) SELECT $1, ref, $2, hash, generation FROM given
       ON CONFLICT (cluster, ref, from_ms) DO UPDATE SET hash = excluded.hash, generation = excluded.generation, to_ms = NULL`,
      [cluster, time, JSON.stringify(packed)],
    );
  }
}

function chunks<T>(rows: readonly T[]): T[][] {
  const result: T[][] = [];
  for (let at = 0; at < rows.length; at += AT_ONCE) result.push(rows.slice(at, at + AT_ONCE));
  return result;
}

/** The set that was in force last, from when to when it was seen. Unix milliseconds. */
export async function readLastForce(
  db: Statements,
  cluster: string,
): Promise<{ readonly from: number; readonly to: number; readonly hash: string } | undefined> {
  const [row] = await db.rows<{ from: number; to: number; hash: string }>(
    'SELECT from_ms AS "from", to_ms AS "to", hash FROM policy_force WHERE cluster = $1 ORDER BY from_ms DESC LIMIT 1',
    [cluster],
  );
  return row;
}
