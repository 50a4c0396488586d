import { expect, test } from 'vitest';
import { DEFAULT_REDACTION } from '#lib/flow/redact.ts';
import { redactionOf } from './redaction.ts';

test.each([{}, { CAUSEWAY_REDACT_HEADERS: '', CAUSEWAY_KEEP_QUERY_STRINGS: '' }, { CAUSEWAY_KEEP_QUERY_STRINGS: '0' }])(
  '%j is the safe default',
  (environment) => expect(redactionOf(environment)).toEqual(DEFAULT_REDACTION),
);

test('headers are added in whatever case and spacing; none of the default ones can be kept', () => {
  const { headers, query } = redactionOf({ CAUSEWAY_REDACT_HEADERS: ' X-Session , x-tenant,,' });
  expect([...headers].toSorted()).toEqual(['authorization', 'cookie', 'set-cookie', 'x-api-key', 'x-session', 'x-tenant']);
  expect(query).toBe(true);
});

test('query strings are kept by whoever says so', () => {
  expect(redactionOf({ CAUSEWAY_KEEP_QUERY_STRINGS: '1' }).query).toBe(false);
});

test.each([
  [{ CAUSEWAY_REDACT_HEADERS: 'x-ok, not a header' }, 'CAUSEWAY_REDACT_HEADERS is a list of header names; number 2 is none'],
  [{ CAUSEWAY_REDACT_HEADERS: 'x:y' }, 'CAUSEWAY_REDACT_HEADERS is a list of header names; number 1 is none'],
  [{ CAUSEWAY_KEEP_QUERY_STRINGS: 'yes' }, 'CAUSEWAY_KEEP_QUERY_STRINGS is 1 or 0'],
])('%j is refused, not guessed at', (environment, message) => {
  expect(() => redactionOf(environment)).toThrow(message);
});
