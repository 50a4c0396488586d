import 'server-only';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Capture } from '#lib/api/captures.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { appendChunk, createCapture, finishCapture } from '#lib/db/traffic/captures.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Flow, Verdict } from '#lib/flow/flow.ts';
import { flowToLine } from '#lib/flow/flow-to-json.ts';

export const MOST_CAPTURED_FLOWS = 2_000_000;
const CHUNK_FLOWS = 2000;
const KEPT_BAD_LINES = 20;
const compress = promisify(gzip);

/** A capture being written: chunks of gzip lines as it goes, its row at the end. It ends complete, or failed and then without any flow. */
export class CaptureWriter {
  readonly #db: TrafficDb;
  readonly #start: Capture;
  readonly #verdicts = new Map<Verdict, number>();
  readonly #badLines: { line: number; reason: string }[] = [];
  #pending: Flow[] = [];
  #chunks = 0;
  #flows = 0;
  #bad = 0;
  #bytes = 0;
  #from = Number.POSITIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;

  private constructor(db: TrafficDb, start: Capture) {
    this.#db = db;
    this.#start = start;
  }

  static async begin(db: TrafficDb, start: Capture, context?: AuditContext): Promise<CaptureWriter> {
    await createCapture(db, start, context);
    return new CaptureWriter(db, start);
  }

  get flows(): number {
    return this.#flows;
  }

  get firstBadLine(): { readonly line: number; readonly reason: string } | undefined {
    return this.#badLines[0];
  }

  /** Throws `too-large` for the first flow beyond the limit. */
  async add(flow: Flow): Promise<void> {
    if (this.#flows >= MOST_CAPTURED_FLOWS) {
      throw new CausewayError('too-large', `a capture holds at most ${MOST_CAPTURED_FLOWS.toLocaleString('en')} flows`);
    }
    this.#flows += 1;
    this.#verdicts.set(flow.verdict, (this.#verdicts.get(flow.verdict) ?? 0) + 1);
    this.#pending.push(flow);
    if (this.#pending.length >= CHUNK_FLOWS) await this.#writeChunk();
  }

  badLine(line: number, reason: string): void {
    this.#bad += 1;
    if (this.#badLines.length < KEPT_BAD_LINES) this.#badLines.push({ line, reason });
  }

  async complete(note = ''): Promise<Capture> {
    await this.#writeChunk();
    return this.#finish({ state: 'complete', note, flows: this.#flows });
  }

  async fail(note: string): Promise<Capture> {
    return this.#finish({ state: 'failed', note, flows: 0 });
  }

  async #writeChunk(): Promise<void> {
    if (this.#pending.length === 0) return;
    const flows = this.#pending.toSorted((a, b) => a.time - b.time);
    this.#pending = [];
    const body = await compress(flows.map((flow) => `${flowToLine(flow)}\n`).join(''));
    const [from, to] = [flows[0]?.time ?? 0, flows.at(-1)?.time ?? 0];
    await appendChunk(this.#db, this.#start.id, this.#chunks, { flows: flows.length, from, to, body });
    this.#chunks += 1;
    this.#bytes += body.length;
    this.#from = Math.min(this.#from, from);
    this.#to = Math.max(this.#to, to);
  }

  async #finish(end: Pick<Capture, 'state' | 'note' | 'flows'>): Promise<Capture> {
    const kept = end.state === 'complete';
    const capture: Capture = {
      ...this.#start,
      ...end,
      verdicts: kept ? Object.fromEntries(this.#verdicts) : {},
      badLines: this.#bad,
      firstBadLines: this.#badLines,
      sizeBytes: kept ? this.#bytes : 0,
      ...(kept && this.#flows > 0 && { from: this.#from, to: this.#to }),
    };
    await finishCapture(this.#db, capture);
    return capture;
  }
}
