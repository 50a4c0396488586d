import { expect, test } from 'vitest';
import { GATE_COMMANDS, GATE_STATES } from '#lib/migration/model.ts';
import { NOW, aDecision, aGateRequest } from '#lib/testing/tracker-answers.ts';
import { commandWords, commandsOf, decisionNote, openSeats, shortHash, ttlWords } from './gate-view.ts';

const place = { phase: 3, env: 'PRD', cluster: 'aegis-production' } as const;

test('breaking glass is never among what stands beside Approve', () => {
  for (const state of [undefined, ...GATE_STATES]) {
    const { main, others } = commandsOf(state);
    expect([main, ...others]).not.toContain('break-glass');
  }
});

test('every state offers a way on', () => {
  for (const state of GATE_STATES) {
    const { main, others } = commandsOf(state);
    expect(main !== undefined || others.length > 0).toBe(true);
  }
  expect(commandsOf(undefined).main).toBe('request');
  expect(commandsOf('stale').main).toBe('request');
});

test('each command names its effect; those that end something ask for a reason', () => {
  for (const command of GATE_COMMANDS) expect(commandWords(command, place).effect).toMatch(/phase 3|evidence/);
  for (const command of ['reject', 'revoke', 'roll-back', 'fail'] as const)
    expect(commandWords(command, place).least).toBeGreaterThanOrEqual(3);
  expect(commandWords('break-glass', place).least).toBe(20);
});

test('what completes a phase says first that the work is done, then that all of it holds', () => {
  expect(commandWords('complete', { ...place, state: 'executing' }).button).toBe('Begin to verify');
  expect(commandWords('complete', { ...place, state: 'verifying' }).button).toBe('Complete phase');
});

test('seats that are open are first those of teams that nobody sits for', () => {
  const teams = ['platform', 'security'];
  expect(openSeats(aGateRequest(), teams)).toEqual(['platform approver', 'security approver']);
  expect(openSeats(aGateRequest({ decisions: [aDecision()], approved: 1 }), teams)).toEqual(['platform approver']);
  expect(openSeats(aGateRequest({ needed: 3 }), ['platform'])).toEqual(['platform approver', 'approver', 'approver']);
});

test('a void approval takes no seat', () => {
  const decisions = [aDecision({ counts: false, void: 'the evidence changed' })];
  expect(openSeats(aGateRequest({ decisions }), ['security'])).toEqual(['security approver', 'approver']);
});

test('a team that must still approve keeps its seat even when the number is reached', () => {
  const decisions = [aDecision(), aDecision({ id: 'd2' })];
  expect(openSeats(aGateRequest({ decisions, approved: 2 }), ['platform'])).toEqual(['platform approver']);
});

test('a decision notes its team, its time and how the person proved who they are', () => {
  expect(decisionNote(aDecision(), '13:12')).toBe('security, 13:12, second factor');
  expect(decisionNote(aDecision({ auth: { amr: ['pwd'], authTime: NOW - 52 * 60_000, weakness: '' } }), '13:12')).toBe(
    'security, 13:12, fresh sign-in',
  );
  expect(decisionNote({ at: NOW, auth: { amr: [], weakness: '' } }, '14:03')).toBe('14:03');
});

test('a hash is told by its ends, a lifetime with its end while the request is open', () => {
  expect(shortHash(`41d7${'0'.repeat(56)}c09e`)).toBe('sha256:41d7…c09e');
  expect(ttlWords(240, aGateRequest())).toBe('each lasts 4\u00a0h, until 16:56');
  expect(ttlWords(240, aGateRequest({ state: 'stale' }))).toBe('each lasts 4\u00a0h');
});
