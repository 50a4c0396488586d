import 'server-only';
import { EventEmitter } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { status } from '@grpc/grpc-js';
import type { RelayTarget } from '#lib/api/clusters.ts';
import { inBursts } from './bursts.ts';
import { openSocket } from './connect.ts';
import { FrameCutter, FrameError } from './frames.ts';
import type { StreamCall } from './receive.ts';

const CONNECT_MS = 10_000;
const OK: number = status.OK;

export interface FollowCallOptions<T> {
  /** `/observer.Observer/GetFlows`. */
  readonly path: string;
  readonly request: Buffer;
  /** Reads a message in place; must not throw. */
  readonly decode: (bytes: Buffer, from: number, end: number) => T;
  readonly windowBytes: number;
  readonly mostBytes: number;
  readonly onHeaders: (headers: IncomingHttpHeaders) => void;
}

/**
 * A call that streams for hours, on a connection of its own: gRPC over HTTP/2 without the general client, whose work for each message is more than ours,
 * and read in bursts (`inBursts`). Fails as that client does, with gRPC's `code` and `details`. Throws `relay-tls` when TLS files cannot be read.
 */
export function followCall<T>(target: RelayTarget, options: FollowCallOptions<T>): StreamCall<T> {
  return new FollowCall(target, options);
}

class FollowCall<T> extends EventEmitter implements StreamCall<T> {
  private readonly session: ClientHttp2Session;
  private readonly stream: ClientHttp2Stream;
  private readonly late: NodeJS.Timeout;
  /** What broke the connection, when something did. */
  private reason = 'the connection ended';
  private trailers: IncomingHttpHeaders | undefined;
  private done = false;

  constructor(target: RelayTarget, { path, request, decode, windowBytes, mostBytes, onHeaders }: FollowCallOptions<T>) {
    super();
    const socket = openSocket(target);
    this.session = connect(`http://${target.address}`, {
      createConnection: () => inBursts(socket),
      settings: { initialWindowSize: windowBytes, enablePush: false },
    });
    this.late = setTimeout(() => this.fail(status.UNAVAILABLE, 'no answer'), CONNECT_MS);
    this.session.once('remoteSettings', () => clearTimeout(this.late));
    this.session.once('connect', () => {
      if (!this.session.destroyed) this.session.setLocalWindowSize(windowBytes);
    });
    this.session.on('error', (error) => (this.reason = error.message));
    this.session.once('close', () => this.fail(status.UNAVAILABLE, this.reason));
    this.stream = this.session.request({
      ':method': 'POST',
      ':path': path,
      ':authority': target.tlsServerName ?? target.address,
      'content-type': 'application/grpc',
      'grpc-accept-encoding': 'identity',
      'user-agent': 'causeway',
      te: 'trailers',
    });
    const cutter = new FrameCutter(mostBytes, (bytes, from, end) => this.emit('data', decode(bytes, from, end)));
    this.stream.on('response', (headers) => {
      onHeaders(headers);
      if (headers['grpc-status'] !== undefined) this.trailers = headers;
      const refusal = refusalOf(headers);
      if (refusal) this.fail(...refusal);
      else this.stream.on('data', (chunk: Buffer) => this.cut(cutter, chunk)); // not before: data that came with the headers would overtake them
    });
    // They may come before the last messages were read.
    this.stream.on('trailers', (trailers) => (this.trailers = trailers));
    this.stream.once('end', () => this.end());
    this.stream.on('error', (error) => (this.reason = error.message));
    this.stream.once('close', () => this.end());
    this.stream.end(framed(request));
  }

  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  cancel(): void {
    if (this.finish()) this.emit('end');
  }

  private cut(cutter: FrameCutter, chunk: Buffer): void {
    if (this.done) return;
    try {
      cutter.push(chunk);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.fail(status.RESOURCE_EXHAUSTED, error.message);
    }
  }

  private end(): void {
    if (!this.trailers) return this.fail(status.UNAVAILABLE, this.reason);
    const code = Number(this.trailers['grpc-status']);
    if (code !== OK) this.fail(code, textOf(this.trailers['grpc-message']));
    else if (this.finish()) this.emit('end');
  }

  private fail(code: number, details: string): void {
    if (this.finish()) this.emit('error', Object.assign(new Error(details), { code, details }));
  }

  /** Lets go of stream and connection; false when that was done before. */
  private finish(): boolean {
    if (this.done) return false;
    this.done = true;
    clearTimeout(this.late);
    this.stream.close(constants.NGHTTP2_CANCEL);
    this.session.destroy();
    return true;
  }
}

/** What an answer that is no gRPC means (`doc/http-grpc-status-mapping.md` of gRPC); undefined for one that is. */
function refusalOf(headers: IncomingHttpHeaders): [status, string] | undefined {
  const http = Number(headers[':status' as keyof IncomingHttpHeaders]);
  if (http === 200 && headers['content-type']?.startsWith('application/grpc')) return undefined;
  return [STATUS_OF_HTTP.get(http) ?? status.UNKNOWN, `answers HTTP ${http} ${headers['content-type'] ?? ''}`.trim()];
}

const STATUS_OF_HTTP: ReadonlyMap<number, status> = new Map([
  [200, status.UNIMPLEMENTED], // a web page
  [400, status.INTERNAL],
  [401, status.UNAUTHENTICATED],
  [403, status.PERMISSION_DENIED],
  [404, status.UNIMPLEMENTED],
  [429, status.UNAVAILABLE],
  [502, status.UNAVAILABLE],
  [503, status.UNAVAILABLE],
  [504, status.UNAVAILABLE],
]);

function framed(message: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** `grpc-message` is percent-encoded, by whoever sends it well. */
function textOf(value: string | string[] | undefined): string {
  const text = String(value ?? '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
