import { expect, test } from 'vitest';
import { aBaseline } from '#lib/testing/migration-answers.ts';
import { importUrl, recordsOf, shownPairs } from './baseline-view.ts';

const { pairs, import: made } = aBaseline();
const ports = (...args: Parameters<typeof shownPairs>) => shownPairs(...args).map(({ port }) => port);

test('pairs are found by name, port and action', () => {
  expect(ports(pairs, 'ledger', 'all', 'records')).toEqual([9090, 443]);
  expect(ports(pairs, 'tcp/443', 'all', 'records')).toEqual([443]);
  expect(ports(pairs, '', 'REJECT', 'records')).toEqual([443]);
  expect(ports(pairs, 'ledger nowhere', 'all', 'records')).toEqual([]);
});

test('equal weights are told apart by name, the same each time', () => {
  expect(ports(pairs, '', 'all', 'bytes')).toEqual([9090, 443]);
  expect(ports(pairs.toReversed(), '', 'all', 'bytes')).toEqual([9090, 443]);
  expect(ports(pairs.toReversed(), '', 'all', 'pair')).toEqual([9090, 443]);
});

test('what is known has all records as its denominator', () => expect(recordsOf(made)).toBe(10));

test('a name is bounded and never half a character, a format is sent only where there is one', () => {
  expect(importUrl('/api', 'a b', ' ')).toBe('/api/flow-logs?name=a+b');
  expect(new URL(importUrl('/api', '🙂'.repeat(200), '${srcaddr}'), 'http://x').searchParams.get('name')).toBe('🙂'.repeat(100));
});
