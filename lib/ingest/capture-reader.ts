import 'server-only';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import type { Capture } from '#lib/api/captures.ts';
import { type ChunkIndex, chunkIndex, findCapture, readChunk } from '#lib/db/traffic/captures.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { parseLine } from '#lib/flow/parse.ts';
import { NO_REDACTION } from '#lib/flow/redact.ts';
import type { TimeRange } from './ring.ts';

const expand = promisify(gunzip);
/** 2,000 lines of at most a mebibyte would be more, but flows are bounded when they are read. */
const MOST_CHUNK_BYTES = 256 * 1024 * 1024;

/** A capture that can be read. Throws `not-found`, or `conflict` while it is being recorded or when it failed. */
export async function completeCapture(db: TrafficDb, cluster: string, id: string): Promise<Capture> {
  const capture = await findCapture(db, cluster, id);
  if (!capture) throw new CausewayError('not-found', 'there is no such capture');
  if (capture.state === 'running') throw new CausewayError('conflict', 'the capture is still being recorded');
  if (capture.state === 'failed') throw new CausewayError('conflict', `the capture failed: ${capture.note}`);
  return capture;
}

/** Chunks that hold flows of a window, in their order. */
export async function chunksIn(db: TrafficDb, captureId: string, { from, to }: TimeRange): Promise<ChunkIndex[]> {
  return (await chunkIndex(db, captureId)).filter((chunk) => chunk.to >= from && chunk.from <= to);
}

/** The flows of one chunk, oldest first. */
export async function flowsOfChunk(db: TrafficDb, captureId: string, no: number): Promise<Flow[]> {
  const body = await readChunk(db, captureId, no);
  if (!body) return []; // deleted meanwhile
  const text = (await expand(body, { maxOutputLength: MOST_CHUNK_BYTES })).toString('utf8');
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    // Redacted when it was recorded.
    const parsed = parseLine(line, { redaction: NO_REDACTION });
    return parsed.ok && parsed.event.kind === 'flow' ? [parsed.event.flow] : [];
  });
}

/** The capture as a gzip file of exporter lines: its chunks are members of one. */
export function captureFile(db: TrafficDb, capture: Capture): Readable {
  return Readable.from(
    (async function* () {
      for (const { no } of await chunkIndex(db, capture.id)) {
        const body = await readChunk(db, capture.id, no);
        if (body) yield body;
      }
    })(),
    { objectMode: false },
  );
}
