import 'server-only';
import { readFileSync } from 'node:fs';
import {
  connect,
  credsAuthenticator,
  type NatsConnection,
  type NodeConnectionOptions,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { NatsConfig } from '#lib/config/nats.ts';
import { messageOf } from '#lib/errors/errors.ts';
import { backoffMs, pause } from '#lib/relay/backoff.ts';

export type LinkState = 'connected' | 'reconnecting' | 'failed';

const CONNECT_MS = 5000;
const RECONNECT_MS = 1000;

/** How the client is told to connect; also for those who look once (`causeway doctor`). */
export function connectionOptions({
  servers,
  credentials,
  tls,
}: Pick<NatsConfig, 'servers' | 'credentials' | 'tls'>): NodeConnectionOptions {
  return {
    servers: [...servers],
    timeout: CONNECT_MS,
    ...authentication(credentials),
    // The files are read here, so that one that is missing is told by name, and a renewed one is taken at the next start.
    ...(tls && {
      tls: {
        ...(tls.ca && { ca: readFileSync(tls.ca, 'utf8') }),
        ...(tls.cert && { cert: readFileSync(tls.cert, 'utf8') }),
        ...(tls.key && { key: readFileSync(tls.key, 'utf8') }),
      },
    }),
  };
}

/** By what the text looks like: a `.creds` file, an nkey seed, `user:password`, or a token. */
function authentication(credentials: string | undefined): NodeConnectionOptions {
  if (!credentials) return {};
  const bytes = (): Uint8Array => new TextEncoder().encode(credentials);
  if (credentials.includes('BEGIN NATS USER JWT')) return { authenticator: credsAuthenticator(bytes()) };
  if (/^SU[A-Z2-7]{56}$/.test(credentials)) return { authenticator: nkeyAuthenticator(bytes()) };
  const colon = credentials.indexOf(':');
  return colon < 0 ? { token: credentials } : { user: credentials.slice(0, colon), pass: credentials.slice(colon + 1) };
}

/** The connection of this process to NATS: tried for ever from the start, and again when it breaks. */
export class NatsLink {
  readonly #config: NatsConfig;
  readonly #log: Logger;
  readonly #stop = new AbortController();
  #current: NatsConnection | undefined;
  #wakes: (() => void)[] = [];
  #running: Promise<void> | undefined;
  state: LinkState = 'reconnecting';
  /** Why it is not connected, for a person; empty when it is. */
  detail = 'Connecting to NATS.';
  reconnects = 0;

  constructor(config: NatsConfig, log: Logger) {
    this.#config = config;
    this.#log = log;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** The connection, as soon as there is one. Rejects when `signal` aborts or the link is closed. A connection that broke is given too: it mends itself. */
  async ready(signal: AbortSignal): Promise<NatsConnection> {
    for (;;) {
      if (this.#current && !this.#current.isClosed() && !signal.aborted) return this.#current;
      const ended = AbortSignal.any([signal, this.#stop.signal]);
      ended.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#wakes.push(resolve);
        ended.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    const connection = this.#current;
    if (connection && !connection.isClosed()) {
      // What was acknowledged shall get there; a server that is away must not hold up the end.
      await Promise.race([connection.drain().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 2000).unref())]);
      await connection.close().catch(() => {});
    }
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const connection = await connect({
          ...connectionOptions(this.#config),
          name: 'causeway-ingest',
          maxReconnectAttempts: -1,
          reconnectTimeWait: RECONNECT_MS,
          ignoreAuthErrorAbort: true,
        });
        attempt = 0;
        this.#current = connection;
        this.#become('connected', '');
        for (const wake of this.#wakes.splice(0)) wake();
        if (signal.aborted) await connection.close();
        await Promise.all([this.#watch(connection), connection.closed()]);
        if (!signal.aborted) this.#become('reconnecting', 'The connection to NATS was closed.');
      } catch (error) {
        this.#become(isLasting(error) ? 'failed' : 'reconnecting', `NATS cannot be reached: ${messageOf(error)}`);
      }
      await pause(backoffMs(attempt + 1), signal);
    }
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') this.#become('reconnecting', 'The connection to NATS broke; it is tried again.');
      else if (status.type === 'reconnect') {
        this.reconnects += 1;
        this.#become('connected', '');
      } else if (status.type === 'error') this.#log.warn({ error: messageOf(status.error) }, 'NATS refused something');
    }
  }

  #become(state: LinkState, detail: string): void {
    if (state !== this.state || (detail !== this.detail && state === 'failed'))
      this.#log[state === 'connected' ? 'info' : 'warn']({ servers: this.#config.servers, detail }, `NATS is ${state}`);
    this.state = state;
    this.detail = detail;
  }
}

/** Trouble that another attempt will hardly cure: wrong credentials, a certificate that is not trusted or cannot be read. */
const isLasting = (error: unknown): boolean =>
  /authorization|authentication|certificate|self.signed|ENOENT|EACCES|PEM/i.test(
    `${messageOf(error)} ${error instanceof Error ? error.name : ''}`,
  );
