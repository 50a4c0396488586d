import 'server-only';
import { createHash, randomUUID } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import type { FlowLogsImport } from '#lib/api/flow-logs.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import {
  beginImport,
  completeImport,
  failImport,
  type ImportResult,
  type NewImport,
  noteProgress,
  storeTuples,
} from '#lib/db/flow-logs/imports.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { AddressBook } from '#lib/flow-logs/address-book.ts';
import { BaselineBuilder, type BaselineTuple, MOST_BROKEN } from '#lib/flow-logs/baseline.ts';
import type { LineFormat } from '#lib/flow-logs/format.ts';
import { FILE_LIMITS, type FileLimits, unpacked } from '../flow-file.ts';

/** A file of an import. */
export interface FlowLogsFile {
  /** Told beside the place of a broken line; empty where there is only one file. */
  readonly name: string;
  readonly open: () => Readable;
}

export interface FlowLogsOptions {
  readonly db: TrafficDb;
  readonly cluster: string;
  readonly name: string;
  readonly format?: LineFormat | undefined;
  readonly book: AddressBook;
  readonly context: AuditContext;
  readonly limits?: FileLimits;
  readonly signal?: AbortSignal;
  readonly now?: () => number;
  /** Told now and then: bytes of the files read so far, and records found in them. */
  readonly onProgress?: (bytes: number, records: number) => void;
}

/** Tuples written in one statement: others wait for the embedded database meanwhile. */
const BATCH = 2_000;
const PROGRESS_MS = 1_000;
/** Milliseconds of work after which everybody else gets a turn: live flows come in on the same thread. */
const TURN_MS = 15;

/**
 * Imports files of AWS VPC Flow Logs (text or gzip) as one baseline. All or nothing: a line that cannot be read refuses it, with the first places. An
 * import that failed is kept as a row that says why, without any tuple. Throws `bad-input` or `too-large`.
 */
export async function importFlowLogs(files: readonly FlowLogsFile[], options: FlowLogsOptions): Promise<FlowLogsImport> {
  const { db, cluster, name, context, now = Date.now } = options;
  const order: NewImport = { id: randomUUID(), cluster, name, by: context.actor.name, at: now() };
  await beginImport(db, order);
  const work = new Reading(files, options, order);
  try {
    await work.read();
    const { size, tuples } = work.baseline;
    for (const batch of batchesOf(tuples())) {
      await work.checkWanted();
      await storeTuples(db, order, batch);
    }
    const done = await completeImport(db, order, work.result(), size, context);
    if (!done) throw cancelled();
    return done;
  } catch (error) {
    const isWanted = await noteProgress(db, order.id, work.bytes).catch(() => true);
    const failure = options.signal?.aborted || !isWanted ? cancelled() : error;
    const problem = failure instanceof CausewayError ? failure.message : `the import failed: ${messageOf(failure)}`;
    await failImport(db, order, problem, work.result(), context).catch(() => {}); // the failure itself is what the caller must hear of
    throw failure;
  }
}

function* batchesOf(tuples: Iterable<BaselineTuple>): Generator<readonly BaselineTuple[]> {
  let batch: BaselineTuple[] = [];
  for (const tuple of tuples) {
    if (batch.push(tuple) < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The reading of the files, up to a baseline. */
class Reading {
  readonly #files: readonly FlowLogsFile[];
  readonly #options: FlowLogsOptions;
  readonly #order: NewImport;
  readonly #builder: BaselineBuilder;
  readonly #hash = createHash('sha256');
  readonly #broken: { line: number; reason: string }[] = [];
  #bytes = 0;
  #sha256: string | undefined;
  #toldAt = 0;
  #finished: ReturnType<BaselineBuilder['finish']> | undefined;

  constructor(files: readonly FlowLogsFile[], options: FlowLogsOptions, order: NewImport) {
    this.#files = files;
    this.#options = options;
    this.#order = order;
    this.#builder = new BaselineBuilder(options.book, order.at, options.format);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get baseline(): ReturnType<BaselineBuilder['finish']> {
    return (this.#finished ??= this.#builder.finish());
  }

  async read(): Promise<void> {
    for (const file of this.#files) await this.#readFile(file);
    this.#sha256 = this.#hash.digest('hex');
    const { broken, taken, total } = this.#builder.reader;
    if (broken > 0) throw this.#refusal(broken);
    if (taken > 0) return;
    throw new CausewayError(
      'bad-input',
      total > 0 ? 'no line of the file has any traffic (NODATA, SKIPDATA)' : 'the file is empty',
    );
  }

  async checkWanted(): Promise<void> {
    this.#options.signal?.throwIfAborted();
    if (!(await noteProgress(this.#options.db, this.#order.id, this.#bytes))) throw cancelled();
  }

  result(): ImportResult {
    const { total, taken, noData, skipData, broken } = this.#builder.reader;
    const { accepted, rejected, coverage, from, to } = this.baseline;
    return {
      bytes: this.#bytes,
      ...(this.#sha256 !== undefined && { sha256: this.#sha256 }),
      tookMs: Math.max(0, (this.#options.now ?? Date.now)() - this.#order.at),
      lines: { total, taken, noData, skipData, broken },
      broken: this.#broken,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      accepted,
      rejected,
      coverage: { ...coverage, unknown: [...coverage.unknown] },
    };
  }

  async #readFile({ name, open }: FlowLogsFile): Promise<void> {
    const { limits = FILE_LIMITS, signal } = this.#options;
    const { reader, places } = this.#builder;
    const source = open();
    const stop = (): void => void source.destroy(cancelled());
    signal?.addEventListener('abort', stop, { once: true });
    let turn = performance.now();
    let isFirst = true;
    try {
      for await (const chunk of unpacked(this.#counted(source), limits)) {
        const bytes = chunk as Buffer;
        if (isFirst) checkKind(bytes);
        isFirst = false;
        reader.push(bytes);
        if (reader.broken >= MOST_BROKEN) break;
        if (performance.now() - turn < TURN_MS) continue;
        await this.#tell();
        await new Promise((resolve) => setImmediate(resolve));
        turn = performance.now();
      }
    } catch (error) {
      if (error instanceof CausewayError) throw error;
      throw new CausewayError('bad-input', `the file cannot be read: ${messageOf(error)}`, { cause: error });
    } finally {
      signal?.removeEventListener('abort', stop);
      source.unpipe(); // the caller's request stays open for its answer
    }
    reader.end();
    for (const { line, reason } of places.slice(this.#broken.length))
      this.#broken.push({ line, reason: name === '' ? reason : `${name}: ${reason}` });
  }

  /** The bytes as they come: counted and hashed. */
  #counted(source: Readable): Readable {
    const counting = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.#bytes += chunk.length;
        this.#hash.update(chunk);
        done(null, chunk);
      },
    });
    source.once('error', (error) => counting.destroy(error));
    return source.pipe(counting);
  }

  async #tell(): Promise<void> {
    const now = performance.now();
    if (now - this.#toldAt < PROGRESS_MS) return;
    this.#toldAt = now;
    this.#options.onProgress?.(this.#bytes, this.#builder.reader.taken);
    await this.checkWanted();
  }

  #refusal(broken: number): CausewayError {
    const [first] = this.#broken;
    const many = broken >= MOST_BROKEN ? `${MOST_BROKEN.toLocaleString('en')} or more` : String(broken);
    const count = broken === 1 ? 'a line cannot be read' : `${many} lines cannot be read`;
    const where = first ? `line ${first.line}: ${first.reason}` : '';
    return new CausewayError('bad-input', `${count}, and nothing was stored; ${broken > 1 ? 'the first is ' : ''}${where}`, {
      ...(first && { place: { line: first.line } }),
    });
  }
}

/** Files that are something else are told apart by their first bytes: a thousand broken lines would say less. */
function checkKind(head: Buffer): void {
  if (head.subarray(0, 4).toString('latin1') !== 'PAR1') return;
  throw new CausewayError('bad-input', 'this is a Parquet file; choose plain text as the format of the flow log in AWS');
}

const cancelled = (): CausewayError => new CausewayError('bad-input', 'the import was cancelled');
