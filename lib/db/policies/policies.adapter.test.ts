import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PolicySet } from '#lib/api/policies.ts';
import { openEmbedded } from '#lib/db/embedded.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import type { PolicyObject, World } from '#lib/policy/model.ts';
import { setHash, specHash } from '#lib/policy/spec-hash.ts';
import { postgresPrograms, startPostgres } from '#lib/testing/postgres.ts';
import { openTrafficDb, type TrafficDb } from '../traffic/connection.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../traffic/partitions.ts';
import { beginPolicyRun, recordPolicies } from './in-force.ts';
import { dropOldPolicies } from './retention.ts';
import { deleteSet, findSet, insertSet, listSets, updateSet } from './sets.ts';
import { readObjectsPlaces } from './targets.ts';
import { readUpload, saveUpload } from './uploads.ts';
import { readFirstSeen, readForceTimes, readPoliciesAt, readVersion, readVersions } from './versions.ts';
import { readWouldDeny, writeWouldDeny } from './would-deny.ts';
import { readWorldAt, recordWorld, thinWorlds } from './worlds.ts';

const NOON = Date.UTC(2026, 2, 2, 12);
const SHOP = 'cnp:shop/web';

async function embedded() {
  const dir = mkdtempSync(join(tmpdir(), 'cw-'));
  const database = await openEmbedded(dir);
  return {
    url: database.url,
    async close() {
      await database.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const databases = [
  { name: 'the embedded database', start: embedded },
  ...(postgresPrograms() ? [{ name: 'PostgreSQL', start: startPostgres }] : []),
];

const aPolicy = (name: string, port: number, generation = 1): PolicyObject => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name, namespace: 'shop', generation },
  spec: { endpointSelector: {}, ingress: [{ toPorts: [{ ports: [{ port: String(port) }] }] }], description: 'nul \u0000' },
});
const inForce = (...objects: PolicyObject[]) => {
  const policies = objects.map((object) => ({ ref: `cnp:shop/${object.metadata.name}`, hash: specHash(object), object }));
  return { policies, setHash: setHash(policies) };
};

describe.each(databases)('the policy tables of $name', ({ start }) => {
  let server: { readonly url: string; close(): Promise<void> };
  let db: TrafficDb;
  let clusters = 0;
  const aCluster = (): string => `cluster-${(clusters += 1)}`;

  beforeAll(async () => {
    server = await start();
    await migrate(server.url, readMigrations('prisma/migrations'));
    db = openTrafficDb(server.url);
  });
  afterAll(async () => {
    await db.close();
    await server.close();
  });

  /** Records at minutes after noon; a run of its own unless one is given. */
  async function recorder(cluster: string) {
    const run = await beginPolicyRun(db, cluster);
    return (minute: number, ...objects: PolicyObject[]) =>
      recordPolicies(db, { cluster, run, time: NOON + minute * MINUTE_MS, ...inForce(...objects) });
  }

  test('a policy has a version for each content it had, and the one in force is told', async () => {
    const cluster = aCluster();
    const record = await recorder(cluster);
    const [first, second] = [aPolicy('web', 80), aPolicy('web', 81, 2)];
    await record(0, first);
    await record(1, first);
    await record(2, second);
    await record(3, second);
    expect(await readVersions(db, cluster, SHOP)).toEqual([
      { hash: specHash(second), generation: 2, firstSeen: NOON + 2 * MINUTE_MS, lastSeen: NOON + 3 * MINUTE_MS, current: true },
      { hash: specHash(first), generation: 1, firstSeen: NOON, lastSeen: NOON + 2 * MINUTE_MS, current: false },
    ]);
    expect(await readVersion(db, cluster, SHOP, specHash(first))).toEqual(first);
    expect(await readVersion(db, cluster, SHOP, 'f'.repeat(64))).toBeUndefined();
    expect(await readFirstSeen(db, cluster)).toEqual(new Map([[SHOP, NOON + 2 * MINUTE_MS]]));
  });

  test('the set in force at any time can be had back, with what the policies said then', async () => {
    const cluster = aCluster();
    const record = await recorder(cluster);
    const [web, newWeb, api] = [aPolicy('web', 80), aPolicy('web', 81), aPolicy('api', 90)];
    await record(0, web);
    await record(1, web, api);
    await record(2, newWeb);
    await record(3, newWeb);
    const at = async (minute: number) =>
      (await readPoliciesAt(db, cluster, NOON + minute * MINUTE_MS)).map(({ object }) => object);
    expect(await at(-1)).toEqual([]);
    expect(await at(0.5)).toEqual([web]);
    expect(await at(1.5)).toEqual([api, web]);
    expect(await at(3)).toEqual([newWeb]);
    const times = await readForceTimes(db, cluster, NOON, NOON + HOUR_MS);
    expect(
      times.map(({ hash, from, to, policies }) => [hash, (from - NOON) / MINUTE_MS, (to - NOON) / MINUTE_MS, policies]),
    ).toEqual([
      [inForce(web).setHash, 0, 1, 1],
      [inForce(web, api).setHash, 1, 2, 2],
      [inForce(newWeb).setHash, 2, 3, 1],
    ]);
  });

  test('a record that is written twice, or late, changes nothing', async () => {
    const cluster = aCluster();
    const record = await recorder(cluster);
    for (let time = 0; time < 2; time++) {
      await record(0, aPolicy('web', 80));
      await record(0, aPolicy('web', 80));
    }
    expect(await readForceTimes(db, cluster, 0, NOON * 2)).toHaveLength(1);
    expect(await readVersions(db, cluster, SHOP)).toHaveLength(1);
  });

  test('what changed while nobody looked ended when it was last seen', async () => {
    const cluster = aCluster();
    const record = await recorder(cluster);
    await record(0, aPolicy('web', 80));
    await record(1, aPolicy('web', 80));
    await record(60, aPolicy('api', 90));
    expect((await readVersions(db, cluster, SHOP))[0]).toMatchObject({ lastSeen: NOON + MINUTE_MS, current: false });
    const times = await readForceTimes(db, cluster, NOON, NOON + 2 * HOUR_MS);
    expect(times.map(({ from, to }) => [(from - NOON) / MINUTE_MS, (to - NOON) / MINUTE_MS])).toEqual([
      [0, 1],
      [60, 60],
    ]);
    expect(await readPoliciesAt(db, cluster, NOON + 30 * MINUTE_MS)).toEqual([]);
  });

  test('a policy that comes back is the same version again', async () => {
    const cluster = aCluster();
    const record = await recorder(cluster);
    await record(0, aPolicy('web', 80));
    await record(1);
    await record(2, aPolicy('web', 80));
    expect(await readVersions(db, cluster, SHOP)).toMatchObject([{ firstSeen: NOON, current: true }]);
    expect((await readForceTimes(db, cluster, NOON, NOON + HOUR_MS)).map(({ policies }) => policies)).toEqual([1, 0, 1]);
  });

  test('of two recorders the later one writes, and the other is told', async () => {
    const cluster = aCluster();
    const first = await recorder(cluster);
    await first(0, aPolicy('web', 80));
    const second = await recorder(cluster);
    await expect(first(1, aPolicy('web', 99))).rejects.toMatchObject({ code: 'conflict' });
    await second(1, aPolicy('web', 80));
    expect(await readVersions(db, cluster, SHOP)).toHaveLength(1);
  });

  test('recorders at once leave one history', async () => {
    const cluster = aCluster();
    const run = await beginPolicyRun(db, cluster);
    const records = [80, 81, 80, 82].map((port, second) => ({
      cluster,
      run,
      time: NOON + second * 1000,
      ...inForce(aPolicy('web', port)),
    }));
    await Promise.all(records.map((record) => recordPolicies(db, record)));
    const open = (await readVersions(db, cluster, SHOP)).filter(({ current }) => current);
    expect(open).toHaveLength(1);
  });

  test('two thousand policies are recorded in one go, and again at the price of one row', async () => {
    const cluster = aCluster();
    const run = await beginPolicyRun(db, cluster);
    const many = inForce(...Array.from({ length: 2000 }, (_, i) => aPolicy(`p${i}`, 1 + i)));
    await recordPolicies(db, { cluster, run, time: NOON, ...many });
    const began = performance.now();
    await recordPolicies(db, { cluster, run, time: NOON + MINUTE_MS, ...many });
    expect(performance.now() - began).toBeLessThan(500);
    expect(await readPoliciesAt(db, cluster, NOON)).toHaveLength(2000);
  });

  test('a world is stored once while it stays the same, and thinned with age', async () => {
    const cluster = aCluster();
    const world = { config: {}, namespaces: { shop: {} }, endpoints: [] } as unknown as World;
    await recordWorld(db, cluster, NOON, 'a', world);
    await recordWorld(db, cluster, NOON + HOUR_MS, 'a', world);
    await recordWorld(db, cluster, NOON + 2 * HOUR_MS, 'b', { ...world, nodes: [] });
    expect(await readWorldAt(db, cluster, NOON + HOUR_MS)).toEqual({ from: NOON, to: NOON + HOUR_MS, hash: 'a', world });
    expect(await readWorldAt(db, cluster, NOON - 1)).toBeUndefined();
    for (let hour = 3; hour < 10; hour++) await recordWorld(db, cluster, NOON + hour * HOUR_MS, `h${hour}`, world);
    await thinWorlds(db, NOON + 5 * DAY_MS);
    expect(await readWorldAt(db, cluster, NOON + 8 * HOUR_MS)).toBeUndefined();
    expect((await readWorldAt(db, cluster, NOON + DAY_MS))?.hash).toBe('h9');
    await thinWorlds(db, NOON + 500 * DAY_MS);
    expect((await readWorldAt(db, cluster, NOON + DAY_MS))?.hash).toBe('h9');
  });

  test('an upload replaces the one before', async () => {
    const cluster = aCluster();
    const upload = { objects: [aPolicy('web', 80)], createdBy: 'Ann', createdAt: NOON };
    await saveUpload(db, cluster, upload);
    expect(await readUpload(db, cluster)).toEqual(upload);
    await saveUpload(db, cluster, { ...upload, objects: [], createdAt: NOON + 1 });
    expect((await readUpload(db, cluster))?.objects).toEqual([]);
    await db.rows("INSERT INTO cluster (id, name, environment) VALUES ($1, $1, 'DEV')", [cluster]);
    expect(await readObjectsPlaces(db)).toContainEqual({ cluster, target: undefined, uploadedAt: NOON + 1 });
    expect(await readUpload(db, 'nowhere')).toBeUndefined();
  });

  const aSet = (change: Partial<PolicySet> = {}): PolicySet => ({
    id: `set-${Math.random()}`,
    name: 'candidate',
    description: '',
    hash: 'a'.repeat(64),
    policies: [SHOP],
    removes: [],
    mode: 'merge',
    watched: true,
    yaml: 'kind: x\n# nul \u0000 and `$1`',
    createdBy: 'Ann',
    createdAt: NOON,
    updatedAt: NOON,
    ...change,
  });

  test('a candidate set is stored, changed by who saw it last, and deleted with what was counted of it', async () => {
    const cluster = aCluster();
    const set = aSet({ alertAt: 5 });
    const stored = await insertSet(db, cluster, set);
    expect(stored).toEqual({ set, version: 1, watchedSince: NOON });
    expect(await findSet(db, cluster, set.id)).toEqual(stored);
    expect(await findSet(db, 'another', set.id)).toBeUndefined();
    const minutes = [{ minute: NOON, denied: 3, unknown: 1, judged: 10, workloads: { 'shop/web': 3 } }];
    await writeWouldDeny(db, set.id, minutes);
    await writeWouldDeny(db, set.id, minutes);
    expect(await readWouldDeny(db, set.id, NOON, NOON + 1)).toEqual(minutes);

    const renamed = { ...set, name: 'renamed', updatedAt: NOON + 1000 };
    expect(await updateSet(db, cluster, 1, renamed)).toEqual({ set: renamed, version: 2, watchedSince: NOON });
    expect(await updateSet(db, cluster, 1, set)).toBeUndefined();
    expect(await readWouldDeny(db, set.id, NOON, NOON + 1)).toHaveLength(1);

    const { alertAt, ...noAlert } = renamed;
    expect(alertAt).toBe(5);
    const other = { ...noAlert, hash: 'b'.repeat(64), updatedAt: NOON + 2000 };
    expect(await updateSet(db, cluster, 2, other)).toEqual({ set: other, version: 3, watchedSince: NOON + 2000 });
    expect(await readWouldDeny(db, set.id, NOON, NOON + 1)).toEqual([]);
    const without = { ...other, removes: [SHOP], updatedAt: NOON + 3000 };
    expect(await updateSet(db, cluster, 3, without)).toMatchObject({ watchedSince: NOON + 3000 });
    expect(await updateSet(db, cluster, 4, { ...without, watched: false })).toMatchObject({ watchedSince: undefined });

    expect(await deleteSet(db, cluster, set.id)).toBe(true);
    expect(await deleteSet(db, cluster, set.id)).toBe(false);
    await writeWouldDeny(db, set.id, minutes);
    expect(await readWouldDeny(db, set.id, NOON, NOON + 1)).toEqual([]);
  });

  test('a cluster has so many candidate sets at most', async () => {
    const cluster = aCluster();
    for (let i = 0; i < 200; i++)
      await insertSet(db, cluster, aSet({ id: `${cluster}-${i}`, updatedAt: NOON, createdAt: NOON + i }));
    await expect(insertSet(db, cluster, aSet())).rejects.toMatchObject({ code: 'conflict' });
    expect((await listSets(db, cluster))[0]?.set.id).toBe(`${cluster}-199`);
  });

  test('what is older than its retention is forgotten; what is in force never', async () => {
    const cluster = aCluster();
    const record = await recorder(cluster);
    await record(0, aPolicy('web', 80), aPolicy('api', 90));
    await record(1, aPolicy('api', 90));
    await dropOldPolicies(db, NOON + 500 * DAY_MS);
    expect(await readVersions(db, cluster, SHOP)).toEqual([]);
    expect(await readVersion(db, cluster, SHOP, specHash(aPolicy('web', 80)))).toBeUndefined();
    expect(await readVersions(db, cluster, 'cnp:shop/api')).toHaveLength(1);
    expect(await readVersion(db, cluster, 'cnp:shop/api', specHash(aPolicy('api', 90)))).toBeDefined();
  });
});
