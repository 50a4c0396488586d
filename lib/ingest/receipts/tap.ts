import 'server-only';
import type { Logger } from 'pino';
import type { AttestationStatus } from '#lib/api/receipts.ts';
import { receiptIdsOf } from '#lib/db/receipts/append.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { Flow, Gap, LostEvents } from '#lib/flow/flow.ts';
import type { SigningKeys } from '#lib/keys/signing-keys.ts';
import { keccak256 } from '#lib/receipts/hash.ts';
import { leafHashOf, receiptIdOf } from '#lib/receipts/leaf.ts';
import type { Hash } from '#lib/receipts/hash.ts';
import { MINUTE_MS } from '#lib/topology/minutes.ts';
import { Aggregates } from './aggregates.ts';
import { BatchWriter, type CommittedBatch, type Minute } from './batch-writer.ts';
import { CompletenessLog } from './completeness.ts';
import { type Draft, flowDraft, groupDraft, type OriginOf, readyDraft } from './draft.ts';
import { evidenceOf, flowAbout, type FoundBy, type Governed, type ReceiptClass, subjectEvidence } from './evidence.ts';
import { type AskEngine, Governing } from './governing.ts';
import { Meter, STAGES } from './meter.ts';
import { Pending } from './pending.ts';
import { PolicyHistory, type LastForce, type PoliciesNow } from './policy-history.ts';
import type { Signer } from './signer.ts';

export interface TapOptions {
  readonly cluster: string;
  readonly org: string;
  readonly db: TrafficDb;
  readonly keys: Pick<SigningKeys, 'active' | 'problem'>;
  readonly signer: Pick<Signer, 'sign'>;
  readonly log: Logger;
  /** Where a flow of a node came from. */
  readonly originOf: OriginOf;
  readonly nodes: () => { readonly nodesExpected: number; readonly nodesReporting: number };
  /** All flows that there are have come, as far as anybody knows: the stream is live. */
  readonly isSettled: () => boolean;
  readonly policies?: () => PoliciesNow | undefined;
  readonly engine?: AskEngine;
  /** Until then every flow gets a receipt of its own: Unix milliseconds. */
  readonly fullUntil?: number;
  /** Flows that may wait; what comes beyond is told as a gap. */
  readonly mostWaiting?: number;
  readonly now?: () => number;
}

/** What attribution knows of a flow; by default the flow alone says it. */
export interface SeenFlow {
  /** It went from the server to the client. */
  readonly reversed: boolean;
  /** Index into `ENCRYPTION_KINDS`; -1 when nothing is known. */
  readonly encryption: number;
}

/** Something a rule found: about a flow, or about the subject that it names. */
export interface NewFinding extends Omit<FoundBy, 'reasons'> {
  readonly reasons: readonly string[];
  readonly flow?: Flow;
  /** References of the policies it is about, where the flow does not name them. */
  readonly policies?: readonly string[];
  /** Unix milliseconds; that of the flow, else now. */
  readonly at?: number;
}

export type PipelineStats = Pick<AttestationStatus, 'state' | 'problem' | 'stages' | 'lastBatch' | 'lastCheckpoint' | 'series'>;

/** A batch closes when so many wait, or the oldest has waited so long. */
const BATCH_LEAVES = 256;
const BATCH_MS = 500;
/** What has piled up goes in larger ones. */
const MOST_LEAVES = 1024;
/** Flows that wait for a database or a key. */
const MOST_WAITING = 20_000;
const MOST_MINUTES = 60;
const TICK_MS = 100;
const MOST_BACKOFF_MS = 5000;
const NOT_STORED = 'flows that had no room while receipts could not be stored';

interface Job {
  readonly drafts: readonly Draft[];
  /** Only of aggregates. */
  readonly minute?: Minute;
  /** Flows that had been looked at when the minute was closed. */
  readonly mark?: number;
}

const VERDICT_CLASS: ReadonlyMap<string, ReceiptClass> = new Map([
  ['DROPPED', 'dropped'],
  ['AUDIT', 'audit'],
  ['ERROR', 'error'],
]);

/**
 * Takes a cluster's flows and makes receipts of what gets one: each drop, audit verdict and error, findings, what is asked for, and sums of what was let
 * through. Taking a flow is cheap; batches are sealed, signed and written behind it, one after the other. While they cannot be written flows wait, bounded,
 * and what is lost is told in the next header.
 */
export class ReceiptTap {
  readonly cluster: string;
  readonly meter = new Meter();
  readonly #options: TapOptions;
  readonly #now: () => number;
  readonly #completeness = new CompletenessLog();
  readonly #history = new PolicyHistory();
  readonly #governing: Governing;
  readonly #writer: BatchWriter;
  readonly #listeners = new Set<(batch: CommittedBatch) => void>();
  readonly #waiting: Draft[] = [];
  readonly #minutes: Job[] = [];
  #aggregates = new Aggregates(0);
  /** Flows that were stored before this time have their receipts. */
  #from = 0;
  #current: Job | undefined;
  #mark = 0;
  #placed = 0;
  readonly #pending = new Pending();
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryAt = 0;
  #backoffMs = 0;
  #stopped = false;
  #hash: Hash | undefined;
  #trouble = '';
  #lastBatch: AttestationStatus['lastBatch'];
  #lastCheckpoint: AttestationStatus['lastCheckpoint'];
  #headTrouble = '';
  /** Flows that found no room. */
  overflowed = 0;

  constructor(options: TapOptions) {
    this.cluster = options.cluster;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#governing = new Governing(options.engine, { now: this.#now });
    this.#writer = new BatchWriter({
      ...options,
      governing: this.#governing,
      policies: this.#history,
      completeness: this.#completeness,
      now: this.#now,
    });
  }

  /**
   * Begins where the process before was left: flows from `aggregatedUntil` on (0 before the first) are looked at again, whether they were stored or not.
   * `since`: from when on flows come.
   */
  async begin({
    aggregatedUntil,
    since,
    lastForce,
  }: {
    readonly aggregatedUntil: number;
    readonly since: number;
    readonly lastForce?: LastForce;
  }): Promise<void> {
    this.#hash = await keccak256();
    this.#history.before(lastForce);
    this.#from = aggregatedUntil;
    this.#aggregates =
      aggregatedUntil > 0 ? new Aggregates(aggregatedUntil) : new Aggregates(Math.ceil(since / MINUTE_MS) * MINUTE_MS, true);
    this.#timer = setInterval(() => this.tick(), TICK_MS);
    this.#timer.unref();
  }

  /** A flow, in about the order of time. `known`: it was stored before this process began, and is only shown again. */
  observe(flow: Flow, known: boolean, seen?: SeenFlow): void {
    const { time, verdict } = flow;
    this.#mark += 1;
    if (known && time < this.#from) return;
    const now = this.#now();
    if (!known && this.#options.isSettled()) this.#completeness.seen(flow.nodeName, time, now);
    const encryption = seen?.encryption ?? -1;
    const kind = VERDICT_CLASS.get(verdict);
    if (kind) return void this.#take(this.#draftOf(flow, kind, encryption, now));
    if (verdict !== 'FORWARDED' && verdict !== 'REDIRECTED') return;
    if (now < (this.#options.fullUntil ?? 0)) this.#take(this.#draftOf(flow, 'full', encryption, now));
    const late = this.#aggregates.add(flow, seen?.reversed ?? flow.isReply === true, encryption, this.#history.at(time), now);
    if (late) this.#take(groupDraft(`late ${flowAbout(flow)}`, late, this.#options.originOf, now));
  }

  /** Notes a finding and gives the id of its receipt, which is written with the next batch. Throws a RangeError for one about nothing. */
  finding({ flow, policies = [], at, reasons, ...found }: NewFinding): string {
    const now = this.#now();
    this.#takePolicies(now);
    const time = flow?.time ?? at ?? now;
    const held = this.#history.at(time);
    const named: Governed = {
      policies: policies.map((ref) => held?.named(ref) ?? { ref }),
      by: policies.length > 0 ? 'engine' : 'none',
      policySetHash: held?.setHash,
      grace: [],
    };
    const finding = { ...found, reasons: [...reasons] };
    const origin = this.#options.originOf(flow?.nodeName ?? '');
    const evidence = flow
      ? evidenceOf(flow, origin, {
          class: 'finding',
          encryption: -1,
          governed: policies.length > 0 ? named : this.#governing.known({ flow, held }),
          finding,
        })
      : subjectEvidence(origin, { ...finding, subject: subjectOf(finding) }, named, time);
    if (!this.#hash) throw new CausewayError('ingest-unreachable', 'receipts are not being made yet');
    const id = receiptIdOf(leafHashOf(evidence, this.#hash));
    this.#take(readyDraft(id, evidence, time, now));
    return id;
  }

  /** Makes receipts of flows because somebody asks for them; what has one keeps it. Gives their ids, in the order of the flows. Throws `not-configured` while nothing is signed, `database-unreachable` while nothing is stored. */
  async attest(flows: readonly Flow[], reason: string): Promise<string[]> {
    const { db, cluster, keys, log } = this.#options;
    if (!keys.active('receipt')) throw new CausewayError('not-configured', keys.problem || 'no key signs receipts now');
    const now = this.#now();
    const drafts = flows
      .filter(({ verdict }) => verdict !== 'VERDICT_UNKNOWN')
      .map((flow) => this.#draftOf(flow, VERDICT_CLASS.get(flow.verdict) ?? 'attested', -1, now));
    for (const draft of drafts)
      if (!this.#take(draft)) throw new CausewayError('rate-limited', 'too many flows wait for their receipts; try again later');
    await this.durable();
    const ids = await receiptIdsOf(
      db,
      cluster,
      drafts.map(({ about }) => about),
    );
    log.info({ receipts: ids.length, reason }, 'flows are attested on demand');
    return ids.filter((id) => id !== undefined);
  }

  /**
   * Resolves once what was taken before is committed; at once while no key signs, since that may last. Rejects when the database cannot be reached: what
   * was taken waits on.
   */
  durable(): Promise<void> {
    if (this.#pending.isEmpty || !this.#options.keys.active('receipt')) return Promise.resolve();
    const done = this.#pending.wait();
    this.#kick();
    return done;
  }

  /** How many flows were looked at: for `placed`. */
  get mark(): number {
    return this.#mark;
  }

  /**
   * The place of all flows up to a mark is stored: only then minutes that ended before it are written. A flow that comes after a restart, of a minute
   * that is written and not known as stored, is late then, and was not counted before.
   */
  placed(mark: number): void {
    this.#placed = Math.max(this.#placed, mark);
  }

  /** Hears of each batch after its commit; returns how to stop. */
  onCommitted(listener: (batch: CommittedBatch) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  lost(lost: LostEvents): void {
    this.#completeness.lost(lost);
  }

  /** Flows that nobody can have any more. Of a restart only what was not in receipts before. */
  gap({ from, to, reason, nodeName }: Gap): void {
    const isRestart = reason === 'ingest-restarted';
    if (isRestart && (this.#from === 0 || to <= this.#from)) return;
    const begin = isRestart ? Math.max(from, this.#from) : from;
    this.#completeness.gap({ from: begin, to, reason: nodeName === '' ? reason : `${reason} ${nodeName}` });
  }

  /** What the pipeline's heads are up to: told by the checkpointer. */
  headSigned(head: AttestationStatus['lastCheckpoint'], trouble: string): void {
    this.#lastCheckpoint = head ?? this.#lastCheckpoint;
    this.#headTrouble = trouble;
  }

  stats(now = this.#now()): PipelineStats {
    const { keys } = this.#options;
    const problem = [keys.active('receipt') ? '' : keys.problem || 'No key signs receipts now.', this.#trouble, this.#headTrouble]
      .filter(Boolean)
      .join(' ');
    const waiting = { observed: this.#aggregates.size, sealed: this.waiting, stored: 0, logged: 0, witnessed: 0 };
    return {
      state: problem === '' ? 'running' : 'failing',
      problem,
      stages: STAGES.map((stage) => this.meter.stage(stage, waiting[stage], now)),
      ...(this.#lastBatch && { lastBatch: this.#lastBatch }),
      ...(this.#lastCheckpoint && { lastCheckpoint: this.#lastCheckpoint }),
      series: this.meter.series(now),
    };
  }

  /** Drafts that are not committed. */
  get waiting(): number {
    return (
      this.#waiting.length +
      (this.#current?.drafts.length ?? 0) +
      this.#minutes.reduce((sum, { drafts }) => sum + drafts.length, 0)
    );
  }

  /** Drafts of which no receipt can be made. */
  get refused(): number {
    return this.#writer.refused;
  }

  /** What is due: policies, minutes that are over, batches that have waited long enough. */
  tick(): void {
    const now = this.#now();
    this.#takePolicies(now);
    this.#closeMinutes(now);
    if (this.#isDue(now)) this.#kick();
  }

  /** Writes what waits, once, and ends. Minutes that are not over are counted anew by whoever goes on. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.durable().catch(() => {});
    this.#stopped = true;
    await this.#running;
    this.#pending.fail(new CausewayError('ingest-unreachable', 'ingest is closing'));
  }

  #draftOf(flow: Flow, kind: ReceiptClass, encryption: number, now: number): Draft {
    const held = this.#history.at(flow.time);
    // A drop has one receipt, whoever asks for it; what may go by its retention is no answer to who asked for a flow.
    const prefix = kind === 'attested' || kind === 'full' ? kind : 'flow';
    return flowDraft(flow, { class: kind, encryption, held, prefix }, this.#options.originOf, now);
  }

  #take(draft: Draft): boolean {
    if (this.#waiting.length >= (this.#options.mostWaiting ?? MOST_WAITING)) {
      this.overflowed += 1;
      this.#completeness.gap({ from: draft.from, to: draft.to, reason: NOT_STORED });
      return false;
    }
    this.#waiting.push(draft);
    this.#pending.take();
    this.meter.passed('observed', 1, draft.takenAt, draft.takenAt - draft.to);
    if (this.#waiting.length === BATCH_LEAVES) this.#kick();
    return true;
  }

  #takePolicies(now: number): void {
    const policies = this.#options.policies?.();
    if (policies) this.#history.take(policies, now);
  }

  #closeMinutes(now: number): void {
    for (const { from, until, groups, folded } of this.#aggregates.close(now, this.#options.isSettled())) {
      if (folded > 0) this.#completeness.gap({ from, to: until, reason: 'flows of more pairs than are summed up in a minute' });
      const drafts = groups.map(({ about, group }) => groupDraft(about, group, this.#options.originOf, now));
      if (this.#minutes.length < MOST_MINUTES) this.#minutes.push({ drafts, minute: { from, until }, mark: this.#mark });
      else this.#completeness.gap({ from, to: until, reason: NOT_STORED });
    }
    const late = this.#aggregates.takeLate();
    if (late)
      this.#completeness.gap({ from: late.from, to: late.to, reason: 'flows that came too late, or are of a time to come' });
  }

  #isDue(now: number): boolean {
    if (this.#current || this.#isMinuteDue || this.#pending.isAwaited) return true;
    const [oldest] = this.#waiting;
    return oldest !== undefined && (this.#waiting.length >= BATCH_LEAVES || now - oldest.takenAt >= BATCH_MS);
  }

  #kick(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    while (!this.#stopped && this.#now() >= this.#retryAt) {
      const now = this.#now();
      if (!this.#isDue(now)) return;
      const key = this.#options.keys.active('receipt');
      if (!key) return this.#pending.letGo();
      this.#takePolicies(now);
      const job = (this.#current ??= this.#next());
      if (!job) return;
      try {
        this.#committed(job, await this.#writer.write(job.drafts, key, job.minute));
      } catch (error) {
        return this.#failed(error);
      }
    }
  }

  /** Flows by themselves go first: somebody may wait for them. */
  #next(): Job | undefined {
    if (this.#waiting.length > 0) return { drafts: this.#waiting.splice(0, MOST_LEAVES) };
    return this.#isMinuteDue ? this.#minutes.shift() : undefined;
  }

  get #isMinuteDue(): boolean {
    const [oldest] = this.#minutes;
    return oldest !== undefined && (oldest.mark ?? 0) <= this.#placed;
  }

  #committed(job: Job, batch: CommittedBatch | undefined): void {
    const now = this.#now();
    this.#current = undefined;
    this.#backoffMs = 0;
    this.#said('');
    if (batch) this.#count(job, batch, now);
    this.#pending.finish(job.minute ? 0 : job.drafts.length);
    if (!batch) return;
    for (const listener of this.#listeners) {
      try {
        listener(batch);
      } catch (error) {
        this.#options.log.error({ error: messageOf(error) }, 'who hears of receipts failed');
      }
    }
  }

  #count({ drafts, minute }: Job, { header, receipts }: CommittedBatch, now: number): void {
    const oldest = drafts.reduce((least, { takenAt }) => Math.min(least, takenAt), now);
    const lags = minute ? [] : drafts.map(({ takenAt }) => now - takenAt);
    for (const stage of ['sealed', 'stored'] as const) this.meter.passed(stage, receipts.length, now, now - oldest);
    this.meter.stored(receipts.length, lags, header.completeness.stream_gaps.length, now);
    for (const { observation } of receipts)
      this.meter.byClass.set(observation.class, (this.meter.byClass.get(observation.class) ?? 0) + 1);
    this.#lastBatch = { seq: header.seq, at: now, leaves: receipts.length };
  }

  #failed(error: unknown): void {
    this.meter.failed('stored');
    this.#backoffMs = Math.min(Math.max(this.#backoffMs * 2, 250), MOST_BACKOFF_MS);
    this.#retryAt = this.#now() + this.#backoffMs;
    const failure = error instanceof Error ? error : new Error(messageOf(error));
    this.#said(
      failure instanceof CausewayError && failure.code === 'database-unreachable'
        ? 'Receipts cannot be stored now; they wait in memory.'
        : 'Receipts cannot be made now, see the log of ingest.',
      failure,
    );
    this.#pending.fail(failure);
  }

  #said(trouble: string, error?: Error): void {
    const { log } = this.#options;
    if (trouble !== '' && this.#trouble !== trouble) log.error({ error: error && messageOf(error) }, trouble);
    if (trouble === '' && this.#trouble !== '') log.info('receipts are stored again');
    this.#trouble = trouble;
  }
}

function subjectOf({ subject }: FoundBy): string {
  if (subject === undefined || subject === '') throw new RangeError('a finding is about a flow or names its subject');
  return subject;
}
