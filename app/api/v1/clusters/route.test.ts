import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BY_CONSOLE } from '#lib/audit-log/event.ts';
import { Cluster, ClusterList } from '#lib/api/clusters.ts';
import { Problem } from '#lib/api/common.ts';
import { deleteClusterRow, putCluster, readClusters } from '#lib/db/platform/clusters.ts';
import { cookieFor, pageRequest, type Platform, startPlatform, withParams } from '#lib/testing/platform.ts';
import { GET, POST } from './route.ts';
import { DELETE, GET as GET_ONE, PUT } from './[cluster]/route.ts';

const RELAY = { address: 'relay.example:4245', tls: true };
const PRD = { id: 'prd', name: 'Production', environment: 'PRD' as const, relay: RELAY };
const DEV = { id: 'dev', name: 'Development', environment: 'DEV' as const, relay: RELAY };

let platform: Platform;
let admin: string;
let devAdmin: string;
let viewer: string;
beforeAll(async () => {
  platform = await startPlatform();
  admin = await cookieFor('admin', [{ role: 'admin', scope: '*' }]);
  devAdmin = await cookieFor('devAdmin', [
    { role: 'admin', scope: 'DEV' },
    { role: 'viewer', scope: '*' },
  ]);
  viewer = await cookieFor('viewer', [{ role: 'viewer', scope: 'cluster:prd' }]);
});
afterAll(() => platform.close());
beforeEach(async () => {
  for (const { id } of await readClusters()) await deleteClusterRow(id, BY_CONSOLE);
  await putCluster({ ...PRD, demo: false });
  await putCluster({ ...DEV, demo: true });
  platform.asked.length = 0;
  platform.answers.set('/clusters', { body: JSON.stringify({ clusters: [{ id: 'prd', state: 'live', stateDetail: '' }] }) });
});

const send = (cookie: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const request = pageRequest(path, {
    method,
    cookie,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const id = path.split('/')[4]?.split('?')[0];
  if (!id) return method === 'GET' ? GET(request, withParams()) : POST(request, withParams());
  const handler = method === 'GET' ? GET_ONE : method === 'PUT' ? PUT : DELETE;
  return handler(request, withParams({ cluster: id }));
};
const problem = async (response: Response) => Problem.parse(await response.json());

describe('the list of clusters', () => {
  test('shows what the caller may see, with states, and relays only to those who manage them', async () => {
    const all = ClusterList.parse(await (await send(admin, 'GET', '/api/v1/clusters')).json());
    expect(all.clusters).toEqual([
      { ...DEV, demo: true, state: 'connecting', stateDetail: 'ingest has not taken it up yet' },
      { ...PRD, demo: false, state: 'live', stateDetail: '' },
    ]);
    const some = ClusterList.parse(await (await send(viewer, 'GET', '/api/v1/clusters')).json());
    expect(some.clusters.map(({ id, relay }) => ({ id, relay }))).toEqual([{ id: 'prd', relay: undefined }]);
  });

  test('is there while ingest is not, and says so', async () => {
    platform.answers.set('/clusters', { status: 500, body: 'oops' });
    const { clusters } = ClusterList.parse(await (await send(viewer, 'GET', '/api/v1/clusters')).json());
    expect(clusters).toMatchObject([{ state: 'failed', stateDetail: 'the ingest process does not answer' }]);
  });

  test('refuses a parameter that it does not know, and one given twice', async () => {
    const unknown = await send(viewer, 'GET', '/api/v1/clusters?enviroment=PRD');
    expect(unknown.status).toBe(400);
    expect(await problem(unknown)).toMatchObject({ type: '/problems/bad-request', place: { parameter: 'enviroment' } });
    expect(await problem(await send(viewer, 'GET', '/api/v1/clusters?a=1&a=2'))).toMatchObject({ place: { parameter: 'a' } });
  });

  test('answers with headers that keep it out of caches and other sites', async () => {
    const { headers } = await send(viewer, 'GET', '/api/v1/clusters', undefined, { 'x-request-id': 'request-0001' });
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-request-id': 'request-0001',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'content-type': 'application/json',
    });
  });
});

describe('adding a cluster', () => {
  test('answers 201 with its place and version, and tells ingest', async () => {
    const response = await send(admin, 'POST', '/api/v1/clusters', { ...PRD, id: 'new' });
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe('/api/v1/clusters/new');
    expect(response.headers.get('etag')).toBe('"v1"');
    expect(Cluster.parse(await response.json())).toMatchObject({ id: 'new', relay: RELAY, demo: false });
    expect(platform.asked).toContainEqual(expect.objectContaining({ method: 'POST', url: '/reload' }));
  });

  test('a cluster without a relay is one whose flows come from NATS; where nobody reads that, it is paused', async () => {
    const response = await send(admin, 'POST', '/api/v1/clusters', { ...PRD, id: 'on-the-bus', relay: null });
    expect(response.status).toBe(201);
    const added = Cluster.parse(await response.json());
    expect([added.relay, added.state]).toEqual([undefined, 'paused']);
    const changed = await send(admin, 'PUT', '/api/v1/clusters/on-the-bus', { ...PRD, id: 'on-the-bus' }, { 'if-match': '"v1"' });
    expect(Cluster.parse(await changed.json()).relay).toEqual(RELAY);
    const missing = await send(admin, 'POST', '/api/v1/clusters', { id: 'y', name: 'y', environment: 'PRD' });
    expect(missing.status).toBe(422);
  });

  test('an environment administrator adds to that environment only', async () => {
    expect((await send(devAdmin, 'POST', '/api/v1/clusters', { ...DEV, id: 'dev-2' })).status).toBe(201);
    expect((await send(devAdmin, 'POST', '/api/v1/clusters', { ...PRD, id: 'prd-2' })).status).toBe(403);
  });

  test.each([
    { name: 'an id that is taken', body: PRD, status: 409, type: 'conflict' },
    {
      name: 'an address without a port',
      body: { ...PRD, id: 'x', relay: { address: 'relay.example' } },
      status: 422,
      type: 'bad-input',
    },
    {
      name: 'an environment that does not exist',
      body: { ...PRD, id: 'x', environment: 'PROD' },
      status: 422,
      type: 'bad-input',
    },
    { name: 'a body that is not JSON', body: '{', status: 400, type: 'bad-request' },
    { name: 'a body that is too large', body: `"${'x'.repeat(70_000)}"`, status: 413, type: 'too-large' },
  ])('refuses $name', async ({ body, status, type }) => {
    const response = await send(admin, 'POST', '/api/v1/clusters', body);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await problem(response)).toMatchObject({ type: `/problems/${type}`, status });
  });

  test('properties that the contract does not name change nothing', async () => {
    await send(
      admin,
      'POST',
      '/api/v1/clusters',
      '{"id":"x","name":"X","environment":"DEV","relay":{"address":"a:1"},"demo":true,"version":9,"__proto__":{"demo":true}}',
    );
    expect((await readClusters()).find(({ id }) => id === 'x')).toMatchObject({ demo: false, version: 1 });
  });

  test('a repeat with the same Idempotency-Key gets the same answer, another body under it a conflict', async () => {
    const key = { 'idempotency-key': 'key-0001-abcd' };
    const first = await send(admin, 'POST', '/api/v1/clusters', { ...DEV, id: 'once' }, key);
    const again = await send(admin, 'POST', '/api/v1/clusters', { ...DEV, id: 'once' }, key);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await again.json()).toEqual(await first.json());
    expect((await send(admin, 'POST', '/api/v1/clusters', { ...DEV, id: 'twice' }, key)).status).toBe(409);
    expect((await send(admin, 'POST', '/api/v1/clusters', PRD, { 'idempotency-key': 'short' })).status).toBe(400);
  });

  test('a key is free again after a request that failed', async () => {
    const key = { 'idempotency-key': 'key-0002-abcd' };
    expect((await send(admin, 'POST', '/api/v1/clusters', PRD, key)).status).toBe(409);
    await deleteClusterRow('prd', BY_CONSOLE);
    expect((await send(admin, 'POST', '/api/v1/clusters', PRD, key)).status).toBe(201);
  });
});

describe('editing a cluster', () => {
  test('needs the version it was made from; the second of two editors is told', async () => {
    const etag = (await send(admin, 'GET', '/api/v1/clusters/prd')).headers.get('etag') ?? '';
    expect((await send(admin, 'PUT', '/api/v1/clusters/prd', PRD)).status).toBe(412);
    const first = await send(admin, 'PUT', '/api/v1/clusters/prd', { ...PRD, name: 'One' }, { 'if-match': etag });
    expect([first.status, first.headers.get('etag')]).toEqual([200, '"v2"']);
    const second = await send(admin, 'PUT', '/api/v1/clusters/prd', { ...PRD, name: 'Two' }, { 'if-match': etag });
    expect(second.status).toBe(412);
    expect(Cluster.parse(await (await send(admin, 'GET', '/api/v1/clusters/prd')).json()).name).toBe('One');
  });

  test('cannot move a cluster into an environment that the editor does not manage', async () => {
    await putCluster({ ...DEV, id: 'dev-2', demo: false });
    const moved = await send(
      devAdmin,
      'PUT',
      '/api/v1/clusters/dev-2',
      { ...DEV, id: 'dev-2', environment: 'PRD' },
      { 'if-match': '"v1"' },
    );
    expect(moved.status).toBe(403);
  });

  test('cannot take another id, nor repoint a demo cluster', async () => {
    expect((await send(admin, 'PUT', '/api/v1/clusters/prd', { ...PRD, id: 'x' }, { 'if-match': '"v1"' })).status).toBe(422);
    expect((await send(admin, 'PUT', '/api/v1/clusters/dev', DEV, { 'if-match': '"v1"' })).status).toBe(409);
  });

  test('removing answers 204, then 404', async () => {
    expect((await send(admin, 'DELETE', '/api/v1/clusters/prd')).status).toBe(204);
    expect((await send(admin, 'DELETE', '/api/v1/clusters/prd')).status).toBe(404);
  });
});

test.each([
  { name: 'another origin', headers: { origin: 'https://evil.example' } },
  { name: 'another port of this host', headers: { origin: 'http://127.0.0.1:4000' } },
  { name: 'a sandboxed frame', headers: { origin: 'null' } },
  { name: 'a site beside ours', headers: { 'sec-fetch-site': 'same-site' } },
])('a change from $name is refused', async ({ headers }) => {
  const response = await send(admin, 'DELETE', '/api/v1/clusters/prd', undefined, headers);
  expect(await problem(response)).toMatchObject({ type: '/problems/cross-origin', status: 403 });
});
