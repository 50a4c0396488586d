import 'server-only';

/** One server-sent event, serialised once and then shared by all who receive it. */
export interface Frame {
  readonly bytes: Buffer;
  readonly event: string;
  readonly id: string | undefined;
}

/** A comment: keeps proxies and browsers from closing an idle stream. */
export const HEARTBEAT = Buffer.from(': \n\n');
export const HEARTBEAT_MS = 15_000;

/** A frame of one line of data; `json` holds no line break (JSON has none). */
export function frameOf(event: string, json: string, id?: string): Frame {
  return { bytes: Buffer.from(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${json}\n\n`), event, id };
}

/** The frames of a stream as they become whole; comments are left out. A frame above `maxBytes` is an error. */
export async function* framesOf(stream: AsyncIterable<Buffer>, maxBytes = 256 * 1024 * 1024): AsyncGenerator<Frame> {
  let chunks: Buffer[] = [];
  let length = 0;
  for await (let chunk of stream) {
    // The end of a frame may lie across two chunks.
    if (chunks.length > 0 && chunk[0] === LF && chunks.at(-1)?.at(-1) === LF) {
      chunks.push(chunk.subarray(0, 1));
      chunk = chunk.subarray(1);
      const frame = parseFrame(Buffer.concat(chunks));
      chunks = [];
      length = 0;
      if (frame) yield frame;
    }
    for (let end = chunk.indexOf('\n\n'); end >= 0; end = chunk.indexOf('\n\n')) {
      chunks.push(chunk.subarray(0, end + 2));
      chunk = chunk.subarray(end + 2);
      const frame = parseFrame(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
      chunks = [];
      length = 0;
      if (frame) yield frame;
    }
    if (chunk.length === 0) continue;
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) throw new Error(`a server-sent event of more than ${maxBytes} bytes`);
  }
}

const LF = 0x0a;

/** Reads `id` and `event`, which stand before the data; the data stays bytes. */
function parseFrame(bytes: Buffer): Frame | undefined {
  if (bytes[0] === 0x3a) return undefined;
  const data = bytes.indexOf('data: ');
  const head = bytes.toString('latin1', 0, data < 0 ? bytes.length : data);
  return { bytes, event: /^event: (.*)$/m.exec(head)?.[1] ?? 'message', id: /^id: (.*)$/m.exec(head)?.[1] };
}

/** A cursor is `epoch-sequence`: the epoch names a run of ingest, the sequence grows by one a flow. */
export interface Cursor {
  readonly epoch: string;
  readonly seq: number;
}

export function parseCursor(text: string): Cursor | undefined {
  const match = /^([a-z0-9]{1,16})-(\d{1,15})$/.exec(text);
  return match ? { epoch: match[1] as string, seq: Number(match[2]) } : undefined;
}

export const formatCursor = ({ epoch, seq }: Cursor): string => `${epoch}-${seq}`;

/** Whether `a` comes after `b`; across runs of ingest whatever is newer counts as after. */
export function isAfter(a: string, b: string): boolean {
  const [left, right] = [parseCursor(a), parseCursor(b)];
  return !left || !right || left.epoch !== right.epoch || left.seq > right.seq;
}
