import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileNamePattern } from './name-pattern.ts';

// Cilium: pkg/fqdn/matchpattern, as its documentation of `matchPattern` describes it.
test.each([
  ['*', 'anything.example.com', true],
  ['***.', '', true],
  ['*.cilium.io', 'sub.cilium.io', true],
  ['*.cilium.io', 'cilium.io', false],
  ['*.cilium.io', 'a.sub.cilium.io', false],
  ['*cilium.io', 'subcilium.io', true],
  ['*cilium.io', 'cilium.io', true],
  ['*cilium.io', 'sub.cilium.io', false],
  ['sub*.cilium.io', 'subdomain.cilium.io', true],
  ['**.cilium.io', 'a.b.cilium.io', true],
  ['**.cilium.io', 'cilium.io', false],
  ['**.cilium.io', 'a.cilium.io', true],
  ['**.cilium.io', 'a..b.cilium.io', false],
  ['a.**.io', 'a.x.io', true],
  ['a.**.io', 'a.x.y.io', false],
  ['A.Example.COM', 'a.example.com.', true],
  ['a*b*c.io', 'abbc.io', true],
  ['a*b*c.io', 'ac.io', false],
  ['*aa.io', 'aaa.io', true],
  ['a*a.io', 'a.io', false],
])('the pattern %s and the name %s', (matchPattern, name, matches) => {
  expect(compileNamePattern({ matchPattern }, 'fqdn').matches(name)).toBe(matches);
  expect(compileNamePattern({ matchPattern }, 'dns').matches(name)).toBe(matches);
});

test('a name is literal, and takes no stars', () => {
  expect(compileNamePattern({ matchName: 'a.io' }, 'fqdn').matches('A.io.')).toBe(true);
  expect(compileNamePattern({ matchName: 'a.io' }, 'fqdn').matches('axio')).toBe(false);
  const refused = compileNamePattern({ matchName: '*.io' }, 'fqdn');
  expect([refused.valid, refused.matches('*.io'), refused.matches('a.io')]).toEqual([false, false, false]);
  expect(compileNamePattern({ matchName: 'a'.repeat(255) }, 'fqdn').valid).toBe(true);
  expect(compileNamePattern({}, 'fqdn').valid).toBe(false);
});

test('name and pattern together are either in a DNS rule and refused in toFQDNs', () => {
  const both = { matchName: 'a.io', matchPattern: '*.b.io' };
  expect(compileNamePattern(both, 'fqdn').valid).toBe(false);
  const rule = compileNamePattern(both, 'dns');
  expect([rule.valid, rule.matches('a.io'), rule.matches('x.b.io'), rule.matches('b.io')]).toEqual([true, true, true, false]);
});

test.each(['a b.io', 'a/b', 'é.io', 'a'.repeat(256)])('%s is no pattern', (matchPattern) => {
  expect(compileNamePattern({ matchPattern }, 'dns').valid).toBe(false);
});

/** The same by a regular expression: slower, and obviously what the words say. */
function byExpression(pattern: string, name: string): boolean {
  const full = (text: string) => `${text.toLowerCase().replace(/\.$/, '')}.`;
  if (/^\*+\.?$/.test(pattern)) return true;
  const leading = /^\*{2,}\./.test(pattern) ? '([-a-z0-9_]+\\.)+' : '';
  const rest = full(pattern.replace(/^\*{2,}\./, ''));
  return new RegExp(`^${leading}${rest.replaceAll('.', '\\.').replaceAll(/\*+/g, '[-a-z0-9_]*')}$`).test(full(name));
}

test('matching is what a regular expression of the same pattern says', () => {
  const text = (letters: string) =>
    fc.array(fc.constantFrom(...letters.split('')), { minLength: 1, maxLength: 9 }).map((list) => list.join(''));
  fc.assert(
    fc.property(text('ab.**'), text('aab.'), (pattern, name) => {
      fc.pre(!/(^|[^.])\.\.|^\./.test(`${pattern} ${name}`) && !/ \.| .*\.\./.test(`${pattern} ${name}`));
      expect(compileNamePattern({ matchPattern: pattern }, 'dns').matches(name)).toBe(byExpression(pattern, name));
    }),
    { numRuns: 3_000 },
  );
});

test('a hostile pattern on a long name costs nothing', () => {
  const pattern = compileNamePattern({ matchPattern: `${'*a'.repeat(120)}b` }, 'dns');
  const began = performance.now();
  expect(pattern.matches('a'.repeat(100_000))).toBe(false);
  expect(performance.now() - began).toBeLessThan(200);
});
