import { CausewayError } from '#lib/errors/errors.ts';

/** Requests that may come at once, and how many come back each second. Generous for people, a wall for loops. */
const LIMITS = {
  read: { burst: 400, perSecond: 50 },
  write: { burst: 60, perSecond: 2 },
  judge: { burst: 120, perSecond: 8 },
  stream: { burst: 600, perSecond: 10 },
  signIn: { burst: 120, perSecond: 2 },
} as const;
export type LimitKind = keyof typeof LIMITS;

/** Callers remembered; beyond it the one that called longest ago is forgotten, whose bucket is full again by then. */
const MOST_CALLERS = 10_000;

interface Bucket {
  tokens: number;
  /** Unix milliseconds of the last request. */
  at: number;
}

/** Thrown instead of the plain error so that the answer can carry `Retry-After`. */
export class RateLimited extends CausewayError {
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super('rate-limited', `too many requests; try again in ${retryAfterSeconds} s`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Token buckets of this process, one per caller and kind. */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();
  readonly #factor: number;

  /** `factor` scales every limit; 0 means none. */
  constructor(factor: number) {
    this.#factor = factor;
  }

  /** Takes one request off the caller's bucket. Throws `RateLimited` when it is empty. */
  take(kind: LimitKind, caller: string, now: number): void {
    if (this.#factor === 0) return;
    const burst = LIMITS[kind].burst * this.#factor;
    const perMs = (LIMITS[kind].perSecond * this.#factor) / 1000;
    const key = `${kind} ${caller}`;
    const before = this.#buckets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, before.tokens + Math.max(0, now - before.at) * perMs);
    // Deleting first keeps the map in the order of last use.
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, at: now });
    if (this.#buckets.size > MOST_CALLERS) this.#buckets.delete(this.#buckets.keys().next().value ?? '');
    if (tokens < 1) throw new RateLimited(Math.max(1, Math.ceil((1 - tokens) / perMs / 1000)));
  }
}

/**
 * Who an anonymous request counts against: the address nearest to us, which a proxy of ours (or the server itself) wrote last. Only ever a
 * key of a bucket, never a reason to trust anyone.
 */
export const addressOf = (headers: Headers): string =>
  headers.get('x-forwarded-for')?.split(',').at(-1)?.trim().slice(0, 64) || 'unknown';
