import 'server-only';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Capture } from '#lib/api/captures.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { Redaction } from '#lib/flow/redact.ts';
import { CaptureWriter } from './capture-writer.ts';
import { FILE_LIMITS, type FileLimits, readFlowFile } from './flow-file.ts';

export interface ImportOptions {
  readonly db: TrafficDb;
  readonly cluster: string;
  /** The capture's name, e.g. that of the file. */
  readonly name: string;
  readonly createdBy: string;
  readonly redaction: Redaction;
  /** Who imports, for the audit log; the console itself when absent. */
  readonly context?: AuditContext;
  readonly limits?: FileLimits;
  /** Told now and then: bytes of the file read so far, and flows found in them. */
  readonly onProgress?: (bytes: number, flows: number) => void;
}

/**
 * Imports a file of flows (exporter or `hubble observe -o jsonpb` lines, plain or gzip) as a capture. Lines that cannot be read are counted, the first
 * with place and reason. Throws `bad-input` or `too-large`; the capture is then a failed one that says why, without any flow.
 */
export async function importFlows(source: Readable, options: ImportOptions): Promise<Capture> {
  const { db, cluster, name, createdBy, redaction, context, limits = FILE_LIMITS, onProgress } = options;
  const writer = await CaptureWriter.begin(db, newCapture({ cluster, name, createdBy, source: 'file', filter: '' }), context);
  let others = 0;
  try {
    const lines = readFlowFile(source, redaction, limits, (bytes) => onProgress?.(bytes, writer.flows));
    for await (const line of lines) {
      if (line.kind === 'bad') writer.badLine(line.line, line.reason);
      else if (line.event.kind === 'flow') await writer.add(line.event.flow);
      else others += 1;
    }
    if (writer.flows === 0) throw new CausewayError('bad-input', nothingIn(writer, others));
    return await writer.complete(others > 0 ? `${others} lines tell of nodes and lost events; only flows are kept` : '');
  } catch (error) {
    await writer.fail(error instanceof CausewayError ? error.message : `the import failed: ${messageOf(error)}`);
    throw error;
  }
}

/** A capture as it is before the first flow. */
export const newCapture = (
  given: Pick<Capture, 'cluster' | 'name' | 'createdBy' | 'source' | 'filter'>,
  now = Date.now(),
): Capture => ({
  id: randomUUID(),
  ...given,
  state: 'running',
  note: '',
  flows: 0,
  verdicts: {},
  badLines: 0,
  firstBadLines: [],
  sizeBytes: 0,
  createdAt: now,
});

function nothingIn({ firstBadLine }: CaptureWriter, others: number): string {
  if (firstBadLine) return `no line of the file is a flow; line ${firstBadLine.line}: ${firstBadLine.reason}`;
  return others > 0 ? 'the file tells of nodes and lost events, but holds no flow' : 'the file is empty';
}
