import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuditRow, verifyChain } from '#lib/audit-log/chain.ts';
import { BY_CONSOLE } from '#lib/audit-log/event.ts';
import { postgresPrograms, startPostgres, type TestPostgres } from '#lib/testing/postgres.ts';
import { closeDatabase, openDatabase, withDatabase } from '../client.ts';
import { migrate, readMigrations } from '../migrate.ts';
import { putCluster } from '../platform/clusters.ts';
import { openTrafficDb } from '../traffic/connection.ts';
import { ensurePartitions } from '../traffic/partitions.ts';
import { appendAudit, appendAuditBy } from './append.ts';
import { auditRows, readAuditHead } from './read.ts';

const holder = globalThis as { causewayDatabase?: ReturnType<typeof openDatabase> };
const EVENT = { ...BY_CONSOLE, action: 'gate.approve', object: { type: 'gate-request', id: 'r1' }, outcome: 'ok' } as const;

async function wholeLog(): Promise<AuditRow[]> {
  const rows: AuditRow[] = [];
  for await (const step of auditRows()) rows.push(...step);
  return rows;
}

/** As docs/audit-log.md tells: migrations run as the owner, the console as `causeway_app`. */
describe.runIf(postgresPrograms())('with two roles on a real PostgreSQL', () => {
  let server: TestPostgres;
  let superuser: Client;
  const urlOf = (role: string) => server.url.replace('causeway@', `${role}@`);
  const as = async (role: string, sql: string): Promise<unknown> => {
    const client = new Client({ connectionString: urlOf(role) });
    await client.connect();
    return client.query(sql).finally(() => client.end());
  };

  beforeAll(async () => {
    server = await startPostgres();
    superuser = new Client({ connectionString: server.url });
    superuser.on('error', () => {});
    await superuser.connect();
    await superuser.query(`CREATE ROLE causeway_owner LOGIN; CREATE ROLE causeway_app LOGIN; GRANT causeway_app TO causeway_owner;
      ALTER DATABASE causeway OWNER TO causeway_owner`);
    await migrate(urlOf('causeway_owner'), readMigrations('prisma/migrations'));
    holder.causewayDatabase = openDatabase(urlOf('causeway_app'), 8);
  });
  afterAll(async () => {
    await superuser.end();
    await closeDatabase();
    await server.close();
  });

  test('the console adds events, from many connections at once, and they are one chain', async () => {
    const add = () => withDatabase((db) => db.$transaction((tx) => appendAudit(tx, EVENT)));
    await Promise.all(Array.from({ length: 200 }, add));
    const traffic = openTrafficDb(urlOf('causeway_app'));
    await traffic.transaction((tx) => appendAuditBy(tx, EVENT));
    await traffic.close();
    const rows = await wholeLog();
    expect(rows).toHaveLength(201);
    expect(verifyChain(rows, [await readAuditHead()])).toEqual([]);
  });

  test.each([
    `UPDATE audit_event SET body = '{}' WHERE seq = 1`,
    'DELETE FROM audit_event WHERE seq = 1',
    'TRUNCATE audit_event',
    'TRUNCATE audit_event CASCADE',
    'ALTER TABLE audit_event DISABLE TRIGGER ALL',
    'DROP TRIGGER audit_event_chain ON audit_event',
    'DROP TABLE audit_event',
    'SET session_replication_role = replica',
    'UPDATE audit_head SET seq = 0',
    'DELETE FROM audit_head',
    `INSERT INTO audit_head VALUES (1, 0, '')`,
    `CREATE OR REPLACE FUNCTION audit_event_chain() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
    `CREATE TRIGGER mine BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_refuse()`,
    'ALTER TABLE audit_event OWNER TO causeway_app',
    `INSERT INTO audit_event (body) SELECT body FROM audit_event WHERE seq = 1 ON CONFLICT (seq) DO UPDATE SET body = ''`,
    'SET ROLE causeway_owner',
    'DELETE FROM _prisma_migrations',
  ])('the console is refused: %s', async (sql) => {
    await expect(as('causeway_app', sql)).rejects.toMatchObject({ code: '42501' });
  });

  test('a table of the same name that the console makes is not taken for the head', async () => {
    await as(
      'causeway_app',
      `CREATE TEMP TABLE audit_head (id int, seq bigint, hash text); INSERT INTO audit_head VALUES (1, 7000, 'mine');
       INSERT INTO audit_event (body) SELECT body FROM audit_event WHERE seq = 1`,
    );
    expect(verifyChain(await wholeLog(), [await readAuditHead()])).toEqual([]);
  });

  test('the console does all else: rows, and partitions of the tables that have some', async () => {
    await putCluster({ id: 'c', name: 'C', environment: 'DEV', relay: { address: '127.0.0.1:4245', tls: false }, demo: false });
    const traffic = openTrafficDb(urlOf('causeway_app'));
    await ensurePartitions(traffic, Date.now(), Date.now());
    expect(await traffic.rows(`SELECT 1 FROM pg_class WHERE relname LIKE 'ledger\\_minute\\_2%'`)).not.toEqual([]);
    await traffic.close();
  });

  test.each([
    `UPDATE audit_event SET body = '{}'`,
    'DELETE FROM audit_event',
    'TRUNCATE audit_event',
    'UPDATE audit_head SET seq = 1',
  ])('the owner is refused by the triggers: %s', async (sql) => {
    await expect(as('causeway_owner', sql)).rejects.toThrow(/only ever added/);
  });

  test('a superuser who turns the triggers off is found at the row they changed', async () => {
    const change = (sql: string) =>
      superuser.query(`SET session_replication_role = replica; ${sql}; SET session_replication_role = origin`);
    await change(`UPDATE audit_event SET body = replace(body, 'gate.approve', 'gate.reject') WHERE seq = 77`);
    expect(verifyChain(await wholeLog()).map(({ seq }) => seq)).toEqual([77]);
    await change(`UPDATE audit_event SET body = replace(body, 'gate.reject', 'gate.approve') WHERE seq = 77`);
    expect(verifyChain(await wholeLog())).toEqual([]);
  });

  test('a tail that a superuser cut off with the head is found by a head noted elsewhere, and by nothing else', async () => {
    const noted = await readAuditHead();
    await superuser.query(`SET session_replication_role = replica; DELETE FROM audit_event WHERE seq > 150;
      UPDATE audit_head SET seq = 150, hash = (SELECT hash FROM audit_event WHERE seq = 150); SET session_replication_role = origin`);
    const rows = await wholeLog();
    expect(verifyChain(rows, [await readAuditHead()])).toEqual([]);
    expect(verifyChain(rows, [noted])).toMatchObject([{ seq: 151 }]);
  });

  test('an event and the change it tells of are both there, or neither', async () => {
    const count = async () => (await wholeLog()).length;
    const before = await count();
    await expect(
      withDatabase((db) =>
        db.$transaction(async (tx) => {
          await tx.cluster.deleteMany();
          await appendAudit(tx, EVENT);
          throw new Error('killed here');
        }),
      ),
    ).rejects.toThrow('killed here');
    expect(await count()).toBe(before);
    expect(await withDatabase((db) => db.cluster.count())).toBe(1);
  });
});
