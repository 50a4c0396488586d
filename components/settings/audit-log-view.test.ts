import { expect, test } from 'vitest';
import { NO_FILTER, actorWords, auditQuery, headText, isFiltered } from './audit-log-view.ts';

test('a filter asks only for what it says', () => {
  expect(auditQuery(NO_FILTER).toString()).toBe('');
  expect(isFiltered(NO_FILTER)).toBe(false);
  const filter = { ...NO_FILTER, q: 'a b&c', outcome: 'denied', since: '7d', object: 'r1' } as const;
  expect(Object.fromEntries(auditQuery(filter))).toEqual({ q: 'a b&c', outcome: 'denied', range: '7d', object: 'r1' });
});

test('the head is one word to note', () => expect(headText({ seq: 12, hash: 'ab' })).toBe('12:ab'));

test('an actor has words, named or not', () => {
  expect(actorWords({ kind: 'person', subject: 'demo|ada', name: 'Ada' })).toBe('Ada');
  expect(actorWords({ kind: 'token', subject: 'token:1', name: '' })).toBe('token:1');
  expect(actorWords({ kind: 'anonymous', subject: '', name: '' })).toBe('nobody signed in');
});
