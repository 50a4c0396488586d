import 'server-only';
import type { Capture } from '#lib/api/captures.ts';
import { type AuditContext, BY_CONSOLE } from '#lib/audit-log/event.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { appendAuditBy } from '../audit-log/append.ts';
import type { TrafficDb } from './connection.ts';

/** Flows of a capture that are stored together: exporter lines as one gzip member. */
export interface CaptureChunk {
  readonly flows: number;
  /** Times of its oldest and newest flow. */
  readonly from: number;
  readonly to: number;
  readonly body: Buffer;
}

export interface ChunkIndex extends Omit<CaptureChunk, 'body'> {
  readonly no: number;
}

const COLUMNS = `id, cluster, name, source, state, note, filter, flows, verdicts, bad_lines AS "badLines", first_bad_lines AS "firstBadLines",
  size_bytes::float8 AS "sizeBytes", from_ms AS "from", to_ms AS "to", created_at_ms AS "createdAt", created_by AS "createdBy"`;

export async function createCapture(db: TrafficDb, capture: Capture, context: AuditContext = BY_CONSOLE): Promise<void> {
  const { id, cluster, name, source } = capture;
  await db.transaction(async (tx) => {
    await tx.rows(
      `INSERT INTO capture (id, cluster, name, source, state, note, filter, flows, verdicts, bad_lines, first_bad_lines, size_bytes, created_at_ms, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '{}', 0, '[]', 0, $8, $9)`,
      [
        capture.id,
        capture.cluster,
        capture.name,
        capture.source,
        capture.state,
        capture.note,
        capture.filter,
        capture.createdAt,
        capture.createdBy,
      ],
    );
    const object = { type: 'capture', id };
    await appendAuditBy(tx, { ...context, action: 'capture.create', object, cluster, outcome: 'ok', details: { name, source } });
  });
}

export async function appendChunk(db: TrafficDb, captureId: string, no: number, chunk: CaptureChunk): Promise<void> {
  await db.rows('INSERT INTO capture_chunk (capture, no, flows, from_ms, to_ms, body) VALUES ($1, $2, $3, $4, $5, $6)', [
    captureId,
    no,
    chunk.flows,
    chunk.from,
    chunk.to,
    chunk.body,
  ]);
}

/**
 * Ends a running capture. A failed one keeps its row, which says why, and none of its flows. Throws `conflict` when it is not running any more:
 * another process took it for abandoned, or somebody deleted it.
 */
export async function finishCapture(db: TrafficDb, capture: Capture): Promise<void> {
  await db.transaction(async (tx) => {
    if (capture.state === 'failed') await tx.rows('DELETE FROM capture_chunk WHERE capture = $1', [capture.id]);
    const ended = await tx.rows(
      `UPDATE capture SET state = $2, note = $3, flows = $4, verdicts = $5::jsonb, bad_lines = $6, first_bad_lines = $7::jsonb, size_bytes = $8,
       from_ms = $9, to_ms = $10 WHERE id = $1 AND state = 'running' RETURNING id`,
      [
        capture.id,
        capture.state,
        capture.note,
        capture.flows,
        JSON.stringify(capture.verdicts),
        capture.badLines,
        JSON.stringify(capture.firstBadLines),
        capture.sizeBytes,
        capture.from ?? null,
        capture.to ?? null,
      ],
    );
    if (ended.length === 0 && capture.state === 'complete') {
      throw new CausewayError('conflict', 'the capture was given up while it was recorded');
    }
  });
}

/** Captures that a killed process left running become failed ones: their recording cannot go on. */
export async function failAbandonedCaptures(db: TrafficDb): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.rows(`DELETE FROM capture_chunk WHERE capture IN (SELECT id FROM capture WHERE state = 'running')`);
    await tx.rows(
      `UPDATE capture SET state = 'failed', note = 'the console stopped while it was recorded' WHERE state = 'running'`,
    );
  });
}

/** Newest first. */
export async function listCaptures(db: TrafficDb, cluster: string): Promise<Capture[]> {
  const rows = await db.rows<CaptureRow>(
    `SELECT ${COLUMNS} FROM capture WHERE cluster = $1 ORDER BY created_at_ms DESC LIMIT 1000`,
    [cluster],
  );
  return rows.map(captureOf);
}

export async function findCapture(db: TrafficDb, cluster: string, id: string): Promise<Capture | undefined> {
  const [row] = await db.rows<CaptureRow>(`SELECT ${COLUMNS} FROM capture WHERE cluster = $1 AND id = $2`, [cluster, id]);
  return row && captureOf(row);
}

/** Whether there was one. */
export function deleteCapture(db: TrafficDb, cluster: string, id: string, context: AuditContext = BY_CONSOLE): Promise<boolean> {
  return db.transaction(async (tx) => {
    const rows = await tx.rows('DELETE FROM capture WHERE cluster = $1 AND id = $2 RETURNING id', [cluster, id]);
    if (rows.length === 0) return false;
    const object = { type: 'capture', id };
    await appendAuditBy(tx, { ...context, action: 'capture.delete', object, cluster, outcome: 'ok' });
    return true;
  });
}

/** The chunks of a capture, in their order, without their bodies. */
export function chunkIndex(db: TrafficDb, captureId: string): Promise<ChunkIndex[]> {
  return db.rows<ChunkIndex>(
    'SELECT no, flows, from_ms AS "from", to_ms AS "to" FROM capture_chunk WHERE capture = $1 ORDER BY no',
    [captureId],
  );
}

/** The gzip member of one chunk. */
export async function readChunk(db: TrafficDb, captureId: string, no: number): Promise<Buffer | undefined> {
  const [row] = await db.rows<{ body: Buffer }>('SELECT body FROM capture_chunk WHERE capture = $1 AND no = $2', [captureId, no]);
  return row?.body;
}

type CaptureRow = Omit<Capture, 'from' | 'to'> & { readonly from: number | null; readonly to: number | null };

const captureOf = ({ from, to, ...rest }: CaptureRow): Capture => ({
  ...rest,
  ...(from !== null && { from }),
  ...(to !== null && { to }),
});
