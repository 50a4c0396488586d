import { expect, test } from 'vitest';
import { eniLimitsOf, eniPods } from './eni-limits.ts';

test.each([
  ['m5.large', 3, 10],
  ['m7g.xlarge', 4, 15],
  ['c6i.4xlarge', 8, 30],
  ['r6i.32xlarge', 15, 50],
  ['t3.medium', 3, 6],
  ['t3.small', 3, 4],
])('%s has %s interfaces with %s addresses', (type, interfaces, addresses) => {
  expect(eniLimitsOf(type)).toEqual({ interfaces, addresses });
});

test.each(['', 'm5', 'p5.48xlarge', 'm5.huge', 'constructor', '__proto__.large'])('%j is not known', (type) => {
  expect(eniLimitsOf(type)).toBeUndefined();
});

test('Cilium takes two addresses, and each interface keeps its own', () => {
  const m5large = { interfaces: 3, addresses: 10 };
  expect(eniPods(m5large, { prefixes: false, firstInterface: 0 })).toBe(25);
  expect(eniPods(m5large, { prefixes: false, firstInterface: 1 })).toBe(16);
  expect(eniPods(m5large, { prefixes: true, firstInterface: 0 })).toBe(430);
  expect(eniPods(m5large, { prefixes: false, firstInterface: 9 })).toBeLessThan(0);
});
