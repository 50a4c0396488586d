import { expect, test } from 'vitest';
import { z } from 'zod';
import { requestIdOf } from './log.ts';
import { taggedJson, versionOfIfMatch, versionTag } from './etag.ts';
import { readJson, readQuery, readText } from './read-body.ts';

const Query = z.object({ limit: z.coerce.number().int().default(10), filter: z.string().default('') });

test('a query is parsed with its defaults', () => {
  expect(readQuery(new URLSearchParams('limit=5'), Query)).toEqual({ limit: 5, filter: '' });
});

test.each([
  ['limit=5&limit=6', 'limit'],
  ['limits=5', 'limits'],
  ['limit=x', 'limit'],
  ['__proto__=1', '__proto__'],
  ['constructor=1', 'constructor'],
])('the query %s is refused at %s', (query, parameter) => {
  expect(() => readQuery(new URLSearchParams(query), Query)).toThrow(
    expect.objectContaining({ code: 'bad-request', place: { parameter } }),
  );
});

const request = (body: BodyInit, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  new Request('http://x/', { method: 'POST', body, headers });

test('a body is read no further than its limit, whatever length it claims', async () => {
  let sent = 0;
  const endless = new ReadableStream({
    pull(controller) {
      sent += 1000;
      controller.enqueue(new Uint8Array(1000));
    },
  });
  const init = { method: 'POST', body: endless, duplex: 'half', headers: { 'content-length': '1' } } as RequestInit;
  await expect(readText(new Request('http://x/', init), 5000)).rejects.toMatchObject({ code: 'too-large' });
  expect(sent).toBeLessThan(20_000);
});

test('a JSON body has to say that it is one', async () => {
  await expect(readJson(request('{}', { 'content-type': 'text/plain' }), z.object({}))).rejects.toMatchObject({
    code: 'bad-request',
  });
  await expect(
    readJson(request('{"a":1}', { 'content-type': 'application/json; charset=utf-8' }), z.object({ a: z.number() })),
  ).resolves.toEqual({ a: 1 });
});

test('a field that is wrong is named', async () => {
  await expect(readJson(request('{"a":{"b":"x"}}'), z.object({ a: z.object({ b: z.number() }) }))).rejects.toMatchObject({
    code: 'bad-input',
    place: { field: 'a.b' },
  });
});

test('a version goes out as an ETag and comes back by If-Match', () => {
  expect(versionOfIfMatch(new Headers({ 'if-match': versionTag(12) }))).toBe(12);
  for (const tag of ['*', '"v"', 'v1', '"v1", "v2"', ''])
    expect(() => versionOfIfMatch(new Headers({ 'if-match': tag }))).toThrow('If-Match');
});

test('equal content has an equal tag, and is sent once', async () => {
  const first = taggedJson(new Request('http://x/'), { a: 1 });
  const etag = first.headers.get('etag') ?? '';
  const again = taggedJson(new Request('http://x/', { headers: { 'if-none-match': `"other", W/${etag}` } }), { a: 1 });
  expect([first.status, again.status, await again.text()]).toEqual([200, 304, '']);
  expect(taggedJson(new Request('http://x/', { headers: { 'if-none-match': etag } }), { a: 2 }).status).toBe(200);
});

test('a request id is taken over only as a plain word', () => {
  expect(requestIdOf(new Headers({ 'x-request-id': 'abc-DEF_1.2' }))).toBe('abc-DEF_1.2');
  for (const hostile of ['short', 'has space in it', 'x'.repeat(65), '"quoted-id"'])
    expect(requestIdOf(new Headers({ 'x-request-id': hostile }))).not.toBe(hostile);
});
