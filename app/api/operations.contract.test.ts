import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeDatabase } from '#lib/db/client.ts';
import { PROBLEM_CODES } from '#lib/http/problem.ts';
import { pageRequest, type Platform, startPlatform, withParams } from '#lib/testing/platform.ts';
import { GET as METRICS } from '../metrics/route.ts';
import { GET as PROBLEM } from '../problems/[code]/route.ts';
import { GET as LIVE } from './health/live/route.ts';
import { GET as READY } from './health/ready/route.ts';
import { GET as ME } from './v1/me/route.ts';
import { GET as OPENAPI } from './v1/openapi.json/route.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ METRICS_TOKEN: 'metrics-token-of-tests' });
});
afterAll(() => platform.close());

test('live answers while nothing else does', async () => {
  expect(await (await LIVE(pageRequest('/api/health/live'), withParams())).json()).toEqual({ status: 'live' });
});

test('ready says which dependency is missing', async () => {
  const ready = async () => {
    const response = await READY(pageRequest('/api/health/ready'), withParams());
    return [response.status, await response.json()];
  };
  platform.answers.set('/clusters', { body: '{"clusters":[]}' });
  expect(await ready()).toEqual([200, { ready: true, database: 'ok', ingest: 'ok' }]);
  platform.answers.set('/clusters', { status: 503, body: '' });
  expect(await ready()).toEqual([503, { ready: false, database: 'ok', ingest: 'does not answer' }]);
});

test('metrics need their token, and hold those of both processes', async () => {
  platform.answers.set('/metrics', {
    type: 'text/plain',
    body: '# TYPE causeway_ingest_flows_total counter\ncauseway_ingest_flows_total 7\n',
  });
  const ask = (authorization?: string) =>
    METRICS(new Request('http://127.0.0.1:3999/metrics', { headers: authorization ? { authorization } : {} }), withParams());
  expect((await ask()).status).toBe(401);
  expect((await ask('Bearer metrics-token-of-testz')).status).toBe(401);
  const response = await ask('Bearer metrics-token-of-tests');
  expect(response.headers.get('content-type')).toContain('text/plain');
  const text = await response.text();
  expect(text).toContain('causeway_ingest_flows_total 7');
  expect(text).toMatch(/causeway_web_requests_total\{route="GET \/api\/health\/live",status="200"\} 1/);
});

test.each(PROBLEM_CODES)('/problems/%s is answered', async (code) => {
  const response = await PROBLEM(pageRequest(`/problems/${code}`), withParams({ code }));
  expect(await response.json()).toMatchObject({ type: `/problems/${code}`, title: code.replaceAll('-', ' ') });
});

test('a problem that does not exist is not answered', async () => {
  for (const code of ['nothing', '__proto__', 'constructor']) {
    expect((await PROBLEM(pageRequest(`/problems/${code}`), withParams({ code }))).status).toBe(404);
  }
});

test('the description of the API is there for everybody', async () => {
  const response = await OPENAPI(pageRequest('/api/v1/openapi.json'), withParams());
  expect(await response.json()).toMatchObject({ openapi: '3.1.0' });
});

test('nobody is let in while the database is away, and the answer shows nothing of it', async () => {
  const url = process.env['DATABASE_URL'];
  await platform.close();
  await closeDatabase();
  const response = await ME(
    new Request('http://127.0.0.1:3999/api/v1/me', {
      headers: { authorization: `Bearer cwy_${'0'.repeat(16)}_${'a'.repeat(43)}` },
    }),
    withParams(),
  );
  const text = await response.text();
  expect(response.status).toBe(503);
  expect(JSON.parse(text)).toMatchObject({ type: '/problems/database-unreachable', detail: 'the database cannot be reached' });
  expect(text).not.toContain(new URL(url ?? '').searchParams.get('host') ?? 'no host');
});
