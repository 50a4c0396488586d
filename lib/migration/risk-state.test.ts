import { expect, test } from 'vitest';
import type { CheckStatus } from './model.ts';
import { riskStateOf } from './risk-state.ts';

const of = (...statuses: CheckStatus[]) => statuses.map((status, place) => ({ title: `check ${place}`, status }));

test.each([
  ['a check that fails has made it happen', of('pass', 'fail'), undefined, 'happened'],
  ['which no word of a person undoes', of('fail'), 'closed', 'happened'],
  ['a check that is unknown keeps it open', of('pass', 'unknown'), undefined, 'open'],
  ['even when a person closed it', of('unknown'), 'closed', 'open'],
  ['while a person may watch it', of('unknown'), 'watched', 'watched'],
  ['checks that pass watch it by themselves', of('pass', 'pass'), undefined, 'watched'],
  ['and a person may close it then', of('pass'), 'closed', 'closed'],
  ['without a check it is open', [], undefined, 'open'],
  ['until a person says more', [], 'closed', 'closed'],
] as const)('%s', (_, checks, said, state) => {
  const standing = riskStateOf(checks, said);
  expect(standing.state).toBe(state);
  expect(standing.stateReason).toMatch(/\.$/);
});

test('the reason names what fails', () => {
  expect(riskStateOf(of('fail', 'pass', 'fail'), undefined).stateReason).toBe('“check 0” and “check 2” fail.');
});
