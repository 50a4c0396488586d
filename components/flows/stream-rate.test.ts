import { expect, test } from 'vitest';
import { addSample, ratesAt, startRate } from './stream-rate.ts';

const everyTenth = (from: number, to: number, sample: { matched: number; sent: number; skipped?: number }) =>
  Array.from({ length: (to - from) / 100 }, (_, index) => ({ at: from + (index + 1) * 100, skipped: 0, ...sample }));

test('rates are of the last five seconds', () => {
  const samples = [...everyTenth(0, 10_000, { matched: 99, sent: 20 }), ...everyTenth(10_000, 15_000, { matched: 41, sent: 20 })];
  const rate = samples.reduce(addSample, startRate(0));
  expect(ratesAt(rate, 15_000)).toEqual({ matched: 410, sent: 200, skipped: 0 });
  expect(rate.samples.length).toBeLessThanOrEqual(51);
});

test('just after the start a rate is not diluted by time that has not passed', () => {
  const rate = everyTenth(0, 1_000, { matched: 10, sent: 10 }).reduce(addSample, startRate(0));
  expect(ratesAt(rate, 1_000).matched).toBe(100);
});

test('a stream that fell silent has a rate of zero', () => {
  const rate = everyTenth(0, 1_000, { matched: 10, sent: 10 }).reduce(addSample, startRate(0));
  expect(ratesAt(rate, 60_000)).toEqual({ matched: 0, sent: 0, skipped: 0 });
  expect(rate).toMatchObject({ matched: 100, sent: 100 });
});
