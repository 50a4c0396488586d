import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aFlow } from '#lib/testing/flows.ts';
import { Reorder } from './reorder.ts';

test('no flow is lost or doubled, and none waits for more than two releases', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 20 }), { maxLength: 30 }), (batches) => {
      const reorder = new Reorder();
      const released: number[] = [];
      const added: number[] = [];
      for (const batch of batches) {
        for (const time of batch) {
          reorder.add(aFlow({ time }));
          added.push(time);
        }
        const out = reorder.release().map(({ time }) => time);
        expect(out).toEqual(out.toSorted((a, b) => a - b));
        released.push(...out);
        // What came before this batch is out by now.
        expect(reorder.size).toBeLessThanOrEqual(batch.length);
      }
      released.push(...reorder.flush().map(({ time }) => time));
      expect(released.toSorted((a, b) => a - b)).toEqual(added.toSorted((a, b) => a - b));
    }),
  );
});

test('flows that step back within the window come out in order of time', () => {
  const reorder = new Reorder();
  for (const time of [5, 3, 4]) reorder.add(aFlow({ time }));
  expect(reorder.release()).toEqual([]);
  for (const time of [7, 6]) reorder.add(aFlow({ time }));
  expect(reorder.release().map(({ time }) => time)).toEqual([3, 4, 5]);
  expect(reorder.release().map(({ time }) => time)).toEqual([6, 7]);
});
