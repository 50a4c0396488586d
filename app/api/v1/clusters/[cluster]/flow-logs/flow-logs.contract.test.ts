import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Problem } from '#lib/api/common.ts';
import { FlowLogsBaseline, FlowLogsImport, FlowLogsImportList } from '#lib/api/flow-logs.ts';
import { withDatabase } from '#lib/db/client.ts';
import { cookieFor, pageRequest, withParams } from '#lib/testing/platform.ts';
import { until } from '#lib/testing/postgres.ts';
import { startTraffic, type Traffic } from '#lib/testing/traffic.ts';
import { GET as SOURCE } from '../policies/source/route.ts';
import { DELETE, GET as BASELINE } from './[import]/route.ts';
import { GET, POST } from './route.ts';

const pod = (name: string, podIP: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: name }, creationTimestamp: '2020-01-01T00:00:00Z' },
  spec: { nodeName: 'n1', containers: [{ name: 'c' }] },
  status: { phase: 'Running', podIP },
});
const OBJECTS = { apiVersion: 'v1', kind: 'List', items: [pod('web', '10.0.0.1'), pod('db', '10.0.0.9')] };

const START = 1_782_864_000;
const line = (source: string, destination: string, port: number) =>
  `2 1 eni-1 ${source} ${destination} 40000 ${port} 6 2 300 ${START} ${START + 59} ACCEPT OK\n`;
const FILE = `${line('10.0.0.1', '10.0.0.9', 5432)}${line('10.0.0.1', '203.0.113.9', 443)}`;

let traffic: Traffic;
let operator: string;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cw-'));
  writeFileSync(join(dir, 'objects.json'), JSON.stringify(OBJECTS));
  const relay = { address: '127.0.0.1:1', tls: false };
  traffic = await startTraffic([{ id: 'prd', relay, objects: { from: 'folder', path: dir } }]);
  operator = await cookieFor('olga', [{ role: 'operator', scope: '*' }]);
  const source = async () =>
    (await (
      await SOURCE(pageRequest('/api/v1/clusters/prd/policies/source', { cookie: operator }), withParams({ cluster: 'prd' }))
    ).json()) as { state: string };
  await until(async () => (await source()).state === 'ready', 'the objects to be read', 60_000);
});
afterAll(async () => {
  await traffic.close();
  rmSync(dir, { recursive: true, force: true });
});

const PATH = '/api/v1/clusters/prd/flow-logs';
const prd = withParams({ cluster: 'prd' });
const bring = (body: string | Buffer, query = '?name=june', type = 'text/plain') =>
  POST(
    pageRequest(`${PATH}${query}`, {
      method: 'POST',
      cookie: operator,
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    }),
    prd,
  );
const list = async () => FlowLogsImportList.parse(await (await GET(pageRequest(PATH, { cookie: operator }), prd)).json()).imports;
const one = (id: string) =>
  BASELINE(pageRequest(`${PATH}/${id}`, { cookie: operator }), withParams({ cluster: 'prd', import: id }));
const remove = (id: string) =>
  DELETE(pageRequest(`${PATH}/${id}`, { method: 'DELETE', cookie: operator }), withParams({ cluster: 'prd', import: id }));
const audited = () =>
  withDatabase((db) => db.$queryRaw<{ body: string }[]>`SELECT body FROM audit_event ORDER BY seq`).then((rows) =>
    rows.map(({ body }) => JSON.parse(body) as { action: string; outcome: string; actor: { name: string; subject: string } }),
  );

test('a file is joined to the cluster’s pods, listed, read and deleted, and the audit log says by whom', async () => {
  const answer = await bring(FILE);
  expect(answer.status).toBe(201);
  const made = FlowLogsImport.parse(await answer.json());
  expect(made).toMatchObject({ name: 'june', by: 'olga', state: 'done', tuples: 2, coverage: { bothKnown: 1, oneKnown: 1 } });
  expect(await list()).toEqual([made]);
  const { pairs, pairsTotal } = FlowLogsBaseline.parse(await (await one(made.id)).json());
  expect(pairsTotal).toBe(2);
  expect(pairs.map(({ source, destination, port }) => `${source} > ${destination}:${port}`).toSorted()).toEqual([
    'shop/web > cidr:203.0.113.0/24:443',
    'shop/web > shop/db:5432',
  ]);
  expect((await remove(made.id)).status).toBe(204);
  expect((await remove(made.id)).status).toBe(404);
  expect((await one(made.id)).status).toBe(404);
  expect(await audited()).toMatchObject(
    ['flow-logs.import', 'flow-logs.delete'].map((action) => ({ action, actor: { name: 'olga', subject: 'demo|olga' } })),
  );
});

test('gzip and a format of one’s own are taken; a format that cannot be used is refused', async () => {
  const custom = `10.0.0.1 10.0.0.9 40000 5432 6 ${START} ACCEPT\n`;
  const format = encodeURIComponent('${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${start} ${action}');
  const made = await bring(gzipSync(custom), `?format=${format}`, 'application/gzip');
  expect(FlowLogsImport.parse(await made.json())).toMatchObject({ tuples: 1, name: 'flow logs' });
  const refused = await bring(custom, '?format=srcaddr%20dstaddr');
  expect(refused.status).toBe(400);
  expect(Problem.parse(await refused.json())).toMatchObject({
    detail: expect.stringContaining('the format lacks srcport') as unknown,
    place: { parameter: 'format' },
  });
});

test('a file with a broken line is refused with its place, and stands in the list as failed', async () => {
  const answer = await bring(`${FILE}rubbish\n`);
  expect(answer.status).toBe(422);
  expect(Problem.parse(await answer.json())).toMatchObject({
    type: '/problems/bad-input',
    detail: expect.stringContaining('nothing was stored; line 3: 14 fields were expected, there are 1') as unknown,
    place: { line: 3 },
  });
  expect((await list())[0]).toMatchObject({ state: 'failed', lines: { broken: 1 }, broken: [{ line: 3 }] });
  const failed = (await list())[0]?.id ?? '';
  expect(FlowLogsBaseline.parse(await (await one(failed)).json())).toMatchObject({ pairs: [], pairsTotal: 0 });
});
