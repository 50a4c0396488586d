import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AuditThrottle } from './throttle.ts';

test('the first five of a caller in a minute are written, the others are counted and written as one', () => {
  const throttle = new AuditThrottle<string>();
  const written = Array.from({ length: 1000 }, (_, i) => throttle.take('olga gate', `try ${i}`, 1000 + i)).filter(Boolean);
  expect(written).toHaveLength(5);
  expect(throttle.take('ada gate', 'hers', 1500)).toEqual({ event: 'hers', count: 1 });
  expect(throttle.due(30_000)).toEqual([]);
  expect(throttle.due(61_000)).toEqual([{ event: 'try 999', count: 995 }]);
  expect(throttle.due(62_000)).toEqual([]);
});

test('a flood from ever new callers writes no more than a few hundred rows a minute', () => {
  const throttle = new AuditThrottle<number>();
  const written = Array.from({ length: 50_000 }, (_, i) => throttle.take(`caller ${i}`, i, i / 1000)).filter(Boolean).length;
  expect(written).toBe(300);
});

test('every event is written or counted, whatever the clock does', () => {
  const events = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), at: fc.integer({ min: 0, max: 300_000 }) }), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(events, (all) => {
      const throttle = new AuditThrottle<string>();
      let total = 0;
      for (const { key, at } of all) {
        for (const { count } of throttle.due(at)) total += count;
        total += throttle.take(key, key, at)?.count ?? 0;
      }
      for (const { count } of throttle.due(Number.MAX_SAFE_INTEGER)) total += count;
      expect(total).toBe(all.length);
    }),
  );
});
