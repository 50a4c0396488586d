import 'server-only';
import type { Message, Publisher } from '#lib/bus/nats/publisher.ts';

const MOST_UNDER_WAY = 500;
const MOST_WAITING = 20_000;

/** Messages whose source is elsewhere (flows, changes): sent as fast as the bus takes them, the oldest dropped, and counted, when it takes none for long. */
export class Outbox {
  readonly #publisher: Publisher;
  readonly #stop = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #waiting: Message[] = [];
  /** Messages that were never sent. */
  dropped = 0;

  constructor(publisher: Publisher) {
    this.#publisher = publisher;
  }

  get waiting(): number {
    return this.#waiting.length + this.#underWay.size;
  }

  add(message: Message): void {
    if (this.#stop.signal.aborted) return;
    this.#waiting.push(message);
    if (this.#waiting.length > MOST_WAITING + MOST_UNDER_WAY) {
      this.dropped += this.#waiting.length - MOST_WAITING;
      this.#waiting = this.#waiting.slice(-MOST_WAITING);
    }
    this.#send();
  }

  /** Ends at once: what was not acknowledged is left. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#underWay);
  }

  #send(): void {
    const room = MOST_UNDER_WAY - this.#underWay.size;
    if (room <= 0 || this.#waiting.length === 0) return;
    for (const message of this.#waiting.splice(0, room)) {
      const sent: Promise<void> = this.#publisher
        .publish(message, this.#stop.signal)
        .catch(() => {})
        .finally(() => {
          this.#underWay.delete(sent);
          if (!this.#stop.signal.aborted) this.#send();
        });
      this.#underWay.add(sent);
    }
  }
}
