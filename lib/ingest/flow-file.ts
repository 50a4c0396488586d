import 'server-only';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { StreamEvent } from '#lib/flow/flow.ts';
import { parseLine } from '#lib/flow/parse.ts';
import type { Redaction } from '#lib/flow/redact.ts';

/** How much of a file is read before it is refused. */
export interface FileLimits {
  /** Of the file as it comes, and as it unpacks. */
  readonly bytes: number;
  readonly lineBytes: number;
  /** A gzip file that unpacks to more than this and to more than `ratio` times its size is taken for a bomb. */
  readonly unpackedFreeBytes: number;
  readonly ratio: number;
}

export const FILE_LIMITS: FileLimits = {
  bytes: 4 * 1024 ** 3,
  lineBytes: 1024 ** 2,
  unpackedFreeBytes: 32 * 1024 ** 2,
  ratio: 200,
};

/** What a line of an exporter or jsonpb file was. `line` counts from 1; `text` is all of it. */
export type FileLine =
  | { readonly kind: 'event'; readonly event: StreamEvent; readonly line: number; readonly text: string }
  | { readonly kind: 'bad'; readonly line: number; readonly reason: string };

/**
 * Reads a file of flows, plain or gzip (recognised by its first bytes), line by line as it comes: memory is bounded by the longest line. A line
 * that cannot be read is a value; throws `too-large` beyond the limits and `bad-input` for a broken gzip file.
 */
export async function* readFlowFile(
  source: Readable,
  redaction: Redaction,
  limits: FileLimits = FILE_LIMITS,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<FileLine> {
  try {
    for await (const { text, line, tooLong } of linesOf(unpacked(source, limits, onBytes), limits.lineBytes)) {
      if (tooLong) {
        yield { kind: 'bad', line, reason: `the line is longer than ${limits.lineBytes} bytes` };
        continue;
      }
      const parsed = parseLine(text, { redaction });
      if (parsed.ok) yield { kind: 'event', event: parsed.event, line, text };
      else if (!parsed.ignored) {
        yield { kind: 'bad', line, reason: parsed.column ? `column ${parsed.column}: ${parsed.reason}` : parsed.reason };
      }
    }
  } catch (error) {
    throw error instanceof CausewayError ? error : unreadable(error);
  }
}

/** The bytes of the file, unpacked where it is gzip. Fails with `too-large` beyond the limits. */
export function unpacked(source: Readable, limits: FileLimits, onBytes?: (bytes: number) => void): Readable {
  const count = { read: 0, made: 0 };
  const out = new PassThrough();
  const reading = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count.read += chunk.length;
      onBytes?.(count.read);
      done(count.read > limits.bytes ? tooLarge(limits) : null, chunk);
    },
  });
  const unpacking = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count.made += chunk.length;
      const bomb = count.made > limits.unpackedFreeBytes && count.made > limits.ratio * count.read;
      if (bomb) done(new CausewayError('too-large', `the file unpacks to more than ${limits.ratio} times its size`));
      else done(count.made > limits.bytes ? tooLarge(limits) : null, chunk);
    },
  });
  const work = async (): Promise<void> => {
    const { head, rest } = await peek(source.pipe(reading));
    const parts = head[0] === 0x1f && head[1] === 0x8b ? [createGunzip(), unpacking] : [];
    await pipeline([rest, ...parts, out]);
  };
  source.once('error', (error) => reading.destroy(error));
  work().catch((error: unknown) => out.destroy(error instanceof Error ? error : new Error(messageOf(error))));
  return out;
}

/** The first bytes of a stream (two at least, unless it is shorter), and the stream with them still in it. */
async function peek(stream: Readable): Promise<{ head: Buffer; rest: Readable }> {
  const chunks = stream[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const { value, done } = await chunks.next();
    if (done) break;
    head = Buffer.concat([head, value as Buffer]);
  }
  const all = async function* (): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value as Buffer;
  };
  return { head, rest: Readable.from(all(), { objectMode: false }) };
}

interface Line {
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
  readonly tooLong: boolean;
}

/** Lines without their end; empty ones are only counted. A line that is too long is not kept, only told of. */
async function* linesOf(stream: Readable, maxBytes: number): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let length = 0;
  let line = 0;
  const take = (end: Buffer): Line => {
    const tooLong = length + end.length > maxBytes;
    const text = tooLong ? '' : Buffer.concat([...parts, end]).toString('utf8');
    parts = [];
    length = 0;
    line += 1;
    return { text, line, tooLong };
  };
  for await (const chunk of stream) {
    const bytes = chunk as Buffer;
    let at = 0;
    for (;;) {
      // A file of nothing but line breaks must not cost more than counting them.
      if (length === 0) {
        while (bytes[at] === LF) {
          at += 1;
          line += 1;
        }
      }
      const end = bytes.indexOf(LF, at);
      if (end < 0) break;
      yield take(bytes.subarray(at, end));
      at = end + 1;
    }
    const rest = bytes.subarray(at);
    length += rest.length;
    if (length > maxBytes) parts = [];
    else if (rest.length > 0) parts.push(rest);
  }
  if (length > 0) yield take(Buffer.alloc(0));
}

const LF = 0x0a;

const tooLarge = ({ bytes }: FileLimits): CausewayError =>
  new CausewayError('too-large', `the file is larger than ${Math.round(bytes / 1024 ** 2)} MiB`);

const unreadable = (error: unknown): CausewayError =>
  new CausewayError('bad-input', `the file cannot be read: ${messageOf(error)}`, { cause: error });
