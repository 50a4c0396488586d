import { expect, test } from 'vitest';
import { GATE_COMMANDS, GATE_STATES } from '../model.ts';
import { FINAL_STATES, GATE_EDGES } from './edges.ts';

test('what is over stays over', () => {
  expect([...FINAL_STATES].toSorted()).toEqual(
    ['completed', 'expired', 'failed', 'rejected', 'revoked', 'rolled-back', 'stale', 'withdrawn'].toSorted(),
  );
});

test('every state can be reached and every command leads somewhere', () => {
  const reached = new Set<string>(['none']);
  for (let size = -1; size !== reached.size;) {
    size = reached.size;
    for (const { from, to } of GATE_EDGES) if (reached.has(from)) reached.add(to);
  }
  expect(GATE_STATES.filter((state) => !reached.has(state))).toEqual([]);
  expect(GATE_COMMANDS.filter((command) => !GATE_EDGES.some(({ by }) => by === command))).toEqual([]);
});

test('nothing but approval or broken glass leads to executing', () => {
  const ways = GATE_EDGES.filter(({ to }) => to === 'executing').map(({ from, by }) => `${from} ${by}`);
  expect(ways.toSorted()).toEqual([
    'approved break-glass',
    'approved execute',
    'approving break-glass',
    'none break-glass',
    'requested break-glass',
  ]);
});
