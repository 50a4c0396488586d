import 'server-only';
import type { FlowLogsImport } from '#lib/api/flow-logs.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import type { BaselineTuple } from '#lib/flow-logs/baseline.ts';
import { appendAuditBy } from '../audit-log/append.ts';
import type { Statements, TrafficDb } from '../traffic/connection.ts';
import { salted, saltOf } from '../traffic/flush.ts';

/** An import as it begins. */
export interface NewImport {
  readonly id: string;
  readonly cluster: string;
  readonly name: string;
  readonly by: string;
  readonly at: number;
}

/** What came out of an import; all but its tuples. */
export type ImportResult = Omit<FlowLogsImport, 'id' | 'name' | 'state' | 'by' | 'at' | 'problem' | 'tuples'>;

const MOST_LISTED = 200;

const COLUMNS = `id, name, state, bytes, sha256, created_by AS by, created_at_ms AS at, took_ms AS "tookMs", from_ms AS "from", to_ms AS "to",
  lines, broken, coverage, tuples, accepted, rejected, problem`;

/** Imports of a cluster, newest first, those that run and those that failed too. */
export async function listImports(db: TrafficDb, cluster: string): Promise<FlowLogsImport[]> {
  const rows = await db.rows<ImportRow>(
    `SELECT ${COLUMNS} FROM flow_log_import WHERE cluster = $1 ORDER BY created_at_ms DESC, id LIMIT ${MOST_LISTED}`,
    [cluster],
  );
  return rows.map(importOf);
}

export async function findImport(db: TrafficDb, cluster: string, id: string): Promise<FlowLogsImport | undefined> {
  const [row] = await db.rows<ImportRow>(`SELECT ${COLUMNS} FROM flow_log_import WHERE cluster = $1 AND id = $2`, [cluster, id]);
  return row && importOf(row);
}

export const beginImport = (db: TrafficDb, { id, cluster, name, by, at }: NewImport): Promise<unknown> =>
  db.rows('INSERT INTO flow_log_import (id, cluster, name, created_by, created_at_ms) VALUES ($1, $2, $3, $4, $5)', [
    id,
    cluster,
    name,
    by,
    at,
  ]);

/** Bytes read so far. Whether the import is still wanted: it is not once somebody has deleted it. */
export const noteProgress = async (db: TrafficDb, id: string, bytes: number): Promise<boolean> =>
  (await db.rows(`UPDATE flow_log_import SET bytes = $2 WHERE id = $1 AND state = 'reading' RETURNING id`, [id, bytes])).length >
  0;

/** Stores some of an import's tuples. They are seen by nobody until `completeImport`. */
export async function storeTuples(db: TrafficDb, { id, cluster }: NewImport, tuples: readonly BaselineTuple[]): Promise<void> {
  const salt = saltOf(cluster);
  const rows = tuples.map(({ id: tuple, tuple: fields, first, last }) => ({ ...fields, first, last, id: salted(tuple, salt) }));
  const counts = tuples.map(({ id: tuple, records, bytes, packets, first, last }) => {
    return { id: salted(tuple, salt), records, bytes, packets, first, last };
  });
  await db.transaction(async (tx) => {
    await takeTurn(tx, cluster);
    await tx.rows(
      `INSERT INTO traffic_tuple (id, cluster, source, destination, direction, protocol, port, l7, verdict, drop_reason, policies, encryption, auth,
         other, origin, nodes, example_uuid, first_seen_ms, last_seen_ms)
       SELECT id, $2, source, destination, direction, protocol, port, NULL, verdict, drop_reason, policies, encryption, auth,
         other, origin, '[]', '', first, last
       FROM jsonb_to_recordset($1::jsonb) AS row(id bigint, source jsonb, destination jsonb, direction text, protocol text, port int,
         verdict text, drop_reason text, policies jsonb, encryption text, auth text, other boolean, origin text, first float8, last float8)
       ORDER BY id
       ON CONFLICT (id) DO UPDATE SET
         first_seen_ms = LEAST(traffic_tuple.first_seen_ms, excluded.first_seen_ms),
         last_seen_ms = GREATEST(traffic_tuple.last_seen_ms, excluded.last_seen_ms)`,
      [JSON.stringify(rows), cluster],
    );
    await tx.rows(
      `INSERT INTO flow_log_count (import_id, tuple, records, bytes, packets, first_seen_ms, last_seen_ms)
       SELECT $2, id, records, bytes, packets, first, last
       FROM jsonb_to_recordset($1::jsonb) AS row(id bigint, records float8, bytes float8, packets float8, first float8, last float8)`,
      [JSON.stringify(counts), id],
    );
  });
}

/** From here on the import is there. Undefined when it was deleted meanwhile. */
export function completeImport(
  db: TrafficDb,
  order: NewImport,
  result: ImportResult,
  tuples: number,
  context: AuditContext,
): Promise<FlowLogsImport | undefined> {
  return db.transaction(async (tx) => {
    const [row] = await tx.rows<ImportRow>(
      `UPDATE flow_log_import SET state = 'done', bytes = $2, sha256 = $3, took_ms = $4, from_ms = $5, to_ms = $6, lines = $7::jsonb,
         broken = $8::jsonb, coverage = $9::jsonb, tuples = $10, accepted = $11, rejected = $12
       WHERE id = $1 AND state = 'reading' RETURNING ${COLUMNS}`,
      [order.id, ...valuesOf(result), tuples, result.accepted, result.rejected],
    );
    if (!row) return undefined;
    const { bytes, sha256 = '', lines } = result;
    const details = { name: order.name, bytes, sha256, records: lines.taken, tuples };
    await appendAuditBy(tx, { ...context, ...importEvent(order), action: 'flow-logs.import', outcome: 'ok', details });
    return importOf(row);
  });
}

/** The import failed: why is kept, its tuples are not. */
export function failImport(
  db: TrafficDb,
  order: NewImport,
  problem: string,
  result: ImportResult,
  context: AuditContext,
): Promise<void> {
  return db.transaction(async (tx) => {
    const rows = await tx.rows(
      `UPDATE flow_log_import SET state = 'failed', problem = $10, bytes = $2, sha256 = $3, took_ms = $4, from_ms = $5, to_ms = $6,
         lines = $7::jsonb, broken = $8::jsonb, coverage = $9::jsonb
       WHERE id = $1 AND state = 'reading' RETURNING id`,
      [order.id, ...valuesOf(result), problem],
    );
    await dropTuples(tx, order.cluster, order.id);
    if (rows.length === 0) return;
    const details = { name: order.name, bytes: result.bytes };
    const event = { action: 'flow-logs.import', outcome: 'failed', reason: problem, details } as const;
    await appendAuditBy(tx, { ...context, ...importEvent(order), ...event });
  });
}

/** Deletes an import with the tuples that only it gave; one that runs finds itself deleted and stops. Whether there was one. */
export function deleteImport(db: TrafficDb, cluster: string, id: string, context: AuditContext): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [row] = await tx.rows<{ name: string; state: string }>(
      'SELECT name, state FROM flow_log_import WHERE cluster = $1 AND id = $2 FOR UPDATE',
      [cluster, id],
    );
    if (!row) return false;
    await dropTuples(tx, cluster, id);
    await tx.rows('DELETE FROM flow_log_import WHERE id = $1', [id]);
    const event = { action: 'flow-logs.delete', outcome: 'ok', details: { name: row.name, state: row.state } } as const;
    await appendAuditBy(tx, { ...context, ...importEvent({ id, cluster }), ...event });
    return true;
  });
}

/** Imports that ran when their process ended never end: they failed. */
export async function failAbandonedImports(db: TrafficDb): Promise<void> {
  const rows = await db.rows<{ id: string; cluster: string }>(
    `UPDATE flow_log_import SET state = 'failed', problem = 'ingest was stopped while it read the file; import it again'
     WHERE state = 'reading' RETURNING id, cluster`,
  );
  for (const { id, cluster } of rows) await db.transaction((tx) => dropTuples(tx, cluster, id));
}

/** Counts of an import, and tuples that none counts any more. */
async function dropTuples(tx: Statements, cluster: string, id: string): Promise<void> {
  await takeTurn(tx, cluster);
  await tx.rows(
    `WITH gone AS (DELETE FROM flow_log_count WHERE import_id = $2 RETURNING tuple)
     DELETE FROM traffic_tuple t USING gone WHERE t.id = gone.tuple AND t.cluster = $1 AND t.origin <> ''
       AND NOT EXISTS (SELECT 1 FROM flow_log_count c WHERE c.tuple = t.id AND c.import_id <> $2)`,
    [cluster, id],
  );
}

/** Of those who add tuples and those who look for tuples that nobody counts, one at a time: else what one just adds could be what the other drops. */
const takeTurn = (tx: Statements, cluster: string): Promise<unknown> =>
  tx.rows(`SELECT pg_advisory_xact_lock(hashtextextended('flow logs ' || $1, 0))`, [cluster]);

const importEvent = ({ id, cluster }: Pick<NewImport, 'id' | 'cluster'>) => ({ object: { type: 'flow-logs', id }, cluster });

const valuesOf = ({ bytes, sha256, tookMs, from, to, lines, broken, coverage }: ImportResult): unknown[] => [
  bytes,
  sha256 ?? null,
  tookMs ?? null,
  from ?? null,
  to ?? null,
  JSON.stringify(lines),
  JSON.stringify(broken),
  JSON.stringify(coverage),
];

type ImportRow = { readonly [K in keyof FlowLogsImport]-?: FlowLogsImport[K] | null };

const NO_LINES: FlowLogsImport['lines'] = { total: 0, taken: 0, noData: 0, skipData: 0, broken: 0 };
const NO_COVERAGE: FlowLogsImport['coverage'] = {
  bothKnown: 0,
  oneKnown: 0,
  noneKnown: 0,
  minutesSeen: 0,
  minutesTotal: 0,
  unknown: [],
};

function importOf(row: ImportRow): FlowLogsImport {
  const { lines, coverage, ...rest } = row;
  const told = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  // What is null in a row is optional in an import; the columns' types and checks guarantee the rest.
  return { ...told, lines: { ...NO_LINES, ...lines }, coverage: { ...NO_COVERAGE, ...coverage } } as FlowLogsImport;
}
