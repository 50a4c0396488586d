import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NewAuditEvent } from '#lib/audit-log/event.ts';
import { withDatabase } from '#lib/db/client.ts';
import { type Platform, startPlatform } from '#lib/testing/platform.ts';
import { appendAudit } from './append.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

const event: NewAuditEvent = {
  actor: { kind: 'person', subject: 'demo|olga', name: 'Olga\0 \ud800 \u202e' },
  action: 'capture.create',
  object: { type: 'capture', id: 'c1' },
  outcome: 'ok',
  details: { flows: 12, ratio: Number.NaN, ['__proto__']: 'x' },
  cluster: 'prod',
};

test('an event gets a number, the time of the database and the hash of the one before, whatever its text', async () => {
  await withDatabase((db) =>
    db.$transaction(async (tx) => {
      await appendAudit(tx, event);
      await appendAudit(tx, event);
    }),
  );
  const rows = await withDatabase((db) => db.auditEvent.findMany({ orderBy: { seq: 'asc' } }));
  expect(rows.map(({ seq }) => Number(seq))).toEqual([1, 2]);
  expect(rows[0]).toMatchObject({ prev: '0'.repeat(64), actor: 'demo|olga', action: 'capture.create', cluster: 'prod' });
  expect(rows[1]?.prev).toBe(rows[0]?.hash);
  expect(Math.abs(Number(rows[0]?.atMs) - Date.now())).toBeLessThan(60_000);
});

test('an event whose change was rolled back is not there, and its number is given again', async () => {
  const before = await withDatabase((db) => db.auditEvent.count());
  await expect(
    withDatabase((db) =>
      db.$transaction(async (tx) => {
        await appendAudit(tx, event);
        throw new Error('changed my mind');
      }),
    ),
  ).rejects.toThrow('changed my mind');
  await withDatabase((db) => db.$transaction((tx) => appendAudit(tx, event)));
  const last = await withDatabase((db) => db.auditEvent.findFirst({ orderBy: { seq: 'desc' } }));
  expect(Number(last?.seq)).toBe(before + 1);
});

test.each([
  `UPDATE audit_event SET body = '{}'`,
  'DELETE FROM audit_event',
  'TRUNCATE audit_event',
  'UPDATE audit_head SET seq = 0',
  'DELETE FROM audit_head',
  `INSERT INTO audit_head VALUES (2, 0, '')`,
  'TRUNCATE audit_head',
])('the owner of the tables too is refused %s', async (sql) => {
  const rows = () => withDatabase((db) => db.$queryRaw`SELECT seq, hash, body FROM audit_event WHERE seq <= 2 ORDER BY seq`);
  const before = await rows();
  await expect(withDatabase((db) => db.$executeRawUnsafe(sql))).rejects.toThrow(/only ever added/);
  expect(await rows()).toEqual(before);
});

test('an insert that names its own number, time and hash does not get them, and cannot take the place of another row', async () => {
  const count = await withDatabase((db) => db.auditEvent.count());
  await withDatabase(
    (db) => db.$executeRaw`
      INSERT INTO audit_event (seq, at_ms, prev, hash, body, action) SELECT 1, 1, 'p', 'h', body, 'x' FROM audit_event WHERE seq = 1
      ON CONFLICT (seq) DO UPDATE SET body = ''`,
  );
  const last = await withDatabase((db) => db.auditEvent.findFirst({ orderBy: { seq: 'desc' } }));
  expect(last).toMatchObject({ seq: BigInt(count + 1), action: 'capture.create', hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
});
