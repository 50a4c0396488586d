import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aFlow } from '#lib/testing/flows.ts';
import { SeenFlows } from './seen.ts';

const flowAt = (time: number, uuid = `u${time}`, nodeName = 'c/a') => aFlow({ time, uuid, nodeName });

test('however often and in whatever order a stream repeats itself, each flow is new once', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 400 }), fc.boolean(), (times, replayed) => {
      const seen = new SeenFlows();
      const taken = times.filter((time) => seen.isNew(flowAt(time + 1), replayed));
      expect(taken.length).toBe(new Set(times).size);
    }),
  );
});

test('flows without a uuid are told apart by content', () => {
  const seen = new SeenFlows();
  expect(seen.isNew(flowAt(5, ''), false)).toBe(true);
  expect(seen.isNew(flowAt(5, ''), false)).toBe(false);
  expect(seen.isNew(flowAt(6, ''), false)).toBe(true);
});

test('a uuid that an agent uses twice loses nothing', () => {
  const seen = new SeenFlows();
  expect([1, 2, 2].map((time) => seen.isNew(flowAt(time, 'same'), false))).toEqual([true, true, false]);
});

test('what was forgotten is known by its time when it is replayed, and not held against a clock set back', () => {
  const seen = new SeenFlows();
  for (let time = 1; time <= 600_000; time++) seen.isNew(flowAt(time), false);
  expect(seen.isNew(flowAt(3), true)).toBe(false);
  expect(seen.isNew(flowAt(3, 'after the clock was set back'), false)).toBe(true);
  expect(seen.newestOf('c/a')).toBe(600_000);
});

test('flows up to the floor were taken by someone else', () => {
  const seen = new SeenFlows(100);
  expect([99, 100, 101].map((time) => seen.isNew(flowAt(time), true))).toEqual([false, false, true]);
});

test('nodes do not push out each other', () => {
  const seen = new SeenFlows();
  seen.isNew(flowAt(1, 'x', 'c/quiet'), false);
  for (let time = 1; time <= 300_000; time++) seen.isNew(flowAt(time, `u${time}`, 'c/busy'), false);
  expect(seen.isNew(flowAt(1, 'x', 'c/quiet'), false)).toBe(false);
  expect([...seen.newest().keys()]).toEqual(['c/quiet', 'c/busy']);
});

test('a loss is told once', () => {
  const seen = new SeenFlows(10);
  const loss = { time: 20, nodeName: 'c/a', source: 'PERF_EVENT_RING_BUFFER', count: 3, first: 19, last: 20 } as const;
  expect([loss, loss, { ...loss, time: 21 }, { ...loss, time: 9 }].map((lost) => seen.isNewLoss(lost))).toEqual([
    true,
    false,
    true,
    false,
  ]);
});
