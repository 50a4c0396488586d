import { expect, test } from 'vitest';
import { GATE_STATES, PHASE_STATES } from '#lib/migration/model.ts';
import { NOW, aCell } from '#lib/testing/tracker-answers.ts';
import { cellNote, shortTime, stateLook, stateSince, worstWords } from './state-words.ts';

test('every state of a phase and of a request has words', () => {
  for (const state of [...PHASE_STATES, ...GATE_STATES]) expect(stateLook(state).words).not.toBe('');
});

test('a state whose beginning matters says it: a time today, a day before', () => {
  expect(stateSince('stale', NOW - 22 * 60_000, NOW)).toBe('stale since 13:41');
  expect(stateSince('stale', NOW - 3 * 86_400_000, NOW)).toBe('stale since 27 Feb');
  expect(stateSince('completed', NOW, NOW)).toBe('completed');
  expect(shortTime(NOW, 0)).toBe('2 Mar');
});

test.each([
  ['who completed it', aCell({ state: 'completed', since: Date.UTC(2025, 10, 10), by: ['a', 'b'] }), '10 Nov by a, b'],
  ['what fails', aCell({ failing: 2, unknown: 1, waitsFor: '3 checks' }), '2 fail, 1 unknown'],
  ['what it waits for', aCell({ waitsFor: '1 step' }), 'waits for 1 step'],
  ['the phase that is before it', aCell({ state: 'locked', unknown: 9, waitsFor: 'phase 3 in DEV' }), 'waits for phase 3 in DEV'],
  ['the approvals it waits for', aCell({ state: 'approving', waitsFor: '1 of 2 approvals' }), 'waits for 1 of 2 approvals'],
  ['nothing when it waits for nothing', aCell(), ''],
])('a cell notes %s', (_name, cell, note) => expect(cellNote(cell, NOW)).toBe(note));

test('nothing wrong has no words', () => expect(worstWords(0, 0)).toBe(''));
