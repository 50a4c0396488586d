import 'server-only';
import type { Logger } from 'pino';
import { type Flush, writeFlush } from '#lib/db/traffic/flush.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { pack } from '#lib/db/traffic/packed.ts';
import { readMinutes } from '#lib/db/traffic/rollups.ts';
import type { Place } from '#lib/db/traffic/state.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { Flow, Gap, LostEvents } from '#lib/flow/flow.ts';
import { LedgerBuffer } from '#lib/ledger/aggregate.ts';
import { RollupBuffer } from '#lib/ledger/rollup-buffer.ts';
import { RollupSum } from '#lib/ledger/rollup-sum.ts';
import { dropKeyOf, type Rollup } from '#lib/ledger/rollup.ts';
import type { Attributed } from '#lib/topology/attribution.ts';
import type { Directory } from '#lib/topology/directory.ts';
import { MINUTE_MS, minuteOf } from '#lib/topology/minutes.ts';
import { MinuteCache } from './minute-cache.ts';
import type { Deliveries, TakenDeliveries } from './nats/deliveries.ts';
import type { ReceiptTap } from './receipts/tap.ts';
import { Watermarks } from './resume.ts';

/** Flows older or younger than this by the console's clock are not recorded: a node's clock is wrong, or hours were compacted already. */
const MOST_LATE_MS = 20 * 3_600_000;
const MOST_EARLY_MS = 10 * MINUTE_MS;
/** Minutes that wait for a database that is away. The oldest go first, as a gap. */
const MOST_WAITING_MINUTES = 240;

export interface RecorderOptions {
  readonly cluster: string;
  readonly run: number;
  /** Where the process before stopped. */
  readonly place: Place;
  readonly db: TrafficDb;
  readonly directory: Directory;
  readonly labelsOf: (identity: number) => readonly string[] | undefined;
  readonly namesOf: (ip: string, time: number) => readonly string[];
  readonly log: Logger;
  /** Messages that brought flows: acknowledged when what they brought is committed. */
  readonly deliveries: Deliveries;
  /** Receipts of the same flows: what is taken so far has its own before its place is stored; `database-unreachable` holds back the flush. */
  readonly receipts?: Pick<ReceiptTap, 'mark' | 'durable' | 'placed'> | undefined;
  /** Told of flows that could not be kept. */
  readonly onGap: (gap: Gap) => void;
}

/** A flush that is on its way, and its minutes unpacked. */
interface InFlight {
  readonly flush: Flush;
  readonly minutes: ReadonlyMap<number, Rollup>;
  readonly taken: TakenDeliveries | undefined;
  /** How far its place goes, as receipts count it. */
  readonly mark: number;
}

/**
 * Counts a cluster's flows for ledger and rollups, and stores the counts in flushes. While the database is away the counts wait in memory, bounded;
 * a flush whose answer was lost is written again under its number, so nothing is lost or doubled.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #ledger: LedgerBuffer;
  readonly #rollups = new RollupBuffer();
  readonly #cache = new MinuteCache();
  readonly #watermarks: Watermarks;
  #waiting = new Map<number, RollupSum>();
  #gaps: Gap[] = [];
  #inFlight: InFlight | undefined;
  #flushes = 0;
  /** Ledger rows of the flush that is on its way. */
  #rowsInFlight = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #flushing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  /** Flows whose time was too far off to be recorded. */
  outOfTime = 0;
  /** Seconds the last flush took, and when it was acknowledged. */
  flushSeconds = 0;
  flushedAt: number | undefined;
  /** Why nothing is stored now; undefined when all is well. */
  trouble: string | undefined;
  #takenOver = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#watermarks = new Watermarks(options.place);
    this.#ledger = new LedgerBuffer({ directory: options.directory, labelsOf: options.labelsOf, namesOf: options.namesOf });
  }

  /** Counts a flow, unless it is `known`: stored by the process before, and only shown again. */
  add(flow: Flow, seen: Attributed, now: number, known: boolean): void {
    this.#watermarks.add(flow);
    this.#options.deliveries.flowRecorded(flow);
    if (known) return;
    if (flow.time < now - MOST_LATE_MS || flow.time > now + MOST_EARLY_MS) {
      this.outOfTime += 1;
      return;
    }
    this.#ledger.add(flow, seen);
    this.#rollups.add(flow, seen);
  }

  addLost(lost: LostEvents): void {
    this.#rollups.addLost(lost);
  }

  addGap(gap: Gap): void {
    this.#gaps.push(gap);
  }

  /** Another process writes this cluster now. */
  get isTakenOver(): boolean {
    return this.#takenOver;
  }

  /** Ledger rows that wait for the next flush. */
  get waiting(): number {
    return this.#ledger.size;
  }

  /** Ledger rows that are not stored: those of the flush that is on its way, too. */
  get unstored(): number {
    return this.#ledger.size + this.#rowsInFlight;
  }

  /** Writes what waits. Never throws: what cannot be written now waits on. */
  flush(): Promise<void> {
    // Whoever asks while one is under way gets the next; those who ask while that waits get it, too.
    return (this.#next ??= this.#flushing =
      this.#flushing.then(() => {
        this.#next = undefined;
        return this.#flush();
      }));
  }

  /** Rollups of the minutes that start in `from..to`, whatever of them is stored and whatever is not yet. Throws `database-unreachable` when it has to ask and cannot. */
  minutes(from: number, to: number): Promise<Rollup[]> {
    return this.#inTurn(async () => {
      this.#collect();
      const stored = await this.#cache.read(minuteOf(from), to, (since, until) =>
        readMinutes(this.#options.db, this.#options.cluster, since, until),
      );
      const unsure = [...(this.#inFlight?.minutes.values() ?? [])];
      const waiting = [...this.#waiting].map(([bucket, sum]) => sum.toRollup(bucket));
      return [...stored, ...unsure, ...waiting].filter(({ bucket }) => bucket >= minuteOf(from) && bucket < to);
    });
  }

  /** What is counted and how far it goes is taken first, then receipts get their time, without anybody who reads waiting for it. */
  async #flush(): Promise<void> {
    try {
      await this.#inTurn(async () => {
        if (this.#takenOver) this.#letGo();
        else this.#inFlight ??= await this.#prepare();
      });
      if (!this.#inFlight) return;
      await this.#receipts();
    } catch (error) {
      return this.#failed(error);
    }
    await this.#inTurn(() => this.#write());
  }

  async #receipts(): Promise<void> {
    try {
      await this.#options.receipts?.durable();
    } catch (error) {
      // What else is wrong with receipts is said elsewhere, and no reason to lose traffic: they wait on.
      if (error instanceof CausewayError && error.code === 'database-unreachable') throw error;
    }
  }

  async #write(): Promise<void> {
    const started = performance.now();
    try {
      if (!this.#inFlight) return;
      await writeFlush(this.#options.db, this.#inFlight.flush);
      for (const rollup of this.#inFlight.minutes.values()) this.#cache.stored(rollup);
      this.#inFlight.taken?.committed();
      this.#options.receipts?.placed(this.#inFlight.mark);
      this.#inFlight = undefined;
      this.#rowsInFlight = 0;
      this.#said(undefined);
      this.flushSeconds = (performance.now() - started) / 1000;
      this.flushedAt = Date.now();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#takenOver = error instanceof CausewayError && error.code === 'conflict';
    this.#said(messageOf(error));
    this.#dropOldest();
  }

  /** Everything that was counted since the flush before; undefined when that is nothing. */
  async #prepare(): Promise<InFlight | undefined> {
    this.#collect();
    const ledger = this.#ledger.drain();
    this.#rowsInFlight = ledger.counts.length;
    const place = this.#watermarks.place();
    const taken = this.#options.deliveries.take();
    const gaps = this.#gaps;
    const minutes = new Map([...this.#waiting].map(([bucket, sum]) => [bucket, sum.toRollup(bucket)]));
    const mark = this.#options.receipts?.mark ?? 0;
    if (minutes.size === 0 && gaps.length === 0 && ledger.counts.length === 0 && !taken) {
      this.#options.receipts?.placed(mark);
      return undefined;
    }
    this.#gaps = [];
    this.#waiting = new Map();
    this.#flushes += 1;
    const packed = await Promise.all([...minutes].map(async ([bucket, rollup]) => ({ bucket, body: await pack(rollup) })));
    const flush: Flush = {
      cluster: this.#options.cluster,
      run: this.#options.run,
      flush: this.#flushes,
      place,
      ledger,
      minutes: packed,
      dropPairs: dropPairsOf(minutes.values()),
      gaps,
      busPlace: taken?.place,
    };
    return { flush, minutes, taken, mark };
  }

  /** Another process writes this cluster now: what is counted here would only pile up. */
  #letGo(): void {
    this.#ledger.drain();
    this.#rollups.drain();
    this.#waiting.clear();
    this.#gaps = [];
    this.#inFlight = undefined;
    this.#rowsInFlight = 0;
    this.#options.deliveries.letGo();
  }

  #collect(): void {
    for (const rollup of this.#rollups.drain()) {
      let sum = this.#waiting.get(rollup.bucket);
      if (!sum) this.#waiting.set(rollup.bucket, (sum = new RollupSum()));
      sum.add(rollup);
    }
  }

  #dropOldest(): void {
    while (this.#waiting.size > MOST_WAITING_MINUTES) {
      const oldest = Math.min(...this.#waiting.keys());
      this.#waiting.delete(oldest);
      const gap: Gap = { from: oldest, to: oldest + MINUTE_MS, reason: 'database-unreachable', nodeName: '' };
      this.#gaps.push(gap);
      this.#options.onGap(gap);
    }
  }

  #said(trouble: string | undefined): void {
    if (trouble !== undefined && this.trouble === undefined) {
      this.#options.log.error({ cluster: this.#options.cluster, error: trouble }, 'traffic cannot be stored; it waits in memory');
    }
    if (trouble === undefined && this.trouble !== undefined)
      this.#options.log.info({ cluster: this.#options.cluster }, 'traffic is stored again');
    this.trouble = trouble;
  }

  /** Flushes and reads take turns, so that a reader sees each count either as stored or as waiting, never twice or not at all. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

function dropPairsOf(rollups: Iterable<Rollup>): Flush['dropPairs'] {
  const pairs = new Map<string, { key: string; first: number; last: number }>();
  for (const { drops } of rollups) {
    for (const drop of drops) {
      const key = dropKeyOf(drop);
      const known = pairs.get(key);
      pairs.set(key, {
        key,
        first: Math.min(known?.first ?? drop.first_seen, drop.first_seen),
        last: Math.max(known?.last ?? 0, drop.last_seen),
      });
    }
  }
  return [...pairs.values()];
}
