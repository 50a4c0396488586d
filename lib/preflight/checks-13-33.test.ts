import { expect, test } from 'vitest';
import { INPUT_NAMES, SUBSYSTEMS } from './check.ts';
import { CHECKS_13_TO_33 } from './checks-13-33.ts';

test('there is one for each number, with an id of its own', () => {
  expect(CHECKS_13_TO_33.map(({ number }) => number)).toEqual(Array.from({ length: 21 }, (_, i) => 13 + i));
  expect(new Set(CHECKS_13_TO_33.map(({ id }) => id)).size).toBe(21);
});

test.each(CHECKS_13_TO_33)('$number $id says why, what to do, what it rests on and what it reads', (check) => {
  expect(check.title).not.toMatch(/\.$/);
  expect(check.why).toMatch(/\.$/);
  expect(check.fix).toMatch(/\.$/);
  expect(check.links.length).toBeGreaterThan(0);
  for (const { title, url } of check.links) {
    expect(title).not.toBe('');
    expect(url).toMatch(/^https:\/\/(github\.com\/[\w.-]+\/[\w.-]+\/(issues|pull)\/\d+|docs\.[\w./-]+(#[\w-]+)?)/);
  }
  expect(check.needs.filter((name) => !INPUT_NAMES.includes(name))).toEqual([]);
  expect(SUBSYSTEMS).toContain(check.subsystem);
  expect(check.gates.filter((phase) => check.acknowledge.includes(phase))).toEqual([]);
});

test('gates stand where the plan of a migration puts them', () => {
  const of = (list: 'gates' | 'acknowledge', phase: 0 | 1 | 2 | 3 | 4) =>
    CHECKS_13_TO_33.filter((check) => check[list].includes(phase)).map(({ number }) => number);
  expect([0, 1, 2, 3, 4].map((phase) => of('gates', phase as 0))).toEqual([
    [19, 21, 22, 23, 30],
    [17, 18, 25],
    [13, 14, 24, 25],
    [],
    [16, 17, 18, 20, 21, 22, 23],
  ]);
  expect([0, 1, 2, 3, 4].map((phase) => of('acknowledge', phase as 0))).toEqual([
    [16],
    [],
    [15, 28, 29, 32],
    [15, 26],
    [15, 27, 31],
  ]);
});
