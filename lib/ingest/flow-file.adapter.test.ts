import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { aFlow } from '#lib/testing/flows.ts';
import { flowToLine } from '#lib/flow/flow-to-json.ts';
import { DEFAULT_REDACTION } from '#lib/flow/redact.ts';
import { FILE_LIMITS, type FileLine, type FileLimits, readFlowFile } from './flow-file.ts';

const MiB = 1024 ** 2;

async function read(source: Readable, limits: Partial<FileLimits> = {}): Promise<FileLine[]> {
  const lines: FileLine[] = [];
  for await (const line of readFlowFile(source, DEFAULT_REDACTION, { ...FILE_LIMITS, ...limits })) lines.push(line);
  return lines;
}
/** A source in small pieces, as a network gives it. */
const pieces = (bytes: Buffer, size = 777): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size)),
    { objectMode: false },
  );
const lines = Array.from({ length: 50 }, (_, index) => flowToLine(aFlow({ time: 1_772_460_000_000 + index, uuid: `u${index}` })));
const file = Buffer.from(`${lines.join('\n')}\n`);

test.each([
  { name: 'plain', bytes: file },
  { name: 'gzip', bytes: gzipSync(file) },
  { name: 'gzip of several members', bytes: Buffer.concat([gzipSync(file.subarray(0, 1000)), gzipSync(file.subarray(1000))]) },
  { name: 'without a last line break', bytes: file.subarray(0, -1) },
  { name: 'with carriage returns and empty lines', bytes: Buffer.from(`${lines.join('\r\n\r\n')}\r\n`) },
])('a file is read line by line: $name', async ({ bytes }) => {
  const read50 = await read(pieces(bytes));
  expect(read50.map((line) => line.kind === 'event' && line.event.kind === 'flow' && line.event.flow.uuid)).toEqual(
    lines.map((_, index) => `u${index}`),
  );
});

test('a line that cannot be read is told with its place, and the rest goes on', async () => {
  const cut = lines[1]?.slice(0, 200) ?? '';
  const found = await read(Readable.from([Buffer.from([lines[0], 'nonsense', lines[1], cut].join('\n'))], { objectMode: false }));
  expect(found.map(({ kind, line }) => [kind, line])).toEqual([
    ['event', 1],
    ['bad', 2],
    ['event', 3],
    ['bad', 4],
  ]);
});

test('a line beyond the limit costs no memory and is told', async () => {
  const long = Buffer.concat([Buffer.from(`${lines[0]}\n`), Buffer.alloc(3 * MiB, 'x'), Buffer.from(`\n${lines[1]}\n`)]);
  const found = await read(pieces(long, 64 * 1024));
  expect(found.map(({ kind }) => kind)).toEqual(['event', 'bad', 'event']);
  expect(found[1]).toMatchObject({ line: 2, reason: expect.stringContaining('longer than') as string });
});

test('a gzip bomb is refused before it is unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(100 * MiB, '\n'));
  expect(bomb.length).toBeLessThan(MiB);
  await expect(read(Readable.from([bomb], { objectMode: false }))).rejects.toMatchObject({
    code: 'too-large',
    message: 'the file unpacks to more than 200 times its size',
  });
});

test('a file above the limit is refused, packed or not', async () => {
  const big = Buffer.from(`${lines.join('\n')}\n`.repeat(10));
  for (const bytes of [big, gzipSync(big)]) {
    await expect(read(pieces(bytes), { bytes: 20_000 })).rejects.toMatchObject({ code: 'too-large' });
  }
});

test('a broken gzip file is said to be broken', async () => {
  const bytes = gzipSync(file);
  await expect(read(pieces(bytes.subarray(0, -20)))).rejects.toMatchObject({ code: 'bad-input' });
});

test('a sender that goes away ends the reading', async () => {
  const source = new Readable({ read: () => undefined });
  source.push(file.subarray(0, 5000));
  setTimeout(() => source.destroy(new Error('aborted')), 20);
  await expect(read(source)).rejects.toMatchObject({ code: 'bad-input' });
});
