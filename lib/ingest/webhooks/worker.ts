import 'server-only';
import type { Logger } from 'pino';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import {
  type ClaimedDelivery,
  claimDeliveries,
  dropOldDeliveries,
  settleDelivered,
  settleFailed,
} from '#lib/db/webhooks/queue.ts';
import { messageOf } from '#lib/errors/errors.ts';
import { deliver, type DeliverOptions, type Outcome } from '#lib/webhooks/deliver.ts';
import { pauseAfter } from '#lib/webhooks/schedule.ts';
import { unseal } from '#lib/webhooks/seal.ts';

export interface WebhookConfig {
  /** The console's own secret, with which those of webhooks are sealed. */
  readonly consoleSecret: string;
  /** `webhookOriginsOf`. */
  readonly origins: readonly string[];
}

export interface WebhookWorkerOptions extends WebhookConfig {
  readonly db: TrafficDb;
  readonly log: Logger;
  readonly now?: () => number;
  readonly everyMs?: number;
  /** As `pauseAfter`. */
  readonly pause?: (attempts: number, askedMs?: number) => number | undefined;
  readonly deliver?: Pick<DeliverOptions, 'resolve' | 'timeoutMs'>;
}

const EVERY_MS = 1000;
const MOST_AT_ONCE = 20;
const HOUR_MS = 3_600_000;

/**
 * Sends what `enqueueEvent` has written down. All state is in the database: a delivery is sent at least once whatever restarts or dies in
 * between, by one of however many workers there are.
 */
export class WebhookWorker {
  readonly #options: WebhookWorkerOptions;
  readonly #now: () => number;
  readonly #stopping = new AbortController();
  readonly #sending = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #cleanedAt = 0;
  #failing = false;

  constructor(options: WebhookWorkerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  start(): void {
    this.#timer = setInterval(() => void this.poll(), this.#options.everyMs ?? EVERY_MS);
  }

  /** Stops; what is being sent is given up and is another's after its claim has run out. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#turn;
    await Promise.all(this.#sending);
  }

  /** Takes what is due and sends it, while there is room. Resolves when it is on its way; never throws. */
  poll(): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      const room = MOST_AT_ONCE - this.#sending.size;
      if (room <= 0 || this.#stopping.signal.aborted) return;
      try {
        await this.#clean();
        for (const delivery of await claimDeliveries(this.#options.db, this.#now(), room)) this.#begin(delivery);
        this.#said(undefined);
      } catch (error) {
        this.#said(messageOf(error));
      }
    });
    return this.#turn;
  }

  /** Resolves when nothing is being sent. */
  async idle(): Promise<void> {
    await this.#turn;
    await Promise.all(this.#sending);
  }

  #begin(delivery: ClaimedDelivery): void {
    const sending: Promise<void> = this.#send(delivery)
      .catch((error: unknown) => this.#said(messageOf(error)))
      .finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  async #send(delivery: ClaimedDelivery): Promise<void> {
    const { db, log } = this.#options;
    const outcome = await this.#attempt(delivery);
    if (this.#stopping.signal.aborted && !outcome.ok) return; // cut off by us: it says nothing of the receiver
    const { id, webhook, event, attempt } = delivery;
    const now = this.#now();
    if (outcome.ok) {
      await settleDelivered(db, delivery, now, outcome.status);
      return log.debug({ webhook, delivery: id, event, attempt }, 'webhook delivered');
    }
    const gone = outcome.gone === true;
    const pause = gone || outcome.final ? undefined : (this.#options.pause ?? pauseAfter)(attempt, outcome.retryAfterMs);
    const nextAt = pause === undefined ? undefined : now + pause;
    await settleFailed(db, delivery, now, { problem: outcome.problem, status: outcome.status, nextAt, gone });
    const level = nextAt === undefined ? 'warn' : 'info';
    log[level](
      { webhook, delivery: id, event, attempt, problem: outcome.problem },
      nextAt ? 'webhook failed' : 'webhook given up',
    );
  }

  async #attempt({ id, webhook, url, body, secret }: ClaimedDelivery): Promise<Outcome> {
    const { consoleSecret, origins, deliver: how } = this.#options;
    let readable: string;
    try {
      readable = unseal(secret, webhook, consoleSecret);
    } catch (error) {
      return { ok: false, problem: messageOf(error), final: true };
    }
    const options = { ...how, origins, now: this.#now, signal: this.#stopping.signal };
    return deliver({ id, url, body, secret: readable }, options);
  }

  async #clean(): Promise<void> {
    if (this.#now() - this.#cleanedAt < HOUR_MS) return;
    await dropOldDeliveries(this.#options.db, this.#now());
    this.#cleanedAt = this.#now();
  }

  #said(trouble: string | undefined): void {
    if (trouble !== undefined && !this.#failing) this.#options.log.warn({ error: trouble }, 'webhooks wait for the database');
    this.#failing = trouble !== undefined;
  }
}
