import { expect, test } from 'vitest';
import { HOUR, NOON, someone } from '#lib/testing/gate-values.ts';
import { decideElevation, ELEVATION_STATES, type ElevationRecord, elevates, elevationState, mayNotAsk } from './elevation.ts';
import { DEFAULT_RULES } from './rules.ts';

const anElevation = (more: Partial<ElevationRecord> = {}): ElevationRecord => ({
  id: 'e',
  cluster: 'prd',
  environment: 'PRD',
  phase: 3,
  by: { subject: 'rita', name: 'rita' },
  sessionId: 's1',
  reason: 'tonight',
  minutes: 60,
  askedAt: NOON,
  state: 'asked',
  grantedBy: undefined,
  grantedAt: undefined,
  endsAt: undefined,
  ...more,
});
const running = anElevation({
  state: 'running',
  grantedBy: { subject: 'ada', name: 'ada' },
  grantedAt: NOON,
  endsAt: NOON + HOUR,
});

test('an elevation ends by itself, and lapses when nobody grants it', () => {
  expect(elevationState(running, NOON + HOUR - 1)).toBe('running');
  expect(elevationState(running, NOON + HOUR)).toBe('expired');
  expect(elevationState(anElevation(), NOON + HOUR - 1)).toBe('asked');
  expect(elevationState(anElevation(), NOON + HOUR)).toBe('expired');
  expect(elevationState({ ...running, askedAt: NOON - 2 * HOUR }, NOON - HOUR)).toBe('expired');
  expect(elevationState(anElevation(), NOON - HOUR)).toBe('expired');
  expect(elevationState(running, NOON - 5000)).toBe('running');
  expect(elevationState(anElevation({ state: 'refused' }), NOON - HOUR)).toBe('refused');
});

test.each([
  ['its person in its session', { subject: 'rita', sessionId: 's1' }, 'prd', 3, true],
  ['another session', { subject: 'rita', sessionId: 's2' }, 'prd', 3, false],
  ['no session', { subject: 'rita', sessionId: undefined }, 'prd', 3, false],
  ['another person', { subject: 'olaf', sessionId: 's1' }, 'prd', 3, false],
  ['another cluster', { subject: 'rita', sessionId: 's1' }, 'tst', 3, false],
  ['another phase', { subject: 'rita', sessionId: 's1' }, 'prd', 2, false],
] as const)('an elevation counts for its person, session, cluster and phase alone: %s', (_, who, cluster, phase, counts) => {
  expect(elevates(running, who, cluster, phase, NOON + 1)).toBe(counts);
  expect(elevates(anElevation(), who, cluster, phase, NOON + 1)).toBe(false);
});

const PEOPLE = {
  asker: someone('rita', 'operator', 'approver'),
  operator: someone('olaf', 'operator'),
  approver: someone('axel', 'approver'),
  admin: someone('ada', 'admin'),
  breakglass: someone('gus', 'breakglass'),
};
type Who = keyof typeof PEOPLE;
const MAY: Readonly<Record<'grant' | 'refuse' | 'end', readonly Who[]>> = {
  grant: ['approver', 'admin'],
  refuse: ['approver', 'admin'],
  end: ['asker', 'approver', 'admin'],
};

test.each(ELEVATION_STATES.flatMap((state) => (['grant', 'refuse', 'end'] as const).map((command) => ({ state, command }))))(
  '$command of one that is $state',
  ({ state, command }) => {
    for (const [name, person] of Object.entries(PEOPLE)) {
      const outcome = decideElevation(anElevation({ state }), command, person);
      const open = state === 'asked' || (command === 'end' && state === 'running');
      const may = MAY[command].includes(name as Who);
      const expected = !may ? 'forbidden' : open ? 'ok' : 'conflict';
      expect([name, outcome.ok ? 'ok' : outcome.code]).toEqual([name, expected]);
    }
  },
);

test('what is granted runs, what is refused is refused, what is ended is ended', () => {
  const to = (command: 'grant' | 'refuse' | 'end') => decideElevation(anElevation(), command, PEOPLE.approver);
  expect([to('grant'), to('refuse'), to('end')]).toEqual(
    ['running', 'refused', 'ended'].map((state) => ({ ok: true, to: state })),
  );
});

test('it is asked for one at a time, by an operator, where the rules ask for it', () => {
  const ask = (caller = PEOPLE.operator, rules = DEFAULT_RULES.PRD, open?: ElevationRecord) =>
    mayNotAsk(caller, rules, 'PRD', open)?.reason;
  expect(ask()).toBeUndefined();
  expect(ask(PEOPLE.admin)).toMatch(/role operator/);
  expect(ask(PEOPLE.operator, DEFAULT_RULES.DEV)).toMatch(/need no elevation/);
  expect(ask(PEOPLE.operator, DEFAULT_RULES.PRD, anElevation())).toMatch(/asked already/);
  expect(ask(PEOPLE.operator, DEFAULT_RULES.PRD, running)).toMatch(/end it first/);
});
