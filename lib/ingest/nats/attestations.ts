import 'server-only';
import type { Logger } from 'pino';
import type { AttestationMessage } from '#lib/api/bus.ts';
import type { Message, Publisher } from '#lib/bus/nats/publisher.ts';
import { ATTESTATIONS_SUBJECT } from '#lib/bus/nats/subjects.ts';
import { notePublished, type Published, readBehind, readUnpublishedHead, readWholeBatches } from '#lib/db/receipts/published.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { messageOf } from '#lib/errors/errors.ts';
import type { BatchHeader, Receipt } from '#lib/receipts/receipt.ts';

const POLL_MS = 5000;
const BATCHES = 16;
/** Receipts in one message: the largest ones still fit into the megabyte that servers take. */
const RECEIPTS = 128;

/**
 * Publishes each cluster's batches and heads, in the order of its log. Only what is committed is read, and how far it came is written down after the bus has
 * acknowledged it: over restarts everything is sent at least once, under ids that let a stream keep it once.
 */
export class AttestationPublisher {
  readonly #db: TrafficDb;
  readonly #publisher: Publisher;
  readonly #log: Logger;
  readonly #stop = new AbortController();
  #wake: () => void = () => {};
  #running: Promise<void> | undefined;
  #failing = false;
  /** Batches that wait to be published. */
  waiting = 0;

  constructor(db: TrafficDb, publisher: Publisher, log: Logger) {
    this.#db = db;
    this.#publisher = publisher;
    this.#log = log;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Something was committed: look at once. */
  committed(): void {
    this.#wake();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const woken = this.#untilWoken();
      try {
        const behind = await readBehind(this.#db);
        this.waiting = behind.reduce((sum, { batches }) => sum + batches, 0);
        for (const published of behind) await this.#publish(published, signal);
        if (behind.some(({ batches }) => batches > BATCHES)) this.#wake();
        this.#failing = false;
      } catch (error) {
        if (signal.aborted) break;
        if (!this.#failing) this.#log.warn({ error: messageOf(error) }, 'receipts cannot be published now; they wait');
        this.#failing = true;
      }
      await woken;
    }
    this.#wake();
  }

  async #publish(published: Published, signal: AbortSignal): Promise<void> {
    const { cluster, nextSeq } = published;
    const batches = await readWholeBatches(this.#db, cluster, nextSeq, BATCHES);
    const messages = batches.flatMap(({ header, receipts }) => batchMessages(cluster, header, receipts));
    await Promise.all(messages.map((message) => this.#publisher.publish(message, signal)));
    const reached: Published = { ...published, nextSeq: (batches.at(-1)?.header.seq ?? nextSeq - 1) + 1 };
    if (batches.length > 0) await notePublished(this.#db, reached);
    this.waiting = Math.max(0, this.waiting - batches.length);
    const head = await readUnpublishedHead(this.#db, reached);
    if (!head) return;
    const { size, note, witnesses } = head;
    const id = `${cluster} checkpoint ${size} ${witnesses}`;
    await this.#publisher.publish(messageFor(id, { type: 'checkpoint', cluster, size, note }), signal);
    await notePublished(this.#db, { ...reached, size, witnesses });
  }

  #untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** A batch in as many messages as it needs, with ids that are always the same. */
function batchMessages(cluster: string, header: BatchHeader, receipts: readonly Receipt[]): Message[] {
  const parts = Math.max(1, Math.ceil(receipts.length / RECEIPTS));
  return Array.from({ length: parts }, (_, index) =>
    messageFor(`${header.batch_id} ${index + 1}`, {
      type: 'batch',
      cluster,
      header,
      part: index + 1,
      parts,
      receipts: receipts.slice(index * RECEIPTS, (index + 1) * RECEIPTS),
    }),
  );
}

const messageFor = (id: string, body: AttestationMessage): Message => ({
  subject: ATTESTATIONS_SUBJECT,
  id,
  data: JSON.stringify(body),
  headers: { 'Causeway-Type': body.type, 'Causeway-Cluster': body.cluster },
});
