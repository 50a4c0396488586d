import { expect, test } from 'vitest';
import { Rate } from './rate.ts';

const NOW = 1_772_460_180_000;

test('what is fetched after the fact counts when it happened', () => {
  const rate = new Rate();
  // Five minutes of a cluster that sees 160 flows a second, all at once.
  for (let time = NOW - 300_000; time < NOW; time += 1000 / 160) rate.add(time, NOW);
  expect(rate.perSecond(10, NOW)).toBe(160);
  expect(rate.perSecond(59, NOW)).toBe(160);
});

test('flows that come late count in their second', () => {
  const rate = new Rate();
  for (let at = NOW; at < NOW + 30_000; at += 100) rate.add(at - 1500, at);
  expect(rate.perSecond(10, NOW + 30_000)).toBe(10);
});

test('a rate that began a moment ago is not thinned by the time before', () => {
  const rate = new Rate();
  for (let at = NOW; at < NOW + 4000; at += 10) rate.add(at, at);
  expect(rate.perSecond(59, NOW + 4000)).toBe(100);
});

test('silence is zero, soon after and long after', () => {
  const rate = new Rate();
  expect(rate.perSecond(10, NOW)).toBe(0);
  rate.add(NOW, NOW);
  expect(rate.perSecond(10, NOW + 20_000)).toBe(0);
  expect(rate.perSecond(59, NOW + 3_600_000)).toBe(0);
});

test('a clock that is ahead counts as now, one that is hours behind not at all', () => {
  const rate = new Rate();
  for (let n = 0; n < 50; n += 1) {
    rate.add(NOW + 3_600_000, NOW);
    rate.add(NOW - 3_600_000, NOW);
  }
  expect(rate.perSecond(1, NOW + 3000)).toBe(50);
});
