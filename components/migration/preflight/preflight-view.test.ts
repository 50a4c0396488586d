import { expect, test } from 'vitest';
import { aPreflightEntry } from '#lib/testing/migration-answers.ts';
import { countStatuses, filterChecks, firstPart, partsOf, preflightCommand, reportJson, worstOf } from './preflight-view.ts';

const fails = aPreflightEntry({ check: 7 });
const passes = aPreflightEntry({ check: 2, status: 'pass', gates: [], acknowledge: [3] });
const lacks = aPreflightEntry({ check: 12, status: 'unknown', subsystem: 'AWS', missing: ['nodes'] });
const ANY = { phase: null, status: 'all', find: '' } as const;

test('a phase keeps the checks before its gate, also those a person may take on', () => {
  expect(filterChecks([fails, passes], { ...ANY, phase: 3 })).toEqual([passes]);
  expect(filterChecks([fails, passes], { ...ANY, phase: 1 })).toEqual([fails]);
  expect(filterChecks([fails, passes], { ...ANY, phase: 4 })).toEqual([]);
});

test('words are found in number, title and objects, all of them', () => {
  expect(filterChecks([fails, passes], { ...ANY, find: '#7' })).toEqual([fails]);
  expect(filterChecks([fails, passes], { ...ANY, find: 'LEDGER selects' })).toEqual([fails, passes]);
  expect(filterChecks([fails, passes], { ...ANY, find: 'ledger nowhere' })).toEqual([]);
});

test('checks stand by subsystem, fail before unknown before pass, then by number', () => {
  const parts = partsOf([passes, lacks, aPreflightEntry({ check: 30, status: 'unknown' }), fails]);
  expect(parts.map(({ subsystem, checks }) => [subsystem, checks.map(({ check }) => check)])).toEqual([
    ['policies', [7, 30, 2]],
    ['AWS', [12]],
  ]);
});

test('the part that fails is shown first, then one that is unknown', () => {
  expect(firstPart(partsOf([lacks, passes]))?.subsystem).toBe('AWS');
  expect(firstPart(partsOf([lacks, fails]))?.subsystem).toBe('policies');
  expect(firstPart([])).toBeUndefined();
  expect(worstOf(countStatuses([passes, lacks]))).toBe('unknown');
  expect(worstOf(countStatuses([]))).toBeUndefined();
});

test('the file holds what the command line prints, by number', () => {
  expect(JSON.parse(reportJson([fails, passes]))).toEqual(
    [passes, fails].map(({ check, id, status, findings, missing }) => ({ check, id, status, findings, missing })),
  );
});

test('the command names the files of what is known, phase and target', () => {
  const inputs = [
    { name: 'nodes', source: 'the API server', hint: '' },
    { name: 'pods', source: 'the API server', hint: '' },
    { name: 'values', source: '', hint: '' },
  ] as const;
  expect(preflightCommand({ inputs: [...inputs] }, null, '')).toBe('causeway preflight --objects objects.json');
  expect(preflightCommand({ inputs: [] }, 0, '1.19.5')).toBe('causeway preflight --phase 0 --target-version 1.19.5');
});
