import 'server-only';
import type { Socket } from 'node:net';
import type { PGlite } from '@electric-sql/pglite';

/**
 * Speaks the PostgreSQL wire protocol (version 3.0) for a PGlite instance, so that every process reaches the embedded database by the
 * same client as a real one. PGlite is ONE backend: connections take turns, and a turn lasts until the backend says ReadyForQuery
 * outside a transaction. So statements of two connections never mix, unlike with a queue of single messages (docs/adr/0003).
 */
export interface WireServer {
  /** Takes over a connected socket. */
  accept(socket: Socket): void;
  /** Ends every connection and waits for the turn that runs. */
  close(): Promise<void>;
}

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;
const PROTOCOL_3 = 196_608;
/** Largest single message taken: a bulk statement of a flush is a few megabytes. */
const MAX_MESSAGE = 256 * 1024 * 1024;

export interface WireOptions {
  /** A transaction that waits so long for its client is rolled back and the connection ended, since all others wait for it. Milliseconds. */
  readonly idleInTransactionMs?: number;
}

export function wireServer(db: PGlite, { idleInTransactionMs = 30_000 }: WireOptions = {}): WireServer {
  const turns = new Turns();
  const sessions = new Set<Session>();
  return {
    accept(socket) {
      const session = new Session(db, turns, socket, idleInTransactionMs, () => sessions.delete(session));
      sessions.add(session);
    },
    async close() {
      for (const session of sessions) session.end();
      await turns.take();
    },
  };
}

/** A fair lock: turns are given in the order in which they were asked for. */
class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when the turn has come, to the function that ends it. */
  async take(): Promise<() => void> {
    const before = this.#last;
    const { promise, resolve } = withResolvers();
    this.#last = promise;
    await before;
    return resolve;
  }
}

/** One client. Messages are collected until the client asks for an answer (Query, Sync or Flush), then run within a turn. */
class Session {
  readonly #db: PGlite;
  readonly #turns: Turns;
  readonly #socket: Socket;
  readonly #idleMs: number;
  readonly #gone: () => void;
  #buffer: Buffer = Buffer.alloc(0);
  #started = false;
  #ended = false;
  #work: Promise<void> = Promise.resolve();
  #batch: Buffer[] = [];
  /** Set while this session holds the backend. */
  #release: (() => void) | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(db: PGlite, turns: Turns, socket: Socket, idleMs: number, gone: () => void) {
    this.#db = db;
    this.#turns = turns;
    this.#socket = socket;
    this.#idleMs = idleMs;
    this.#gone = gone;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
  }

  end(): void {
    this.#socket.end();
    this.#socket.destroySoon();
  }

  #receive(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    for (let message = this.#next(); message; message = this.#next()) {
      if (!this.#started) this.#startup(message);
      else this.#message(message);
    }
  }

  /** The next whole message, or undefined until more has come. */
  #next(): Buffer | undefined {
    const head = this.#started ? 1 : 0;
    if (this.#buffer.length < head + 4) return undefined;
    const length = this.#buffer.readInt32BE(head);
    if (length < 4 || length > MAX_MESSAGE) {
      this.#refuse('08P01', `message of ${length} bytes`);
      return undefined;
    }
    if (this.#buffer.length < head + length) return undefined;
    const message = this.#buffer.subarray(0, head + length);
    this.#buffer = this.#buffer.subarray(head + length);
    return message;
  }

  #startup(message: Buffer): void {
    const code = message.readInt32BE(4);
    if (code === SSL_REQUEST || code === GSS_REQUEST) this.#socket.write('N');
    else if (code === CANCEL_REQUEST) this.#socket.end();
    else if (code !== PROTOCOL_3) this.#refuse('08P01', `protocol ${code >> 16}.${code & 0xffff}`);
    else {
      this.#started = true;
      this.#socket.write(GREETING);
    }
  }

  #message(message: Buffer): void {
    const type = String.fromCharCode(message[0] ?? 0);
    if (type === 'X') return this.end();
    this.#batch.push(message);
    if (type !== 'Q' && type !== 'S' && type !== 'H') return;
    const batch = this.#batch;
    this.#batch = [];
    this.#work = this.#work.then(() => this.#run(batch)).catch((error: unknown) => this.#refuse('XX000', String(error)));
  }

  async #run(batch: readonly Buffer[]): Promise<void> {
    if (this.#ended) return;
    clearTimeout(this.#idle);
    this.#release ??= await this.#turns.take();
    if (this.#ended) return this.#yield();
    const answers: Uint8Array[] = [];
    for (const message of batch) {
      await this.#db.execProtocolRawStream(message, { onRawData: (data) => answers.push(data.slice()) });
    }
    const answer = Buffer.concat(answers);
    this.#socket.write(answer);
    const status = transactionStatus(answer);
    if (status === 'I') this.#yield();
    else if (status) this.#idle = setTimeout(() => this.#refuse('25P03', 'idle in transaction for too long'), this.#idleMs);
  }

  #yield(): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }

  #refuse(sqlState: string, message: string): void {
    if (this.#socket.writable) this.#socket.write(errorResponse(sqlState, message));
    this.end();
  }

  #closed(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#idle);
    this.#gone();
    void this.#work.finally(async () => {
      if (!this.#release) return;
      // The client left in the middle of a transaction, or between Parse and Sync: bring the backend back to its idle state.
      await this.#db.execProtocolRawStream(SYNC, { onRawData: () => {} }).catch(() => {});
      await this.#db.exec('ROLLBACK').catch(() => {});
      this.#yield();
    });
  }
}

/** Status byte of the ReadyForQuery that ends an answer: I idle, T in a transaction, E in a failed one; undefined when the answer does not end so. */
function transactionStatus(answer: Buffer): string | undefined {
  const at = answer.length - 6;
  if (at < 0 || answer[at] !== 0x5a || answer.readInt32BE(at + 1) !== 5) return undefined;
  return String.fromCharCode(answer[at + 5] ?? 0);
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function frame(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const cstring = (text: string): Buffer => Buffer.from(`${text}\0`);
const int32 = (value: number): Buffer => {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
};

const PARAMETERS: Readonly<Record<string, string>> = {
  server_version: '18.6',
  server_encoding: 'UTF8',
  client_encoding: 'UTF8',
  DateStyle: 'ISO, MDY',
  TimeZone: 'UTC',
  integer_datetimes: 'on',
  standard_conforming_strings: 'on',
};

/** AuthenticationOk (the socket's directory is the guard), ParameterStatus, BackendKeyData, ReadyForQuery. */
const GREETING = Buffer.concat([
  frame('R', int32(0)),
  ...Object.entries(PARAMETERS).map(([name, value]) => frame('S', cstring(name), cstring(value))),
  frame('K', int32(1), int32(1)),
  frame('Z', Buffer.from('I')),
]);
const SYNC = frame('S');

function errorResponse(sqlState: string, message: string): Buffer {
  return frame('E', cstring('SFATAL'), cstring('VFATAL'), cstring(`C${sqlState}`), cstring(`M${message}`), Buffer.from([0]));
}
