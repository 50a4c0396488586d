import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { FlowBatch } from '#lib/api/flows.ts';
import { framesOf } from '#lib/bus/sse.ts';
import { aDroppedFlow, aFlow } from '#lib/testing/flows.ts';
import { Hub, type Sink } from './hub.ts';
import { FlowRing } from './ring.ts';

const hubs: Hub[] = [];
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.close();
});

function aHub(capacity?: number): { hub: Hub; publish: (flows: ReturnType<typeof aFlow>[]) => void } {
  const ring = new FlowRing(capacity);
  const hub = new Hub(ring, 'run1');
  hubs.push(hub);
  const publish = (flows: ReturnType<typeof aFlow>[]): void => {
    for (const flow of flows) ring.push(flow);
    hub.publish(flows);
  };
  return { hub, publish };
}

/** A reader that can be told to have no room; what it was written, as events. */
class Reader implements Sink {
  room = true;
  readonly chunks: Buffer[] = [];
  hasRoom = (): boolean => this.room;
  write = (bytes: Buffer): void => void this.chunks.push(bytes);
  end = (): void => undefined;

  async batches(): Promise<{ batch: FlowBatch; id: string | undefined }[]> {
    const found: { batch: FlowBatch; id: string | undefined }[] = [];
    for await (const { event, bytes, id } of framesOf(bytesOf(this.chunks))) {
      const data = /^data: (.*)$/m.exec(bytes.toString())?.[1] ?? '';
      if (event === 'flows') found.push({ batch: FlowBatch.parse(JSON.parse(data)), id });
    }
    return found;
  }
  async events(): Promise<string[]> {
    const events: string[] = [];
    for await (const { event } of framesOf(bytesOf(this.chunks))) events.push(event);
    return events;
  }
}

// oxlint-disable-next-line typescript/require-await -- the readers take what a socket gives
async function* bytesOf(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

const every = { filter: '', rows: 1000 };
const all = (): boolean => true;

test('readers of one filter get the very same bytes', () => {
  const { hub, publish } = aHub();
  const readers = [new Reader(), new Reader(), new Reader()];
  for (const reader of readers) hub.join(every, all, reader, undefined);
  publish([aFlow(), aFlow()]);
  hub.flush();
  expect(hub.channels).toBe(1);
  expect(readers[1]?.chunks.at(-1)).toBe(readers[0]?.chunks.at(-1));
  expect(readers[2]?.chunks.at(-1)).toBe(readers[0]?.chunks.at(-1));
});

test('a gap is told to whoever has no room, too', async () => {
  const { hub } = aHub();
  const reader = new Reader();
  hub.join(every, all, reader, undefined);
  reader.room = false;
  hub.gap({ from: 1, to: 2, reason: 'relay-unreachable', nodeName: '' });
  expect(await reader.events()).toEqual(['gap']);
});

test('a batch holds the newest rows in order, and exact counts of all', async () => {
  const { hub, publish } = aHub();
  const reader = new Reader();
  hub.join({ filter: '', rows: 2 }, all, reader, undefined);
  publish([aFlow({ time: 1 }), aDroppedFlow({ time: 2 }), aFlow({ time: 3 })]);
  hub.flush();
  const [{ batch } = { batch: undefined }] = await reader.batches();
  expect(batch?.flows.map(({ time }) => time)).toEqual([2, 3]);
  expect(batch).toMatchObject({ matched: 3, verdicts: { FORWARDED: 2, DROPPED: 1 }, skipped: 0 });
});

test('labels stay out of the stream', async () => {
  const { hub, publish } = aHub();
  const reader = new Reader();
  hub.join(every, all, reader, undefined);
  const flow = aFlow();
  publish([flow]);
  hub.flush();
  expect(flow.source.labels.length).toBeGreaterThan(0);
  expect((await reader.batches())[0]?.batch.flows[0]?.source.labels).toEqual([]);
});

test('whatever the batching and however slow the reader, received and skipped add up to what was published', async () => {
  const step = fc.record({ flows: fc.integer({ min: 0, max: 7 }), room: fc.boolean(), flush: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { hub, publish } = aHub();
      const reader = new Reader();
      const witness = new Reader();
      hub.join(every, all, reader, undefined);
      hub.join(every, all, witness, undefined);
      let published = 0;
      for (const { flows, room, flush } of steps) {
        publish(Array.from({ length: flows }, () => aFlow({ time: (published += 1) })));
        reader.room = room;
        if (flush) hub.flush();
      }
      reader.room = true;
      hub.flush();
      const got = await reader.batches();
      const sum = got.reduce((total, { batch }) => total + batch.matched + batch.skipped, 0);
      expect(sum).toBe(published);
      expect((await witness.batches()).flatMap(({ batch }) => batch.flows.map(({ time }) => time))).toEqual(
        Array.from({ length: published }, (_, index) => index + 1),
      );
      const times = got.flatMap(({ batch }) => batch.flows.map(({ time }) => time));
      expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
    }),
    { numRuns: 60 },
  );
});

test('a reader that comes back gets what it missed, once', async () => {
  const { hub, publish } = aHub();
  const first = new Reader();
  const leave = hub.join(every, all, first, undefined);
  publish([aFlow({ time: 1 }), aFlow({ time: 2 })]);
  hub.flush();
  leave();
  publish([aFlow({ time: 3 })]);
  const again = new Reader();
  hub.join(every, all, again, (await first.batches()).at(-1)?.id);
  publish([aFlow({ time: 4 })]);
  hub.flush();
  const times = (await again.batches()).flatMap(({ batch }) => batch.flows.map(({ time }) => time));
  expect(times).toEqual([3, 4]);
  expect(await again.events()).not.toContain('gap');
});

test('a cursor of another run, or older than the ring, is answered with a gap before what is held', async () => {
  const { hub, publish } = aHub(1024);
  publish(Array.from({ length: 4000 }, (_, time) => aFlow({ time })));
  for (const cursor of ['other-5', 'run1-5', 'nonsense']) {
    const reader = new Reader();
    hub.join(every, all, reader, cursor);
    expect(await reader.events()).toEqual(['gap', 'flows']);
  }
});

test('a channel ends with its last reader', () => {
  const { hub } = aHub();
  const leaves = [1, 2].map(() => hub.join(every, all, new Reader(), undefined));
  const other = hub.join({ filter: 'verdict:DROPPED', rows: 20 }, all, new Reader(), undefined);
  expect([hub.channels, hub.readers]).toEqual([2, 3]);
  for (const leave of leaves) leave();
  expect([hub.channels, hub.readers]).toEqual([1, 1]);
  other();
  expect([hub.channels, hub.readers]).toEqual([0, 0]);
});
