import { expect, test } from 'vitest';
import { pathWithin } from './page.ts';

test.each([
  ['/c/prd/map?level=pod#x', '/c/prd/map?level=pod#x'],
  ['/', '/'],
  [undefined, '/'],
  ['', '/'],
  ['https://evil.example', '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['/a/\\..\\evil', '/'],
  ['javascript:alert(1)', '/'],
  ['/a\nb', '/'],
  ['/../../etc', '/etc'],
])('pathWithin(%j) is %s', (path, result) => expect(pathWithin(path)).toBe(result));
