import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { pino } from 'pino';
import { connectionOptions } from '#lib/bus/nats/link.ts';
import { FLOW_SUBJECTS } from '#lib/bus/nats/subjects.ts';
import type { NatsConfig } from '#lib/config/nats.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { flowToLine } from '#lib/flow/flow-to-json.ts';
import { DEFAULT_REDACTION } from '#lib/flow/redact.ts';
import { Maintenance } from '#lib/ingest/maintenance.ts';
import { NatsBus } from '#lib/ingest/nats/nats-bus.ts';
import { PipelineSet } from '#lib/ingest/pipeline-set.ts';
import { ObjectsSet } from '#lib/ingest/policies/objects-set.ts';
import { aFlow } from './flows.ts';
import type { Nats } from './nats.ts';

const silent = pino({ level: process.env['TEST_LOG'] ?? 'silent' });

export const natsConfig = (
  { servers, credentials }: Pick<Nats, 'servers' | 'credentials'>,
  more: Partial<NatsConfig> = {},
): NatsConfig => ({
  servers,
  credentials,
  tls: undefined,
  flows: 'consume',
  clusters: new Map(),
  consumer: 'causeway',
  replicas: undefined,
  ...more,
});

/** The part of ingest that has to do with NATS: pipelines of the clusters in the database, and the bus. */
export interface NatsConsole {
  readonly bus: NatsBus;
  readonly pipelines: PipelineSet;
  close(): Promise<void>;
}

export async function startNatsConsole(
  databaseUrl: string,
  config: NatsConfig,
  wrap: (db: TrafficDb) => TrafficDb = (db) => db,
): Promise<NatsConsole> {
  const own = openTrafficDb(databaseUrl, 2);
  const db = wrap(own);
  const pipelines = new PipelineSet({
    db,
    ringSize: 1000,
    redaction: DEFAULT_REDACTION,
    log: silent,
    fromBus: config.flows === 'consume',
    flushMs: 1000,
  });
  const objects = new ObjectsSet({ db, log: silent });
  const bus = new NatsBus({ config, db, pipelines, objects, redaction: DEFAULT_REDACTION, log: silent });
  pipelines.onPipeline((pipeline) => bus.follow(pipeline));
  const maintenance = new Maintenance(db, silent);
  await maintenance.start();
  await pipelines.start();
  bus.start();
  return {
    bus,
    pipelines,
    async close() {
      await bus.stopReading();
      await pipelines.close();
      await objects.close();
      await bus.end();
      await maintenance.close();
      await own.close();
    },
  };
}

/** Somebody else on the bus. */
export interface BusClient {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  /** Sends flows until each is acknowledged, at most so many at a time. */
  send(flows: readonly Flow[], subject?: string): Promise<void>;
  /** Messages on a subject of a stream, as text, oldest first. */
  read(stream: string, subject?: string): Promise<{ data: string; header: (name: string) => string }[]>;
}

export async function aBusClient(nats: Nats): Promise<BusClient> {
  const connection = await connect({ ...connectionOptions(natsConfig(nats)), maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  const manager = await jetstreamManager(connection, { timeout: 3000 });
  const js = jetstream(connection, { timeout: 2000 });
  const sendOne = async (flow: Flow, subject: string): Promise<void> => {
    for (;;) {
      try {
        // The narrower subjects need ids of their own, see `flowMessages`.
        await js.publish(subject, flowToLine(flow), { msgID: `${flow.uuid} ${subject}`, retries: 0 });
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  return {
    connection,
    js,
    manager,
    async send(flows, subject = FLOW_SUBJECTS[0]) {
      const waiting = [...flows];
      const lane = async (): Promise<void> => {
        for (let flow = waiting.shift(); flow; flow = waiting.shift()) await sendOne(flow, subject);
      };
      await Promise.all(Array.from({ length: 200 }, lane));
    },
    async read(stream, subject) {
      const consumer = await js.consumers.get(stream, { ...(subject && { filter_subjects: subject }) });
      const messages: { data: string; header: (name: string) => string }[] = [];
      const { num_pending } = await consumer.info();
      if (num_pending === 0) return messages;
      for await (const message of await consumer.fetch({ max_messages: num_pending, expires: 2000 }))
        messages.push({ data: message.string(), header: (name) => message.headers?.get(name) ?? '' });
      return messages;
    },
  };
}

/** Flows of cluster `prd`, all different, from now on. */
export function someFlows(count: number, prefix: string, overrides: Partial<Flow> = {}): Flow[] {
  const now = Date.now();
  return Array.from({ length: count }, (_, index) =>
    aFlow({ uuid: `${prefix}-${index}`, time: now - count + index, nodeName: `prd/node-${index % 3}`, ...overrides }),
  );
}

/** What the ledger of `prd` counts. */
export async function countedFlows(db: TrafficDb): Promise<number> {
  const [row] = await db.rows<{ flows: number }>('SELECT coalesce(sum(flows), 0)::int AS flows FROM ledger_minute');
  return row?.flows ?? 0;
}
