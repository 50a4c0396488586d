import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BY_CONSOLE } from '#lib/audit-log/event.ts';
import { databaseKinds, type OpenedDatabase } from '#lib/testing/databases.ts';
import { postgresPrograms, startPostgres, type TestPostgres } from '#lib/testing/postgres.ts';
import { closeDatabase, openDatabase, withDatabase } from '../client.ts';
import { migrate, readMigrations } from '../migrate.ts';
import { insertCluster, putCluster, readCluster, updateCluster } from './clusters.ts';
import { claimKey, keepAnswer, releaseKey } from './idempotency.ts';
import { readGrants, readMembers, recordSignIn } from './members.ts';
import { findSession, insertSession, readSessions, revokeSession } from './sessions.ts';
import { findToken, insertToken, revokeTokenRow } from './tokens.ts';

/** The client of this process, set before its first use so that the configuration is not asked. */
const holder = globalThis as { causewayDatabase?: ReturnType<typeof openDatabase> };

const CLUSTER = { id: 'prd', name: 'Production', environment: 'PRD' as const, relay: { address: 'a:1', tls: false } };
const DAY = 86_400_000;

describe.each(databaseKinds())('on $name', ({ open }) => {
  let database: OpenedDatabase;
  beforeAll(async () => {
    database = await open();
    await migrate(database.url, readMigrations('prisma/migrations'));
    holder.causewayDatabase = openDatabase(database.url, 4);
  });
  afterAll(async () => {
    await closeDatabase();
    await database.close();
  });

  test('of twenty editors of one version exactly one wins', async () => {
    await putCluster({ ...CLUSTER, demo: false });
    const edits = await Promise.all(
      Array.from({ length: 20 }, (_, i) => updateCluster('prd', 1, { ...CLUSTER, name: `Editor ${i}` }, BY_CONSOLE)),
    );
    const winners = edits.filter((row) => row !== undefined);
    expect(winners).toHaveLength(1);
    expect(await readCluster('prd')).toEqual(winners[0]);
    expect(winners[0]?.version).toBe(2);
  });

  test('of twenty who add the same cluster exactly one does, the others are told', async () => {
    const added = await Promise.allSettled(
      Array.from({ length: 20 }, () => insertCluster({ ...CLUSTER, id: 'new' }, BY_CONSOLE)),
    );
    expect(added.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const codes = added.flatMap((result) => (result.status === 'rejected' ? [(result.reason as { code?: string }).code] : []));
    expect(new Set(codes)).toEqual(new Set(['conflict']));
  });

  test('of twenty repeats at once exactly one runs; later ones get its answer', async () => {
    const claim = () => claimKey('ada', 'key-1', 'fingerprint', DAY);
    const states = (await Promise.all(Array.from({ length: 20 }, claim))).map(({ state }) => state);
    expect(states.filter((state) => state === 'none')).toHaveLength(1);
    expect(states.filter((state) => state === 'running')).toHaveLength(19);
    await keepAnswer('ada', 'key-1', 201, { id: 'x', nested: [1, null] });
    expect(await claim()).toEqual({ state: 'done', status: 201, response: { id: 'x', nested: [1, null] } });
    expect(await claimKey('ada', 'key-1', 'another', DAY)).toEqual({ state: 'other' });
    expect(await claimKey('olga', 'key-1', 'fingerprint', DAY)).toEqual({ state: 'none' });
    await releaseKey('ada', 'key-1');
    expect(await claim()).toEqual({ state: 'none' });
    expect(await claimKey('ada', 'key-1', 'another', 3 * DAY)).toEqual({ state: 'none' });
  });

  test('a session is found by its hash until it is ended, idle or too old', async () => {
    await recordSignIn({
      subject: 's',
      name: 'Sam',
      email: 's@x',
      grants: [{ grant: { role: 'viewer', scope: 'DEV' }, source: 'group:g' }],
    });
    const now = 1_800_000_000_000;
    const id = await insertSession({ subject: 's', tokenHash: 'hash', userAgent: 'Firefox', now, expiresAt: now + 1000 });
    expect(await findSession('hash', now + 10, now - 10)).toEqual({
      id,
      subject: 's',
      name: 'Sam',
      email: 's@x',
      lastSeen: now,
      expiresAt: now + 1000,
      grants: [{ grant: { role: 'viewer', scope: 'DEV' }, source: 'group:g' }],
    });
    expect(await findSession('other', now, now - 10)).toBeUndefined();
    expect(await findSession('hash', now + 1000, now - 10)).toBeUndefined();
    expect(await findSession('hash', now + 10, now)).toBeUndefined();
    expect(await readSessions({ subject: 's', current: id }, now + 10, now - 10)).toMatchObject([
      { id, name: 'Sam', userAgent: 'Firefox', current: true },
    ]);
    const end = () => revokeSession({ id }, now, { ...BY_CONSOLE, action: 'session.revoke' });
    expect([await end(), await end()]).toEqual([true, false]);
    expect(await findSession('hash', now + 10, now - 10)).toBeUndefined();
  });

  test('a sign-in replaces what an earlier one granted', async () => {
    const viewer = { grant: { role: 'viewer', scope: '*' } as const, source: 'group:a' };
    const admin = { grant: { role: 'admin', scope: '*' } as const, source: 'group:b' };
    await recordSignIn({ subject: 'r', name: 'Old', email: '', grants: [viewer, admin] });
    await recordSignIn({ subject: 'r', name: 'New', email: '', grants: [viewer, viewer] });
    expect(await readGrants('r')).toEqual([viewer]);
    const members = await readMembers(Date.now(), (grants) => grants.map(({ grant }) => grant));
    expect(members.find(({ subject }) => subject === 'r')).toMatchObject({ name: 'New', grants: [viewer.grant] });
  });

  test('a role that this version does not know grants nothing', async () => {
    await recordSignIn({ subject: 'f', name: 'Future', email: '', grants: [] });
    await withDatabase((db) => db.memberGrant.create({ data: { subject: 'f', role: 'overlord', scope: '*', source: 'demo' } }));
    expect(await readGrants('f')).toEqual([]);
  });

  test('a token is found until it expires or is revoked', async () => {
    await insertToken(
      {
        id: 't',
        name: 'n',
        prefix: 'cwy_t',
        secretHash: 'h',
        grants: [{ role: 'viewer', scope: 'cluster:prd' }],
        createdBy: 'console',
        now: 0,
        expiresAt: 1000,
      },
      BY_CONSOLE,
    );
    expect(await findToken('t', 999)).toMatchObject({ secretHash: 'h', grants: [{ role: 'viewer', scope: 'cluster:prd' }] });
    expect(await findToken('t', 1000)).toBeUndefined();
    expect(await revokeTokenRow('t', 5, BY_CONSOLE)).toBe(true);
    expect(await findToken('t', 999)).toBeUndefined();
  });

  test('text is kept as it is, whatever it looks like', async () => {
    for (const name of ["'; DROP TABLE member; --", '$1', '{"a":1}', 'Zoë 日本 \u202e', '__proto__']) {
      await recordSignIn({ subject: `h|${name}`, name, email: name, grants: [] });
      expect((await withDatabase((db) => db.member.findUnique({ where: { subject: `h|${name}` } })))?.name).toBe(name);
    }
  });
});

describe.runIf(postgresPrograms())('when the database goes away', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
    await migrate(server.url, readMigrations('prisma/migrations'));
    holder.causewayDatabase = openDatabase(server.url, 4);
  });
  afterAll(async () => {
    await closeDatabase();
    await server.close();
  });

  test('a failure says so, and the next use after its return succeeds', async () => {
    await putCluster({ ...CLUSTER, demo: false });
    await server.stop();
    await expect(readCluster('prd')).rejects.toMatchObject({ code: 'database-unreachable' });
    await expect(recordSignIn({ subject: 's', name: '', email: '', grants: [] })).rejects.toMatchObject({
      code: 'database-unreachable',
    });
    await server.start();
    expect(await readCluster('prd')).toMatchObject({ id: 'prd' });
  });

  test('a query that runs while it restarts fails as unreachable, not as a mystery', async () => {
    const slow = withDatabase((db) => db.$queryRaw`SELECT pg_sleep(5)`);
    const outcome = slow.catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await server.restart();
    expect(await outcome).toMatchObject({ code: 'database-unreachable' });
  });
});
