import { expect, test } from 'vitest';
import { CaughtUp } from './caught-up.ts';

const NOON = Date.UTC(2026, 2, 2, 12);
const LIVE = { state: 'live', since: NOON } as const;

test('a stream has caught up two seconds after it is live, and never while it is not', () => {
  const caughtUp = new CaughtUp();
  expect(caughtUp.is(LIVE, NOON + 1999)).toBe(false);
  expect(caughtUp.is(LIVE, NOON + 2000)).toBe(true);
  expect(caughtUp.is({ state: 'reconnecting', since: NOON }, NOON + 60_000)).toBe(false);
});

test('old flows are what was fetched: five seconds without one, but for a clock that is off nobody waits longer than a minute', () => {
  const caughtUp = new CaughtUp();
  caughtUp.flow(NOON - 10_001 + 3000, NOON + 3000);
  expect(caughtUp.is(LIVE, NOON + 7999)).toBe(false);
  expect(caughtUp.is(LIVE, NOON + 8000)).toBe(true);
  caughtUp.flow(NOON, NOON + 59_999);
  expect(caughtUp.is(LIVE, NOON + 59_999)).toBe(false);
  expect(caughtUp.is(LIVE, NOON + 60_000)).toBe(true);
});

test('a node that is away is waited for two minutes, and one that is back has fifteen seconds', () => {
  const caughtUp = new CaughtUp();
  for (const after of [100_000, 150_000]) caughtUp.nodes(false, NOON + after);
  expect(caughtUp.is(LIVE, NOON + 219_999)).toBe(false);
  expect(caughtUp.is(LIVE, NOON + 220_000)).toBe(true);
  for (const after of [300_000, 301_000]) caughtUp.nodes(true, NOON + after);
  expect(caughtUp.is(LIVE, NOON + 314_999)).toBe(false);
  expect(caughtUp.is(LIVE, NOON + 315_000)).toBe(true);
});
