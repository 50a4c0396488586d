import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { databaseKinds, type OpenedDatabase } from '#lib/testing/databases.ts';
import { openDatabase } from '../client.ts';
import { migrate, readMigrations } from '../migrate.ts';
import { enqueueEvent, type EventForWebhooks } from './enqueue.ts';

const NOW = Date.UTC(2026, 6, 1);
const EVENT: EventForWebhooks = {
  event: 'gate.approved',
  cluster: 'prd-1',
  environment: 'PRD',
  phase: 2,
  text: 'Ada approved phase 2 in PRD.',
  data: { request: 'r1', approvals: 2 },
};

describe.each(databaseKinds())('on $name', ({ open }) => {
  let database: OpenedDatabase;
  let db: ReturnType<typeof openDatabase>;
  beforeAll(async () => {
    database = await open();
    await migrate(database.url, readMigrations('prisma/migrations'));
    db = openDatabase(database.url, 4);
  });
  beforeEach(async () => {
    await db.webhook.deleteMany();
  });
  afterAll(async () => {
    await db.$disconnect();
    await database.close();
  });

  const aWebhook = (id: string, rest: { events?: string[]; clusters?: string[]; active?: boolean } = {}) =>
    db.webhook.create({
      data: {
        id,
        name: id,
        url: 'https://hooks.example.com/x',
        events: ['gate.approved'],
        clusters: [],
        secret: Buffer.from('s'),
        createdBy: 'test',
        createdAtMs: NOW,
        ...rest,
      },
    });

  test('an event makes a delivery for each active webhook that wants it, and for no other', async () => {
    await aWebhook('all');
    await aWebhook('this-cluster', { clusters: ['dev-1', 'prd-1'] });
    await aWebhook('other-cluster', { clusters: ['dev-1'] });
    await aWebhook('other-event', { events: ['gate.rejected'] });
    await aWebhook('paused', { active: false });
    await db.$transaction((tx) => enqueueEvent(tx, EVENT, NOW));
    const rows = await db.webhookDelivery.findMany({ orderBy: { webhookId: 'asc' } });
    expect(rows.map(({ webhookId }) => webhookId)).toEqual(['all', 'this-cluster']);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2);
    expect(rows[0]).toMatchObject({ state: 'waiting', attempts: 0, nextAtMs: NOW, cluster: 'prd-1', text: EVENT.text });
    expect(JSON.parse(rows[0]?.body ?? '')).toEqual({
      type: 'gate.approved',
      timestamp: '2026-07-01T00:00:00.000Z',
      text: EVENT.text,
      data: { request: 'r1', approvals: 2, cluster: 'prd-1', environment: 'PRD', phase: 2 },
    });
  });

  test('what was not committed is told to nobody', async () => {
    await aWebhook('all');
    const undone = db.$transaction(async (tx) => {
      await enqueueEvent(tx, EVENT, NOW);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await db.webhookDelivery.count()).toBe(0);
  });

  test('text of people is one visible, bounded line', async () => {
    await aWebhook('all');
    await enqueueEvent(db, { ...EVENT, text: `a\u202eb\0\n${'x'.repeat(5000)}` }, NOW);
    const [row] = await db.webhookDelivery.findMany();
    expect(row?.text).toMatch(/^a\\u\{202e\}b/);
    expect(row?.text).not.toMatch(/[\n\0\u202e]/);
    expect(row?.text.length).toBeLessThanOrEqual(1000);
  });
});
