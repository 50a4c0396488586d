import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { MigrationChanged } from '#lib/api/migration.ts';
import { hashOf } from '#lib/migration/snapshot.ts';
import { databaseKinds, realPostgres } from '#lib/testing/databases.ts';
import { openGateBackend, seedMigration, sql } from '#lib/testing/gates.ts';
import { until } from '#lib/testing/postgres.ts';
import { withDatabase } from '../client.ts';
import { ChangeFeed, changesSince } from './change-feed.ts';
import { noteChange, readHistory } from './changes.ts';
import { readEdits, touchInputs, writeTick } from './edits.ts';
import { evidenceOfPhase, lockEvidence, readPoints, writeEvidence, writePoints } from './evidence.ts';
import { joinCluster, leaveCluster, lockMigrationOf, readMigrationOf, updateMigration } from './migrations.ts';
import { rulesOf } from './rules.ts';
import { writeRisk } from './risks.ts';
import { inTransaction } from './transaction.ts';

const OLGA = { subject: 'demo|olga', name: 'olga' };

describe.each(databaseKinds())('on $name', (backend) => {
  let database: Awaited<ReturnType<typeof openGateBackend>>;
  let cluster: string;
  let migration: string;
  let count = 0;
  beforeAll(async () => {
    database = await openGateBackend(backend);
  }, 60_000);
  afterAll(() => database.close());
  beforeEach(async () => {
    const seeded = await seedMigration(`t${(count += 1)}`);
    cluster = seeded.cluster('PRD');
    migration = seeded.id;
  });

  const tick = (version: number, by: string) =>
    inTransaction(async (tx) => {
      await lockMigrationOf(tx, cluster);
      const written = await writeTick(tx, {
        cluster,
        phase: 1,
        step: '1.values',
        done: version % 2 === 0,
        note: '',
        by: { subject: by, name: by },
        version,
      });
      if (written) await touchInputs(tx, cluster, [1]);
      return written;
    });

  test('of many ticks at once on the same version exactly one is written, and counted once', async () => {
    for (const version of [0, 1]) {
      const before = await withDatabase((db) => evidenceOfPhase(db, cluster, 1));
      const written = await Promise.all(Array.from({ length: 20 }, (_, index) => tick(version, `p${index}`)));
      expect(written.filter(Boolean)).toHaveLength(1);
      const after = await withDatabase((db) => evidenceOfPhase(db, cluster, 1));
      expect((after?.inputsVersion ?? 0) - (before?.inputsVersion ?? 0)).toBe(1);
    }
    const [row] = (await readEdits([cluster]))(cluster, 1).ticks;
    expect(row).toMatchObject({ version: 2, done: false });
  });

  test('of many who change a risk at once exactly one does', async () => {
    const risk = { risk: 'spire', owner: 'olga', likelihood: undefined, impact: undefined, state: undefined, note: '', by: OLGA };
    for (const version of [0, 1]) {
      const written = await Promise.all(
        Array.from({ length: 10 }, () => inTransaction((tx) => writeRisk(tx, migration, { ...risk, version }))),
      );
      expect(written.filter(Boolean)).toHaveLength(1);
    }
  });

  const evidence = (body: string, evaluatedVersion = 1) =>
    inTransaction(async (tx) => {
      await lockEvidence(tx, cluster, 1);
      await writeEvidence(tx, {
        cluster,
        phase: 1,
        snapshot: { hash: hashOf(body), body },
        met: true,
        results: [],
        contributors: ['demo|olga'],
        evaluatedVersion,
      });
    });

  test('a snapshot is stored once, and nobody changes it, takes it away or gives it another hash', async () => {
    const body = `{"of":"${cluster}"}`;
    await evidence(body);
    await evidence(body);
    expect(await sql('SELECT 1 FROM evidence_snapshot WHERE cluster_id = $1', cluster)).toHaveLength(1);
    await expect(sql('UPDATE evidence_snapshot SET results = $1::jsonb', '[]')).rejects.toThrow('never changed');
    await expect(sql('DELETE FROM evidence_snapshot')).rejects.toThrow('never changed');
    await expect(sql('TRUNCATE evidence_snapshot')).rejects.toThrow('never changed');
    await expect(
      sql(
        `INSERT INTO evidence_snapshot (hash, body, cluster_id, phase, results) VALUES ($1, 'other', $2, 1, '[]')`,
        hashOf('x'),
        cluster,
      ),
    ).rejects.toThrow('hash_is_of_body');
    expect(await withDatabase((db) => evidenceOfPhase(db, cluster, 1))).toMatchObject({
      hash: hashOf(body),
      met: true,
      contributors: ['demo|olga'],
    });
  });

  test('of a series the newest three hundred points are kept', async () => {
    await withDatabase((db) =>
      db.checkPoint.createMany({
        data: Array.from({ length: 310 }, (_, index) => ({
          clusterId: cluster,
          phase: 1,
          checkId: '1.nodes',
          at: new Date(index * 1000),
          value: index,
          status: 'pass',
        })),
      }),
    );
    await inTransaction((tx) =>
      writePoints(tx, cluster, 1, [{ check: '1.nodes', value: 999, status: 'fail' }], new Date(1_000_000)),
    );
    const points = await readPoints(cluster, 1);
    expect(points).toHaveLength(300);
    expect([points[0]?.value, points.at(-1)?.value]).toEqual([11, 999]);
  });

  test('a cluster belongs to one migration, and leaves it with all that was put in', async () => {
    await expect(inTransaction((tx) => joinCluster(tx, migration, cluster, 'PRD'))).rejects.toMatchObject({ code: 'conflict' });
    await tick(0, 'p');
    await inTransaction((tx) => leaveCluster(tx, cluster));
    expect(await readMigrationOf(cluster)).toBeUndefined();
    expect(await sql('SELECT 1 FROM step_tick WHERE cluster_id = $1', cluster)).toEqual([]);
    expect(await sql('SELECT 1 FROM phase_evidence WHERE cluster_id = $1', cluster)).toEqual([]);
  });

  test('rules that cannot be read are those of the plan, never laxer ones', async () => {
    const before = await readMigrationOf(cluster);
    const {
      name = '',
      planVersion = '',
      choices = { method: 'wireguard', route: 'per-node' } as const,
      revision = 1,
    } = before ?? {};
    const rules = { PRD: { ...rulesOf({}).PRD, approvals: 3 } };
    await inTransaction((tx) => updateMigration(tx, migration, { name, planVersion, choices, revision, revisedBy: 'x', rules }));
    expect((await readMigrationOf(cluster))?.rules.PRD.approvals).toBe(3);
    await sql(
      'UPDATE migration SET rules = $2::jsonb WHERE id = $1',
      migration,
      JSON.stringify({ PRD: { approvals: 0 }, __proto__: 1 }),
    );
    expect((await readMigrationOf(cluster))?.rules.PRD).toMatchObject({ approvals: 2, stepUp: true, elevation: true });
  });

  test('a change is told to all who watch, once, in the transaction of what it tells of', async () => {
    const feed = new ChangeFeed();
    const told: MigrationChanged[][] = [[], []];
    const leave = await Promise.all(
      told.map((list) => feed.listen((changes) => list.push(...changes.filter((change) => change.cluster === cluster)))),
    );
    await inTransaction((tx) =>
      noteChange(tx, { cluster, phase: 1, what: 'step', action: 'step.done', text: 'ticked', by: OLGA }),
    );
    await inTransaction(async (tx) => {
      await noteChange(tx, { cluster, what: 'settings', text: 'never' });
      throw new Error('rolled back');
    }).catch(() => {});
    await until(async () => told.every((list) => list.length > 0), 'both to be told');
    await new Promise((resolve) => setTimeout(resolve, 900));
    for (const list of told) expect(list.map(({ text, by }) => [text, by])).toEqual([['ticked', OLGA]]);
    for (const stop of leave) stop();
    expect((await readHistory(cluster, 1)).map(({ action }) => action)).toEqual(['step.done']);
    expect(await changesSince((told[0]?.[0]?.seq ?? 0) - 1)).toHaveLength(1);
  });
});

// The embedded database runs one transaction after the other.
describe.each(realPostgres())('on $name', (backend) => {
  let database: Awaited<ReturnType<typeof openGateBackend>>;
  beforeAll(async () => {
    database = await openGateBackend(backend);
  }, 60_000);
  afterAll(() => database.close());

  test('a change that commits after a later one is told all the same', async () => {
    const cluster = (await seedMigration('order')).cluster('DEV');
    const feed = new ChangeFeed();
    const told: string[] = [];
    const leave = await feed.listen((changes) =>
      told.push(...changes.filter((change) => change.cluster === cluster).map(({ text }) => text)),
    );
    let commit = (): void => {};
    const held = new Promise<void>((resolve) => {
      commit = resolve;
    });
    const slow = inTransaction(async (tx) => {
      await noteChange(tx, { cluster, what: 'step', text: 'early' });
      await held;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await inTransaction((tx) => noteChange(tx, { cluster, what: 'step', text: 'late' }));
    await until(async () => told.includes('late'), 'the later one to be told');
    commit();
    await slow;
    await until(async () => told.includes('early'), 'the earlier one to be told');
    expect(told).toEqual(['late', 'early']);
    leave();
  });
});
