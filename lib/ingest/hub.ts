import 'server-only';
import { batchJson, withSkipped } from '#lib/bus/batch.ts';
import { formatCursor, type Frame, frameOf, HEARTBEAT, HEARTBEAT_MS, parseCursor } from '#lib/bus/sse.ts';
import type { Flow, Gap, Verdict } from '#lib/flow/flow.ts';
import type { FlowRing } from './ring.ts';

/** Whoever reads a stream: bytes are written only while there is room, so the reader sets the pace. */
export interface Sink {
  hasRoom(): boolean;
  write(bytes: Buffer): void;
  /** Ends the stream: its reader starts over. */
  end(): void;
}

export type Matcher = (flow: Flow) => boolean;

export interface ChannelKey {
  /** A filter's text, canonical: equal filters share a channel. */
  readonly filter: string;
  /** Most rows in a batch. */
  readonly rows: number;
}

export const BATCH_MS = 100;

/**
 * Hands a cluster's flows to its readers. Readers of one filter share a channel: matched once, serialised once, each batch the same bytes for all.
 * A reader without room misses whole batches and is told the exact number of flows with the next one it gets.
 */
export class Hub {
  readonly #ring: FlowRing;
  readonly #epoch: string;
  readonly #channels = new Map<string, Channel>();
  readonly #heartbeat: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #status: Frame | undefined;

  constructor(ring: FlowRing, epoch: string) {
    this.#ring = ring;
    this.#epoch = epoch;
    this.#heartbeat = setInterval(() => this.#toAll(HEARTBEAT), HEARTBEAT_MS);
  }

  get channels(): number {
    return this.#channels.size;
  }

  get readers(): number {
    return [...this.#channels.values()].reduce((sum, { readers }) => sum + readers.size, 0);
  }

  /** Adds flows that have just been put in the ring. */
  publish(flows: readonly Flow[]): void {
    for (const channel of this.#channels.values()) channel.add(flows);
  }

  /** Tells everybody, a reader without room too: gaps are small and rare, and must not go unsaid. */
  gap(gap: Gap): void {
    const { bytes } = frameOf('gap', JSON.stringify(gap));
    for (const { readers } of this.#channels.values()) for (const { sink } of readers) sink.write(bytes);
  }

  /** Sends the status to all now, and keeps it for those who join. */
  status(frame: Frame): void {
    this.#status = frame;
    this.#toAll(frame.bytes);
  }

  /** Adds a reader, first giving it what it missed since `lastEventId`. Returns what ends its subscription. */
  join(key: ChannelKey, matches: Matcher, sink: Sink, lastEventId: string | undefined): () => void {
    this.flush();
    sink.write(HEARTBEAT);
    if (this.#status) sink.write(this.#status.bytes);
    if (lastEventId !== undefined) for (const { bytes } of this.backlog(key, matches, lastEventId)) sink.write(bytes);
    const name = `${key.rows} ${key.filter}`;
    const channel = this.#channels.get(name) ?? new Channel(matches, key.rows);
    this.#channels.set(name, channel);
    const reader: Reader = { sink, missed: 0 };
    channel.readers.add(reader);
    this.#timer ??= setInterval(() => this.flush(), BATCH_MS);
    return () => {
      channel.readers.delete(reader);
      if (channel.readers.size === 0 && this.#channels.get(name) === channel) this.#channels.delete(name);
      if (this.#channels.size === 0) this.#stopTimer();
    };
  }

  /** What came after a cursor, as one batch; before it a `gap` when the ring no longer reaches back so far, or another run made the cursor. */
  backlog({ rows }: ChannelKey, matches: Matcher, lastEventId: string): Frame[] {
    const cursor = parseCursor(lastEventId);
    const known = cursor?.epoch === this.#epoch && cursor.seq >= this.#ring.oldest - 1;
    const from = known ? cursor.seq : this.#ring.oldest - 1;
    const missed = new Channel(matches, rows);
    for (const { flow } of this.#ring.after(from)) missed.add([flow]);
    const batch = missed.take(this.#cursor());
    const oldest = this.#ring.oldestTime;
    return [
      ...(known || oldest === undefined ? [] : [frameOf('gap', JSON.stringify(gapBefore(oldest)))]),
      ...(batch ? [batch] : []),
    ];
  }

  /** Ends a batch in every channel. */
  flush(): void {
    const cursor = this.#cursor();
    for (const channel of this.#channels.values()) channel.flush(cursor);
  }

  close(): void {
    this.flush();
    this.#stopTimer();
    clearInterval(this.#heartbeat);
    this.#channels.clear();
  }

  #cursor(): string {
    return formatCursor({ epoch: this.#epoch, seq: this.#ring.newest });
  }

  #toAll(bytes: Buffer): void {
    for (const { readers } of this.#channels.values()) {
      for (const { sink } of readers) if (sink.hasRoom()) sink.write(bytes);
    }
  }

  #stopTimer(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

interface Reader {
  readonly sink: Sink;
  /** Flows in batches that did not fit. */
  missed: number;
}

/** The readers of one filter, and the batch that is being filled for them. */
class Channel {
  readonly readers = new Set<Reader>();
  readonly #matches: Matcher;
  readonly #rows: number;
  /** A ring of the newest rows. */
  #newest: Flow[] = [];
  #matched = 0;
  #verdicts: Partial<Record<Verdict, number>> = {};

  constructor(matches: Matcher, rows: number) {
    this.#matches = matches;
    this.#rows = rows;
  }

  add(flows: readonly Flow[]): void {
    for (const flow of flows) {
      if (!this.#matches(flow)) continue;
      this.#newest[this.#matched % this.#rows] = flow;
      this.#matched += 1;
      this.#verdicts[flow.verdict] = (this.#verdicts[flow.verdict] ?? 0) + 1;
    }
  }

  /** The batch so far, which is thereby ended; undefined when nothing matched. */
  take(cursor: string): Frame | undefined {
    if (this.#matched === 0) return undefined;
    const split = this.#matched > this.#rows ? this.#matched % this.#rows : 0;
    const flows = [...this.#newest.slice(split), ...this.#newest.slice(0, split)];
    const frame = frameOf('flows', batchJson({ flows, matched: this.#matched, verdicts: this.#verdicts }), cursor);
    this.#newest = [];
    this.#matched = 0;
    this.#verdicts = {};
    return frame;
  }

  flush(cursor: string): void {
    const matched = this.#matched;
    const frame = this.take(cursor);
    for (const reader of this.readers) {
      if (!reader.sink.hasRoom()) reader.missed += matched;
      else if (reader.missed > 0) {
        reader.sink.write(withSkipped((frame ?? emptyBatch(cursor)).bytes, reader.missed));
        reader.missed = 0;
      } else if (frame) reader.sink.write(frame.bytes);
    }
  }
}

const emptyBatch = (cursor: string): Frame => frameOf('flows', batchJson({ flows: [], matched: 0, verdicts: {} }), cursor);

/** Said to a reader whose cursor is gone: from when to when is not known better than "before the oldest flow held". */
const gapBefore = (oldest: number): Gap => ({ from: 0, to: oldest, reason: 'ingest-restarted', nodeName: '' });
