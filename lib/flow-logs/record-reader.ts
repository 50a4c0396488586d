import ipaddr from 'ipaddr.js';
import { DEFAULT_FORMAT, FIELD, isHeader, type LineFormat, parseFormat } from './format.ts';

/** One record. The same object for all lines: take what is needed before the next. */
export interface FlowLogRecord {
  /** IPv4 addresses as 32-bit integers; IPv6 and absent ones are in the texts (`''`: it is IPv4). */
  source: number;
  sourceText: string;
  destination: number;
  destinationText: string;
  sourcePort: number;
  destinationPort: number;
  /** IANA protocol number. */
  protocol: number;
  packets: number;
  bytes: number;
  /** Unix seconds. */
  start: number;
  end: number;
  rejected: boolean;
  /** OR of the flags seen; -1 where the format does not tell. */
  tcpFlags: number;
  /** Names of AWS services whose ranges hold the addresses; empty where none is told. */
  sourceService: string;
  destinationService: string;
}

export interface RecordSink {
  /** Returns what is wrong with it; empty when nothing is. */
  record(record: FlowLogRecord): string;
  /** A line that cannot be read; counted from 1. */
  broken(line: number, reason: string): void;
}

/** Lines longer than this are broken. */
const LONGEST_LINE = 8_192;
/** Epoch seconds of June 2015, when flow logs came, and of the year 2100. */
const FIRST_TIME = 1_433_000_000;
const LAST_TIME = 4_102_444_800;
/** A record spans ten minutes at most by AWS; more than a day is a mistake that would swell the window. */
const LONGEST_RECORD = 86_400;
const MOST_TEXTS = 100_000;

const [LF, CR, SPACE, DASH, DOT, COLON, ZERO, NINE] = [0x0a, 0x0d, 0x20, 0x2d, 0x2e, 0x3a, 0x30, 0x39];
const decoder = new TextDecoder('utf-8', { fatal: false });
const utf8 = (bytes: Uint8Array, from: number, to: number): string => decoder.decode(bytes.subarray(from, to));

/**
 * Reads AWS VPC Flow Logs from chunks of bytes, wherever they are cut. Works on the bytes: no string is made of a line that is in order and IPv4.
 * The format is that of the header line, the one given, or AWS's default; a file of several that were put together may repeat its header. Lines
 * of an export from CloudWatch Logs begin with a time of their own, which is passed over.
 */
export class RecordReader {
  readonly #sink: RecordSink;
  readonly #given: LineFormat | undefined;
  #format: LineFormat | undefined;
  /** Columns before the format's own: the time of CloudWatch. */
  #prefix = 0;
  #rest: Uint8Array = new Uint8Array(0);
  #tooLong = false;
  /** Lines so far, with headers and empty ones. */
  line = 0;
  /** Lines that are records or should be: taken, without data, skipped, broken. */
  total = 0;
  taken = 0;
  noData = 0;
  skipData = 0;
  broken = 0;

  #address = 0;
  #addressText = '';
  readonly #texts = new Map<string, string>();
  readonly #services = new Map<string, string>();
  readonly #record: FlowLogRecord = {
    source: 0,
    sourceText: '',
    destination: 0,
    destinationText: '',
    sourcePort: 0,
    destinationPort: 0,
    protocol: 0,
    packets: 0,
    bytes: 0,
    start: 0,
    end: 0,
    rejected: false,
    tcpFlags: -1,
    sourceService: '',
    destinationService: '',
  };

  constructor(sink: RecordSink, format?: LineFormat) {
    this.#sink = sink;
    this.#given = format;
  }

  /** Takes the next bytes of the file. They may be reused afterwards. */
  push(chunk: Uint8Array): void {
    let from = 0;
    if (this.#rest.length > 0 || this.#tooLong) {
      const end = chunk.indexOf(LF);
      if (end < 0) return this.#keep(chunk);
      if (this.#tooLong) this.#fail(this.#tooLongReason());
      else {
        const whole = joined(this.#rest, chunk.subarray(0, end));
        this.#line(whole, 0, whole.length);
      }
      this.#rest = new Uint8Array(0);
      this.#tooLong = false;
      from = end + 1;
    }
    for (let end = chunk.indexOf(LF, from); end >= 0; end = chunk.indexOf(LF, from)) {
      this.#line(chunk, from, end);
      from = end + 1;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  /** The file has ended: its last line may lack a line break. The next file may begin, with a format of its own. */
  end(): void {
    if (this.#tooLong) this.#fail(this.#tooLongReason());
    else if (this.#rest.length > 0) this.#line(this.#rest, 0, this.#rest.length);
    this.#rest = new Uint8Array(0);
    this.#tooLong = false;
    this.#format = undefined;
    this.#prefix = 0;
    this.line = 0;
  }

  #keep(bytes: Uint8Array): void {
    if (this.#rest.length + bytes.length > LONGEST_LINE) {
      this.#tooLong = true;
      this.#rest = new Uint8Array(0);
    } else this.#rest = joined(this.#rest, bytes);
  }

  #tooLongReason(): string {
    this.line += 1;
    return `the line is longer than ${LONGEST_LINE} bytes`;
  }

  #fail(reason: string): void {
    this.total += 1;
    this.broken += 1;
    this.#sink.broken(this.line, reason);
  }

  #line(bytes: Uint8Array, from: number, end: number): void {
    this.line += 1;
    const to = end > from && bytes[end - 1] === CR ? end - 1 : end;
    if (to === from) return;
    if (to - from > LONGEST_LINE) return this.#fail(`the line is longer than ${LONGEST_LINE} bytes`);
    const first = bytes[from] ?? 0;
    // Headers begin with a small letter; of records only those whose first field is an id, a region or a path do.
    if ((this.#format === undefined || (first >= 0x61 && first <= 0x7a)) && this.#takeFormat(bytes, from, to)) return;
    const reason = this.#fields(bytes, from, to);
    if (reason !== '') this.#fail(reason);
  }

  /** Finds the format by the first line, or by a header further on. Whether the line has been dealt with. */
  #takeFormat(bytes: Uint8Array, from: number, to: number): boolean {
    const text = utf8(bytes, from, to);
    if (isHeader(text)) {
      const parsed = parseFormat(text);
      if (parsed.ok) this.#format = parsed.format;
      else this.#fail(`the header cannot be used: ${parsed.reason}`);
      return true;
    }
    if (this.#format === undefined) {
      this.#format = this.#given ?? DEFAULT_FORMAT;
      this.#prefix = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z /.test(text) ? 1 : 0;
    }
    return false;
  }

  /** Reads the columns of a record and hands it on. Returns what is wrong with it; empty when nothing is. */
  #fields(bytes: Uint8Array, from: number, to: number): string {
    const { columns, names } = this.#format ?? DEFAULT_FORMAT;
    const record = this.#record;
    record.sourceText = record.destinationText = '-';
    record.sourcePort = record.destinationPort = record.protocol = record.packets = record.bytes = 0;
    record.start = record.end = 0;
    record.rejected = false;
    record.tcpFlags = -1;
    record.sourceService = record.destinationService = '';
    let isMissing = false;
    let isSkipped = false;
    let packetSource = false;
    let packetDestination = false;
    let column = -this.#prefix;
    let at = from;
    while (at <= to) {
      let end = at;
      while (end < to && bytes[end] !== SPACE) end += 1;
      if (end === at) return 'two spaces follow each other, or one ends the line';
      const isAbsent = end === at + 1 && bytes[at] === DASH;
      const field = column < 0 ? FIELD.none : (columns[column] ?? FIELD.none);
      switch (field) {
        case FIELD.srcaddr:
        case FIELD['pkt-srcaddr']: {
          if (isAbsent || (packetSource && field === FIELD.srcaddr)) break;
          if (!this.#readAddress(bytes, at, end)) return `${names[column]} is no address`;
          packetSource = field === FIELD['pkt-srcaddr'];
          record.source = this.#address;
          record.sourceText = this.#addressText;
          break;
        }
        case FIELD.dstaddr:
        case FIELD['pkt-dstaddr']: {
          if (isAbsent || (packetDestination && field === FIELD.dstaddr)) break;
          if (!this.#readAddress(bytes, at, end)) return `${names[column]} is no address`;
          packetDestination = field === FIELD['pkt-dstaddr'];
          record.destination = this.#address;
          record.destinationText = this.#addressText;
          break;
        }
        case FIELD.srcport: {
          if (isAbsent) break;
          record.sourcePort = digits(bytes, at, end, 65_535);
          if (record.sourcePort < 0) return 'srcport is no port';
          break;
        }
        case FIELD.dstport: {
          if (isAbsent) break;
          record.destinationPort = digits(bytes, at, end, 65_535);
          if (record.destinationPort < 0) return 'dstport is no port';
          break;
        }
        case FIELD.protocol: {
          if (isAbsent) isMissing = true;
          else record.protocol = digits(bytes, at, end, 255);
          if (record.protocol < 0) return 'protocol is no number from 0 to 255';
          break;
        }
        case FIELD.packets: {
          if (isAbsent) break;
          record.packets = digits(bytes, at, end, Number.MAX_SAFE_INTEGER);
          if (record.packets < 0) return 'packets is no number';
          break;
        }
        case FIELD.bytes: {
          if (isAbsent) break;
          record.bytes = digits(bytes, at, end, Number.MAX_SAFE_INTEGER);
          if (record.bytes < 0) return 'bytes is no number';
          break;
        }
        case FIELD.start: {
          if (isAbsent) isMissing = true;
          else record.start = digits(bytes, at, end, LAST_TIME);
          if (record.start < 0 || (record.start < FIRST_TIME && !isAbsent)) return 'start is no time in Unix seconds';
          break;
        }
        case FIELD.end: {
          if (isAbsent) break;
          record.end = digits(bytes, at, end, LAST_TIME);
          if (record.end < FIRST_TIME) return 'end is no time in Unix seconds';
          break;
        }
        case FIELD.action: {
          const action = isAbsent ? '-' : wordOf(bytes, at, end);
          if (action === 'REJECT') record.rejected = true;
          else if (action === '-') isMissing = true;
          else if (action !== 'ACCEPT') return 'action is neither ACCEPT nor REJECT';
          break;
        }
        case FIELD['log-status']: {
          const status = isAbsent ? '-' : wordOf(bytes, at, end);
          if (status === 'NODATA') isMissing = true;
          else if (status === 'SKIPDATA') isSkipped = true;
          else if (status !== 'OK') return 'log-status is none of OK, NODATA, SKIPDATA';
          break;
        }
        case FIELD['tcp-flags']: {
          if (isAbsent) break;
          record.tcpFlags = digits(bytes, at, end, 255);
          if (record.tcpFlags < 0) return 'tcp-flags is no number from 0 to 255';
          break;
        }
        case FIELD['pkt-src-aws-service']: {
          if (!isAbsent) record.sourceService = this.#service(bytes, at, end);
          break;
        }
        case FIELD['pkt-dst-aws-service']: {
          if (!isAbsent) record.destinationService = this.#service(bytes, at, end);
          break;
        }
        default:
      }
      column += 1;
      at = end + 1;
    }
    if (column !== columns.length) return `${columns.length} fields were expected, there are ${column}`;
    if (isSkipped) this.skipData += 1;
    else if (isMissing || record.sourceText === '-' || record.destinationText === '-') this.noData += 1;
    else {
      if (record.end === 0) record.end = record.start;
      if (record.end < record.start) return 'end is before start';
      if (record.end - record.start > LONGEST_RECORD) return 'start and end are more than a day apart';
      const reason = this.#sink.record(record);
      if (reason !== '') return reason;
      this.taken += 1;
    }
    this.total += 1;
    return '';
  }

  /** Into `#address` and `#addressText`. */
  #readAddress(bytes: Uint8Array, from: number, to: number): boolean {
    let value = 0;
    let part = -1;
    let dots = 0;
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte >= ZERO && byte <= NINE) {
        if (part === 0) return false; // a leading zero: some read such a number as octal
        part = (part < 0 ? 0 : part) * 10 + byte - ZERO;
        if (part > 255) return this.#readIpv6(bytes, from, to);
      } else if (byte === DOT) {
        if (part < 0 || dots === 3) return false;
        value = (value << 8) | part;
        part = -1;
        dots += 1;
      } else return this.#readIpv6(bytes, from, to);
    }
    if (dots !== 3 || part < 0) return false;
    this.#address = (value << 8) | part;
    this.#addressText = '';
    return true;
  }

  #readIpv6(bytes: Uint8Array, from: number, to: number): boolean {
    if (to - from > 45 || bytes.subarray(from, to).indexOf(COLON) < 0) return false;
    const text = utf8(bytes, from, to);
    let canonical = this.#texts.get(text);
    if (canonical === undefined) {
      canonical = ipaddr.IPv6.isValid(text) && !text.includes('%') ? ipaddr.IPv6.parse(text).toString() : '';
      if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
      this.#texts.set(text, canonical);
    }
    this.#address = 0;
    this.#addressText = canonical;
    return canonical !== '';
  }

  #service(bytes: Uint8Array, from: number, to: number): string {
    const text = utf8(bytes, from, Math.min(to, from + 64));
    const known = this.#services.get(text);
    if (known !== undefined) return known;
    const name = /^[A-Z][A-Z0-9_-]*$/.test(text) && this.#services.size < 256 ? text : '';
    if (this.#services.size < 256) this.#services.set(text, name);
    return name;
  }
}

/** A decimal number of at most `most`; -1 for anything else. */
function digits(bytes: Uint8Array, from: number, to: number, most: number): number {
  if (to - from > 16) return -1;
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < ZERO || byte > NINE) return -1;
    value = value * 10 + byte - ZERO;
  }
  return value <= most ? value : -1;
}

/** Words that are looked for, found without making a string of each. */
function wordOf(bytes: Uint8Array, from: number, to: number): string {
  for (const { word, codes } of WORDS) {
    if (codes.length !== to - from) continue;
    let at = 0;
    while (at < codes.length && bytes[from + at] === codes[at]) at += 1;
    if (at === codes.length) return word;
  }
  return '';
}
const WORDS = ['ACCEPT', 'OK', 'REJECT', 'NODATA', 'SKIPDATA'].map((word) => ({
  word,
  codes: new TextEncoder().encode(word),
}));

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
