import 'server-only';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';

export interface NatsCheck {
  readonly version: string;
  readonly streams: readonly string[];
}

/** Connects to NATS and lists its JetStream streams. Throws `not-configured` with the reason. `credentials` are `user:password` or a token. */
export async function checkNats(servers: string, credentials?: string): Promise<NatsCheck> {
  const [user, pass] = credentials?.includes(':') ? credentials.split(/:(.*)/s) : [];
  try {
    const connection = await connect({
      servers: servers.split(','),
      timeout: 5000,
      reconnect: false,
      ...(user && pass ? { user, pass } : credentials ? { token: credentials } : {}),
    });
    try {
      const manager = await jetstreamManager(connection, { timeout: 5000 });
      const streams: string[] = [];
      for await (const { config } of manager.streams.list()) streams.push(config.name);
      return { version: connection.info?.version ?? '', streams };
    } finally {
      await connection.close();
    }
  } catch (error) {
    throw new CausewayError('not-configured', `${servers}: ${messageOf(error)}`, { cause: error });
  }
}
