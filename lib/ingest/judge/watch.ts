import 'server-only';
import type { Logger } from 'pino';
import { listSets, type StoredSet } from '#lib/db/policies/sets.ts';
import { lastWouldDeny } from '#lib/db/policies/would-deny.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { HOUR_MS, MINUTE_MS } from '#lib/db/traffic/partitions.ts';
import { messageOf } from '#lib/errors/errors.ts';
import type { WatchedMinute } from './answers/would-deny.ts';
import type { Judge } from './judge.ts';
import type { FactsOf } from './source.ts';

export interface WatchOptions {
  readonly db: TrafficDb;
  readonly judge: Judge;
  readonly log: Logger;
  /** Clusters that have something to be judged by. */
  readonly clusters: () => readonly string[];
  readonly factsOf: FactsOf;
}

const EVERY_MS = 5000;
/** A minute is judged so long after its end: then its flows are in order, counted and stored. */
const SETTLE_MS = 20_000;
/** Minutes longer ago are not caught up with after a pause. */
const FARTHEST_BACK_MS = HOUR_MS;

/** What a set would have denied since this process began. */
export interface WouldDenyTotal {
  readonly cluster: string;
  readonly set: string;
  readonly flows: number;
}

/** Judges each minute's traffic by the sets that are watched: the audit mode that the data plane does not have. */
export class WatchedSets {
  readonly #options: WatchOptions;
  /** The minute that is next, by cluster. */
  readonly #next = new Map<string, number>();
  readonly #totals = new Map<string, WouldDenyTotal>();
  readonly #troubled = new Set<string>();
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.run(Date.now()), EVERY_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#running;
  }

  totals(): readonly WouldDenyTotal[] {
    return [...this.#totals.values()];
  }

  /** Judges the minutes that are due at `now`. Never throws: what failed is tried again. */
  run(now: number): Promise<void> {
    this.#running = this.#running.then(async () => {
      for (const cluster of this.#options.clusters()) {
        if (this.#stop.signal.aborted) return;
        await this.#quietly(`cluster ${cluster}`, () => this.#judge(cluster, now));
      }
    });
    return this.#running;
  }

  async #judge(cluster: string, now: number): Promise<void> {
    const end = now - SETTLE_MS;
    const due = end - (end % MINUTE_MS) - MINUTE_MS;
    if ((this.#next.get(cluster) ?? 0) > due) return;
    const { db, judge, factsOf } = this.#options;
    const watched = (await listSets(db, cluster)).filter(({ set }) => set.watched);
    const first = await this.#first(cluster, watched, due);
    for (let minute = first; minute <= due && watched.length > 0; minute += MINUTE_MS) {
      const facts = factsOf(cluster);
      if (!facts) return;
      const candidates = watched
        .filter(({ watchedSince }) => minute + MINUTE_MS > (watchedSince ?? 0))
        .map(({ set: { id, yaml, mode, removes } }) => ({ set: id, yaml, mode, removes }));
      if (candidates.length === 0) continue;
      const body = await judge.ask(cluster, facts, { kind: 'would-deny', candidates, minute }, this.#stop.signal);
      this.#note(cluster, watched, JSON.parse(Buffer.from(body).toString('utf8')) as WatchedMinute);
      this.#next.set(cluster, minute + MINUTE_MS);
    }
    this.#next.set(cluster, due + MINUTE_MS);
  }

  /** Where to go on: after the last minute that was stored of all watched sets, in this process or one before. */
  async #first(cluster: string, watched: readonly StoredSet[], due: number): Promise<number> {
    const next = this.#next.get(cluster);
    if (next !== undefined) return Math.max(next, due - FARTHEST_BACK_MS);
    const lasts = await Promise.all(
      watched.map(async ({ set, watchedSince }) => (await lastWouldDeny(this.#options.db, set.id)) ?? watchedSince ?? due),
    );
    const last = Math.min(due, ...lasts);
    return Math.max(last - (last % MINUTE_MS), due - FARTHEST_BACK_MS - (due % MINUTE_MS));
  }

  #note(cluster: string, watched: readonly StoredSet[], { minute, sets }: WatchedMinute): void {
    const { log } = this.#options;
    for (const { set, denied, unknown, failed } of sets) {
      const stored = watched.find((each) => each.set.id === set)?.set;
      const trouble = `set ${set}`;
      if (failed !== undefined && !this.#troubled.has(trouble)) {
        log.warn({ cluster, set, name: stored?.name, error: failed }, 'a watched set cannot be judged');
      }
      if (failed === undefined) this.#troubled.delete(trouble);
      else this.#troubled.add(trouble);
      const key = `${cluster} ${set}`;
      this.#totals.set(key, { cluster, set, flows: (this.#totals.get(key)?.flows ?? 0) + denied });
      if (stored?.alertAt !== undefined && denied >= stored.alertAt) {
        log.warn(
          { cluster, set, name: stored.name, minute: new Date(minute).toISOString(), denied, unknown, alertAt: stored.alertAt },
          'a watched set would deny as many flows as it is to alert at',
        );
      }
    }
  }

  async #quietly(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#troubled.delete(what);
    } catch (error) {
      if (!this.#troubled.has(what) && !this.#stop.signal.aborted) {
        this.#options.log.warn({ what, error: messageOf(error) }, 'watched sets cannot be judged now; tried again');
      }
      this.#troubled.add(what);
    }
  }
}
