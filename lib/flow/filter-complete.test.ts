import { expect, test } from 'vitest';
import { complete, type SeenValues } from './filter-complete.ts';
import { parseFilter } from './filter-text.ts';

const seen: SeenValues = {
  namespace: ['payments', 'gateway', 'odd name'],
  workload: ['payments/ledger', 'gateway/web-bff'],
  dns: ['api.example.com.'],
};

/** The text after choosing the first completion at `|`. */
function choose(marked: string, values: SeenValues = seen): string {
  const caret = marked.indexOf('|');
  const text = marked.replace('|', '');
  const { from, to, options } = complete(text, caret, values);
  return text.slice(0, from) + (options[0]?.insert ?? '?') + text.slice(to);
}

test.each([
  ['ver|', 'verdict:'],
  ['-ver|', '-verdict:'],
  ['ns:a ver|', 'ns:a verdict:'],
  ['verdict:dr|', 'verdict:DROPPED'],
  ['verdict:DROPPED,au|', 'verdict:DROPPED,AUDIT'],
  ['ns:|', 'ns:payments'],
  ['ns:gate|', 'ns:gateway'],
  ['ns:odd|', 'ns:"odd name"'],
  ['ns:payments,|', 'ns:payments,gateway'],
  ['workload:led|', 'workload:payments/ledger'],
  ['reason:DENY|', 'reason:POLICY_DENY'],
  ['ns:pay| port:1', 'ns:payments port:1'],
  ['led|', 'workload:payments/ledger'],
  ['identity:wor|', 'identity:world'],
])('%s becomes %s', (before, after) => expect(choose(before)).toBe(after));

test('a chosen completion can be read', () => {
  for (const marked of ['ns:odd|', 'dns:api|', 'status:|', 'proto:|', 'type:|', 'layer:|'])
    expect(parseFilter(choose(marked)).ok).toBe(true);
});

test('DNS names are completed as a pattern that means that name', () => {
  expect(choose('dns:api|')).toBe('dns:api\\.example\\.com\\.');
});

test('at an empty place all keys are offered, up to the limit', () => {
  const { from, to, options } = complete('ns:a ', 5, seen, 8);
  expect([from, to, options.length]).toEqual([5, 5, 8]);
  expect(options[0]).toEqual({ insert: 'ns:', label: 'ns:', help: 'namespace at either end' });
});

test('an unknown key has no values', () => expect(complete('nope:x', 6).options).toEqual([]));
