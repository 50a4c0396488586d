import 'server-only';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { NatsConfig } from '#lib/config/nats.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { connectionOptions } from './link.ts';

export interface NatsCheck {
  readonly version: string;
  readonly streams: readonly string[];
}

/** Connects to NATS once and lists its JetStream streams. Throws `not-configured` with the reason. */
export async function checkNats(config: NatsConfig): Promise<NatsCheck> {
  try {
    const connection = await connect({ ...connectionOptions(config), reconnect: false });
    try {
      const manager = await jetstreamManager(connection, { timeout: 5000 });
      const streams: string[] = [];
      for await (const { config: stream } of manager.streams.list()) streams.push(stream.name);
      return { version: connection.info?.version ?? '', streams };
    } finally {
      await connection.close();
    }
  } catch (error) {
    throw new CausewayError('not-configured', `${config.servers.join(',')}: ${messageOf(error)}`, { cause: error });
  }
}
