import 'server-only';
import type { Logger } from 'pino';
import type { StreamMessage } from '#lib/bus/nats/flow-stream.ts';
import { messageOf } from '#lib/errors/errors.ts';
import type { StreamEvent } from '#lib/flow/flow.ts';
import { parseLine } from '#lib/flow/parse.ts';
import type { Redaction } from '#lib/flow/redact.ts';
import { visibleText } from '#lib/flow/text.ts';
import type { Delivery } from './deliveries.ts';
import { clusterFor, clusterNameOf } from './cluster-of.ts';

/** What a message is for: a cluster's pipeline as far as the feed asks it. */
export interface FedCluster {
  readonly takesMessages: boolean;
  readonly deliveries: { begin(delivery: Delivery): 'new' | 'pending' | 'stored' };
  takeMessage(event: StreamEvent, delivery: Delivery): boolean;
}

export interface FeedOptions {
  readonly clusters: ReadonlyMap<string, string>;
  readonly redaction: Redaction;
  readonly log: Logger;
  /** Undefined while it is not known whether there is such a cluster, or its pipeline is about to start; null when there is none. */
  readonly clusterOf: (id: string) => FedCluster | undefined | null;
  readonly park: (message: StreamMessage, reason: string) => Promise<boolean>;
}

/** Counts since the start of the process. */
export interface FeedCounts {
  /** Messages that were taken in for the first time. */
  consumed: number;
  /** Messages whose flow had come before. */
  duplicates: number;
  /** Messages that came again: they were on their way to the database, or stored already. */
  redelivered: number;
  /** Messages that were set aside, each with its reason. */
  parked: number;
  /** Attempts to set one aside that failed; it comes again. */
  notParked: number;
  /** Messages given back because they could not be taken at the time. */
  released: number;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** From a message to a cluster's pipeline. What cannot be read, or belongs nowhere, is parked. */
export class Feed {
  readonly #options: FeedOptions;
  readonly counts: FeedCounts = { consumed: 0, duplicates: 0, redelivered: 0, parked: 0, notParked: 0, released: 0 };

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Takes a message in. Resolves when it is on its way to the database, parked, or given back; never throws. */
  async take(message: StreamMessage): Promise<void> {
    try {
      const event = this.#read(message);
      if (typeof event === 'string') await this.#park(message, event);
      else if (event === undefined) message.ack();
      else await this.#handOn(message, event);
    } catch (error) {
      await this.#park(message, `it could not be taken in: ${messageOf(error)}`);
    }
  }

  /** The event; why there is none, as text; undefined for what is not kept (agent events, an empty message). */
  #read({ data }: StreamMessage): StreamEvent | string | undefined {
    let text: string;
    try {
      text = decoder.decode(data);
    } catch {
      return 'it is not UTF-8';
    }
    const parsed = parseLine(text, { redaction: this.#options.redaction });
    if (parsed.ok) return parsed.event;
    return parsed.ignored ? undefined : parsed.reason;
  }

  async #handOn(message: StreamMessage, event: StreamEvent): Promise<void> {
    const name = clusterNameOf(event);
    const id = clusterFor(name, this.#options.clusters);
    if (id === undefined) return this.#park(message, 'it names no cluster, and none is configured for such messages');
    const cluster = this.#options.clusterOf(id);
    if (cluster === null) return this.#park(message, `there is no cluster ${visibleText(id)} here`);
    if (!cluster?.takesMessages) {
      this.counts.released += 1;
      return message.release();
    }
    const state = cluster.deliveries.begin(message);
    if (state === 'new') {
      this.counts.consumed += 1;
      if (!cluster.takeMessage(event, message)) this.counts.duplicates += 1;
    } else {
      this.counts.redelivered += 1;
      // One that is on its way is acknowledged when it is stored.
      if (state === 'stored') message.ack();
    }
  }

  async #park(message: StreamMessage, reason: string): Promise<void> {
    if (await this.#options.park(message, reason)) {
      this.counts.parked += 1;
      if (this.counts.parked === 1 || this.counts.parked % 1000 === 0)
        this.#options.log.warn(
          { subject: message.subject, sequence: message.sequence, reason, parked: this.counts.parked },
          'a message of the bus was set aside',
        );
    } else this.counts.notParked += 1;
  }
}
