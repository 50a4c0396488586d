import { expect, test } from 'vitest';
import { policyChanges, type Stretch } from './policy-changes.ts';

const stretch = (from: number, to: number | undefined, hash: string): Stretch => ({
  ref: 'cnp:shop/web',
  from,
  to,
  hash,
  generation: 2,
});

test('another content is a change, with the last time the one before was seen', () =>
  expect(policyChanges([stretch(0, 100, 'a'), stretch(100, undefined, 'b')], 50, 0)).toEqual([
    { ref: 'cnp:shop/web', what: 'changed', from: 'a', to: 'b', generation: 2, at: 100, lastSeen: 100 },
  ]));

test.each([
  { name: 'a new policy', stretches: [stretch(100, undefined, 'a')] },
  { name: 'one that came back as it was', stretches: [stretch(0, 60, 'a'), stretch(100, undefined, 'a')] },
  { name: 'a change that was told before', stretches: [stretch(0, 40, 'a'), stretch(40, undefined, 'b')] },
])('$name is no change', ({ stretches }) => expect(policyChanges(stretches, 50, 0)).toEqual([]));

test('a policy that is gone was deleted, once', () => {
  expect(policyChanges([stretch(0, 100, 'a')], 50, 0)).toMatchObject([{ what: 'deleted', at: 100, lastSeen: 100 }]);
  expect(policyChanges([stretch(0, 100, 'a')], 100, 0)).toEqual([]);
});

test('what ended while nobody looked is noticed when somebody looks again', () =>
  expect(policyChanges([stretch(0, 100, 'a')], 150, 5000)).toMatchObject([{ what: 'deleted', at: 5000, lastSeen: 100 }]));
