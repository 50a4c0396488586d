import 'server-only';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { WorldKind, WorldObject } from '#lib/world/object.ts';
import { type Ask, ASKS_OF_OBJECTS } from './asks.ts';
import type { FromWorker, ToWorker, WorkerData } from './messages.ts';
import type { JudgedFacts, JudgedObjects } from './source.ts';

export interface JudgeOptions {
  readonly databaseUrl: string;
  readonly log: Logger;
  /** The bundled worker; beside the bundle by default. */
  readonly workerFile?: URL;
  /** How long the worker may be silent while somebody waits before it is taken to be stuck. */
  readonly timeoutMs?: number;
  /** Most memory of the worker, in MiB. */
  readonly memoryMb?: number;
}

const TIMEOUT_MS = 60_000;
const MEMORY_MB = 1536;
/** Asks that may wait at once: the rest is told to come back. */
const MOST_WAITING = 64;

interface Waiting {
  readonly resolve: (body: Uint8Array) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Judges in one worker thread for all clusters, so that whatever it is asked the flows go on. The thread is started when it is first needed, and anew
 * after it died or got stuck: those who waited are told, and the next ask finds a fresh one.
 */
export class Judge {
  readonly #options: JudgeOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  /** Version of the facts that the worker has, by cluster. */
  #told = new Map<string, number>();
  /** Objects that the worker has, by cluster and kind. */
  #toldObjects = new Map<string, ReadonlyMap<WorldKind, readonly WorldObject[]>>();
  #asks = 0;
  #closed = false;

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /** Threads started so far: more than one means that some died. */
  starts = 0;

  /**
   * The answer as JSON in UTF-8. Throws what the worker threw; `rate-limited` when too many wait, `ingest-unreachable` when the worker died or took
   * too long, and the reason of `signal` when the caller gave up.
   */
  ask(
    cluster: string,
    facts: JudgedFacts | undefined,
    ask: Ask,
    signal?: AbortSignal,
    objects?: JudgedObjects,
  ): Promise<Uint8Array> {
    if (this.#closed) throw new CausewayError('ingest-unreachable', 'ingest is closing');
    signal?.throwIfAborted();
    if (this.#waiting.size >= MOST_WAITING) {
      throw new CausewayError('rate-limited', 'too many questions wait for the judge; try again in a moment');
    }
    const worker = (this.#worker ??= this.#start());
    if (facts && this.#told.get(cluster) !== facts.version) {
      this.#told.set(cluster, facts.version);
      post(worker, { type: 'facts', cluster, facts });
    } else if (!facts && this.#told.delete(cluster)) post(worker, { type: 'no-facts', cluster });
    if (ASKS_OF_OBJECTS.has(ask.kind)) this.#tellObjects(worker, cluster, objects);
    const id = (this.#asks += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#stuck(worker), this.#options.timeoutMs ?? TIMEOUT_MS);
      const cancel = (): void => {
        this.#settle(id)?.reject(signal?.reason instanceof Error ? signal.reason : new Error('cancelled'));
        post(worker, { type: 'cancel', id });
      };
      const settled = <T>(then: (value: T) => void): ((value: T) => void) => {
        return (value) => {
          signal?.removeEventListener('abort', cancel);
          then(value);
        };
      };
      signal?.addEventListener('abort', cancel, { once: true });
      this.#waiting.set(id, { resolve: settled(resolve), reject: settled(reject), timer });
      post(worker, { type: 'ask', id, cluster, ask });
    });
  }

  /** Kinds whose objects changed since they were told last. */
  #tellObjects(worker: Worker, cluster: string, objects: JudgedObjects | undefined): void {
    const before = this.#toldObjects.get(cluster) ?? new Map<WorldKind, readonly WorldObject[]>();
    const now = new Map([...(objects?.byKind ?? [])].filter(([kind]) => objects?.known.has(kind)));
    for (const [kind, list] of now)
      if (before.get(kind) !== list) post(worker, { type: 'objects', cluster, kind, objects: list });
    for (const kind of before.keys()) if (!now.has(kind)) post(worker, { type: 'objects', cluster, kind, objects: undefined });
    this.#toldObjects.set(cluster, now);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#lose('ingest is closing');
    await worker?.terminate();
  }

  #start(): Worker {
    const { databaseUrl, workerFile = new URL('./judge-worker.mjs', import.meta.url), memoryMb = MEMORY_MB } = this.#options;
    this.starts += 1;
    const workerData: WorkerData = { databaseUrl };
    const worker = new Worker(workerFile, { workerData, name: 'judge', resourceLimits: { maxOldGenerationSizeMb: memoryMb } });
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('error', (error) => this.#died(worker, messageOf(error)));
    worker.on('exit', (code) => this.#died(worker, `exit code ${code}`));
    worker.unref();
    return worker;
  }

  #receive(message: FromWorker): void {
    if (message.type === 'alive') {
      for (const { timer } of this.#waiting.values()) timer.refresh();
      return;
    }
    const waiting = this.#settle(message.id);
    if (!waiting) return; // given up meanwhile
    if (message.type === 'answer') return waiting.resolve(message.body);
    const { code, message: text, place } = message;
    if (code) return waiting.reject(new CausewayError(code, text, place ? { place } : {}));
    this.#options.log.error({ error: text }, 'the judge failed');
    waiting.reject(new Error(text));
  }

  #died(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#options.log.error({ reason, waiting: this.#waiting.size }, 'the judge died; a new one is started when it is needed');
    this.#lose('the judge had to be started anew; try again');
  }

  #stuck(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#options.log.error({ waiting: this.#waiting.size }, 'the judge took too long and is started anew');
    this.#lose('judging took too long; try a shorter window or fewer policies');
    void worker.terminate();
  }

  #lose(reason: string): void {
    this.#worker = undefined;
    this.#told = new Map();
    this.#toldObjects = new Map();
    for (const id of this.#waiting.keys()) this.#settle(id)?.reject(new CausewayError('ingest-unreachable', reason));
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting) clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    return waiting;
  }
}

const post = (worker: Worker, message: ToWorker): void => worker.postMessage(message);
