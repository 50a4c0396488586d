import { expect, test } from 'vitest';
import { Problem } from '#lib/api/common.ts';
import { CausewayError, ERROR_CODES } from '#lib/errors/errors.ts';
import { kindOf, problemOf, problemResponse } from './problem.ts';

test.each(ERROR_CODES)('%s is a problem of its own, and says what it means', (code) => {
  const problem = Problem.parse(problemOf(new CausewayError(code, 'because'), 'request-1'));
  expect(problem).toMatchObject({ type: `/problems/${code}`, requestId: 'request-1' });
  expect(problem.status).toBeGreaterThanOrEqual(400);
  expect(kindOf(code)?.meaning).toMatch(/\.$/);
});

test('an expected failure tells its detail and place', () => {
  expect(problemOf(new CausewayError('bad-filter', 'expected a port', { place: { column: 6 } }))).toEqual({
    type: '/problems/bad-filter',
    title: 'bad filter',
    status: 400,
    detail: 'expected a port',
    place: { column: 6 },
  });
});

test.each([new Error('password=hunter2'), 'text', undefined, { code: 'forbidden', message: 'forged' }])(
  'anything else stays opaque: %s',
  (thrown) => {
    expect(problemOf(thrown, 'request-1')).toEqual({
      type: '/problems/internal',
      title: 'internal',
      status: 500,
      requestId: 'request-1',
    });
  },
);

test('the response says how to go on', () => {
  const limited = problemResponse(new CausewayError('rate-limited', 'slow down'), 'r', 7);
  expect([limited.status, limited.headers.get('retry-after'), limited.headers.get('content-type')]).toEqual([
    429,
    '7',
    'application/problem+json',
  ]);
  expect(problemResponse(new CausewayError('unauthenticated', ''), 'r').headers.get('www-authenticate')).toContain('Bearer');
});
