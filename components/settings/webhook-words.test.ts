import { expect, test } from 'vitest';
import { WEBHOOK_EVENTS } from '#lib/api/webhooks.ts';
import { EVENT_GROUPS, eventsInWords, stateOf, targetProblem } from './webhook-words.ts';

test('every event stands in one group of the form', () =>
  expect(EVENT_GROUPS.flatMap(({ events }) => events).toSorted()).toEqual(WEBHOOK_EVENTS.toSorted()));

test('events are counted once they are many', () => {
  expect(eventsInWords(['gate.stale'])).toBe('gate.stale');
  expect(eventsInWords(['gate.stale', 'check.failed', 'check.passed'])).toBe('3 of 11 events');
  expect(eventsInWords([...WEBHOOK_EVENTS])).toBe('all events');
});

test('what was given up weighs more than what waits; one that is off says nothing else', () => {
  expect(stateOf({ active: true, counts: { waiting: 1, delivered: 5, dead: 2 } }).words).toBe('2 given up');
  expect(stateOf({ active: true, counts: { waiting: 1, delivered: 5, dead: 0 } }).words).toBe('1 waiting');
  expect(stateOf({ active: false, counts: { waiting: 1, delivered: 5, dead: 2 } }).words).toBe('off');
});

test.each([
  ['https://hooks.example.com/x', undefined],
  ['https://hooks.example.com:8443/x', 'https://hooks.example.com:8443 is not on the list of allowed targets.'],
  ['https://hooks.example.com.evil.example/', 'https://hooks.example.com.evil.example is not on the list of allowed targets.'],
  ['https://me:secret@hooks.example.com/', 'An address without a name and password in it.'],
  ['hooks', 'An address that begins with https://'],
])('the target %s', (url, problem) => expect(targetProblem(url, ['https://hooks.example.com'])).toBe(problem));
