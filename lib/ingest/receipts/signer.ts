import 'server-only';
import type { KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { messageOf } from '#lib/errors/errors.ts';
import { toBase64Url } from '#lib/receipts/base64.ts';
import type { FromSigner, ToSigner } from './sign-worker.ts';

export interface SignerOptions {
  readonly log: Logger;
  /** The bundled thread; beside the bundle by default. */
  readonly workerFile?: URL;
  /** How long it may be silent while somebody waits. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
const SIGNATURE_BYTES = 64;

interface Waiting {
  readonly count: number;
  readonly resolve: (signatures: string[]) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Signs in a thread of its own, for all clusters: a batch of a thousand would hold everything else for the tenth part of a second. */
export class Signer {
  readonly #options: SignerOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  /** The key that the thread has. */
  #told: string | undefined;
  #asks = 0;
  #closed = false;

  constructor(options: SignerOptions) {
    this.#options = options;
  }

  /** Ed25519 signatures, base64url, in the order of the messages. Rejects when the thread dies; the next call starts another. */
  sign(
    { kid, privateKey }: { readonly kid: string; readonly privateKey: KeyObject },
    messages: readonly Uint8Array[],
  ): Promise<string[]> {
    if (this.#closed) return Promise.reject(new Error('ingest is closing'));
    const worker = (this.#worker ??= this.#start());
    if (this.#told !== kid) post(worker, { type: 'key', kid, key: privateKey });
    this.#told = kid;
    const id = (this.#asks += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        void worker.terminate();
        this.#died(worker, 'it took too long');
      }, this.#options.timeoutMs ?? TIMEOUT_MS);
      this.#waiting.set(id, { count: messages.length, resolve, reject, timer });
      post(worker, { type: 'sign', id, kid, messages });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#lose('ingest is closing');
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#options.workerFile ?? new URL('./receipt-signer.mjs', import.meta.url), { name: 'signer' });
    worker.on('message', (message: FromSigner) => this.#receive(message));
    worker.on('error', (error) => this.#died(worker, messageOf(error)));
    worker.on('exit', (code) => this.#died(worker, `exit code ${code}`));
    worker.unref();
    return worker;
  }

  #receive(message: FromSigner): void {
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    this.#waiting.delete(message.id);
    clearTimeout(waiting.timer);
    if (message.type === 'failed') return waiting.reject(new Error(message.message));
    const { signatures } = message;
    waiting.resolve(
      Array.from({ length: waiting.count }, (_, index) =>
        toBase64Url(signatures.subarray(index * SIGNATURE_BYTES, (index + 1) * SIGNATURE_BYTES)),
      ),
    );
  }

  #died(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#options.log.error(
      { reason, waiting: this.#waiting.size },
      'the thread that signs died; a new one is started when it is needed',
    );
    this.#lose(`the thread that signs died: ${reason}`);
  }

  #lose(reason: string): void {
    this.#worker = undefined;
    this.#told = undefined;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new Error(reason));
    }
    this.#waiting.clear();
  }
}

const post = (worker: Worker, message: ToSigner): void => worker.postMessage(message);
