import { expect, test } from 'vitest';
import type { StreamEvent } from '#lib/flow/flow.ts';
import { aFlow } from '#lib/testing/flows.ts';
import { EventQueue } from './event-queue.ts';

const events = (count: number): StreamEvent[] => Array.from({ length: count }, () => ({ kind: 'flow', flow: aFlow() }));

test('a writer that is ahead waits for the reader, and nothing is lost', async () => {
  const queue = new EventQueue(new AbortController().signal);
  let written = 0;
  const writing = (async () => {
    for (let i = 0; i < 40; i++) {
      await queue.put(events(1000));
      written++;
    }
  })();
  await new Promise((resolve) => setImmediate(resolve));
  expect(written).toBeLessThan(20);
  let read = 0;
  while (read < 40_000) read += (await queue.take())?.length ?? 0;
  await writing;
  expect(read).toBe(40_000);
});

test('aborting ends a reader and a writer that wait', async () => {
  const stop = new AbortController();
  const queue = new EventQueue(stop.signal);
  const reading = queue.take();
  stop.abort();
  expect(await reading).toBeUndefined();
  await queue.put(events(20_000));
  await queue.put(events(20_000));
});
