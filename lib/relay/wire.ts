import 'server-only';
import { boundText } from '#lib/flow/text.ts';

/** A frame that is not what protobuf or the API allows: cut off, a length beyond its end, a group, an endless number. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/**
 * Reads protobuf's wire format from one buffer, in place. Every read checks the end, so that hostile bytes give a `WireError` and nothing else.
 * Sub-messages are read by narrowing: `const outer = reader.enter(); while (reader.more()) ...; reader.leave(outer);`
 */
export class WireReader {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  end = 0;

  reset(bytes: Buffer, from = 0, end = bytes.length): void {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  more(): boolean {
    return this.at < this.end;
  }

  /** A field's tag: number * 8 + wire type. */
  tag(): number {
    const tag = this.uint32();
    if (tag < 8) throw new WireError('field number 0');
    return tag;
  }

  /** Low 32 bits of a varint, unsigned. */
  uint32(): number {
    const { bytes, end } = this;
    let at = this.at;
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) throw new WireError('cut off inside a number');
      const byte = bytes[at++] as number;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.at = at;
        return value >>> 0;
      }
    }
    throw new WireError('number longer than ten bytes');
  }

  int32(): number {
    return this.uint32() | 0;
  }

  bool(): boolean {
    return this.uint64() !== 0;
  }

  /** A varint as a double: exact up to 2^53. Negative int64 come out huge, which no field of the API is meant to be. */
  uint64(): number {
    const { bytes, end } = this;
    let at = this.at;
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count++) {
      if (at >= end) throw new WireError('cut off inside a number');
      const byte = bytes[at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        this.at = at;
        return value;
      }
      factor *= 128;
    }
    throw new WireError('number longer than ten bytes');
  }

  /** The end of a length-delimited field that begins here; the reader is left at its start. */
  span(): number {
    const length = this.uint32();
    const end = this.at + length;
    if (end > this.end) throw new WireError('length beyond the end');
    return end;
  }

  /** Narrows the reader to the sub-message that begins here; give the returned end to `leave`. */
  enter(): number {
    const outer = this.end;
    this.end = this.span();
    return outer;
  }

  leave(outer: number): void {
    this.at = this.end;
    this.end = outer;
  }

  /** Text of at most `max` UTF-16 units (`boundText`). Bytes beyond are not even looked at: a 10 MB label costs no 10 MB string. */
  text(max: number): string {
    const end = this.span();
    const from = this.at;
    this.at = end;
    return from === end ? '' : boundText(this.bytes.toString('utf8', from, Math.min(end, from + 4 * max + 4)), max);
  }

  skip(wireType: number): void {
    switch (wireType) {
      case 0:
        this.uint64();
        return;
      case 1:
        this.forward(8);
        return;
      case 2:
        this.at = this.span();
        return;
      case 5:
        this.forward(4);
        return;
      default:
        throw new WireError(`wire type ${wireType}`);
    }
  }

  private forward(count: number): void {
    if (this.at + count > this.end) throw new WireError('cut off inside a fixed number');
    this.at += count;
  }
}
