import { expect, test } from 'vitest';
import { addressOf, RateLimited, RateLimiter } from './rate-limit.ts';

function takeUntilRefused(limiter: RateLimiter, caller: string, now: number): { taken: number; retryAfterSeconds: number } {
  for (let taken = 0; taken < 10_000; taken += 1) {
    try {
      limiter.take('write', caller, now);
    } catch (error) {
      if (error instanceof RateLimited) return { taken, retryAfterSeconds: error.retryAfterSeconds };
      throw error;
    }
  }
  return { taken: Infinity, retryAfterSeconds: 0 };
}

test('a burst is let through, then one has to wait as long as it says', () => {
  const limiter = new RateLimiter(1);
  expect(takeUntilRefused(limiter, 'a', 0)).toEqual({ taken: 60, retryAfterSeconds: 1 });
  expect(() => limiter.take('write', 'a', 400)).toThrow(RateLimited);
  expect(() => limiter.take('write', 'a', 1000)).not.toThrow();
});

test('callers and kinds do not spend each other’s', () => {
  const limiter = new RateLimiter(1);
  takeUntilRefused(limiter, 'a', 0);
  expect(takeUntilRefused(limiter, 'b', 0).taken).toBe(60);
  expect(() => limiter.take('read', 'a', 0)).not.toThrow();
});

test('a bucket never holds more than its burst, and a clock that goes back gives nothing', () => {
  const limiter = new RateLimiter(1);
  takeUntilRefused(limiter, 'a', 1_000_000);
  expect(() => limiter.take('write', 'a', 0)).toThrow(RateLimited);
  expect(takeUntilRefused(limiter, 'a', 9_000_000_000).taken).toBe(60);
});

test('the factor scales, and 0 turns it off', () => {
  expect(takeUntilRefused(new RateLimiter(2), 'a', 0).taken).toBe(120);
  expect(takeUntilRefused(new RateLimiter(0), 'a', 0).taken).toBe(Infinity);
});

test('a caller who invents names makes only those forgotten who have been idle', () => {
  const limiter = new RateLimiter(1);
  const refusals = [takeUntilRefused(limiter, 'busy', 0)];
  for (let round = 0; round < 20; round += 1) {
    for (let i = 0; i < 1000; i += 1) limiter.take('write', `name-${round}-${i}`, 1);
    refusals.push(takeUntilRefused(limiter, 'busy', 1));
  }
  expect(refusals.map(({ taken }) => taken)).toEqual([60, ...Array.from({ length: 20 }, () => 0)]);
});

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['1.2.3.4, 10.0.0.1', '10.0.0.1'],
  ['', 'unknown'],
])('addressOf %j is %s', (header, address) => expect(addressOf(new Headers({ 'x-forwarded-for': header }))).toBe(address));
