import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aFlow } from '#lib/testing/flows.ts';
import { FlowRing } from './ring.ts';

const filled = (times: readonly number[], capacity = 100_000): FlowRing => {
  const ring = new FlowRing(capacity);
  for (const time of times) ring.push(aFlow({ time }));
  return ring;
};

test('sequences grow by one and tell what is held', () => {
  const ring = filled([10, 20, 30]);
  expect([ring.oldest, ring.newest, ring.size]).toEqual([1, 3, 3]);
  expect([...ring.after(1)].map(({ seq }) => seq)).toEqual([2, 3]);
  expect([...ring.before(3)].map(({ seq }) => seq)).toEqual([2, 1]);
});

test('an empty ring has nothing before or after anything', () => {
  const ring = new FlowRing();
  expect([ring.newest, ring.oldest, ring.size, ring.oldestTime, ring.newestTime]).toEqual([0, 1, 0, undefined, undefined]);
  expect([...ring.before(5), ...ring.after(0)]).toEqual([]);
});

test('the oldest flows go first, whole chunks at a time, and memory stays bounded', () => {
  const ring = filled(
    Array.from({ length: 10_000 }, (_, index) => index),
    2048,
  );
  expect(ring.size).toBeLessThanOrEqual(3 * 1024);
  expect(ring.size).toBeGreaterThanOrEqual(1024);
  expect(ring.newest).toBe(10_000);
  expect(ring.oldestTime).toBe(ring.oldest - 1);
  expect([...ring.after(0)]).toHaveLength(ring.size);
});

test('a search by time finds exactly the flows of the window, however they are ordered', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 4000, minLength: 1 }),
      fc.integer({ min: 0, max: 5000 }),
      fc.integer({ min: 0, max: 2000 }),
      (times, from, span) => {
        const ring = filled(times);
        const found = [...ring.before(Number.POSITIVE_INFINITY, { from, to: from + span })].map(({ flow }) => flow.time);
        expect(found).toEqual(times.filter((time) => time >= from && time <= from + span).toReversed());
      },
    ),
    { numRuns: 30 },
  );
});
