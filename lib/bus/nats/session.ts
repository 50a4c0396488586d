import 'server-only';
import { jetstreamManager, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { messageOf } from '#lib/errors/errors.ts';
import { backoffMs, pause } from '#lib/relay/backoff.ts';
import { type ConsumerStart, durableConsumer, waitsForAcknowledgement } from './consumer.ts';
import { type ConsumerProgress, progressOf, readMessages, type StreamMessage } from './flow-stream.ts';
import type { NatsLink } from './link.ts';
import { checkStreams, replicasFor } from './streams.ts';
import type { WantedStream } from './subjects.ts';

/** A stream that is read, as it was found. */
export interface FoundStream {
  readonly name: string;
  readonly created: string;
  /** Unix milliseconds: messages before this are gone that nobody had read; undefined when none are missing. */
  readonly cutUntil: number | undefined;
}

export interface SessionOptions {
  readonly link: NatsLink;
  readonly log: Logger;
  readonly streams: readonly WantedStream[];
  readonly replicas: number | undefined;
  /** What to read; absent for a console that only publishes. */
  readonly read?: {
    readonly subjects: readonly string[];
    readonly consumer: string;
    /** Resolves when messages can be taken in. */
    readonly ready: (signal: AbortSignal) => Promise<void>;
    /** False when somebody else takes the messages now: then this reader ends, and waits until it is `ready` again. */
    readonly isWanted: () => boolean;
    /** Where a consumer begins that is not there yet. */
    readonly startOf: (stream: string, created: string) => ConsumerStart;
    readonly onStream: (stream: FoundStream) => void;
    readonly onProgress: (stream: string, progress: ConsumerProgress) => void;
    /** Never rejects. The next message waits for it. */
    readonly take: (message: StreamMessage) => Promise<void>;
  };
}

const API_MS = 5000;
const HAND_OVER_MS = 1000;
const OVERTAKEN = 'Another ingest takes the messages now';
const POLL_MS = 5000;
/** Polls between two looks at the streams. */
const CHECK_EVERY = 3;

/** Streams checked (and made where there are none), and read, for as long as the process runs. */
export class NatsSession {
  readonly #options: SessionOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  /** What the owner of the server should mend, each with its command. */
  problems: readonly string[] = [];
  /** Why nothing is read now; empty while it is, or while the server is just away. */
  trouble = '';

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const ending = new AbortController();
      const ended = AbortSignal.any([signal, ending.signal]);
      try {
        await this.#options.read?.ready(ended);
        const connection = await this.#options.link.ready(ended);
        await this.#session(connection, ended, () => (attempt = 1));
      } catch (error) {
        if (signal.aborted) return;
        if (attempt === 3 && messageOf(error) !== OVERTAKEN)
          this.#options.log.warn({ error: messageOf(error) }, 'the streams of NATS cannot be used; tried again');
        const isOvertaken = messageOf(error) === OVERTAKEN;
        this.trouble = isOvertaken ? '' : messageOf(error);
        if (isOvertaken) this.#said([`${OVERTAKEN}.`]);
      } finally {
        ending.abort();
      }
      // After a server was lost the others choose a leader first: until then requests time out.
      await pause(backoffMs(attempt), signal);
    }
  }

  /** Until something fails or `signal` aborts. */
  async #session(connection: NatsConnection, signal: AbortSignal, onReady: () => void): Promise<void> {
    const manager = await jetstreamManager(connection, { timeout: API_MS });
    const { read } = this.#options;
    const bySubject = await this.#check(manager, connection, []);
    if (!read) return this.#keepChecking(manager, connection, signal, onReady);
    const found = new Map<string, { info: StreamInfo; subjects: string[] }>();
    for (const subject of read.subjects) {
      const info = bySubject.get(subject);
      if (!info) continue;
      const known = found.get(info.config.name);
      if (known) known.subjects.push(subject);
      else found.set(info.config.name, { info, subjects: [subject] });
    }
    if (found.size === 0) throw new Error('no stream holds the flows');
    const problems: string[] = [];
    const usable: StreamInfo[] = [];
    for (const { info, subjects } of found.values()) {
      const problem = await this.#open(manager, info, subjects);
      if (problem.text !== '') problems.push(problem.text);
      if (problem.isUsable) usable.push(info);
    }
    this.#said([...this.problems, ...problems]);
    if (usable.length === 0) throw new Error(problems.join(' '));
    await this.#untilOneEnds(usable, problems, { manager, connection, signal, onReady });
  }

  async #untilOneEnds(
    streams: readonly StreamInfo[],
    problems: readonly string[],
    given: { manager: JetStreamManager; connection: NatsConnection; signal: AbortSignal; onReady: () => void },
  ): Promise<void> {
    const { manager, connection, onReady } = given;
    const ending = new AbortController();
    const signal = AbortSignal.any([given.signal, ending.signal]);
    const work = [
      ...streams.map((stream) => this.#read(connection, stream, signal)),
      this.#poll(streams, problems, { manager, connection, signal, onReady }),
    ];
    try {
      await Promise.race(work);
    } finally {
      ending.abort();
      await Promise.allSettled(work);
    }
  }

  /** Makes the consumer where it is missing, and tells what of the stream is gone that it had not sent. */
  async #open(
    manager: JetStreamManager,
    stream: StreamInfo,
    subjects: readonly string[],
  ): Promise<{ readonly text: string; readonly isUsable: boolean }> {
    const read = this.#options.read as NonNullable<SessionOptions['read']>;
    const { name } = stream.config;
    const start = read.startOf(name, stream.created);
    const { info, isNew, problem } = await durableConsumer(manager, stream, read.consumer, subjects, start);
    const next = isNew ? start.sequence : info.delivered.stream_seq + 1;
    const { first_seq, last_seq, first_ts, messages } = stream.state;
    const isCut = next !== undefined && next > 1 && first_seq > next && last_seq >= next;
    const cutUntil = isCut ? (messages > 0 ? Date.parse(first_ts) : Date.now()) : undefined;
    read.onStream({ name, created: stream.created, cutUntil });
    return { text: problem, isUsable: waitsForAcknowledgement(info) };
  }

  async #read(connection: NatsConnection, stream: StreamInfo, signal: AbortSignal): Promise<void> {
    const read = this.#options.read as NonNullable<SessionOptions['read']>;
    let unwantedAt: number | undefined;
    for await (const message of readMessages(connection, stream, read.consumer, signal)) {
      await read.take(message);
      unwantedAt = read.isWanted() ? undefined : (unwantedAt ?? Date.now());
      // What is on its way here is given back first, or it would stay away until its time is over.
      if (unwantedAt !== undefined && Date.now() - unwantedAt > HAND_OVER_MS) throw new Error(OVERTAKEN);
    }
  }

  async #poll(
    streams: readonly StreamInfo[],
    problems: readonly string[],
    given: { manager: JetStreamManager; connection: NatsConnection; signal: AbortSignal; onReady: () => void },
  ): Promise<void> {
    const read = this.#options.read as NonNullable<SessionOptions['read']>;
    const { manager, connection, signal, onReady } = given;
    this.trouble = '';
    onReady();
    for (let polls = 1; !signal.aborted; polls += 1) {
      // A server that is away is no reason to begin anew: the readers wait for it, and end when their consumer is gone.
      await (async () => {
        for (const { config } of streams)
          read.onProgress(config.name, progressOf(await manager.consumers.info(config.name, read.consumer)));
        if (polls % CHECK_EVERY === 0) await this.#check(manager, connection, problems);
      })().catch(() => undefined);
      await pause(POLL_MS, signal);
      if (!read.isWanted()) throw new Error(OVERTAKEN);
    }
  }

  async #keepChecking(
    manager: JetStreamManager,
    connection: NatsConnection,
    signal: AbortSignal,
    onReady: () => void,
  ): Promise<void> {
    this.trouble = '';
    onReady();
    while (!signal.aborted && !connection.isClosed()) {
      await pause(POLL_MS * CHECK_EVERY, signal);
      await this.#check(manager, connection, []).catch(() => undefined);
    }
  }

  /** Looks at the streams, and makes those that are missing. */
  async #check(
    manager: JetStreamManager,
    connection: NatsConnection,
    others: readonly string[],
  ): Promise<ReadonlyMap<string, StreamInfo>> {
    const { streams, replicas } = this.#options;
    const servers = connection.info?.connect_urls?.length ?? 1;
    const { bySubject, problems } = await checkStreams(manager, streams, replicas ?? replicasFor(servers));
    this.#said([...problems, ...others]);
    return bySubject;
  }

  #said(problems: readonly string[]): void {
    for (const problem of problems)
      if (!this.problems.includes(problem)) this.#options.log.warn({ problem }, 'NATS is not set up as it should be');
    this.problems = problems;
  }
}
