import 'server-only';

const HEADER_BYTES = 5;

/** A gRPC stream that is none: a message that is compressed although nobody asked for it, or longer than allowed. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/**
 * Cuts a gRPC stream into messages: each comes with a flag (1 when it is compressed) and its length in four bytes, most significant first
 * ("gRPC over HTTP2", Length-Prefixed-Message). `onMessage` gets them in place; they are valid during the call only.
 */
export class FrameCutter {
  private waiting: Buffer[] = [];
  private held = 0;
  private wanted = HEADER_BYTES;

  constructor(
    private readonly mostBytes: number,
    private readonly onMessage: (bytes: Buffer, from: number, end: number) => void,
  ) {}

  /** Throws `FrameError`; nothing more can be read then. */
  push(chunk: Buffer): void {
    const bytes = this.joined(chunk);
    if (!bytes) return;
    let at = 0;
    while (at + HEADER_BYTES <= bytes.length) {
      const end = at + this.sizeAt(bytes, at);
      if (end > bytes.length) break;
      this.onMessage(bytes, at + HEADER_BYTES, end);
      at = end;
    }
    if (at === bytes.length) return;
    this.waiting = [bytes.subarray(at)];
    this.held = bytes.length - at;
    this.wanted = this.held < HEADER_BYTES ? HEADER_BYTES : this.sizeAt(bytes, at);
  }

  /** `chunk` after what waits; undefined while that is no whole message. */
  private joined(chunk: Buffer): Buffer | undefined {
    if (this.held === 0) return chunk;
    this.waiting.push(chunk);
    this.held += chunk.length;
    if (this.held < this.wanted) return undefined;
    const bytes = Buffer.concat(this.waiting, this.held);
    this.waiting = [];
    this.held = 0;
    return bytes;
  }

  private sizeAt(bytes: Buffer, at: number): number {
    if (bytes[at] !== 0) throw new FrameError('a compressed message, which nobody asked for');
    const length = bytes.readUInt32BE(at + 1);
    if (length > this.mostBytes) throw new FrameError(`a message of ${length} bytes`);
    return HEADER_BYTES + length;
  }
}
