import { expect, test } from 'vitest';
import { anApproval, aRequest, NOON, someFacts, someone } from '#lib/testing/gate-values.ts';
import { gateChoices } from './choices.ts';
import { DEFAULT_RULES } from './rules.ts';

const NOTHING = { elevation: undefined, reviews: [] };
const allowed = (...parameters: Parameters<typeof gateChoices>) =>
  gateChoices(...parameters)
    .filter((choice) => choice.allowed)
    .map(({ command }) => command);

test('each person is offered what they may do now', () => {
  const request = aRequest();
  expect(allowed(request, someone('axel', 'approver'), someFacts(), NOTHING)).toEqual(['approve', 'reject']);
  expect(allowed(request, someone('rita', 'operator'), someFacts(), NOTHING)).toEqual(['withdraw']);
  expect(allowed(request, someone('gus', 'breakglass'), someFacts(), NOTHING)).toEqual(['break-glass']);
  expect(allowed(undefined, someone('rita', 'operator'), someFacts(), NOTHING)).toEqual(['request']);
  expect(
    allowed(aRequest({ state: 'approved', decisions: [anApproval('axel')] }), someone('rita', 'operator'), someFacts(), NOTHING),
  ).toEqual(['execute']);
  expect(allowed(request, someone('vera'), someFacts(), NOTHING)).toEqual([]);
});

test('what is not offered says why, and what is offered says nothing', () => {
  const choices = gateChoices(aRequest(), someone('rita', 'operator', 'approver'), someFacts(), NOTHING);
  const fitting = choices.filter((choice) => (choice.allowed ? choice.reason === '' : /^[A-Z].+[.]$/.test(choice.reason)));
  expect(fitting).toEqual(choices);
});

test('evidence that has to be read anew stands in nobody’s way where the command reads it', () => {
  const { evidence } = someFacts();
  const old = someFacts({ evidence: evidence && { ...evidence, current: false, evaluatedAt: NOON - 1e9 } });
  expect(allowed(undefined, someone('rita', 'operator'), old, NOTHING)).toEqual(['request']);
  expect(allowed(aRequest(), someone('axel', 'approver'), old, NOTHING)).toEqual(['reject']);
});

test('a fresh sign-in is announced where it will be asked for', () => {
  const stepUps = (rules = DEFAULT_RULES.DEV) =>
    gateChoices(aRequest(), someone('axel', 'approver'), someFacts({ rules }), NOTHING)
      .filter(({ stepUp }) => stepUp)
      .map(({ command }) => command);
  expect(stepUps()).toEqual(['break-glass']);
  expect(stepUps({ ...DEFAULT_RULES.DEV, stepUp: true })).toEqual(['approve', 'break-glass']);
});

test('a review is offered to approvers who did not break the glass', () => {
  const reviews = [{ by: { subject: 'gus', name: 'gus' } }];
  const both = [{ by: { subject: 'gus', name: 'gus' } }, { by: { subject: 'axel', name: 'axel' } }];
  const either = gateChoices(undefined, someone('gus', 'approver'), someFacts(), { elevation: undefined, reviews: both });
  expect(either.find(({ command }) => command === 'review')).toMatchObject({ allowed: true });
  const review = (name: string) =>
    gateChoices(undefined, someone(name, 'approver'), someFacts(), { elevation: undefined, reviews }).find(
      ({ command }) => command === 'review',
    );
  expect(review('axel')).toMatchObject({ allowed: true });
  expect(review('gus')).toMatchObject({ allowed: false, reason: 'You broke the glass: somebody else has to review it.' });
});
