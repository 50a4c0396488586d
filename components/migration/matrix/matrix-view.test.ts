import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ENVIRONMENTS } from '#lib/api/common.ts';
import { PHASES } from '#lib/migration/model.ts';
import { aCell, aMigration } from '#lib/testing/tracker-answers.ts';
import { cellAt, columnsOf, currentPhase, environmentOf, movedCell } from './matrix-view.ts';

test('a cluster is in the first phase that it has not completed', () => {
  const migration = aMigration();
  expect(currentPhase(migration, 'PRD')).toBe(3);
  expect(currentPhase(migration, 'DEV')).toBe(4);
});

test('a cluster that has completed all phases is in the last', () => {
  const phases = aMigration().phases.map((row) => ({
    ...row,
    cells: [aCell({ phase: row.phase, environment: 'DEV', state: 'completed' })],
  }));
  expect(currentPhase({ phases }, 'DEV')).toBe(4);
});

test('columns stand in the order of promotion, whatever order they come in', () => {
  const { environments } = aMigration();
  expect(columnsOf({ environments: environments.toReversed() }).map(({ environment }) => environment)).toEqual(ENVIRONMENTS);
});

test('a cluster is found in the environment it has in the migration; one of no migration in none', () => {
  expect(environmentOf(aMigration(), 'aegis-test')).toBe('TST');
  expect(environmentOf(aMigration(), 'elsewhere')).toBeUndefined();
  expect(cellAt(aMigration(), { phase: 3, env: 'PRD' })?.state).toBe('stale');
});

test.each([
  ['ArrowLeft', false, { phase: 1, env: 'DEV' }],
  ['ArrowRight', false, { phase: 1, env: 'PRD' }],
  ['ArrowUp', false, { phase: 0, env: 'TST' }],
  ['ArrowDown', false, { phase: 2, env: 'TST' }],
  ['Home', false, { phase: 1, env: 'DEV' }],
  ['End', false, { phase: 1, env: 'PRD' }],
  ['Home', true, { phase: 0, env: 'DEV' }],
  ['End', true, { phase: 4, env: 'PRD' }],
] as const)('%s (Ctrl: %s) leads from the middle to its neighbour', (key, corner, to) => {
  expect(movedCell({ phase: 1, env: 'TST' }, key, PHASES, ENVIRONMENTS, corner)).toEqual(to);
});

test('a key that is none of the matrix leads nowhere, not even one that every object has', () => {
  for (const key of ['Enter', 'a', 'constructor', '__proto__'])
    expect(movedCell({ phase: 0, env: 'DEV' }, key, PHASES, ENVIRONMENTS, false)).toBeUndefined();
});

test('no walk leaves the matrix', () => {
  const keys = fc.array(fc.constantFrom('ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End'), { maxLength: 20 });
  const columns = fc.subarray([...ENVIRONMENTS], { minLength: 1 });
  fc.assert(
    fc.property(keys, columns, (walk, envs) => {
      let at = movedCell({ phase: 3, env: 'PRD' }, 'Home', PHASES, envs, false);
      for (const key of walk) at = at && movedCell(at, key, PHASES, envs, false);
      expect(at && PHASES.includes(at.phase) && envs.includes(at.env)).toBe(true);
    }),
  );
});
