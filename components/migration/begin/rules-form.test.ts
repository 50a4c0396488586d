import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { rulesOf } from '#lib/testing/tracker-answers.ts';
import { daysText, formOfRules, rulesOfForm } from './rules-form.ts';

const time = fc.integer({ min: 0, max: 1439 }).map((minute) => {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
});
const window = fc.record({
  days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }).map((days) => days.toSorted((a, b) => a - b)),
  from: time,
  to: time,
});

test('rules that go through the form come out as they went in', () => {
  const rules = fc.record({
    approvals: fc.integer({ min: 1, max: 6 }),
    teams: fc.uniqueArray(fc.constantFrom('platform', 'security', 'network'), { maxLength: 3 }),
    ttlMinutes: fc.integer({ min: 5, max: 10_080 }),
    soakMinutes: fc.integer({ min: 0, max: 43_200 }),
    windows: fc.array(window, { maxLength: 4 }),
    stepUp: fc.boolean(),
    elevation: fc.boolean(),
  });
  fc.assert(
    fc.property(rules, (given) => {
      expect(rulesOfForm(formOfRules(given))).toEqual({ ok: true, rules: given });
    }),
  );
});

test('days read as people say them', () => {
  expect(daysText([1, 2, 3, 4, 5])).toBe('Mon-Fri');
  expect(daysText([7, 1, 3])).toBe('Mon, Wed, Sun');
});

test.each([
  [{ windows: 'whenever' }, /no window/],
  [{ windows: 'Fri-Mon 09:00-12:00' }, /no window/],
  [{ windows: 'Mon 25:00-26:00' }, /no window/],
  [{ approvals: '0' }, /1 to 6/],
  [{ approvals: 'two' }, /1 to 6/],
  [{ ttlHours: '900' }, /7 days/],
])('%o is refused with what is wrong', (change, problem) => {
  const result = rulesOfForm({ ...formOfRules(rulesOf()), ...change });
  expect(result.ok ? '' : result.problem).toMatch(problem);
});
