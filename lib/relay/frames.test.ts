import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameCutter } from './frames.ts';

function framed(message: Uint8Array): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

function cut(chunks: readonly Buffer[], mostBytes = 1000): Buffer[] {
  const messages: Buffer[] = [];
  const cutter = new FrameCutter(mostBytes, (bytes, from, end) => messages.push(Buffer.from(bytes.subarray(from, end))));
  for (const chunk of chunks) cutter.push(chunk);
  return messages;
}

test('wherever a stream is cut into chunks, its messages come out whole and in order', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), fc.array(fc.nat(2000)), (messages, cuts) => {
      const stream = Buffer.concat(messages.map(framed));
      const edges = [0, ...cuts.filter((at) => at < stream.length).toSorted((a, b) => a - b), stream.length];
      const chunks = edges.slice(1).map((edge, index) => stream.subarray(edges[index], edge));
      expect(cut(chunks)).toEqual(messages.map((message) => Buffer.from(message)));
    }),
  );
});

test('a large message in small chunks is put together once', () => {
  const message = Buffer.alloc(8 * 1024 * 1024, 7);
  const stream = framed(message);
  const chunks = Array.from({ length: Math.ceil(stream.length / 1000) }, (_, index) =>
    stream.subarray(index * 1000, index * 1000 + 1000),
  );
  const [only, ...more] = cut(chunks, message.length);
  expect(more).toEqual([]);
  expect(only?.equals(message)).toBe(true);
});

test('a message that is too long, or compressed, ends it', () => {
  expect(() => cut([framed(Buffer.alloc(1001))])).toThrow('a message of 1001 bytes');
  expect(() => cut([Buffer.from([0, 255, 255, 255, 255])])).toThrow('a message of 4294967295 bytes');
  expect(() => cut([Buffer.from([1, 0, 0, 0, 0])])).toThrow('compressed');
});
