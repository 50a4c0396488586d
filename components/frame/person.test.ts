import { expect, test } from 'vitest';
import { hasEverywhere, initialsOf, rolesInWords } from './person.ts';

test.each([
  ['Jo Lindqvist', 'JL'],
  ['ada', 'AD'],
  ['jo.lindqvist@example.com', 'JL'],
  ['', '?'],
  ['👩 Ops', '👩O'],
])('initials of %s are %s', (name, initials) => expect(initialsOf(name)).toBe(initials));

test('roles are said with where they hold, and everywhere swallows the rest', () => {
  expect(
    rolesInWords([
      { role: 'viewer', scope: '*' },
      { role: 'viewer', scope: 'DEV' },
      { role: 'operator', scope: 'DEV' },
      { role: 'operator', scope: 'cluster:aegis-staging' },
    ]),
  ).toEqual(['operator in DEV, aegis-staging', 'viewer everywhere']);
});

test('a role for one environment is not a role everywhere', () => {
  expect(hasEverywhere([{ role: 'admin', scope: 'DEV' }], ['admin'])).toBe(false);
  expect(hasEverywhere([{ role: 'admin', scope: '*' }], ['admin'])).toBe(true);
});
