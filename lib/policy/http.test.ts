import { expect, test } from 'vitest';
import { httpRule, matchesRequest } from './http.ts';
import type { HttpRequest } from './model.ts';

const request = (more: Partial<HttpRequest> = {}): HttpRequest => ({ method: 'GET', path: '/', ...more });

test.each([
  [{}, request(), 'yes'],
  [{ method: 'GET' }, request({ method: 'get' }), 'no'],
  [{ method: 'GET|HEAD' }, request({ method: 'HEAD' }), 'yes'],
  [{ path: '/a' }, request({ path: '/ab' }), 'no'],
  [{ path: '/a|/b' }, request({ path: '/b' }), 'yes'],
  [{ path: '/a' }, request({ path: '/a?x=1' }), 'no'],
  [{ path: '(?i)/A' }, request({ path: '/a' }), 'yes'],
  [{ path: '/[[:alpha:]]+\\z' }, request({ path: '/abc' }), 'yes'],
  [{ path: '/\\pL+' }, request({ path: '/é' }), 'yes'],
  [{ host: '.*' }, request(), 'no'],
  [{ host: 'cart:8080' }, request({ host: 'cart:8080' }), 'yes'],
  [{ headers: ['X-Env: Prod'] }, request({ headers: { 'x-env': 'Prod' } }), 'yes'],
  [{ headers: ['X-Env: Prod'] }, request({ headers: { 'x-env': 'prod' } }), 'no'],
  [{ headers: ['X-Env'] }, request({ headers: { 'X-ENV': '' } }), 'yes'],
  [{ headers: ['X-Env:'] }, request({ headers: { 'X-Env': '' } }), 'no'],
  [{ headers: ['X-Env:: a b'] }, request({ headers: { 'X-Env': 'a b' } }), 'yes'],
  [{ headerMatches: [{ name: 'X-Env' }] }, request({ headers: { 'x-env': 'any' } }), 'yes'],
  [{ headerMatches: [{ name: 'X-Env', value: '' }] }, request({ headers: { 'x-env': 'any' } }), 'yes'],
  [{ headerMatches: [{ name: 'X-Env', value: 'a' }] }, request({ headers: { 'x-env': 'b' } }), 'no'],
  [{ headerMatches: [{ name: 'X-Env', value: 'a', mismatch: 'LOG' }] }, request(), 'yes'],
  [{ headerMatches: [{ name: 'X-Env', secret: { name: 's' } }] }, request({ headers: { 'x-env': 'b' } }), 'unknown'],
])('rule %j and request %j: %s', (rule, asked, answer) => {
  expect(matchesRequest(httpRule(rule), asked)).toBe(answer);
});

test('a field that the record does not hold matters only where the rest matches', () => {
  const rule = httpRule({ method: 'GET', headers: ['X-Env'] });
  expect(matchesRequest(rule, request(), ['headers'])).toBe('unknown');
  expect(matchesRequest(rule, request({ method: 'PUT' }), ['headers'])).toBe('no');
  expect(matchesRequest(httpRule({ method: 'GET' }), request(), ['headers', 'host'])).toBe('yes');
});

test('an expression of the host that RE2 refuses leaves the answer open: Cilium does not compile it either', () => {
  expect(matchesRequest(httpRule({ host: 'a(?=b)' }), request({ host: 'ab' }))).toBe('unknown');
});

test('header names that objects have by nature are headers like any other', () => {
  const headers = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
  expect(matchesRequest(httpRule({ headers: ['__proto__'] }), request({ headers }))).toBe('yes');
  expect(matchesRequest(httpRule({ headers: ['constructor'] }), request({ headers: {} }))).toBe('no');
});

test.each(['(a*)*', '(a|a)*', '([a-z]+)*', '(x+x+)+y', '.*'])(
  'four thousand characters of %s on a path of ten thousand do not stall',
  (piece) => {
    const rule = httpRule({ path: `${piece.repeat(Math.floor(4_000 / piece.length))}!` });
    const path = 'a'.repeat(10_000);
    matchesRequest(rule, request({ path: 'a' }));
    const began = performance.now();
    expect(matchesRequest(rule, request({ path }))).toBe('no');
    // Under 20 ms on an idle machine; a backtracking engine would need centuries.
    expect(performance.now() - began).toBeLessThan(1_000);
  },
);
