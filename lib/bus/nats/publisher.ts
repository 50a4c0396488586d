import 'server-only';
import { jetstream } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { pause } from '#lib/relay/backoff.ts';
import type { NatsLink } from './link.ts';

const TIMEOUT_MS = 5000;
const RETRY_MS = 500;

export interface Message {
  readonly subject: string;
  /** The same message has the same id, whoever sends it and however often: the stream keeps it once. */
  readonly id: string;
  readonly data: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends messages until the stream has said that it stored them. */
export class Publisher {
  readonly #link: NatsLink;
  /** Messages that a stream acknowledged, of them known already, and attempts that failed. */
  published = 0;
  known = 0;
  failures = 0;

  constructor(link: NatsLink) {
    this.#link = link;
  }

  /** Tries for ever, with the same id, until it is stored. Rejects only when `signal` aborts or the link is closed. */
  async publish(message: Message, signal: AbortSignal): Promise<void> {
    for (;;) {
      const connection = await this.#link.ready(signal);
      try {
        return await this.#once(connection, message);
      } catch {
        this.failures += 1;
        await pause(RETRY_MS, signal);
        signal.throwIfAborted();
      }
    }
  }

  /** One attempt. Throws what the client does. */
  async once(message: Message, signal: AbortSignal): Promise<void> {
    await this.#once(await this.#link.ready(signal), message);
  }

  async #once(connection: NatsConnection, { subject, id, data, headers: given = {} }: Message): Promise<void> {
    const lines = headers();
    for (const [name, value] of Object.entries(given)) lines.set(name, value);
    const { duplicate } = await jetstream(connection, { timeout: TIMEOUT_MS }).publish(subject, data, {
      msgID: id,
      headers: lines,
      retries: 0,
    });
    this.published += 1;
    if (duplicate) this.known += 1;
  }
}
