import 'server-only';
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  ReplayPolicy,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { isNotFound } from './streams.ts';

/** Messages that may be on their way at a time: while the database is away, no more than this wait in memory. */
const MOST_UNACKNOWLEDGED = 20_000;
/** What was not acknowledged by then is sent again. Flows are stored within seconds. */
const ACK_WAIT_MS = 30_000;

export interface ConsumerStart {
  /** First sequence that nobody has; of a consumer that is gone, where it had come to. */
  readonly sequence?: number;
  /** Unix milliseconds; on a first start. */
  readonly time: number;
}

/**
 * The durable consumer of a stream's flows, made where it is missing. Throws what the server says. `problem` is what differs, with the command that mends
 * it; a consumer that does not wait for acknowledgements is not used at all.
 */
export async function durableConsumer(
  manager: JetStreamManager,
  stream: StreamInfo,
  name: string,
  subjects: readonly string[],
  start: ConsumerStart,
): Promise<{ readonly info: ConsumerInfo; readonly isNew: boolean; readonly problem: string }> {
  const existing = await manager.consumers.info(stream.config.name, name).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (existing) return { info: existing, isNew: false, problem: difference(existing, subjects) };
  const begin: Partial<ConsumerConfig> =
    start.sequence === undefined
      ? { deliver_policy: DeliverPolicy.StartTime, opt_start_time: new Date(start.time).toISOString() }
      : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start.sequence };
  const info = await manager.consumers.add(stream.config.name, {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ACK_WAIT_MS),
    max_ack_pending: MOST_UNACKNOWLEDGED,
    max_deliver: -1,
    replay_policy: ReplayPolicy.Instant,
    filter_subjects: [...subjects],
    ...begin,
  });
  return { info, isNew: true, problem: '' };
}

/** Whether a consumer may be read from. */
export const waitsForAcknowledgement = ({ config }: ConsumerInfo): boolean => config.ack_policy === AckPolicy.Explicit;

function difference(info: ConsumerInfo, subjects: readonly string[]): string {
  const { config, stream_name, name } = info;
  const remake = `nats consumer rm ${stream_name} ${name}, then it is made anew and goes on where it was`;
  if (!waitsForAcknowledgement(info))
    return `Consumer ${name} of ${stream_name} does not wait for acknowledgements and is not used: ${remake}`;
  const filters = config.filter_subjects ?? (config.filter_subject ? [config.filter_subject] : []);
  const missing = subjects.filter((subject) => !filters.includes(subject) && filters.length > 0);
  if (missing.length > 0)
    return `Consumer ${name} of ${stream_name} leaves out ${missing.join(', ')}: nats consumer edit ${stream_name} ${name} --filter='${subjects.join(',')}'`;
  if ((config.max_deliver ?? -1) > 0)
    return `Consumer ${name} of ${stream_name} gives a message up after ${config.max_deliver} attempts: nats consumer edit ${stream_name} ${name} --max-deliver=-1`;
  return '';
}
