import { expect, test } from 'vitest';
import { knownSince, silentMinutes } from './history.ts';

test('history begins with the first flow, and a minute without any is unknown', () => {
  const timeline = { times: [0, 60, 120, 180], flows: [0, 5, 0, 7] };
  expect(knownSince(timeline)).toBe(60);
  expect([...silentMinutes(timeline)]).toEqual([0, 120]);
});

test('where nothing was received nothing is known', () => {
  expect(knownSince({ times: [0, 60], flows: [0, 0] })).toBeUndefined();
  expect(knownSince({ times: [], flows: [] })).toBeUndefined();
});
