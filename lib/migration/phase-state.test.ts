import { describe, expect, test } from 'vitest';
import type { CheckResult } from './check.ts';
import { GATE_STATES } from './model.ts';
import { checksOf, isMet, type PhaseFacts, type RequestFacts, standingOf } from './phase-state.ts';
import { LATEST_PLAN, phaseOf } from './plan/plan.ts';

const NOW = Date.UTC(2026, 10, 24, 13);
const HOUR = 3_600_000;
const completion = (at: number, planRevision = 1) => ({ request: 'r', at, planRevision });
const met = { status: 'pass', met: true } as const;

const facts = (rest: Partial<PhaseFacts> = {}): PhaseFacts => ({
  phase: 1,
  now: NOW,
  planRevision: 1,
  checks: [met, met],
  steps: { done: 2, total: 2 },
  current: true,
  request: undefined,
  completion: undefined,
  phaseBefore: completion(NOW - HOUR),
  environmentBefore: 'first',
  soakMinutes: 0,
  ...rest,
});
const request = (state: RequestFacts['state'], rest: Partial<RequestFacts> = {}): RequestFacts => ({
  id: 'r1',
  state,
  stateSince: NOW - HOUR,
  requestedBy: 'olga',
  approvers: ['axel'],
  needed: 2,
  brokenGlass: false,
  ...rest,
});
const inDev = (rest: ReturnType<typeof completion> | undefined) => ({ environment: 'DEV', completion: rest });

describe('a phase without a request', () => {
  test.each([
    ['is ready with all checks met and all steps done on evidence of now', facts(), 'ready', 'a request'],
    ['collects while a check is not met', facts({ checks: [met, { status: 'fail', met: false }] }), 'collecting', '1 check'],
    ['collects while a check is unknown', facts({ checks: [{ status: 'unknown', met: false }] }), 'collecting', '1 check'],
    ['takes what somebody took on as met', facts({ checks: [met, { status: 'fail', met: true }] }), 'ready', 'a request'],
    ['collects while steps are left', facts({ steps: { done: 1, total: 3 } }), 'collecting', '2 steps'],
    [
      'counts both',
      facts({ checks: [{ status: 'fail', met: false }], steps: { done: 0, total: 3 } }),
      'collecting',
      '1 check and 3 steps',
    ],
    ['collects while its evidence is older than an edit', facts({ current: false }), 'collecting', 'its evidence to be read'],
    ['is locked before the phase before', facts({ phaseBefore: undefined }), 'locked', 'phase 0'],
    ['is locked before the environment before', facts({ environmentBefore: inDev(undefined) }), 'locked', 'phase 1 in DEV'],
    [
      'which counts in the same revision only',
      facts({ planRevision: 2, environmentBefore: inDev(completion(NOW - HOUR, 1)) }),
      'locked',
      'phase 1 in DEV',
    ],
    [
      'and once it has soaked',
      facts({ soakMinutes: 180, environmentBefore: inDev(completion(NOW - HOUR)) }),
      'locked',
      'DEV to soak, 2 h',
    ],
    ['to the minute', facts({ soakMinutes: 60, environmentBefore: inDev(completion(NOW - HOUR)) }), 'ready', 'a request'],
  ])('%s', (_, given, state, waitsFor) => expect(standingOf(given)).toMatchObject({ state, waitsFor }));
});

test('a request is what a phase is, whatever its evidence says now, with those who brought it there', () => {
  for (const state of GATE_STATES) {
    const standing = standingOf(facts({ request: request(state), current: false, phaseBefore: undefined }));
    expect(standing).toMatchObject({ state, since: NOW - HOUR, by: ['olga', 'axel'] });
    expect([state, standing.waitsFor === '']).toEqual([state, state === 'completed']);
  }
  expect(standingOf(facts({ request: request('approving') })).waitsFor).toBe('1 of 2 approvals');
});

test('checks are counted by what the gate makes of them', () => {
  const checks = [met, { status: 'fail', met: true }, { status: 'fail', met: false }, { status: 'unknown', met: false }] as const;
  expect(standingOf(facts({ checks }))).toMatchObject({ checksPassed: 2, checksTotal: 4, failing: 1, unknown: 1 });
});

test('only what may be taken on is met without passing', () => {
  expect(isMet('pass', 'must', false)).toBe(true);
  for (const status of ['fail', 'unknown'] as const) {
    expect(isMet(status, 'must', true)).toBe(false);
    expect(isMet(status, 'acknowledge', false)).toBe(false);
    expect(isMet(status, 'acknowledge', true)).toBe(true);
  }
});

test('a check that nobody has read is unknown, and a result of a check that the plan does not have is left out', () => {
  const phase = phaseOf(LATEST_PLAN, 0, { method: 'wireguard', route: 'per-node' });
  const result: CheckResult = {
    check: '0.kernels',
    status: 'pass',
    value: '',
    needs: '',
    reason: '',
    missing: [],
    figures: {},
    objects: [],
  };
  const checks = checksOf(phase, [result, { ...result, check: '9.gone' }], new Set());
  expect(checks.map(({ definition }) => definition.id)).toEqual(phase.checks.map(({ id }) => id));
  expect(checks.filter(({ met: isIn }) => isIn).map(({ definition }) => definition.id)).toEqual(['0.kernels']);
});
