import { describe, expect, test } from 'vitest';
import { anApproval, aRequest, EVIDENCE, HOUR, NOON, OTHER_EVIDENCE, someFacts, someone } from '#lib/testing/gate-values.ts';
import { GATE_COMMANDS, GATE_STATES, type GateCommand, type GateState } from '../model.ts';
import type { GateOrder, GateOutcome } from './command.ts';
import { approvalsLeft, decideGate } from './decide.ts';
import { DEFAULT_RULES } from './rules.ts';
import type { GateCaller, GateFacts, GateRecord } from './record.ts';

const order = (command: GateCommand, more: Partial<Extract<GateOrder, { expectedVersion: number }>> = {}): GateOrder => ({
  command,
  expectedVersion: 1,
  evidenceHash: EVIDENCE,
  comment: 'because of the test',
  ...more,
});
const PEOPLE: Readonly<Record<string, GateCaller>> = {
  requester: someone('rita', 'operator', 'approver', 'breakglass'),
  contributor: someone('ulla', 'operator', 'approver'),
  operator: someone('olaf', 'operator'),
  approver: someone('axel', 'approver'),
  admin: someone('ada', 'admin'),
  breakglass: someone('gus', 'breakglass'),
  viewer: someone('vera'),
};
const to = (outcome: GateOutcome) => (outcome.ok ? outcome.moves.map((move) => move.to).join(' ') : outcome.code);
/** A request in a state, with the approvals that brought it there. */
const inState = (state: GateState, more: Partial<GateRecord> = {}): GateRecord =>
  aRequest({ state, decisions: state === 'requested' ? [] : [anApproval('bea')], ...more });

/** Where each command leads from each state, where somebody who may gives it and everything is met. Written by hand from the description. */
const TABLE: Readonly<Record<GateState, Partial<Record<GateCommand, string>>>> = {
  requested: { approve: 'approved', reject: 'rejected', withdraw: 'withdrawn' },
  approving: { approve: 'approved', reject: 'rejected', withdraw: 'withdrawn' },
  approved: { revoke: 'revoked', execute: 'executing' },
  executing: { complete: 'verifying completed', fail: 'failed', 'roll-back': 'rolling-back' },
  verifying: { complete: 'completed', fail: 'failed', 'roll-back': 'rolling-back' },
  completed: { 'roll-back': 'rolling-back' },
  'rolling-back': { fail: 'failed', 'finish-roll-back': 'rolled-back' },
  rejected: {},
  withdrawn: {},
  expired: {},
  stale: {},
  revoked: {},
  'rolled-back': {},
  failed: {},
};

describe.each(GATE_STATES)('of a request that is %s', (state) => {
  test.each(GATE_COMMANDS)('%s', (command) => {
    const who =
      command === 'withdraw' ? 'requester' : command === 'roll-back' || command === 'finish-roll-back' ? 'operator' : 'approver';
    const facts = someFacts({ completion: { request: 'r1', at: NOON - HOUR, planRevision: 1 } });
    const outcome = decideGate(inState(state), order(command), PEOPLE[who] as GateCaller, facts);
    expect(to(outcome)).toBe(TABLE[state][command] ?? 'conflict');
    expect(outcome.ok ? 'Request 31 is .' : outcome.reason).toMatch(/^Request 31 is .*[.]$/);
  });
});

/** Who may give which command at all. */
const MAY: Readonly<Record<GateCommand | 'request' | 'break-glass', readonly string[]>> = {
  request: ['requester', 'contributor', 'operator', 'approver'],
  'break-glass': ['requester', 'breakglass'],
  approve: ['approver'],
  reject: ['approver'],
  revoke: ['approver'],
  withdraw: ['requester'],
  execute: ['requester', 'contributor', 'operator', 'approver'],
  complete: ['requester', 'contributor', 'operator', 'approver'],
  fail: ['requester', 'contributor', 'operator', 'approver'],
  // The plan of these facts lets operators and breakglass start a rollback; an approver may what an operator may.
  'roll-back': ['requester', 'contributor', 'operator', 'approver', 'breakglass'],
  'finish-roll-back': ['requester', 'contributor', 'operator', 'approver', 'breakglass'],
};

describe.each(Object.keys(PEOPLE))('as %s', (who) => {
  test.each(GATE_COMMANDS)('%s is for those who may, whatever the state', (command) => {
    for (const state of GATE_STATES) {
      const outcome = decideGate(inState(state), order(command), PEOPLE[who] as GateCaller, someFacts());
      expect([state, !outcome.ok && outcome.code === 'forbidden']).toEqual([state, !MAY[command].includes(who)]);
    }
  });

  test('request and break-glass are for those who may', () => {
    const orders: GateOrder[] = [
      { command: 'request', evidenceHash: EVIDENCE, comment: '' },
      { command: 'break-glass', reason: 'everything is down, nobody answers', ticket: 'INC-1' },
    ];
    for (const each of orders) {
      const outcome = decideGate(undefined, each, PEOPLE[who] as GateCaller, someFacts());
      expect([each.command, outcome.ok]).toEqual([each.command, MAY[each.command].includes(who)]);
    }
  });
});

describe('a request', () => {
  const ask = (facts: Partial<GateFacts> = {}, record?: GateRecord, hash = EVIDENCE) =>
    decideGate(
      record,
      { command: 'request', evidenceHash: hash, comment: '' },
      PEOPLE['operator'] as GateCaller,
      someFacts(facts),
    );
  const evidence = someFacts().evidence;
  if (!evidence) throw new Error('there is evidence');
  const completion = { request: 'r', at: NOON - HOUR, planRevision: 1 };
  const soaking = { ...DEFAULT_RULES.DEV, soakMinutes: 120 };

  test.each<[string, Partial<GateFacts>, string, RegExp]>([
    ['no evidence', { evidence: undefined }, 'evidence-changed', /has not been read/],
    ['evidence that was never read', { evidence: { ...evidence, hash: undefined } }, 'evidence-changed', /has not been read/],
    ['evidence of before the last edit', { evidence: { ...evidence, current: false } }, 'evidence-changed', /has not been read/],
    ['other evidence than was seen', { evidence: { ...evidence, hash: OTHER_EVIDENCE } }, 'evidence-changed', /evidence changed/],
    [
      'a check that fails',
      { evidence: { ...evidence, met: false, checks: [{ check: 'c', status: 'fail', value: '' }] } },
      'conflict',
      /1 check fails/,
    ],
    [
      'a check that is unknown',
      { evidence: { ...evidence, met: false, checks: [{ check: 'c', status: 'unknown', value: '' }] } },
      'conflict',
      /1 check is unknown/,
    ],
    ['a step that is not ticked', { evidence: { ...evidence, met: false, checks: [] } }, 'conflict', /a step is not ticked/],
    ['the phase before', { phaseBefore: undefined }, 'conflict', /Complete phase 0 in this cluster/],
    [
      'the environment before',
      { environmentBefore: { environment: 'TST', completion: undefined } },
      'conflict',
      /Complete phase 1 in TST/,
    ],
    [
      'another revision there',
      { environmentBefore: { environment: 'TST', completion }, planRevision: 2 },
      'conflict',
      /revision 2 now/,
    ],
    ['soak', { environmentBefore: { environment: 'TST', completion }, rules: soaking }, 'conflict', /Wait 1 h until/],
    [
      'an open review',
      { openReviews: [{ phase: 0, environment: 'DEV', by: { subject: 'gus', name: 'gus' } }] },
      'conflict',
      /has to review that first/,
    ],
    ['no elevation', { rules: { ...DEFAULT_RULES.DEV, elevation: true } }, 'forbidden', /Ask for an elevation/],
    [
      'an elevation that ran out',
      { rules: { ...DEFAULT_RULES.DEV, elevation: true }, elevation: { id: 'e', endsAt: NOON } },
      'forbidden',
      /Ask for an elevation/,
    ],
    ['a phase that is completed', { completion }, 'conflict', /completed here already/],
    ['a plan that is gone', { plan: undefined }, 'conflict', /no plan 2026.2 any more/],
  ])('is refused for %s', (_, facts, code, reason) => {
    expect(ask(facts)).toEqual({ ok: false, code, reason: expect.stringMatching(reason) as string });
  });

  test('takes up a phase that was completed under an earlier revision', () => {
    expect(ask({ completion: { ...completion, planRevision: 0 } }).ok).toBe(true);
  });

  test.each(GATE_STATES)('follows one that is %s, or waits for it', (state) => {
    const open = ['requested', 'approving', 'approved', 'executing', 'verifying', 'rolling-back'].includes(state);
    expect(ask({}, inState(state)).ok).toBe(!open);
  });

  test('is made with an elevation that runs', () => {
    expect(ask({ rules: { ...DEFAULT_RULES.DEV, elevation: true }, elevation: { id: 'e', endsAt: NOON + 1 } }).ok).toBe(true);
  });

  test('does not wait for its window', () => {
    expect(ask({ rules: { ...DEFAULT_RULES.DEV, windows: [{ days: [1], from: '00:00', to: '00:01' }] } }).ok).toBe(true);
  });
});

describe('an approval', () => {
  const approve = (record: Partial<GateRecord> = {}, facts: Partial<GateFacts> = {}, more: Parameters<typeof order>[1] = {}) =>
    decideGate(aRequest(record), order('approve', more), PEOPLE['approver'] as GateCaller, someFacts(facts));
  const evidence = someFacts().evidence;
  if (!evidence) throw new Error('there is evidence');

  test('counts to the number that is needed', () => {
    expect(to(approve({ needed: 3 }))).toBe('approving');
    expect(to(approve({ needed: 3, state: 'approving', decisions: [anApproval('bea')] }))).toBe('approving');
    expect(to(approve({ needed: 3, state: 'approving', decisions: [anApproval('bea'), anApproval('carl')] }))).toBe('approved');
  });

  test.each<[string, ReturnType<typeof approve>, string]>([
    ['of the same person again', approve({ needed: 2, state: 'approving', decisions: [anApproval('axel')] }), 'conflict'],
    ['on a version that is not the present one', approve({}, {}, { expectedVersion: 7 }), 'conflict'],
    ['on other evidence', approve({}, {}, { evidenceHash: OTHER_EVIDENCE }), 'evidence-changed'],
    ['without saying on which evidence', approve({}, {}, { evidenceHash: undefined }), 'evidence-changed'],
    ['on evidence of before the last edit', approve({}, { evidence: { ...evidence, current: false } }), 'evidence-changed'],
    [
      'on evidence that is too old',
      approve({}, { evidence: { ...evidence, evaluatedAt: NOON - 24 * HOUR } }),
      'evidence-changed',
    ],
    ['of somebody who has made evidence since', approve({}, { evidence: { ...evidence, contributors: ['axel'] } }), 'forbidden'],
    ['without the plan', approve({}, { plan: undefined }), 'conflict'],
  ])('is refused: %s', (_, outcome, code) => expect(to(outcome)).toBe(code));
});

describe('passing the gate', () => {
  const pass = (facts: Partial<GateFacts> = {}, record: Partial<GateRecord> = {}, more: Parameters<typeof order>[1] = {}) =>
    decideGate(inState('approved', record), order('execute', more), PEOPLE['operator'] as GateCaller, someFacts(facts));
  const evidence = someFacts().evidence;
  if (!evidence) throw new Error('there is evidence');

  test.each<[string, ReturnType<typeof pass>, string, RegExp]>([
    [
      'a closed window',
      pass({ rules: { ...DEFAULT_RULES.DEV, windows: [{ days: [3], from: '10:00', to: '11:00' }] } }),
      'conflict',
      /opens 2026-11-25 10:00 UTC/,
    ],
    ['an elevation that ended', pass({ rules: { ...DEFAULT_RULES.DEV, elevation: true } }), 'forbidden', /elevation/],
    [
      'a rollback in the environment before',
      pass({ environmentBefore: { environment: 'TST', completion: undefined } }),
      'conflict',
      /TST/,
    ],
    ['an approval that does not count any more', pass({}, { decisions: [] }), 'conflict', /waits for 1 more approval/],
    ['a check that fails now', pass({ evidence: { ...evidence, met: false } }), 'conflict', /not met/],
    ['other evidence', pass({ evidence: { ...evidence, hash: OTHER_EVIDENCE } }), 'evidence-changed', /changed/],
    ['evidence that nobody read', pass({ evidence: { ...evidence, current: false } }), 'evidence-changed', /not been read/],
  ])('is stopped by %s', (_, outcome, code, reason) => {
    expect(outcome).toEqual({ ok: false, code, reason: expect.stringMatching(reason) as string });
  });

  test('is bound to the evidence that was seen, where that is said', () => {
    expect(to(pass({}, {}, { evidenceHash: undefined }))).toBe('executing');
    expect(to(pass({}, {}, { evidenceHash: OTHER_EVIDENCE }))).toBe('evidence-changed');
  });
});

describe('what follows', () => {
  test('verifying says what is missing and ends when nothing is', () => {
    const { evidence } = someFacts();
    const red = {
      evidence: evidence && { ...evidence, met: false, checks: [{ check: 'c', status: 'fail' as const, value: '' }] },
    };
    const complete = (state: GateState, facts: Partial<GateFacts>) =>
      decideGate(inState(state), order('complete'), PEOPLE['operator'] as GateCaller, someFacts(facts));
    expect(complete('executing', red)).toMatchObject({
      ok: true,
      moves: [{ to: 'verifying', reason: 'The evidence is not met: 1 check fails.' }],
    });
    expect(complete('verifying', red)).toMatchObject({ ok: false, code: 'conflict' });
    expect(complete('verifying', { evidence: evidence && { ...evidence, current: false } })).toMatchObject({
      ok: false,
      code: 'evidence-changed',
    });
  });

  test('a completed phase is rolled back by a new request, unless another builds on it or it was rolled back before', () => {
    const back = (facts: Partial<GateFacts>) =>
      decideGate(inState('completed'), order('roll-back'), PEOPLE['operator'] as GateCaller, someFacts(facts));
    const completion = { request: 'r1', at: NOON, planRevision: 1 };
    expect(back({ completion })).toMatchObject({ ok: true, begins: true });
    expect(back({ completion, laterPhase: 2 })).toMatchObject({
      ok: false,
      reason: 'Phase 2 builds on this one: roll it back first.',
    });
    expect(back({ completion: undefined })).toMatchObject({ ok: false, code: 'conflict' });
    const open = { id: 'r2', number: 32, state: 'requested' as const };
    expect(back({ completion, open })).toMatchObject({ ok: false, reason: 'Request 32 is requested still: it comes first.' });
    expect(decideGate(inState('executing'), order('roll-back'), PEOPLE['operator'] as GateCaller, someFacts())).toMatchObject({
      begins: false,
    });
  });

  test('the end of a rollback says what was observed', () => {
    const end = (comment: string) =>
      decideGate(inState('rolling-back'), order('finish-roll-back', { comment }), PEOPLE['operator'] as GateCaller, someFacts());
    expect(to(end(' '))).toBe('bad-input');
    expect(to(end('ok'))).toBe('bad-input');
    expect(to(end('yes'))).toBe('rolled-back');
  });

  test('what is under way can be brought to its end without the plan', () => {
    const give = (state: GateState, command: GateCommand, who: string) =>
      to(decideGate(inState(state), order(command), PEOPLE[who] as GateCaller, someFacts({ plan: undefined })));
    expect(give('requested', 'reject', 'approver')).toBe('rejected');
    expect(give('executing', 'fail', 'operator')).toBe('failed');
    expect(give('executing', 'roll-back', 'operator')).toBe('rolling-back');
  });
});

describe('broken glass', () => {
  const smash = (
    record: GateRecord | undefined,
    facts: Partial<GateFacts> = {},
    more: { reason?: string; ticket?: string } = {},
  ) =>
    decideGate(
      record,
      { command: 'break-glass', reason: 'everything is down, nobody answers', ticket: 'INC-1', ...more },
      PEOPLE['breakglass'] as GateCaller,
      someFacts(facts),
    );

  test.each(GATE_STATES)('over a request that is %s', (state) => {
    const passed = ['executing', 'verifying', 'rolling-back'].includes(state);
    const begins = !['requested', 'approving', 'approved'].includes(state);
    expect(smash(inState(state))).toMatchObject(
      passed ? { ok: false, code: 'conflict' } : { ok: true, begins, moves: [{ to: 'executing', by: 'break-glass' }] },
    );
  });

  test('needs no evidence, no order, no promotion, no window, no elevation and no review', () => {
    const nothing: Partial<GateFacts> = {
      evidence: undefined,
      phaseBefore: undefined,
      environmentBefore: { environment: 'TST', completion: undefined },
      openReviews: [{ phase: 0, environment: 'DEV', by: { subject: 'x', name: 'x' } }],
      rules: { ...DEFAULT_RULES.PRD, windows: [{ days: [1], from: '00:00', to: '00:01' }] },
    };
    expect(smash(undefined, nothing).ok).toBe(true);
  });

  test('is brought to its end by whoever may break it, and by nobody of that role otherwise', () => {
    const give = (command: GateCommand, brokenGlass: boolean) =>
      to(decideGate(inState('executing', { brokenGlass }), order(command), PEOPLE['breakglass'] as GateCaller, someFacts()));
    expect([give('complete', true), give('fail', true), give('execute', true)]).toEqual([
      'verifying completed',
      'failed',
      'forbidden',
    ]);
    expect([give('complete', false), give('fail', false)]).toEqual(['forbidden', 'forbidden']);
  });

  test('needs a reason and a ticket, and something to pass', () => {
    expect(to(smash(undefined, {}, { reason: `short${' '.repeat(40)}` }))).toBe('bad-input');
    expect(to(smash(undefined, {}, { reason: 'x'.repeat(19) }))).toBe('bad-input');
    expect(to(smash(undefined, {}, { reason: 'x'.repeat(20) }))).toBe('executing');
    expect(to(smash(undefined, {}, { ticket: ' ' }))).toBe('bad-input');
    expect(to(smash(inState('completed'), { completion: { request: 'r1', at: NOON, planRevision: 1 } }))).toBe('conflict');
  });
});

test('what is missing in approvals is said as a sentence', () => {
  expect(approvalsLeft(0, 2, [])).toBe('It waits for 2 more approvals.');
  expect(approvalsLeft(2, 2, ['security'])).toBe('It waits for 1 more approval (team security).');
  expect(approvalsLeft(0, 1, ['platform', 'security'])).toBe('It waits for 2 more approvals (team platform and security).');
});

test('a refusal says why the request is over, and what to do', () => {
  const reasonOf = (record: GateRecord, facts: Partial<GateFacts> = {}) => {
    const outcome = decideGate(record, order('approve'), PEOPLE['approver'] as GateCaller, someFacts(facts));
    return outcome.ok ? '' : outcome.reason;
  };
  expect(reasonOf(inState('rejected', { stateReason: 'not on a Friday' }))).toBe(
    'Request 31 is rejected (not on a Friday): it takes no approval in this state. Request the gate again.',
  );
  expect(reasonOf(inState('verifying', { stateReason: '1 check fails' }))).toBe(
    'Request 31 is verifying: it takes no approval in this state.',
  );
  const { evidence } = someFacts();
  expect(reasonOf(aRequest(), { evidence: evidence && { ...evidence, evaluatedAt: 0 } })).toBe(
    'The evidence was read more than 1 d ago: read it again.',
  );
});

test('nobody gives a command to a gate that was never requested', () => {
  for (const command of GATE_COMMANDS)
    expect(to(decideGate(undefined, order(command), PEOPLE['approver'] as GateCaller, someFacts()))).toBe('conflict');
});
