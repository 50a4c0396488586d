import { expect, test } from 'vitest';
import { requestPath } from './http-path.ts';

/** Answers of Go's `url.ParseRequestURI(url).Path`; undefined where it refuses. */
test.each([
  ['http://h:8080/v1/orders?x=1', '/v1/orders'],
  ['/v1/orders', '/v1/orders'],
  ['http://h', ''],
  ['http://h?x', ''],
  ['/a%20b%2fc', '/a b/c'],
  ['/a#b', '/a#b'],
  ['*', '*'],
  ['//h/p', '//h/p'],
  ['mailto:a', ''],
  ['http://[::1]:80/p', '/p'],
  ['http://user:pw@h/p', '/p'],
  ['/%e6%bc%a2', '/漢'],
  ['/%ff', '/\ufffd'],
  ['/?', '/'],
  ['', undefined],
  ['orders', undefined],
  ['/%zz', undefined],
  ['/%2', undefined],
  ['/a\nb', undefined],
  ['http://h:port/p', undefined],
  ['http://h x/p', undefined],
  ['http://[::1/p', undefined],
  [':x', undefined],
])('the path of %j is %j', (url, path) => expect(requestPath(url)).toBe(path));
