import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Client } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PolicySet, PolicySetList, PolicySource, PolicyVersionText, UploadReport } from '#lib/api/policies.ts';
import { type AskInit, createIngestClient, type IngestAnswer, type IngestClient } from '#lib/bus/ingest-client.ts';
import { type EmbeddedDatabase, openEmbedded } from '#lib/db/embedded.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { readForceTimes, readVersions } from '#lib/db/policies/versions.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { type Kubernetes, kubernetesMissing, startKubernetes } from '#lib/testing/kubernetes.ts';
import { until } from '#lib/testing/postgres.ts';
import { type Ingest, startIngest } from '../main.ts';

const TOKEN = 'a-token-for-tests';
const log = pino({ level: 'silent' });

let dir: string;
let database: EmbeddedDatabase;
let db: TrafficDb;
let ingest: Ingest;
let client: IngestClient | undefined;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cwo-'));
  database = await openEmbedded(join(dir, 'db'));
  await migrate(database.url, readMigrations('prisma/migrations'));
  db = openTrafficDb(database.url);
  cpSync('lib/demo/world', join(dir, 'world'), { recursive: true, filter: (path) => !path.endsWith('.md') });
  await addCluster('folder', { from: 'folder', path: join(dir, 'world') });
  await addCluster('uploads', null);
  ingest = await startIngest({ databaseUrl: database.url, listen: `unix:${join(dir, 'ingest.sock')}`, token: TOKEN, log });
  client = createIngestClient({ url: ingest.url, token: TOKEN });
});
afterAll(async () => {
  client?.close();
  await ingest.close();
  await db.close();
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

async function addCluster(id: string, objects: object | null): Promise<void> {
  const connection = new Client({ connectionString: database.url });
  await connection.connect();
  await connection.query("INSERT INTO cluster (id, name, environment, objects) VALUES ($1, $1, 'DEV', $2::jsonb)", [
    id,
    objects && JSON.stringify(objects),
  ]);
  await connection.end();
  await client?.ask('/reload', '', { method: 'POST' });
}

const jsonOf = ({ body }: IngestAnswer): unknown => JSON.parse(body.toString('utf8'));
const ask = (path: string, init: AskInit = {}): Promise<IngestAnswer> => {
  if (!client) throw new Error('ingest is not started');
  return client.ask(`/clusters/${path}`, '', init);
};
const sourceOf = async (cluster: string) => PolicySource.parse(jsonOf(await ask(`${cluster}/policies/source`)));
const settled = (cluster: string, state = 'ready') =>
  until(async () => (await sourceOf(cluster)).state === state, `${cluster} to be ${state}`);

const policy = (name: string, port: string) => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec: { endpointSelector: {}, ingress: [{ toPorts: [{ ports: [{ port, protocol: 'TCP' }] }] }] },
});

describe('a folder', () => {
  test('is read, and its policies are recorded with their versions', async () => {
    await settled('folder');
    const source = await sourceOf('folder');
    expect(source).toMatchObject({ kind: 'folder', detail: expect.stringContaining(join(dir, 'world')) });
    expect(source.kinds.find(({ kind }) => kind === 'CiliumNetworkPolicy')).toMatchObject({ state: 'ready', objects: 21 });
    expect(source.missing).toEqual(['cidrGroups', 'names']);
    const ref = 'cnp:gateway/bff-from-edge';
    await until(async () => (await readVersions(db, 'folder', ref)).length === 1, 'the first record');
    const [version] = await readVersions(db, 'folder', ref);
    const answer = await ask(`folder/policies/cnp/gateway/bff-from-edge/versions/${version?.hash}`);
    const text = PolicyVersionText.parse(jsonOf(answer));
    expect(text).toMatchObject({ ref, version: { current: true, generation: 1 } });
    expect(text.yaml).toMatch(/^apiVersion: cilium\.io\/v2\nkind: CiliumNetworkPolicy\nmetadata:\n {2}name: bff-from-edge\n/);
    expect(text.yaml).not.toMatch(/uid|resourceVersion|status/);
  });

  test('that changes makes another set in force and another version of what changed only', async () => {
    const other = 'cnp:payments/ledger-ingress';
    const before = await readForceTimes(db, 'folder', 0, Date.now() * 2);
    writeFileSync(join(dir, 'world/new.json'), JSON.stringify(policy('new', '80')));
    await until(async () => (await readVersions(db, 'folder', 'cnp:shop/new')).length === 1, 'the new policy');
    writeFileSync(join(dir, 'world/new.json'), JSON.stringify(policy('new', '8080')));
    await until(async () => (await readVersions(db, 'folder', 'cnp:shop/new')).length === 2, 'its second version');
    rmSync(join(dir, 'world/new.json'));
    await until(async () => (await readVersions(db, 'folder', 'cnp:shop/new')).every(({ current }) => !current), 'its end');
    const times = await readForceTimes(db, 'folder', 0, Date.now() * 2);
    expect(times.map(({ policies }) => policies)).toEqual([30, 31, 31, 30]);
    expect(times.at(-1)?.hash).toBe(before[0]?.hash);
    expect((await readVersions(db, 'folder', other)).length).toBeLessThan(2);
  });

  test('is no place to upload to', async () => {
    const answer = await ask('folder/policies/source', { method: 'PUT', body: '{}' });
    expect(answer.status).toBe(409);
  });

  test('has no version that was never seen, and no kind that is none', async () => {
    expect((await ask(`folder/policies/cnp/gateway/bff-from-edge/versions/${'0'.repeat(64)}`)).status).toBe(404);
    expect((await ask(`folder/policies/xyz/gateway/bff-from-edge/versions/${'0'.repeat(64)}`)).status).toBe(404);
    expect((await ask('nowhere/policies/source')).status).toBe(404);
  });
});

describe('an upload', () => {
  const upload = (body: string | Buffer) =>
    ask('uploads/policies/source', { method: 'PUT', body, headers: { 'x-causeway-actor': encodeURIComponent('Ann Ö.') } });

  test('is what a cluster without a source waits for', async () => {
    expect(await sourceOf('uploads')).toMatchObject({
      kind: 'none',
      state: 'none',
      detail: expect.stringContaining('--kubeconfig'),
    });
  });

  test('is taken whole, also compressed, and says which policies are not valid', async () => {
    const bad = policy('bad', '99999');
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [policy('good', '80'), bad, { kind: 'Namespace', metadata: { name: 'shop' } }],
    };
    const answer = await upload(gzipSync(JSON.stringify(list)));
    expect(answer.status).toBe(200);
    const report = UploadReport.parse(jsonOf(answer));
    expect(report).toMatchObject({ policies: 2, objects: { CiliumNetworkPolicy: 2, Namespace: 1 } });
    expect(report.problems).toEqual([
      { policy: 'cnp:shop/bad', message: expect.stringContaining('spec.ingress[0].toPorts[0].ports[0].port') },
    ]);
    await settled('uploads');
    expect(await sourceOf('uploads')).toMatchObject({ kind: 'upload', detail: 'Reads what Ann Ö. uploaded.' });
    await until(async () => (await readVersions(db, 'uploads', 'cnp:shop/good')).length === 1, 'the record');
  });

  test.each([
    { name: 'broken YAML', body: 'kind: Node\nmetadata:\n  name: a\n  name: b\n', status: 422, detail: /^line 4: / },
    {
      name: 'nothing that matters',
      body: '{"kind":"Secret","metadata":{"name":"x"}}',
      status: 422,
      detail: /no policy, pod or other object/,
    },
    {
      name: 'half a gzip file',
      body: gzipSync('kind: Node\nmetadata: {name: a}').subarray(0, 20),
      status: 422,
      detail: /begins like gzip/,
    },
  ])('of $name is refused, and the one before stays', async ({ body, status, detail }) => {
    const answer = await upload(body);
    expect(answer.status).toBe(status);
    expect((jsonOf(answer) as { detail: string }).detail).toMatch(detail);
    expect((await sourceOf('uploads')).kinds.map(({ kind }) => kind)).toEqual(['CiliumNetworkPolicy', 'Namespace']);
  });

  test('replaces the one before and outlives a restart', async () => {
    expect((await upload(JSON.stringify(policy('only', '80')))).status).toBe(200);
    client?.close();
    await ingest.close();
    ingest = await startIngest({ databaseUrl: database.url, listen: `unix:${join(dir, 'ingest.sock')}`, token: TOKEN, log });
    client = createIngestClient({ url: ingest.url, token: TOKEN });
    await settled('uploads');
    expect((await sourceOf('uploads')).kinds).toMatchObject([{ kind: 'CiliumNetworkPolicy', objects: 1 }]);
  });
});

describe('candidate sets', () => {
  const send = (method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object, headers: Record<string, string> = {}) =>
    ask(`folder/policy-sets${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json', 'x-causeway-actor': 'Ann', ...headers },
    });
  const input = { name: 'close shop', yaml: JSON.stringify(policy('web', '80')), watched: true, alertAt: 5 };

  test('are made, read, changed with their tag, and deleted', async () => {
    const made = await send('POST', '', input);
    expect(made.status).toBe(201);
    const set = PolicySet.parse(jsonOf(made));
    expect(set).toMatchObject({ ...input, mode: 'merge', policies: ['cnp:shop/web'], createdBy: 'Ann' });
    expect(PolicySetList.parse(jsonOf(await ask('folder/policy-sets'))).sets).toEqual([set]);
    const read = await ask(`folder/policy-sets/${set.id}`);
    expect([read.headers['etag'], jsonOf(read)]).toEqual(['"v1"', set]);

    expect((await send('PUT', `/${set.id}`, input)).status).toBe(412);
    const changed = await send(
      'PUT',
      `/${set.id}`,
      { ...input, name: 'close it', removes: ['ccnp:open'] },
      { 'if-match': '"v1"' },
    );
    expect([changed.status, changed.headers['etag'], jsonOf(changed)]).toMatchObject([
      200,
      '"v2"',
      { name: 'close it', hash: set.hash },
    ]);
    expect((await send('PUT', `/${set.id}`, input, { 'if-match': '"v1"' })).status).toBe(412);

    expect((await send('DELETE', `/${set.id}`)).status).toBe(204);
    expect((await send('DELETE', `/${set.id}`)).status).toBe(404);
    expect((await ask(`folder/policy-sets/${set.id}`)).status).toBe(404);
  });

  test.each([
    { name: 'text that cannot be read', yaml: 'kind: [', detail: /^yaml: line \d+: / },
    { name: 'something that is no policy', yaml: 'kind: Secret\nmetadata: {name: x}', detail: /a Secret is no policy/ },
    { name: 'a policy twice', yaml: `[${input.yaml},${input.yaml}]`, detail: /cnp:shop\/web is there twice/ },
  ])('of $name are refused with the reason', async ({ yaml, detail }) => {
    const answer = await send('POST', '', { ...input, yaml });
    expect([answer.status, (jsonOf(answer) as { detail: string }).detail]).toEqual([422, expect.stringMatching(detail)]);
  });
});

describe.skipIf(kubernetesMissing())('a real API server', () => {
  let kubernetes: Kubernetes;
  beforeAll(async () => {
    kubernetes = await startKubernetes();
    await kubernetes.seedRecordedWorld();
  });
  afterAll(() => kubernetes.stop());

  test('gives the very set of policies that kubectl printed of it into a folder', async () => {
    await addCluster('live', { from: 'kubernetes', kubeconfig: kubernetes.admin });
    await settled('live');
    const last = async (cluster: string) => (await readForceTimes(db, cluster, 0, Date.now() * 2)).at(-1);
    await until(async () => (await last('live'))?.policies === 30, 'the record of thirty policies');
    expect((await last('live'))?.hash).toBe((await last('folder'))?.hash);
    expect((await sourceOf('live')).missing).toEqual(['names']);
  });

  test('that may not be read in part says which part, and is served all the same', async () => {
    await addCluster('part', { from: 'kubernetes', kubeconfig: kubernetes.reader });
    await settled('part', 'partial');
    expect(await sourceOf('part')).toMatchObject({
      detail: expect.stringMatching(/^Reads the API server .*, but may not list and watch endpointslices/),
    });
  });

  test('is read by the ingest that runs in the cluster, where nothing else is set for it', async () => {
    await addCluster('here', null);
    const other = await startIngest({
      databaseUrl: database.url,
      listen: `unix:${join(dir, 'other.sock')}`,
      token: TOKEN,
      log,
      here: { cluster: 'here', target: { kubeconfig: kubernetes.admin } },
    });
    const asking = createIngestClient({ url: other.url, token: TOKEN });
    const state = async () => PolicySource.parse(jsonOf(await asking.ask('/clusters/here/policies/source'))).state;
    await until(async () => (await state()) === 'ready', 'its objects');
    expect((await sourceOf('here')).kind).toBe('none');
    asking.close();
    await other.close();
  });

  test('that goes away leaves what it said, and says since when it is away', async () => {
    const start = await kubernetes.killServer();
    await settled('live', 'partial');
    expect((await sourceOf('live')).detail).toMatch(/^Reads the API server .*, but .*does not answer/);
    await start();
    await until(async () => (await sourceOf('live')).state === 'ready', 'the API server to be read again', 60_000);
    expect((await readVersions(db, 'live', 'cnp:gateway/bff-from-edge')).map(({ current }) => current)).toEqual([true]);
  });

  test('that is not there is a failure that says so', async () => {
    await addCluster('gone', { from: 'kubernetes', kubeconfig: join(dir, 'no-such-file') });
    await settled('gone', 'failed');
    expect((await sourceOf('gone')).detail).toMatch(/no-such-file cannot be read/);
  });
});
