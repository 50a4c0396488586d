import { nanos } from '@nats-io/transport-node';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AttestationMessage } from '#lib/api/bus.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { databaseKinds, type OpenedDatabase } from '#lib/testing/databases.ts';
import { bundledWorker } from '#lib/testing/judge-worker.ts';
import { aBusClient, type BusClient, countedFlows, natsConfig, someFlows, startNatsConsole } from '#lib/testing/nats-console.ts';
import { type Nats, natsMissing, startNats } from '#lib/testing/nats.ts';
import { until } from '#lib/testing/postgres.ts';
import { StoredLog } from '#lib/testing/receipt-log.ts';

/** How often the console is killed at random; more for a long run by hand. */
const KILLS = Number(process.env['CAUSEWAY_TEST_NATS_KILLS'] ?? 4);

describe.skipIf(natsMissing())('three nats-servers', () => {
  let nats: Nats;
  let client: BusClient;
  let database: OpenedDatabase;
  let db: TrafficDb;
  let program: string;
  const children = new Set<ChildProcess>();

  beforeAll(async () => {
    const [kind] = databaseKinds().toReversed();
    if (!kind) throw new Error('there is always the embedded database');
    [nats, database, program] = await Promise.all([
      startNats(3),
      kind.open(),
      bundledWorker('lib/testing/nats-child.ts').then(fileURLToPath),
    ]);
    await migrate(database.url, readMigrations('prisma/migrations'));
    db = openTrafficDb(database.url, 2);
    client = await aBusClient(nats);
  });
  afterAll(async () => {
    await client.connection.close();
    await db.close();
    await database.close();
    await nats.stop();
    rmSync(program, { force: true });
  });
  beforeEach(async () => {
    await db.rows('DELETE FROM ledger_minute');
    await db.rows('DELETE FROM rollup_minute');
    await db.rows(`UPDATE ingest_state SET place = '[]', bus_place = NULL`);
    await db.rows(`INSERT INTO cluster (id, name, environment) VALUES ('prd', 'prd', 'PRD') ON CONFLICT DO NOTHING`);
    for (const name of ['HUBBLE', 'ATTEST', 'PARKED']) await client.manager.streams.delete(name).catch(() => {});
  });
  afterEach(async () => {
    for (const child of children) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    children.clear();
  });

  /** A console in a process of its own; with `die` it kills itself at its first flush (see `lib/testing/nats-child.ts`). */
  function aConsole(die = ''): ChildProcess {
    const args = [program, database.url, JSON.stringify(nats.servers), nats.credentials, die];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    children.add(child);
    return child;
  }
  const leaderOf = async (stream: string): Promise<number> =>
    nats.names.indexOf((await client.manager.streams.info(stream)).cluster?.leader ?? '');
  const allTaken = (flows: number) =>
    until(
      async () => {
        const info = await client.manager.consumers.info('HUBBLE', 'causeway').catch(() => undefined);
        return info?.num_ack_pending === 0 && info.num_pending === 0 && (await countedFlows(db)) >= flows;
      },
      `${flows} flows to be stored and acknowledged`,
      60_000 + KILLS * 1000,
    );
  const hubbleIsThere = () =>
    until(
      () =>
        client.manager.consumers.info('HUBBLE', 'causeway').then(
          () => true,
          () => false,
        ),
      'the consumer',
      30_000,
    );

  test('streams are made on all three; the leader is killed under load: no acknowledged flow is lost or doubled', async () => {
    const console_ = await startNatsConsole(database.url, natsConfig(nats));
    try {
      await hubbleIsThere();
      expect((await client.manager.streams.info('HUBBLE')).config.num_replicas).toBe(3);
      await client.manager.consumers.update('HUBBLE', 'causeway', { ack_wait: nanos(2000) });
      const flows = someFlows(6000, 'load');
      const sent = client.send(flows);
      await until(() => console_.bus.counts().consumed > 1000, 'some of the load');
      const leader = await leaderOf('HUBBLE');
      const restart = await nats.kill(leader);
      await sent;
      await restart();
      await allTaken(6000);
      expect(await countedFlows(db)).toBe(6000);
      expect(console_.bus.counts()).toMatchObject({ parked: 0, consumed: 6000, duplicates: 0 });
    } finally {
      await console_.close();
    }
  }, 90_000);

  test.each(['received', 'committed'])(
    'a console killed when its messages are %s and not acknowledged: none lost, none doubled',
    async (die) => {
      const first = aConsole(die);
      await hubbleIsThere();
      await client.send(someFlows(1000, die));
      if (first.exitCode === null && first.signalCode === null) await once(first, 'exit');
      expect(first.signalCode).toBe('SIGKILL');
      expect((await countedFlows(db)) > 0).toBe(die === 'committed');
      // Nobody has told the server, whatever is in the database.
      expect((await client.manager.consumers.info('HUBBLE', 'causeway')).ack_floor.stream_seq).toBe(0);
      // What the dead one holds comes again at the end of its time; the owner of the server may shorten that.
      await client.manager.consumers.update('HUBBLE', 'causeway', { ack_wait: nanos(2000) });
      aConsole();
      await allTaken(1000);
      expect(await countedFlows(db)).toBe(1000);
    },
    60_000,
  );

  test(
    'a console killed at random points under load counts each flow once',
    async () => {
      aConsole();
      await hubbleIsThere();
      await client.manager.consumers.update('HUBBLE', 'causeway', { ack_wait: nanos(2000) });
      const sent = client.send(someFlows(KILLS * 1250, 'random'));
      for (let kills = 0; kills < KILLS; kills += 1) {
        await sleep(600 + ((kills * 397) % 900));
        const [child] = [...children].slice(-1);
        child?.kill('SIGKILL');
        aConsole();
      }
      await sent;
      await allTaken(KILLS * 1250);
      expect(await countedFlows(db)).toBe(KILLS * 1250);
    },
    60_000 + KILLS * 5000,
  );

  test('receipts and heads are published in the order of the log, once each, over restarts', async () => {
    const log = new StoredLog(db, 'prd');
    await log.begin();
    const published = async (): Promise<AttestationMessage[]> =>
      (await client.read('ATTEST')).map(({ data }) => AttestationMessage.parse(JSON.parse(data)));
    await log.append(log.evidence(300));
    const first = await startNatsConsole(database.url, natsConfig(nats, { flows: 'off' }));
    await until(async () => (await published().catch(() => [])).length >= 3, 'the first batch', 30_000);
    await first.close();
    await log.append(log.evidence(5));
    await log.sign(2);
    const second = await startNatsConsole(database.url, natsConfig(nats, { flows: 'off' }));
    try {
      await until(async () => (await published()).some(({ type }) => type === 'checkpoint'), 'the head', 30_000);
      // A process that had not noted how far it was sends again what is there already.
      await db.rows('UPDATE attestation_published SET next_seq = 0, size = 0');
      second.bus.committed();
      await until(() => second.bus.counts().published >= 7, 'everything to be sent again', 30_000);
      const messages = await published();
      const batches = messages.flatMap((message) => (message.type === 'batch' ? [message] : []));
      expect(batches.map(({ header, part, parts, receipts }) => [header.seq, part, parts, receipts.length])).toEqual([
        [0, 1, 3, 128],
        [0, 2, 3, 128],
        [0, 3, 3, 44],
        [1, 1, 1, 5],
      ]);
      expect(messages.filter(({ type }) => type === 'checkpoint')).toMatchObject([{ cluster: 'prd', size: 2 }]);
    } finally {
      await second.close();
    }
  }, 60_000);
});
