import 'server-only';
import type { BusPlace } from '#lib/db/traffic/state.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { hashesOf, hashOf, idOf, packed } from '../resume.ts';
import { SequenceSet } from './sequence-set.ts';

/** A message of a stream that is to be acknowledged when what it says is stored. */
export interface Delivery {
  readonly stream: string;
  /** When the stream was made: see `Deliveries.meet`. */
  readonly created: string;
  readonly sequence: number;
  ack(): void;
  /** Gives it back, to be sent again later. */
  release(): void;
}

/** Messages that a flush stores: what to write with it, and what to do when that is committed. */
export interface TakenDeliveries {
  readonly place: BusPlace;
  committed(): void;
}

interface Stream {
  readonly created: string;
  readonly stored: SequenceSet;
}

/** Flows that are remembered over a restart, by their hash. */
const RECENT_FLOWS = 8192;
/** How long after a start the remembered flows may come again. */
const RECENT_MS = 5 * 60_000;

/**
 * One cluster's messages, from the bus to the database: each is acknowledged only after the flush that stores it, and that flush says which it stored,
 * so that a message that comes again (a lost acknowledgement, a crash between commit and acknowledgement) is known.
 */
export class Deliveries {
  readonly #streams = new Map<string, Stream>();
  /** By stream and sequence: taken in, not committed yet. */
  readonly #pending = new Map<string, Delivery>();
  readonly #ofFlow = new Map<Flow, Delivery>();
  #recorded: Delivery[] = [];
  readonly #recent: bigint[] = [];
  #newFlows: string[] = [];
  #before: { readonly hashes: ReadonlySet<bigint>; readonly until: number } | undefined;
  #used = false;

  /** Goes on from where the process before stopped. */
  load(place: BusPlace | null, now: number): void {
    for (const { name, created, stored } of place?.streams ?? [])
      this.#streams.set(name, { created, stored: SequenceSet.decode(stored) });
    if (!place) return;
    this.#recent.push(...hashesOf(place.recent));
    this.#before = { hashes: new Set(this.#recent), until: now + RECENT_MS };
  }

  /** Tells which stream goes by a name. One that was made anew begins again; then true: what the one before still held is lost. */
  meet(name: string, created: string): boolean {
    const known = this.#streams.get(name);
    if (known?.created === created) return false;
    this.#streams.set(name, { created, stored: new SequenceSet() });
    for (const [key, delivery] of this.#pending)
      if (delivery.stream === name && delivery.created !== created) this.#pending.delete(key);
    return known !== undefined;
  }

  /** The first sequence of a stream that may not be stored; undefined when nothing of it was. */
  resumeFrom(name: string, created: string): number | undefined {
    const known = this.#streams.get(name);
    return known?.created === created ? known.stored.resumeFrom : undefined;
  }

  /** Messages that are taken in and not committed yet. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Whether a message is `new`, `stored` already, or here and on its way to the database. */
  begin(delivery: Delivery): 'new' | 'pending' | 'stored' {
    this.#used = true;
    this.meet(delivery.stream, delivery.created);
    const key = keyOf(delivery);
    if (this.#pending.has(key)) return 'pending';
    const { stored } = this.#streamOf(delivery) ?? {};
    // What the consumer was told to be done with was stored before.
    if (stored && (delivery.sequence <= stored.floor || stored.has(delivery.sequence))) return 'stored';
    this.#pending.set(key, delivery);
    return 'new';
  }

  /** Whether a flow was stored shortly before this process began. */
  wasStored(flow: Flow, now: number): boolean {
    if (this.#before && now > this.#before.until) this.#before = undefined;
    return this.#before?.hashes.has(hashOf(idOf(flow))) ?? false;
  }

  /** The message of a flow that is on its way to the recorder. */
  carries(flow: Flow, delivery: Delivery): void {
    this.#ofFlow.set(flow, delivery);
  }

  has(flow: Flow): boolean {
    return this.#ofFlow.has(flow);
  }

  /** The flow is counted now, whoever brought it. */
  flowRecorded(flow: Flow): void {
    if (!this.#used) return;
    this.#newFlows.push(idOf(flow));
    if (this.#newFlows.length >= 2 * RECENT_FLOWS) this.#newFlows.splice(0, RECENT_FLOWS);
    const delivery = this.#ofFlow.get(flow);
    if (!delivery) return;
    this.#ofFlow.delete(flow);
    this.recorded(delivery);
  }

  /** The message needs nothing more than to be remembered. */
  recorded(delivery: Delivery): void {
    this.#recorded.push(delivery);
  }

  /** What was recorded since the last call; undefined when that is nothing. A flush that is written again commits the same. */
  take(): TakenDeliveries | undefined {
    if (this.#recorded.length === 0) return undefined;
    const taken = this.#recorded;
    this.#recorded = [];
    for (const delivery of taken) this.#streamOf(delivery)?.stored.add(delivery.sequence);
    for (const id of this.#newFlows.slice(-RECENT_FLOWS)) this.#recent.push(hashOf(id));
    this.#newFlows = [];
    this.#recent.splice(0, Math.max(0, this.#recent.length - RECENT_FLOWS));
    const streams = [...this.#streams].map(([name, { created, stored }]) => ({ name, created, stored: stored.encode() }));
    return {
      place: { streams, recent: packed(this.#recent) },
      committed: () => {
        for (const delivery of taken) {
          this.#pending.delete(keyOf(delivery));
          delivery.ack();
        }
      },
    };
  }

  /** The server knows of all acknowledgements up to `sequence`: those messages never come again. */
  acknowledged(stream: string, sequence: number): void {
    this.#streams.get(stream)?.stored.forgetUpTo(sequence);
  }

  /** Gives back all that is not committed: another process writes this cluster now, or this one stops. */
  letGo(): void {
    for (const delivery of this.#pending.values()) delivery.release();
    this.#pending.clear();
    this.#ofFlow.clear();
    this.#recorded = [];
  }

  /** Undefined when the stream was made anew since. */
  #streamOf({ stream, created }: Delivery): Stream | undefined {
    const known = this.#streams.get(stream);
    return known?.created === created ? known : undefined;
  }
}

const keyOf = ({ stream, created, sequence }: Delivery): string => `${sequence} ${stream} ${created}`;
