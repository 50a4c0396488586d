import { expect, test } from 'vitest';
import { connectionView } from './connection-view.ts';

const fine = { error: undefined, at: 9000 };
const stream = (state: 'live' | 'reconnecting', since: number, retryAt?: number) => ({
  url: '/s',
  state,
  since,
  lastEvent: since,
  retryAt,
});

test('nothing is said while all is well, or while a line comes back at once', () => {
  expect(connectionView([stream('live', 0)], fine, 10_000)).toBeUndefined();
  expect(connectionView([stream('reconnecting', 9500)], fine, 10_000)).toBeUndefined();
});

test('a lost line says since when, what is being done, and how old the view is', () => {
  const view = connectionView([stream('reconnecting', 6000, 23_000)], fine, 20_000);
  expect(view?.title.replaceAll('\u00a0', ' ')).toBe('Connection lost 14 s ago.');
  expect(view?.detail.replaceAll('\u00a0', ' ')).toBe('Trying again in 3.0 s. What you see is from 14 s ago.');
});

test('an ended session asks to sign in rather than to wait', () => {
  const error = { type: '/problems/unauthenticated', title: 'not signed in', status: 401 };
  expect(connectionView([], { error, at: 1 }, 10_000)).toMatchObject({ signIn: true });
});

test('a console that does not answer is said with its own words', () => {
  const error = { type: '/problems/ingest-unreachable', title: 'x', status: 502, detail: 'the ingest process does not answer' };
  expect(connectionView([], { error, at: 5000 }, 10_000)?.title).toBe('The ingest process does not answer.');
});
