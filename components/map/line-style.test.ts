import { expect, test } from 'vitest';
import { droppedShare, foldsIntoMark, lineStyle, lineWidth, rateOf } from './line-style.ts';
import { anEdge } from './world.fixture.ts';

test.each([
  { verdicts: { FORWARDED: 10 }, style: 'FORWARDED' },
  { verdicts: {}, style: 'TRACED' },
  { verdicts: { FORWARDED: 50, DROPPED: 50 }, style: 'DROPPED' },
  { verdicts: { FORWARDED: 51, DROPPED: 49 }, style: 'FORWARDED' },
  { verdicts: { FORWARDED: 10, AUDIT: 15 }, style: 'AUDIT' },
  { verdicts: { FORWARDED: 990, REDIRECTED: 1 }, style: 'REDIRECTED' },
  { verdicts: { REDIRECTED: 10, DROPPED: 10 }, style: 'DROPPED' },
  { verdicts: { FORWARDED: 4, DROPPED: 3, AUDIT: 3 }, style: 'DROPPED' },
  { verdicts: { FORWARDED: 1, ERROR: 2 }, style: 'ERROR' },
  { verdicts: { TRACED: 4, TRANSLATED: 4 }, style: 'TRACED' },
] as const)('a line of $verdicts is drawn as $style', ({ verdicts, style }) => {
  expect(lineStyle(verdicts)).toBe(style);
});

test('the share of drops has all flows below it', () => {
  expect(droppedShare({ FORWARDED: 9626, DROPPED: 374 })).toBeCloseTo(0.0374);
  expect(droppedShare({})).toBe(0);
});

test('width grows from 1.2 to 2.2 by the logarithm of the rate', () => {
  expect(lineWidth(0)).toBeCloseTo(1.2);
  expect(lineWidth(0.1)).toBeCloseTo(1.2);
  expect(lineWidth(10)).toBeCloseTo(1.2 + 2 / 3);
  expect(lineWidth(100)).toBeCloseTo(2.2);
  expect(lineWidth(1e6)).toBeCloseTo(2.2);
});

test('a rate is flows over the window in seconds', () => {
  expect(rateOf(17_100, { from: 0, to: 300_000 })).toBe(57);
});

test('healthy platform traffic folds into marks, refused platform traffic does not', () => {
  expect(foldsIntoMark(anEdge('a/x->b/dns:UDP/53', { FORWARDED: 10 }, { platform: 'dns' }))).toBe(true);
  expect(foldsIntoMark(anEdge('a/x->b/dns:UDP/53', { FORWARDED: 98, DROPPED: 2 }, { platform: 'dns' }))).toBe(false);
  expect(foldsIntoMark(anEdge('a/x->b/dns:UDP/53', { FORWARDED: 10, AUDIT: 90 }, { platform: 'dns' }))).toBe(false);
  expect(foldsIntoMark(anEdge('a/x->b/db:TCP/5432'))).toBe(false);
});
