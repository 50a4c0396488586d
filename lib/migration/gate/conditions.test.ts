import { expect, test } from 'vitest';
import { HOUR, NOON, someFacts } from '#lib/testing/gate-values.ts';
import { gateConditions } from './conditions.ts';
import { DEFAULT_RULES } from './rules.ts';

const byId = (...[more]: Parameters<typeof someFacts>) =>
  new Map(gateConditions(someFacts(more)).map(({ id, met, value }) => [id, { met, value }]));

test('the panel of a first phase in DEV shows only what applies to it', () => {
  expect([...byId({ phase: 0, phaseBefore: 'first' })]).toEqual([
    ['window', { met: true, value: 'any time' }],
    ['reviews', { met: true, value: 'none open' }],
    ['checklist', { met: true, value: '5 of 5 steps' }],
    ['rollback', { met: false, value: 'not stated' }],
  ]);
});

test('in PRD order, promotion, soak, window and elevation are told with what they wait for', () => {
  const facts = {
    environment: 'PRD' as const,
    rules: { ...DEFAULT_RULES.PRD, windows: [{ days: [3], from: '10:00', to: '11:00' }] },
    environmentBefore: { environment: 'TST' as const, completion: { request: 'r', at: NOON - 2 * HOUR, planRevision: 1 } },
    steps: { done: 3, total: 5 },
  };
  expect([...byId(facts)]).toEqual([
    ['order', { met: true, value: '2026-11-22 12:00 UTC' }],
    ['promotion', { met: true, value: '2026-11-24 10:00 UTC' }],
    ['soak', { met: false, value: '2 d 22 h left' }],
    ['window', { met: false, value: 'opens 2026-11-25 10:00 UTC' }],
    ['elevation', { met: false, value: 'none runs' }],
    ['reviews', { met: true, value: 'none open' }],
    ['checklist', { met: false, value: '3 of 5 steps' }],
    ['rollback', { met: true, value: 'yes' }],
  ]);
  const later = { ...facts, now: NOON + 70 * HOUR, elevation: { id: 'e', endsAt: NOON + 70 * HOUR + 90_000 } };
  expect(byId(later).get('soak')).toEqual({ met: true, value: 'yes' });
  expect(byId(later).get('elevation')).toEqual({ met: true, value: '2 min left' });
});

test('a window that is open, and a soak that ends this moment, are met', () => {
  const windows = [{ days: [2], from: '11:00', to: '13:00' }];
  expect(byId({ rules: { ...DEFAULT_RULES.DEV, windows } }).get('window')).toEqual({ met: true, value: 'open' });
  const promoted = { environment: 'DEV' as const, completion: { request: 'r', at: NOON - 24 * HOUR, planRevision: 1 } };
  expect(byId({ rules: DEFAULT_RULES.TST, environmentBefore: promoted }).get('soak')).toEqual({ met: true, value: 'yes' });
  expect(byId({ rules: DEFAULT_RULES.TST, environmentBefore: promoted, now: NOON - 1 }).get('soak')?.met).toBe(false);
  expect(byId({ rules: { ...DEFAULT_RULES.TST, soakMinutes: 0 }, environmentBefore: promoted }).has('soak')).toBe(false);
});

test('each says in its title what it is about', () => {
  const titles = (phase: 0 | 1) =>
    gateConditions(
      someFacts({
        phase,
        rules: DEFAULT_RULES.TST,
        environmentBefore: { environment: 'DEV', completion: { request: 'r', at: NOON, planRevision: 1 } },
      }),
    ).map(({ title }) => title);
  expect(titles(1)).toEqual([
    'Phase 0 completed here',
    'Phase 1 completed in DEV',
    'Soaked 1 d in DEV',
    'Window',
    'Reviews of broken glass',
    'Checklist',
    'Rollback rehearsed',
  ]);
  expect(titles(0).at(-1)).toBe('Rollback plan written');
});

test('soak has not begun while the phase is not completed there', () => {
  expect(byId({ environmentBefore: { environment: 'DEV', completion: undefined }, rules: DEFAULT_RULES.TST }).has('soak')).toBe(
    false,
  );
});

test('whatever is not met says what to do about it', () => {
  const bad = someFacts({
    phaseBefore: undefined,
    environmentBefore: { environment: 'DEV', completion: undefined },
    rules: { ...DEFAULT_RULES.PRD, windows: [{ days: [3], from: '10:00', to: '11:00' }] },
    openReviews: [{ phase: 1, environment: 'TST', by: { subject: 'gus', name: 'gus' } }],
    evidence: undefined,
    steps: { done: 0, total: 2 },
  });
  const conditions = gateConditions(bad);
  expect(conditions.map(({ met }) => met)).toEqual(conditions.map(() => false));
  expect(conditions.filter(({ todo }) => !/^[A-Z].+[.]$/.test(todo))).toEqual([]);
});
