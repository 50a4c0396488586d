/**
 * Writes protobuf from back to front: a message's length is known once its fields are written, and then goes before them. So fields are
 * written in any order, a message as `const end = w.begin(); ...fields; w.close(field, end)`. Zeros and empty text are left out, as proto3 has it.
 */
export class WireWriter {
  private bytes = Buffer.allocUnsafe(4096);
  private at = this.bytes.length;

  /** What was written since the last `take`, in a buffer of its own. */
  take(): Buffer {
    const taken = Buffer.from(this.bytes.subarray(this.at));
    this.at = this.bytes.length;
    return taken;
  }

  begin(): number {
    return this.bytes.length - this.at;
  }

  close(field: number, begun: number): void {
    this.room(16);
    this.varint(this.bytes.length - this.at - begun);
    this.varint(field * 8 + 2);
  }

  number(field: number, value: number): void {
    if (value === 0) return;
    this.room(16);
    this.varint(value);
    this.varint(field * 8);
  }

  flag(field: number, value: boolean): void {
    if (value) this.number(field, 1);
  }

  text(field: number, value: string): void {
    if (value !== '') this.item(field, value);
  }

  /** Repeated text: an empty one counts. */
  texts(field: number, values: readonly string[]): void {
    for (let i = values.length - 1; i >= 0; i--) this.item(field, values[i] as string);
  }

  /** An encoded message. */
  message(field: number, body: Buffer): void {
    this.room(body.length + 16);
    this.at -= body.length;
    body.copy(this.bytes, this.at);
    this.varint(body.length);
    this.varint(field * 8 + 2);
  }

  /** `google.protobuf.Timestamp` of Unix milliseconds. */
  timestamp(field: number, ms: number): void {
    const micros = Math.round(ms * 1000);
    const seconds = Math.floor(micros / 1e6);
    const begun = this.begin();
    this.number(2, (micros - seconds * 1e6) * 1000);
    this.number(1, seconds);
    this.close(field, begun);
  }

  private item(field: number, value: string): void {
    const length = Buffer.byteLength(value);
    this.room(length + 16);
    this.at -= length;
    this.bytes.write(value, this.at, 'utf8');
    this.varint(length);
    this.varint(field * 8 + 2);
  }

  private varint(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
    this.at -= size;
    let rest = value;
    for (let i = 0; i < size - 1; i++) {
      this.bytes[this.at + i] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.at + size - 1] = rest;
  }

  private room(needed: number): void {
    if (this.at >= needed) return;
    const used = this.bytes.subarray(this.at);
    const larger = Buffer.allocUnsafe(this.bytes.length * 2 + needed);
    used.copy(larger, larger.length - used.length);
    this.at = larger.length - used.length;
    this.bytes = larger;
  }
}
