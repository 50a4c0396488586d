import 'server-only';
import type { StreamEvent } from '#lib/flow/flow.ts';

/** Events that may wait for the reader. Beyond it writers wait too, and through them the relay. */
const CAPACITY = 16_384;

/** Batches from several streams to one reader. Nothing is dropped: a writer that is too fast waits in `put`. */
export class EventQueue {
  private batches: StreamEvent[][] = [];
  private waiting = 0;
  private readerWake: (() => void) | undefined;
  private writerWakes: (() => void)[] = [];

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', () => this.wakeAll(), { once: true });
  }

  async put(batch: StreamEvent[]): Promise<void> {
    if (batch.length === 0) return;
    while (this.waiting >= CAPACITY && !this.signal.aborted) {
      await new Promise<void>((resolve) => this.writerWakes.push(resolve));
    }
    this.batches.push(batch);
    this.waiting += batch.length;
    this.readerWake?.();
  }

  /** The next batch; undefined when the signal has aborted. */
  async take(): Promise<StreamEvent[] | undefined> {
    while (!this.signal.aborted) {
      const batch = this.batches.shift();
      if (batch) {
        this.waiting -= batch.length;
        this.wakeWriters();
        return batch;
      }
      await new Promise<void>((resolve) => {
        this.readerWake = resolve;
      });
      this.readerWake = undefined;
    }
    return undefined;
  }

  private wakeWriters(): void {
    const wakes = this.writerWakes;
    this.writerWakes = [];
    for (const wake of wakes) wake();
  }

  private wakeAll(): void {
    this.wakeWriters();
    this.readerWake?.();
  }
}
