import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchJson, flowsMissed, withSkipped } from './batch.ts';
import { formatCursor, type Frame, frameOf, framesOf, HEARTBEAT, isAfter, parseCursor } from './sse.ts';

test('frames come out whole however the bytes are cut', async () => {
  const event = fc.record({
    event: fc.constantFrom('flows', 'status'),
    text: fc.string(),
    id: fc.option(fc.nat(), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      async (events, cuts) => {
        const frames = events.map(({ event: name, text, id }) => frameOf(name, JSON.stringify(text), id?.toString()));
        const bytes = Buffer.concat([HEARTBEAT, ...frames.flatMap((frame) => [frame.bytes, HEARTBEAT])]);

        const found: Frame[] = [];
        for await (const frame of framesOf(cutUp(bytes, cuts))) found.push(frame);
        expect(found.map(({ bytes: data, event: name, id }) => [data.toString(), name, id])).toEqual(
          frames.map(({ bytes: data, event: name, id }) => [data.toString(), name, id]),
        );
      },
    ),
  );
});

// oxlint-disable-next-line typescript/require-await -- stands for a socket
async function* cutUp(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = cuts[turn % cuts.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

test('an event without an end is refused before it fills memory', async () => {
  const endless = async (): Promise<void> => {
    for await (const frame of framesOf(cutUp(Buffer.alloc(5000, 'x'), [1000]), 2000)) expect(frame).toBeUndefined();
  };
  await expect(endless()).rejects.toThrow('more than 2000 bytes');
});

test('what was skipped is written into the end of a batch, and read from there', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat(), (matched, first, second) => {
      const { bytes } = frameOf('flows', batchJson({ flows: [], matched, verdicts: { DROPPED: matched } }), 'run-1');
      const told = withSkipped(withSkipped(bytes, first), second);
      expect(flowsMissed(told)).toBe(matched + first + second);
      expect(JSON.parse(/^data: (.*)$/m.exec(told.toString())?.[1] ?? '')).toMatchObject({ matched, skipped: first + second });
    }),
  );
});

test('cursors are ordered within a run, and another run is always after', () => {
  expect(parseCursor(formatCursor({ epoch: 'lx3', seq: 17 }))).toEqual({ epoch: 'lx3', seq: 17 });
  expect(['', 'x', 'a-b', '__proto__-1', 'a-1-2'].map(parseCursor)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect([isAfter('a-2', 'a-1'), isAfter('a-1', 'a-1'), isAfter('b-1', 'a-9')]).toEqual([true, false, true]);
});
