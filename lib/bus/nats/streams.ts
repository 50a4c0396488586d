import 'server-only';
import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { messageOf } from '#lib/errors/errors.ts';
import { DUPLICATE_WINDOW_MS, type WantedStream } from './subjects.ts';

/** What was found of the streams that are wanted. */
export interface StreamCheck {
  /** The stream of each wanted subject that is in one. */
  readonly bySubject: ReadonlyMap<string, StreamInfo>;
  /** What differs from what it should be, each with the command that mends it. Nothing that exists is changed. */
  readonly problems: readonly string[];
}

/**
 * Finds the stream of each subject that is needed, whoever made it and whatever it is called, and makes one where there is none. Throws what the server
 * says when it cannot be asked (it chooses a leader, JetStream is off).
 */
export async function checkStreams(
  manager: JetStreamManager,
  wanted: readonly WantedStream[],
  replicas: number,
): Promise<StreamCheck> {
  const streams = new Map<string, StreamInfo>();
  const bySubject = new Map<string, StreamInfo>();
  const problems: string[] = [];
  for (const want of wanted) {
    const missing: string[] = [];
    for (const subject of want.needs) {
      const name = await streamOf(manager, subject);
      if (name === undefined) {
        missing.push(subject);
        continue;
      }
      const info = streams.get(name) ?? (await manager.streams.info(name));
      streams.set(name, info);
      bySubject.set(subject, info);
    }
    if (missing.length === 0) continue;
    const made = await make(manager, want, missing, replicas);
    if (typeof made === 'string') problems.push(made);
    else for (const subject of missing) bySubject.set(subject, made);
  }
  for (const info of streams.values()) problems.push(...differences(info, replicas));
  return { bySubject, problems };
}

/** Name of the stream that stores a subject; undefined when none does. */
async function streamOf(manager: JetStreamManager, subject: string): Promise<string | undefined> {
  for await (const name of manager.streams.names(subject)) return name;
  return undefined;
}

/** Makes a stream for what has none; in words, why not and by which command its owner does it. */
async function make(
  manager: JetStreamManager,
  want: WantedStream,
  missing: readonly string[],
  replicas: number,
): Promise<StreamInfo | string> {
  // Some of its subjects are in streams of others: two streams must not have the same subject.
  const subjects = missing.length === want.needs.length ? want.subjects : missing;
  const existing = await manager.streams.info(want.name).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (existing) {
    const all = [...existing.config.subjects, ...missing].join(',');
    return `Stream ${want.name} does not hold ${missing.join(', ')}: nats stream edit ${want.name} --subjects='${all}'`;
  }
  try {
    return await manager.streams.add({
      name: want.name,
      subjects: [...subjects],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      duplicate_window: nanos(DUPLICATE_WINDOW_MS),
      max_bytes: want.maxBytes,
      max_age: nanos(want.maxAgeMs),
      num_replicas: replicas,
    });
  } catch (error) {
    return `Stream ${want.name} is missing and cannot be made (${messageOf(error)}): ${addCommand(want, subjects, replicas)}`;
  }
}

const addCommand = ({ name, maxBytes, maxAgeMs }: WantedStream, subjects: readonly string[], replicas: number): string =>
  [
    `nats stream add ${name} --subjects='${subjects.join(',')}' --storage=file --retention=limits --discard=old`,
    `--dupe-window=2m --max-bytes=${maxBytes}${maxAgeMs > 0 ? ` --max-age=${maxAgeMs / 3_600_000}h` : ''} --replicas=${replicas} --defaults`,
  ].join(' ');

/** What of a stream that somebody else made would lose or double messages. */
function differences({ config }: StreamInfo, replicas: number): string[] {
  const { name } = config;
  return [
    ...(config.duplicate_window < nanos(DUPLICATE_WINDOW_MS)
      ? [
          `Stream ${name} recognises a message that is sent twice for less than two minutes: nats stream edit ${name} --dupe-window=2m`,
        ]
      : []),
    ...(config.num_replicas < replicas
      ? [
          `Stream ${name} is kept by ${config.num_replicas} of ${replicas} servers: nats stream edit ${name} --replicas=${replicas}`,
        ]
      : []),
    ...(config.no_ack ? [`Stream ${name} does not acknowledge what it stores: nats stream edit ${name} --ack`] : []),
    ...(config.storage === StorageType.Memory
      ? [
          `Stream ${name} is kept in memory and forgotten at a restart; storage cannot be changed: nats stream rm ${name}, then it is made anew`,
        ]
      : []),
    ...(config.retention !== RetentionPolicy.Limits
      ? [
          `Stream ${name} deletes what one reader has taken (retention ${config.retention}); that cannot be changed: nats stream rm ${name}, then it is made anew`,
        ]
      : []),
  ];
}

/** Copies that a stream should have: one on each server, at most three. */
export const replicasFor = (servers: number): number => (servers >= 3 ? 3 : 1);

/** JetStream's own numbers: no such stream (10059), no such consumer (10014). */
export const isNotFound = (error: unknown): boolean =>
  error instanceof JetStreamApiError && [10_059, 10_014].includes(error.code);
