import { expect, test } from 'vitest';
import { cookieOf } from './cookies.ts';
import { parseApiToken, randomSecret, sameSecret, sha256 } from './secrets.ts';

test('a token is read into its id and its secret, whatever characters the secret has', () => {
  for (let round = 0; round < 50; round += 1) {
    const secret = randomSecret();
    expect(parseApiToken(`cwy_0123456789abcdef_${secret}`)).toEqual({ id: '0123456789abcdef', secret });
  }
});

test.each([
  '',
  'cwy_',
  'cwy_0123456789abcdef_short',
  'CWY_0123456789abcdef_x',
  `xcwy_0123456789abcdef_${'a'.repeat(43)}`,
  `cwy_0123456789abcdef_${'a'.repeat(43)}\n`,
])('%j is no token', (text) => expect(parseApiToken(text)).toBeUndefined());

test('secrets are compared by their content, of any length', () => {
  expect([sameSecret('a', 'a'), sameSecret('a', 'b'), sameSecret('a', 'aa'), sameSecret('', 'a')]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test('sha256 is that of FIPS 180-4', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test.each([
  ['a=1; b=2', 'b', '2'],
  ['ab=1', 'b', undefined],
  ['b=', 'b', ''],
  ['b=x=y', 'b', 'x=y'],
  [null, 'b', undefined],
] as const)('cookieOf(%j, %s)', (header, name, value) => expect(cookieOf(header, name)).toBe(value));
