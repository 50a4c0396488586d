import { describe, expect, test } from 'vitest';
import { parseLabelSelector, selectsLabels } from './label-selector.ts';

const labels = [
  'k8s:app=ledger',
  'k8s:tier=core',
  'reserved:host',
  'k8s:n=5',
  'cidr:192.0.2.88/29',
  'k8s:__proto__=x',
  'k8s:empty=',
];

const selects = (text: string): boolean => {
  const parsed = parseLabelSelector(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return selectsLabels(parsed.value, labels);
};

test.each([
  ['app=ledger', true],
  ['app==ledger', true],
  ['k8s:app=ledger', true],
  ['any:app=ledger', true],
  ['container:app=ledger', false],
  ['app!=ledger', false],
  ['nope!=x', true],
  ['app in (web, ledger)', true],
  ['app notin (web, ledger)', false],
  ['nope notin (a)', true],
  ['app', true],
  ['!app', false],
  ['!nope', true],
  ['app=ledger,tier=core', true],
  ['app=ledger, tier=api', false],
  ['reserved:host', true],
  ['reserved:world', false],
  ['n > 4', true],
  ['n<5', false],
  ['app>1', false],
  ['empty=', true],
  ['empty in ()', true],
  ['app in (,ledger)', true],
  ['cidr:192.0.2.0/24', true],
  ['cidr:192.0.3.0/24', false],
  ['k8s:constructor', false],
])('%s: %s', (text, expected) => expect(selects(text)).toBe(expected));

describe('refused', () => {
  test.each([
    '',
    ' ',
    'a b',
    'a in',
    'a in (b',
    'a in b',
    'a=b,',
    ',a',
    'a=!',
    '=b',
    '!',
    'a=b=c',
    'a==',
    '-a-=x',
    'a=-b',
    'a>b',
    'k'.repeat(70),
    'a/b/c',
    'a in (b c)',
    'k8s:',
    'a=b c',
  ])('%j', (text) => expect(parseLabelSelector(text).ok).toBe(text === 'a=='));
});
