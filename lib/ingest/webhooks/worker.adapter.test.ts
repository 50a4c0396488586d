import { pino } from 'pino';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '#lib/db/client.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { enqueueEvent } from '#lib/db/webhooks/enqueue.ts';
import { claimDeliveries, dropOldDeliveries } from '#lib/db/webhooks/queue.ts';
import { startIngest } from '../main.ts';
import { databaseKinds, type OpenedDatabase } from '#lib/testing/databases.ts';
import { until } from '#lib/testing/postgres.ts';
import { startWebhookReceiver, type WebhookReceiver } from '#lib/testing/webhook-receiver.ts';
import { newWebhookSecret, seal } from '#lib/webhooks/seal.ts';
import { WebhookWorker, type WebhookWorkerOptions } from './worker.ts';

const CONSOLE = 'the secret of the console in these tests';
const log = pino({ level: 'silent' });

describe.each(databaseKinds())('on $name', ({ open }) => {
  let database: OpenedDatabase;
  let prisma: ReturnType<typeof openDatabase>;
  let db: TrafficDb;
  let receiver: WebhookReceiver;
  let now = Date.UTC(2026, 6, 1);
  let workers: WebhookWorker[] = [];
  const secret = newWebhookSecret();

  beforeAll(async () => {
    database = await open();
    await migrate(database.url, readMigrations('prisma/migrations'));
    prisma = openDatabase(database.url, 2);
    db = openTrafficDb(database.url, 2);
    receiver = await startWebhookReceiver();
  });
  beforeEach(async () => {
    await prisma.webhook.deleteMany();
    receiver.received.length = 0;
    receiver.answer = (response) => void response.writeHead(204).end();
    now += 86_400_000;
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    workers = [];
  });
  afterAll(async () => {
    await receiver.close();
    await db.close();
    await prisma.$disconnect();
    await database.close();
  });

  const aWorker = (rest: Partial<WebhookWorkerOptions> = {}) => {
    const given = { db, log, origins: [receiver.origin], consoleSecret: CONSOLE, now: () => now, pause: pauseOf(3), ...rest };
    const worker = new WebhookWorker(given);
    workers.push(worker);
    return worker;
  };
  /** A minute between attempts, `most` of them. */
  const pauseOf = (most: number) => (attempts: number) => (attempts >= most ? undefined : 60_000);
  const aWebhook = (id: string, url = `${receiver.origin}/${id}`) =>
    prisma.webhook.create({
      data: {
        id,
        name: id,
        url,
        events: ['check.failed'],
        clusters: [],
        secret: new Uint8Array(seal(secret, id, CONSOLE)),
        createdBy: 'test',
        createdAtMs: now,
      },
    });
  const anEvent = (text = 'a check failed') =>
    enqueueEvent(prisma, { event: 'check.failed', cluster: 'dev', environment: 'DEV', phase: 1, text, data: {} }, now);
  const deliveries = () => prisma.webhookDelivery.findMany({ orderBy: { id: 'asc' } });
  const round = async (worker: WebhookWorker) => {
    await worker.poll();
    await worker.idle();
  };

  test('an event arrives once, signed', async () => {
    await aWebhook('w');
    await anEvent();
    const worker = aWorker();
    await round(worker);
    await round(worker);
    expect(receiver.received).toHaveLength(1);
    const [got] = receiver.received;
    // The clock of this test is not that of the library: it looks at the signature alone.
    const seconds = Number(got?.headers['webhook-timestamp']);
    expect(seconds).toBe(Math.floor(now / 1000));
    expect(got?.headers['webhook-signature']).toBe(
      new Webhook(secret).sign(String(got?.headers['webhook-id']), new Date(seconds * 1000), got?.body ?? ''),
    );
    expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 1, status: 204, problem: '' }]);
  });

  test('a started ingest sends what is written down, in a way that the library of the Standard Webhooks verifies', async () => {
    await aWebhook('w');
    const dir = mkdtempSync(join(tmpdir(), 'cw-'));
    const ingest = await startIngest({
      databaseUrl: database.url,
      listen: `unix:${join(dir, 'ingest.sock')}`,
      token: 'a-token-only-for-tests',
      webhooks: { origins: [receiver.origin], consoleSecret: CONSOLE },
      log,
    });
    try {
      await prisma.$transaction((tx) =>
        enqueueEvent(tx, {
          event: 'check.failed',
          cluster: 'dev',
          environment: 'DEV',
          text: 'MTU differs',
          data: { check: '1.mtu' },
        }),
      );
      await until(() => receiver.received.length > 0, 'the delivery');
    } finally {
      await ingest.close();
      rmSync(dir, { recursive: true, force: true });
    }
    const [got] = receiver.received;
    expect(new Webhook(secret).verify(got?.body ?? '', got?.headers as Record<string, string>)).toMatchObject({
      type: 'check.failed',
      text: 'MTU differs',
      data: { check: '1.mtu', cluster: 'dev', environment: 'DEV' },
    });
  });

  test('a failure is tried again when its pause is over, under the same id, and what went wrong is told until it goes well', async () => {
    await aWebhook('w');
    await anEvent();
    receiver.answer = (response, number) => void response.writeHead(number === 0 ? 503 : 200).end();
    const worker = aWorker();
    await round(worker);
    expect(await deliveries()).toMatchObject([
      { state: 'waiting', attempts: 1, status: 503, problem: 'answered 503', nextAtMs: now + 60_000 },
    ]);
    expect(await prisma.webhook.findMany()).toMatchObject([{ lastProblem: 'answered 503', version: 1 }]);
    await round(worker);
    expect(receiver.received).toHaveLength(1);
    now += 60_000;
    await round(worker);
    expect(receiver.received).toHaveLength(2);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 2, status: 200, problem: '' }]);
    expect(await prisma.webhook.findMany()).toMatchObject([{ lastProblem: '' }]);
  });

  test('what never arrives is given up and kept with its reason', async () => {
    await aWebhook('w');
    await anEvent();
    receiver.answer = (response) => void response.writeHead(500).end();
    const worker = aWorker();
    for (let i = 0; i < 5; i += 1) {
      await round(worker);
      now += 60_000;
    }
    expect(receiver.received).toHaveLength(3);
    expect(await deliveries()).toMatchObject([{ state: 'dead', attempts: 3, problem: 'answered 500' }]);
    await dropOldDeliveries(db, now + 89 * 86_400_000);
    expect(await deliveries()).toHaveLength(1);
    await dropOldDeliveries(db, now + 91 * 86_400_000);
    expect(await deliveries()).toHaveLength(0);
  });

  test('a receiver that wants nothing more switches the webhook off', async () => {
    await aWebhook('w');
    await anEvent('one');
    receiver.answer = (response) => void response.writeHead(410).end();
    const worker = aWorker();
    await round(worker);
    expect(await prisma.webhook.findMany()).toMatchObject([{ active: false, version: 2 }]);
    expect(await deliveries()).toMatchObject([{ state: 'dead', status: 410 }]);
    await anEvent('two');
    expect(await deliveries()).toHaveLength(1);
  });

  test('what waits for a webhook that is switched off is sent once it is on again', async () => {
    await aWebhook('w');
    await anEvent();
    await prisma.webhook.update({ where: { id: 'w' }, data: { active: false } });
    const worker = aWorker();
    await round(worker);
    expect(receiver.received).toHaveLength(0);
    await prisma.webhook.update({ where: { id: 'w' }, data: { active: true } });
    await round(worker);
    expect(receiver.received).toHaveLength(1);
  });

  test('a target that left the list of origins, and a secret that cannot be read, are given up at once', async () => {
    await aWebhook('w');
    await anEvent();
    await round(aWorker({ origins: ['https://other.example.com'] }));
    await anEvent();
    await round(aWorker({ consoleSecret: 'another secret of the console' }));
    expect(receiver.received).toHaveLength(0);
    const problems = (await deliveries()).map(({ state, problem }) => `${state}: ${problem}`).toSorted();
    expect(problems).toEqual([
      expect.stringMatching(/^dead: .* is not among the allowed origins/),
      expect.stringMatching(/^dead: .*NEXTAUTH_SECRET/),
    ]);
  });

  test('of many workers each delivery is sent by one', async () => {
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => aWebhook(id)));
    for (let i = 0; i < 6; i += 1) await anEvent(`event ${i}`);
    const team = Array.from({ length: 4 }, () => aWorker());
    for (let i = 0; i < 4; i += 1) await Promise.all(team.map(round));
    expect(receiver.received).toHaveLength(30);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(30);
    expect((await deliveries()).every(({ state, attempts }) => state === 'delivered' && attempts === 1)).toBe(true);
  });

  test('what a worker had claimed when it died is sent by the next one, once the claim has run out', async () => {
    await aWebhook('w');
    await anEvent();
    expect(await claimDeliveries(db, now, 10)).toHaveLength(1); // and then the process is gone
    const worker = aWorker();
    await round(worker);
    expect(receiver.received).toHaveLength(0);
    now += 61_000;
    await round(worker);
    expect(receiver.received).toHaveLength(1);
    expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });

  test('a worker that is stopped while it sends leaves the delivery to the next', async () => {
    await aWebhook('w');
    await anEvent();
    receiver.answer = () => {};
    const first = aWorker();
    await first.poll();
    await first.close();
    expect(await deliveries()).toMatchObject([{ state: 'waiting', attempts: 1, problem: '' }]);
    receiver.answer = (response) => void response.writeHead(200).end();
    now += 61_000;
    await round(aWorker());
    expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });

  test('a slow receiver does not hold up the others', async () => {
    await aWebhook('slow');
    await aWebhook('quick');
    for (let i = 0; i < 30; i += 1) await anEvent(`event ${i}`);
    receiver.answer = (response) => {
      const isSlow = receiver.received.at(-1)?.path === '/slow';
      if (!isSlow) response.writeHead(204).end();
    };
    const worker = aWorker({ deliver: { timeoutMs: 2000 } });
    const quick = () => receiver.received.filter(({ path }) => path === '/quick').length;
    const end = Date.now() + 1900;
    while (quick() < 30 && Date.now() < end) {
      await worker.poll();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(quick()).toBe(30);
    expect(receiver.received.filter(({ path }) => path === '/slow')).toHaveLength(4);
  });

  test('while the database is away the worker waits, and goes on when it is back', async () => {
    await aWebhook('w');
    await anEvent();
    let away = true;
    const flaky: TrafficDb = {
      ...db,
      rows: (text, values) => (away ? Promise.reject(new Error('away')) : db.rows(text, values)),
    };
    const worker = aWorker({ db: flaky });
    await round(worker);
    expect(receiver.received).toHaveLength(0);
    away = false;
    await round(worker);
    expect(receiver.received).toHaveLength(1);
  });
});
