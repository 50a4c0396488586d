import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { StorageType } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { FLOW_SUBJECTS, PARKING_SUBJECT } from '#lib/bus/nats/subjects.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { eventToLine, flowToLine } from '#lib/flow/flow-to-json.ts';
import { createIngestClient } from '#lib/bus/ingest-client.ts';
import { startIngest } from '../main.ts';
import { databaseKinds, type OpenedDatabase } from '#lib/testing/databases.ts';
import {
  aBusClient,
  type BusClient,
  countedFlows,
  natsConfig,
  type NatsConsole,
  someFlows,
  startNatsConsole,
} from '#lib/testing/nats-console.ts';
import { scriptedRelay } from '#lib/testing/scripted-relay.ts';
import { encodeFlow } from '#lib/demo/encode.ts';
import { type Nats, natsMissing, startNats } from '#lib/testing/nats.ts';
import { until } from '#lib/testing/postgres.ts';

const [ALL, DROPPED, L7] = FLOW_SUBJECTS;

describe.skipIf(natsMissing())('a real nats-server', () => {
  let nats: Nats;
  let client: BusClient;
  let database: OpenedDatabase;
  let db: TrafficDb;
  let console_: NatsConsole | undefined;

  beforeAll(async () => {
    [nats, database] = await Promise.all([startNats(1), (databaseKinds().at(-1) ?? databaseKinds()[0])!.open()]);
    await migrate(database.url, readMigrations('prisma/migrations'));
    db = openTrafficDb(database.url, 1);
    client = await aBusClient(nats);
  });
  afterAll(async () => {
    await client.connection.close();
    await db.close();
    await database.close();
    await nats.stop();
  });
  beforeEach(async () => {
    for await (const name of client.manager.streams.names()) await client.manager.streams.delete(name);
    await db.rows('DELETE FROM ledger_minute');
    await db.rows(`UPDATE ingest_state SET place = '[]', bus_place = NULL`);
    await db.rows('DELETE FROM cluster');
    await db.rows(`INSERT INTO cluster (id, name, environment) VALUES ('prd', 'prd', 'PRD')`);
  });
  afterEach(async () => {
    await console_?.close();
    console_ = undefined;
  });

  const start = async (more: Parameters<typeof natsConfig>[1] = {}, wrap?: (db: TrafficDb) => TrafficDb): Promise<NatsConsole> =>
    (console_ = await startNatsConsole(database.url, natsConfig(nats, more), wrap));
  const streamsAreThere = () =>
    until(
      () =>
        Promise.all(['HUBBLE', 'ATTEST'].map((name) => client.manager.streams.info(name))).then(
          () => true,
          () => false, // not there yet, or the server is not
        ),
      'the streams to be made',
    );
  const unacknowledged = async (): Promise<number> => {
    const { num_ack_pending, num_pending } = await client.manager.consumers.info('HUBBLE', 'causeway');
    return num_ack_pending + num_pending;
  };

  test('flows on three subjects, repeated and out of order, are counted once each; all is acknowledged after it is stored', async () => {
    const { bus, pipelines } = await start();
    await streamsAreThere();
    const flows = someFlows(300, 'a');
    const drops = someFlows(100, 'd', { verdict: 'DROPPED', dropReason: 'POLICY_DENIED' });
    await client.send([...flows.toReversed(), ...drops]);
    await client.send(drops, DROPPED);
    // The same flows under other ids, as an exporter without ids sends them twice.
    await Promise.all(flows.slice(0, 50).map((flow) => client.js.publish(ALL, flowToLine(flow))));
    await until(async () => (await countedFlows(db)) >= 400, 'the flows to be stored');
    await until(async () => (await unacknowledged()) === 0, 'everything to be acknowledged');
    expect(await countedFlows(db)).toBe(400);
    expect(bus.counts()).toMatchObject({ consumed: 550, duplicates: 150, redelivered: 0, parked: 0, waiting: 0, connected: 1 });
    expect(bus.status()).toMatchObject({ state: 'connected', detail: '', pending: 0 });
    expect(pipelines.of('prd').status(Date.now())).toMatchObject({ state: 'live', received: 400, duplicates: 150 });
  });

  test('what nobody can read is parked with its reason and counted; the rest goes on', async () => {
    const { bus } = await start();
    await streamsAreThere();
    await client.js.publish(ALL, '{"flow":{"time":');
    await client.js.publish(DROPPED, new Uint8Array([0xff, 0x00]));
    await client.js.publish(L7, flowToLine(someFlows(1, 'x', { nodeName: 'nowhere/\u202enode' })[0]!));
    await client.js.publish(
      ALL,
      eventToLine({
        kind: 'lost-events',
        lost: { time: Date.now(), nodeName: 'prd/n', source: 'HUBBLE_RING_BUFFER', count: 7, first: undefined, last: undefined },
      }),
    );
    await client.send(someFlows(10, 'b'));
    await until(async () => (await countedFlows(db)) >= 10 && (await unacknowledged()) === 0, 'all to be taken');
    expect(bus.counts()).toMatchObject({ parked: 3, consumed: 11 });
    const parked = await client.read('PARKED', PARKING_SUBJECT);
    expect(
      parked.map(({ header }) => [header('Causeway-Subject'), header('Causeway-Stream'), header('Causeway-Sequence')]),
    ).toEqual([
      [ALL, 'HUBBLE', '1'],
      [DROPPED, 'HUBBLE', '2'],
      [L7, 'HUBBLE', '3'],
    ]);
    expect(decodeURIComponent(parked[0]?.header('Causeway-Reason') ?? '')).toBe('the line ends in the middle of its JSON');
    expect(parked[0]?.data).toBe('{"flow":{"time":');
  });

  test('while the database is away nothing is acknowledged, and nothing lost or doubled when it is back', async () => {
    let away = false;
    const { pipelines } = await start({}, (own) => ({
      ...own,
      transaction: (work) => (away ? Promise.reject(new CausewayError('database-unreachable', 'away')) : own.transaction(work)),
    }));
    await streamsAreThere();
    await client.send(someFlows(20, 'before'));
    await until(async () => (await countedFlows(db)) === 20, 'the first flows');
    away = true;
    await client.send(someFlows(200, 'while'));
    await until(() => pipelines.of('prd').record?.trouble !== undefined, 'the trouble to be noticed');
    expect(await unacknowledged()).toBe(200);
    away = false;
    await until(async () => (await countedFlows(db)) === 220 && (await unacknowledged()) === 0, 'all to be stored');
  });

  test('streams that others made are used as they are, and what would lose messages is told with the command', async () => {
    await client.manager.streams.add({
      name: 'FLOWS',
      subjects: [ALL, DROPPED],
      storage: StorageType.Memory,
      duplicate_window: nanos(5000),
    });
    const before = (await client.manager.streams.info('FLOWS')).config;
    const { bus } = await start();
    await streamsAreThere();
    await until(() => bus.status().detail !== '' && bus.status().state === 'connected', 'the problems');
    await client.send(someFlows(5, 'c'));
    await until(async () => (await countedFlows(db)) === 5, 'the flows of the other stream');
    expect(bus.status().detail).toContain('nats stream edit FLOWS --dupe-window=2m');
    expect(bus.status().detail).toContain('Stream FLOWS is kept in memory');
    expect((await client.manager.streams.info('FLOWS')).config).toEqual(before);
    // A subject is in one stream only: the console made one for what was left.
    expect((await client.manager.streams.info('HUBBLE')).config.subjects.toSorted()).toEqual(
      [L7, 'aegisnet.hubble.policies'].toSorted(),
    );
  });

  test('a flow is published on each subject that carries it, under ids that do not hide one from another', async () => {
    const { bus } = await start({ flows: 'publish' });
    await streamsAreThere();
    let tell: (flow: ReturnType<typeof someFlows>[number]) => void = () => {};
    bus.follow({ id: 'prd', onFlow: (listener: typeof tell) => (tell = listener) } as never);
    const drops = someFlows(20, 'd', {
      verdict: 'DROPPED',
      dropReason: 'POLICY_DENIED',
      isReply: false,
      eventType: { type: 5, subType: 0 },
    });
    const allowed = drops
      .slice(0, 1)
      .map((flow) => ({ ...flow, uuid: 'allowed', verdict: 'FORWARDED' as const, dropReason: undefined }));
    for (const flow of [...allowed, ...drops, ...drops]) tell(flow);
    await until(() => bus.counts().published >= 21 + 60 && bus.status().pending === 0, 'everything to be published');
    const subjects = (await client.manager.streams.info('HUBBLE', { subjects_filter: '>' })).state.subjects;
    expect(subjects).toEqual({ [ALL]: 21, [DROPPED]: 20, 'aegisnet.hubble.policies': 1 });
  });

  test('beside a relay that sends the same flows each is counted once', async () => {
    const flows = someFlows(120, 'both');
    const relay = await scriptedRelay({
      send(call) {
        if (!call.request.follow) return void call.end();
        for (const flow of flows.slice(0, 80)) call.write(encodeFlow(flow, undefined));
      },
    });
    try {
      await db.rows('UPDATE cluster SET relay = $1::jsonb', [JSON.stringify({ address: relay.address, tls: false })]);
      const { bus } = await start();
      await streamsAreThere();
      await client.send(flows.slice(40));
      await until(async () => (await countedFlows(db)) >= 120 && (await unacknowledged()) === 0, 'all flows');
      expect(await countedFlows(db)).toBe(120);
      expect(bus.counts().consumed).toBe(80);
    } finally {
      await console_?.close();
      console_ = undefined;
      relay.close();
    }
  });

  test('of two consoles on one database one writes, the other gives its messages back', async () => {
    await start();
    await streamsAreThere();
    await client.send(someFlows(50, 'one'));
    await until(async () => (await countedFlows(db)) === 50, 'the first flows');
    await client.manager.consumers.update('HUBBLE', 'causeway', { ack_wait: nanos(2000) });
    const second = await startNatsConsole(database.url, natsConfig(nats));
    try {
      await client.send(someFlows(200, 'two'));
      await until(async () => (await countedFlows(db)) >= 250 && (await unacknowledged()) === 0, 'all flows', 30_000);
      expect(await countedFlows(db)).toBe(250);
    } finally {
      await second.close();
    }
  }, 40_000);

  test('ingest uses it by its settings, and its metrics tell', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'cw-'));
    const [url, token] = [`unix:${join(dir, 'ingest.sock')}`, 'a-token-only-for-tests'];
    const ingest = await startIngest({
      databaseUrl: database.url,
      listen: url,
      token,
      nats: natsConfig(nats),
      log: pino({ level: 'silent' }),
    });
    const ask = createIngestClient({ url, token });
    try {
      await streamsAreThere();
      await client.send(someFlows(25, 'i'));
      const metrics = async (): Promise<string> => (await ask.ask('/metrics')).body.toString('utf8');
      await until(async () => /^causeway_nats_messages_consumed_total 25$/m.test(await metrics()), 'the messages');
      expect(await metrics()).toMatch(/^causeway_nats_connected 1$/m);
      expect((await ask.ask('/clusters/prd/flows', '?limit=1')).status).toBe(200);
    } finally {
      ask.close();
      await ingest.close();
      rmSync(dir, { recursive: true, force: true });
    }
    expect(await countedFlows(db)).toBe(25);
    expect(await unacknowledged()).toBe(0);
  });

  test('a server that comes late, restarts and loses its disk is lived with: nothing that it acknowledged and still has is lost, and what it lost is a gap', async () => {
    const restart = await nats.kill(0);
    const { bus, pipelines } = await start();
    await until(() => /cannot be reached/.test(bus.status().detail), 'the server to be missed');
    await until(() => pipelines.of('prd').status(Date.now()).state === 'reconnecting', 'the state to be told');
    await restart();
    await streamsAreThere();
    await client.send(someFlows(100, 'e'));
    await until(async () => (await countedFlows(db)) === 100, 'the flows');
    const again = await nats.kill(0);
    await until(() => bus.status().state === 'reconnecting', 'the loss of the server');
    await again();
    await client.send(someFlows(100, 'f'));
    await until(async () => (await countedFlows(db)) === 200, 'flows after the restart', 30_000);
    const emptied = await nats.kill(0);
    await emptied({ emptied: true });
    await streamsAreThere();
    await client.send(someFlows(50, 'g'));
    await until(async () => (await countedFlows(db)) === 250, 'flows of the new stream', 30_000);
    expect(
      pipelines
        .of('prd')
        .coverage(0, Date.now())
        .gaps.map(({ reason }) => reason),
    ).toContain('stream-cut');
    expect(bus.counts().reconnects).toBeGreaterThan(0);
  }, 60_000);
});
