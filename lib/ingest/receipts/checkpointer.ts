import 'server-only';
import type { Logger } from 'pino';
import type { AttestationStatus } from '#lib/api/receipts.ts';
import { addCosignature, readSignedHead, readWitnessed, signHead, type SignedHead } from '#lib/db/receipts/heads.ts';
import { nodesOf } from '#lib/db/receipts/read-log.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { SigningKeys } from '#lib/keys/signing-keys.ts';
import { logConsistency } from '#lib/receipts/log-nodes.ts';
import { cosign, type CosignAnswer, type Witness } from '#lib/witness/client.ts';
import { nextHead } from './head.ts';
import type { Meter } from './meter.ts';

export interface CheckpointerOptions {
  readonly cluster: string;
  /** `causeway.<org>/<cluster>` */
  readonly origin: string;
  readonly db: TrafficDb;
  readonly keys: Pick<SigningKeys, 'active' | 'problem'>;
  readonly witnesses: readonly Witness[];
  readonly quorum: number;
  readonly meter: Meter;
  readonly log: Logger;
  /** How often the head is signed where the log has grown. */
  readonly everyMs?: number;
  /** Told after each try: the newest head, and what is wrong; empty when nothing is. */
  readonly told: (head: AttestationStatus['lastCheckpoint'], trouble: string) => void;
  readonly now?: () => number;
}

const EVERY_MS = 10_000;
/** A witness that could not be asked is left alone for so long, and longer each time. */
const REST_MS = 10_000;
const MOST_REST_MS = 300_000;
const MOST_TRIES = 3;

interface WitnessState {
  failures: number;
  restUntil: number;
  problem: string;
}

/** A head after it was signed, and again with each cosignature. */
export interface CommittedHead {
  readonly cluster: string;
  readonly size: number;
  readonly note: string;
}

/**
 * Signs the head of a cluster's log as it grows, and has witnesses sign that they saw it. It fails closed: what does not fit to what was signed before is
 * said, and nothing is signed until it fits again.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  readonly #witnesses = new Map<string, WitnessState>();
  readonly #listeners = new Set<(head: CommittedHead) => void>();
  #known: SignedHead | undefined;
  /** Unix milliseconds: when the oldest batch without a head was committed. */
  #oldest: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #trouble = '';
  /** Why nothing is signed: a witness saw a head that this log does not have. Only a person can say what happened. */
  #rolledBack = '';
  #unreachable = '';

  constructor(options: CheckpointerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  start(): void {
    this.#timer = setInterval(() => void this.run(), this.#options.everyMs ?? EVERY_MS);
    this.#timer.unref();
  }

  /** A batch was committed. */
  grew(): void {
    this.#oldest ??= this.#now();
  }

  /** Hears of each head after its commit; returns how to stop. */
  onSigned(listener: (head: CommittedHead) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Why nothing is signed, or why witnesses are missing; empty when all is well. */
  get problem(): string {
    return [this.#trouble, this.#unreachable].filter(Boolean).join(' ');
  }

  /** 1 while the log is refused as inconsistent. */
  get isRefusing(): boolean {
    return this.#trouble !== '' && this.#refused;
  }
  #refused = false;

  /** Signs where there is something to sign, and asks the witnesses. One at a time; never rejects. */
  run(): Promise<void> {
    return (this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    }));
  }

  /** Signs what has grown once more, without asking witnesses, and ends. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#running;
    await this.#sign();
  }

  async #run(): Promise<void> {
    if (!(await this.#compare())) return;
    const head = await this.#sign();
    if (head) await this.#haveSeen(head);
  }

  /**
   * Before this process signs anything the witnesses are asked about the head that was signed last: one that has seen more knows that an older state of
   * the database came back. False where that could not be asked yet.
   */
  async #compare(): Promise<boolean> {
    const { db, cluster, witnesses } = this.#options;
    if (this.#compared || witnesses.length === 0) return true;
    try {
      const head = await readSignedHead(db, cluster);
      if (head) {
        const seen = await readWitnessed(db, cluster);
        await Promise.all(witnesses.map((witness) => this.#ask(witness, head, seen.get(witness.name) ?? 0)));
      }
      this.#compared = !this.#stop.signal.aborted;
    } catch (error) {
      this.#said(messageOf(error), false);
    }
    return this.#compared;
  }
  #compared = false;

  async #sign(): Promise<SignedHead | undefined> {
    const { cluster, origin, db, keys, meter } = this.#options;
    try {
      const key = keys.active('checkpoint');
      if (!key) throw new CausewayError('not-configured', keys.problem || 'no key signs heads of logs now');
      if (this.#rolledBack !== '') throw new CausewayError('conflict', this.#rolledBack);
      const signed = await signHead(db, cluster, (log) => nextHead(log, origin, key, this.#known));
      this.#said('', false);
      if (!signed) return (this.#known ??= await readSignedHead(db, cluster));
      this.#known = signed;
      const now = this.#now();
      meter.passed('logged', 1, now, now - (this.#oldest ?? now));
      this.#oldest = undefined;
      this.#options.told({ size: signed.size, at: now, witnesses: 0 }, this.problem);
      this.#tell(signed);
      return signed;
    } catch (error) {
      meter.failed('logged');
      this.#said(messageOf(error), error instanceof CausewayError && error.code === 'conflict');
      return undefined;
    }
  }

  /** Asks each witness that has not seen the head and is not at rest. */
  async #haveSeen(head: SignedHead): Promise<void> {
    const { witnesses, cluster, db, quorum } = this.#options;
    if (witnesses.length === 0) return;
    try {
      const seen = await readWitnessed(db, cluster);
      const now = this.#now();
      const due = witnesses.filter(({ name }) => (seen.get(name) ?? 0) < head.size && this.#stateOf(name).restUntil <= now);
      await Promise.all(due.map((witness) => this.#ask(witness, head, seen.get(witness.name) ?? 0)));
      const after = [...(await readWitnessed(db, cluster)).values()].filter((size) => size === head.size).length;
      const problems = witnesses.flatMap(({ name }) => this.#stateOf(name).problem || []);
      this.#unreachable =
        after >= quorum ? '' : `${after} of ${quorum} witnesses have seen the newest head. ${problems.join(' ')}`.trim();
      this.#options.told({ size: head.size, at: this.#now(), witnesses: after }, this.problem);
    } catch (error) {
      if (!this.#stop.signal.aborted)
        this.#options.log.warn({ cluster, error: messageOf(error) }, 'witnesses could not be asked');
    }
  }

  async #ask(witness: Witness, head: SignedHead, seenSize: number): Promise<void> {
    const { cluster, db, meter, log } = this.#options;
    const state = this.#stateOf(witness.name);
    try {
      const answer = await this.#cosigned(witness, head, seenSize);
      if (!answer) return;
      await addCosignature(db, { cluster, size: head.size, witness: witness.name, line: answer.line, at: answer.at });
      const now = this.#now();
      meter.passed('witnessed', 1, now, Math.max(0, answer.at - now));
      state.failures = 0;
      state.problem = '';
      this.#tell(head);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      meter.failed('witnessed');
      // Another head of the same size: the log has forked.
      if (error instanceof CausewayError && error.code === 'conflict') this.#rolledBack ||= error.message;
      state.failures += 1;
      state.restUntil = this.#now() + Math.min(REST_MS * 2 ** Math.min(state.failures - 1, 10), MOST_REST_MS);
      if (state.problem === '') log.warn({ cluster, witness: witness.name, error: messageOf(error) }, 'a witness did not sign');
      state.problem = messageOf(error);
    }
  }

  /** A witness that is elsewhere says where, and is asked again from there. One that is ahead of the log has seen what the log does not have any more. */
  async #cosigned(
    witness: Witness,
    head: SignedHead,
    seenSize: number,
  ): Promise<Exclude<CosignAnswer, { conflictSize: number }> | undefined> {
    const { cluster, db } = this.#options;
    let oldSize = seenSize;
    for (let attempt = 0; attempt < MOST_TRIES; attempt += 1) {
      const proof = oldSize === 0 ? [] : await logConsistency(oldSize, head.size, nodesOf(db, cluster));
      const answer = await cosign(witness, { oldSize, proof, note: head.note }, this.#stop.signal);
      if (!('conflictSize' in answer)) return answer;
      if (answer.conflictSize > head.size) {
        // Another ingest may have signed a newer head in the meantime; then it is in the database.
        const newest = await readSignedHead(db, cluster);
        if ((newest?.size ?? 0) >= answer.conflictSize) return undefined;
        this.#rolledBack = `witness ${witness.name} has seen a head of ${answer.conflictSize} entries, but the log has only ${head.size}: an older state of the database came back. Nothing is signed until that is settled.`;
        throw new CausewayError('conflict', this.#rolledBack);
      }
      oldSize = answer.conflictSize;
    }
    throw new CausewayError('witness-refused', `witness ${witness.name} names another size each time`);
  }

  #tell({ size, note }: SignedHead): void {
    for (const listener of this.#listeners) listener({ cluster: this.#options.cluster, size, note });
  }

  #said(trouble: string, refused: boolean): void {
    const { log, cluster } = this.#options;
    if (trouble !== '' && trouble !== this.#trouble)
      log.error({ cluster, refused }, `the head of the log is not signed: ${trouble}`);
    if (trouble === '' && this.#trouble !== '') log.info({ cluster }, 'the head of the log is signed again');
    const changed = this.#trouble !== trouble;
    this.#trouble = trouble;
    this.#refused = refused;
    if (changed) this.#options.told(undefined, this.problem);
  }

  #stateOf(name: string): WitnessState {
    let state = this.#witnesses.get(name);
    if (!state) this.#witnesses.set(name, (state = { failures: 0, restUntil: 0, problem: '' }));
    return state;
  }
}
