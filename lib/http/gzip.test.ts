import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import config from '../../next.config.mjs';
import { routeOf, ROUTE_IDS, pathOf } from './api-routes.ts';
import { asGzip, TAKES_GZIP, takesGzip } from './gzip.ts';

test.each([
  ['gzip', true],
  ['gzip, deflate, br, zstd', true],
  ['br, gzip;q=0.8', true],
  ['br;q=1.0, gzip;q=0, *;q=0', false],
  ['identity', false],
  ['', false],
])('Accept-Encoding %j takes gzip: %s', (accepted, takes) => {
  expect(takesGzip(new Headers({ 'accept-encoding': accepted }))).toBe(takes);
});

test('the server says gzip for exactly the paths of streams, on the condition the handlers use', async () => {
  const streams = ROUTE_IDS.filter((id) => routeOf(id).produces === 'text/event-stream').map((id) =>
    pathOf(id).replaceAll(/\{(\w+)\}/g, ':$1'),
  );
  const rules = await config.headers?.();
  expect(rules?.map(({ source }) => source).toSorted()).toEqual(streams.toSorted());
  for (const { has, headers } of rules ?? []) {
    expect(has).toEqual([{ type: 'header', key: 'accept-encoding', value: TAKES_GZIP }]);
    expect(headers).toEqual([{ key: 'Content-Encoding', value: 'gzip' }]);
  }
});

test('a refusal becomes gzip with its status and headers', async () => {
  const refused = new Response('{"title":"no"}', { status: 403, headers: { 'content-type': 'application/problem+json' } });
  const answer = await asGzip(refused);
  expect(answer.status).toBe(403);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(gunzipSync(Buffer.from(await answer.arrayBuffer())).toString()).toBe('{"title":"no"}');
});
