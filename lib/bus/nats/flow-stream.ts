import 'server-only';
import { type ConsumerInfo, type JsMsg, jetstream, type StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

/** Messages that the client asks for at a time. */
const PULLED = 4096;
const EXPIRES_MS = 10_000;

/** A message that a stream holds. */
export interface StreamMessage {
  readonly stream: string;
  /** When the stream was made. */
  readonly created: string;
  readonly subject: string;
  readonly sequence: number;
  readonly data: Uint8Array;
  /** It was sent before, to this process or another. */
  readonly redelivered: boolean;
  ack(): void;
  /** Gives it back, to be sent again after a while. */
  release(): void;
}

/** How far a consumer has come. */
export interface ConsumerProgress {
  /** Everything up to here is acknowledged. */
  readonly acknowledged: number;
  /** Sent last. */
  readonly delivered: number;
  /** Not sent yet. */
  readonly waiting: number;
}

export const progressOf = ({ ack_floor, delivered, num_pending }: ConsumerInfo): ConsumerProgress => ({
  acknowledged: ack_floor.stream_seq,
  delivered: delivered.stream_seq,
  waiting: num_pending,
});

/**
 * Messages of a durable consumer, in the order of the stream but for what comes again, until `signal` aborts. The reader sets the pace. Throws when stream
 * or consumer are gone; a server that is away for a while is waited for.
 */
export async function* readMessages(
  connection: NatsConnection,
  stream: StreamInfo,
  consumer: string,
  signal: AbortSignal,
): AsyncGenerator<StreamMessage> {
  const { name } = stream.config;
  const { created } = stream;
  const source = await jetstream(connection).consumers.get(name, consumer);
  const messages = await source.consume({ max_messages: PULLED, expires: EXPIRES_MS, abort_on_missing_resource: true });
  const stop = (): void => void messages.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) return;
    for await (const message of messages) yield messageOf(message, name, created);
    if (!signal.aborted) throw new Error(`the messages of ${name} ended`);
  } finally {
    signal.removeEventListener('abort', stop);
    // Not waited for: of messages that nobody has begun to read it never resolves.
    stop();
  }
}

/** How long a message stays away that was given back. */
const RELEASED_MS = 2000;

const messageOf = (message: JsMsg, stream: string, created: string): StreamMessage => ({
  stream,
  created,
  subject: message.subject,
  sequence: message.seq,
  data: message.data,
  redelivered: message.redelivered,
  ack: () => message.ack(),
  release: () => message.nak(RELEASED_MS),
});
