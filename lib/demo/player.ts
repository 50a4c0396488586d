import type { Flow } from '#lib/flow/flow.ts';
import { Cast } from './cast.ts';
import { type Character, type Exchange, exchangesOf } from './exchanges.ts';
import { seededRandom } from './random.ts';
import { playExchange, type Stage } from './talk.ts';
import type { World } from './world.ts';

export interface Play {
  readonly world: World;
  readonly character: Character;
  readonly seed: number;
  /** Unix milliseconds: the first exchange begins after it. */
  readonly from: number;
  /** Unix milliseconds at which the cluster is as busy as its character says; before, it slowly gets there. */
  readonly fullAt: number;
  /** Unix milliseconds at which the story begins. */
  readonly storyAt: number;
}

/** Share of the full rate with which history begins, and the time over which it rises to it. */
const QUIET = 0.3;
const RISE_MS = 300_000;

/** A cluster's traffic by a clock that is given: the same play, advanced to the same times, makes the same flows. */
export class Player {
  private readonly stage: Stage;
  private readonly exchanges: readonly Exchange[];
  private readonly perMs: number;
  private pending: Flow[] = [];
  private nextAt: number;

  constructor(private readonly play: Play) {
    const { world, character, seed, from } = play;
    const random = seededRandom(seed);
    const cast = new Cast(world, random);
    let port = 32_768;
    let count = 0;
    const prefix = `${Math.floor(from / 1000)
      .toString(16)
      .padStart(8, '0')
      .slice(-8)}-${random.hex(4)}-4${random.hex(3)}-8${random.hex(3)}-`;
    this.stage = {
      world,
      cast,
      random,
      nextPort: () => (port = port >= 60_999 ? 32_768 : port + 1),
      nextUuid: () => prefix + (++count).toString(16).padStart(12, '0'),
    };
    this.exchanges = exchangesOf(character, cast.knows);
    this.perMs = this.exchanges.reduce((sum, { perMinute }) => sum + perMinute, 0) / 60_000;
    this.nextAt = from;
  }

  /** Flows up to and including `now`, by time; those of before were returned already. */
  advance(now: number): Flow[] {
    while (this.nextAt <= now) {
      const exchange = this.pick();
      const { storyMs } = exchange;
      if (storyMs === undefined || this.nextAt >= this.play.storyAt + storyMs) {
        this.pending.push(...playExchange(this.stage, exchange, this.nextAt));
      }
      this.nextAt += this.stage.random.exponential(1 / (this.perMs * this.busyness(this.nextAt)));
    }
    const due = this.pending.filter(({ time }) => time <= now);
    if (due.length > 0) this.pending = this.pending.filter(({ time }) => time > now);
    return due.toSorted((a, b) => a.time - b.time);
  }

  private pick(): Exchange {
    let place = this.stage.random.next() * this.perMs * 60_000;
    for (const exchange of this.exchanges) {
      place -= exchange.perMinute;
      if (place < 0) return exchange;
    }
    return this.exchanges[0] as Exchange;
  }

  /** Slow and fast waves, as of people and of batches, and the rise at the start. */
  private busyness(time: number): number {
    const { fullAt } = this.play;
    const waves = 1 + 0.1 * Math.sin((time / 420_000) * 2 * Math.PI) + 0.05 * Math.sin((time / 97_000) * 2 * Math.PI);
    const risen = Math.min(1, Math.max(0, 1 - (fullAt - time) / RISE_MS));
    return waves * (QUIET + (1 - QUIET) * risen);
  }
}
