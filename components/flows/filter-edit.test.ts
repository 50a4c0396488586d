import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFilter } from '#lib/flow/filter-text.ts';
import { arbText } from '#lib/testing/flows.ts';
import { chipTerms, hasTerm, toggleTerm, withTerm, withoutTerm } from './filter-edit.ts';

test.each([
  ['', 'verdict', 'DROPPED', 'verdict:DROPPED'],
  ['ns:payments', 'verdict', 'DROPPED', 'ns:payments verdict:DROPPED'],
  ['verdict:DROPPED', 'verdict', 'AUDIT', 'verdict:DROPPED,AUDIT'],
  ['verdict:DROPPED', 'verdict', 'DROPPED', 'verdict:DROPPED'],
  ['port:80 or port:443', 'ns', 'payments', 'ns:payments port:80 or ns:payments port:443'],
  ['-ns:kube-system', 'node', 'ip-10-20-1-11', 'node:ip-10-20-1-11 -ns:kube-system'],
  ['half a filt', 'ns', 'payments', 'half a filt ns:payments'],
])('%j with %s:%s is %j', (text, key, value, expected) => {
  expect(withTerm(text, key, value)).toBe(expected);
});

test.each([
  ['ns:payments verdict:DROPPED', 'verdict', 'DROPPED', 'ns:payments'],
  ['verdict:DROPPED,AUDIT', 'verdict', 'DROPPED', 'verdict:AUDIT'],
  ['verdict:DROPPED -ns:kube-system', 'verdict', 'DROPPED', '-ns:kube-system'],
  ['ns:a or ns:b port:80', 'ns', 'a', ''],
])('%j without %s:%s is %j', (text, key, value, expected) => {
  expect(withoutTerm(text, key, value)).toBe(expected);
});

test('a term counts as asked for only when every alternative asks for it', () => {
  expect(hasTerm('verdict:DROPPED', 'verdict', 'DROPPED')).toBe(true);
  expect(hasTerm('verdict:DROPPED or ns:a', 'verdict', 'DROPPED')).toBe(false);
  expect(hasTerm('-verdict:DROPPED', 'verdict', 'DROPPED')).toBe(false);
  expect(hasTerm('', 'verdict', 'DROPPED')).toBe(false);
});

test('chips name each term but verdicts, and nothing where there are alternatives', () => {
  expect(chipTerms('ns:a,b port:80 verdict:DROPPED -node:x')).toEqual([
    { key: 'ns', value: 'a' },
    { key: 'ns', value: 'b' },
    { key: 'port', value: '80' },
  ]);
  expect(chipTerms('ns:a or ns:b')).toEqual([]);
  expect(chipTerms('nonsense')).toEqual([]);
});

test('toggling a hostile name twice gives the filter back, and in between a filter that can be read', () => {
  fc.assert(
    fc.property(arbText, (name) => {
      const added = toggleTerm('verdict:DROPPED', 'ns', name);
      fc.pre(hasTerm(added, 'ns', name));
      expect(parseFilter(added).ok).toBe(true);
      expect(toggleTerm(added, 'ns', name)).toBe('verdict:DROPPED');
    }),
  );
});
