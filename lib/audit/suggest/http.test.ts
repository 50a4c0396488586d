import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { pathOf } from './http.ts';

const passes = (template: string, sent: readonly string[], path: string) => RE2JS.compile(pathOf(template, sent)).matches(path);

test('a template becomes an expression for what it stands for, with any query', () => {
  expect(pathOf('/v1/orders/{number}', ['/v1/orders/812'])).toBe(String.raw`/v1/orders/[0-9]+(\?.*)?`);
  expect(passes('/v1/orders/{number}', ['/v1/orders/812'], '/v1/orders/9?full=1')).toBe(true);
  expect(passes('/v1/orders/{number}', ['/v1/orders/812'], '/v1/orders/9/items')).toBe(false);
  expect(passes('/u/{uuid}/x', [], '/u/0f8fad5b-d9cb-469f-a165-70867728950e/x')).toBe(true);
});

test('literal parts are those that were sent, escapes and all', () => {
  expect(passes('/a b/c.d', ['/a%20b/c.d'], '/a%20b/c.d')).toBe(true);
  expect(passes('/a b/c.d', ['/a%20b/c.d'], '/a%20b/cxd')).toBe(false);
  expect(passes('/v1/x', ['http://h.example:80/v1/x?q=1'], '/v1/x')).toBe(true);
});

test('what was cut off may be anything of its segment', () => {
  expect(passes('/a/long…/…', [], '/a/longer-than-that/b/c')).toBe(true);
  expect(passes('/a/long…', [], '/a/longer/b')).toBe(false);
});
