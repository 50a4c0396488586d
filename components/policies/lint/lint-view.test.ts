import { expect, test } from 'vitest';
import { aLintFinding } from '#lib/testing/policy-answers.ts';
import { citationOf, countSeverities, findFindings, groupFindings } from './lint-view.ts';

const open = aLintFinding();
const note = aLintFinding({ id: 'b', ruleId: 'unused-label', severity: 'note', policy: 'ccnp:allow-dns', line: 3, message: 'x' });
const error = aLintFinding({
  id: 'c',
  ruleId: 'unused-label',
  severity: 'error',
  policy: 'knp:web/front',
  line: 2,
  message: 'y',
});
const all = [open, note, error];
const ids = (findings: readonly { id: string }[]) => findings.map(({ id }) => id);

test('findings are found by rule, policy and text, of one severity or all', () => {
  expect(ids(findFindings(all, '', 'all'))).toEqual(['finding-1', 'b', 'c']);
  expect(ids(findFindings(all, '', 'note'))).toEqual(['b']);
  expect(ids(findFindings(all, 'Unused web/', 'all'))).toEqual(['c']);
  expect(ids(findFindings(all, 'legacy', 'all'))).toEqual(['finding-1']);
  expect(findFindings(all, 'legacy', 'error')).toEqual([]);
  expect(countSeverities(all)).toEqual({ all: 3, error: 1, warning: 1, note: 1 });
});

test('the group with the worst finding comes first, and within it the worst', () => {
  expect(groupFindings(all, 'rule').map(({ key, findings }) => [key, ids(findings)])).toEqual([
    ['unused-label', ['c', 'b']],
    ['open-service-rule', ['finding-1']],
  ]);
  expect(groupFindings(all, 'policy').map(({ key }) => key)).toEqual([
    'knp:web/front',
    'cnp:payments/ledger-from-checkout',
    'ccnp:allow-dns',
  ]);
});

test('only an https address becomes a link', () => {
  expect(citationOf('https://docs.cilium.io/en/stable/#x')).toEqual({
    text: 'docs.cilium.io/en/stable',
    href: 'https://docs.cilium.io/en/stable/#x',
  });
  for (const source of ['javascript:alert(1)', 'http://a.example/', 'Cilium documentation, L3 policies', 'https://'])
    expect(citationOf(source)).toEqual({ text: source, href: undefined });
});
