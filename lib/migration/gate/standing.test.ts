import { expect, test } from 'vitest';
import type { GateState } from '../model.ts';
import { completionOf } from './standing.ts';

const past = (...states: GateState[]) =>
  completionOf(states.map((state, index) => ({ id: `r${index}`, number: index, state, stateSince: index, planRevision: 1 })))
    ?.request;

test.each<[GateState[], string | undefined]>([
  [[], undefined],
  [['requested'], undefined],
  [['rejected', 'completed'], 'r1'],
  [['completed', 'rejected', 'stale'], 'r0'],
  [['completed', 'requested'], 'r0'],
  [['completed', 'rolling-back'], undefined],
  [['completed', 'rolled-back'], undefined],
  [['completed', 'failed'], undefined],
  [['completed', 'rolled-back', 'completed'], 'r2'],
])('after %j the phase is completed by %s', (states, request) => expect(past(...states)).toBe(request));

test('requests are taken in the order of their numbers, however they come', () => {
  const rows = [
    { id: 'undone', number: 2, state: 'rolled-back', stateSince: 2, planRevision: 1 },
    { id: 'done', number: 1, state: 'completed', stateSince: 1, planRevision: 1 },
  ] as const;
  expect(completionOf(rows)).toBeUndefined();
});
