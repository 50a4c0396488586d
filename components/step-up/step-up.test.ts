import { expect, test } from 'vitest';
import { pathHere, toldBy } from './step-up.ts';

const HERE = 'https://causeway.example';

test.each([
  ['/c/prd/migration?phase=3#gate', '/c/prd/migration?phase=3#gate'],
  ['//evil.example/x', '/'],
  [String.raw`/\evil.example`, '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['', '/'],
])('the way back of %s stays on this console', (path, expected) => expect(pathHere(path, HERE)).toBe(expected));

test('of a command only what we know is told, whatever its body is', () => {
  const command = { method: 'POST', path: '/api/v1/x' };
  expect(toldBy({ command: { ...command, body: { comment: 'seen', evidenceHash: 7 } } })).toEqual({ comment: 'seen' });
  expect(toldBy({ command: { ...command, body: 'text' } })).toEqual({});
});
