import 'server-only';
import type { MigrationChanged } from '#lib/api/migration.ts';
import { readChangesAfter, readSettledSeq } from './changes.ts';
import { messageOf } from '#lib/errors/errors.ts';

const POLL_MS = 400;
/** Longer than any transaction lasts: a change that is older has been seen, or never was. */
const SETTLED_MS = 30_000;
/** How often the place from which on is read moves on. */
const ADVANCE_MS = 10_000;
/** Those who come back with an older place read everything anew: a change says what to read again, and that is all of it. */
const MOST_MISSED = 1000;

type Listener = (changes: readonly MigrationChanged[]) => void;

/**
 * Reads the table of changes for everybody of this process who watches, one query each 400 ms while somebody does. Numbers may appear out of order, so
 * each round reads from where everything is certain and tells what it has not told yet.
 */
export class ChangeFeed {
  readonly #listeners = new Set<Listener>();
  readonly #log: (message: string) => void;
  #running: Running | undefined;

  constructor(log: (message: string) => void = () => {}) {
    this.#log = log;
  }

  /** Hears of every change that is committed after this resolves, perhaps of some just before; returns how to stop. Throws when nothing can be read. */
  async listen(listener: Listener): Promise<() => void> {
    this.#listeners.add(listener);
    const running = (this.#running ??= this.#start());
    const leave = (): void => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#running?.timer);
      this.#running = undefined;
    };
    try {
      await running.ready;
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  #start(): Running {
    const running: Running = {
      told: new Set(),
      floor: 0,
      advancedAt: 0,
      timer: undefined,
      failing: false,
      ready: Promise.resolve(),
    };
    running.ready = this.#read(running).then(() => this.#again(running));
    return running;
  }

  #again(running: Running): void {
    if (this.#running !== running) return;
    running.timer = setTimeout(() => {
      void this.#round(running).then(() => this.#again(running));
    }, POLL_MS);
  }

  async #round(running: Running): Promise<void> {
    try {
      const fresh = await this.#read(running);
      running.failing = false;
      if (fresh.length > 0) for (const listener of this.#listeners) listener(fresh);
    } catch (error) {
      if (!running.failing) this.#log(messageOf(error));
      running.failing = true;
    }
  }

  /** What was not told before. */
  async #read(running: Running): Promise<readonly MigrationChanged[]> {
    const now = Date.now();
    if (now - running.advancedAt > ADVANCE_MS) {
      running.floor = Math.max(running.floor, await readSettledSeq(SETTLED_MS));
      running.advancedAt = now;
      for (const seq of running.told) if (seq <= running.floor) running.told.delete(seq);
    }
    const fresh = (await readChangesAfter(running.floor)).filter(({ seq }) => !running.told.has(seq));
    for (const { seq } of fresh) running.told.add(seq);
    return fresh;
  }
}

interface Running {
  /** Numbers beyond `floor` that have been told. */
  readonly told: Set<number>;
  floor: number;
  advancedAt: number;
  timer: NodeJS.Timeout | undefined;
  failing: boolean;
  ready: Promise<void>;
}

/** Changes after the one that a reader has seen last; undefined when there are too many to tell one by one. */
export async function changesSince(seq: number): Promise<readonly MigrationChanged[] | undefined> {
  const changes = await readChangesAfter(seq, MOST_MISSED + 1);
  return changes.length > MOST_MISSED ? undefined : changes;
}
