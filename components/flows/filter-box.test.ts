import fc from 'fast-check';
import { expect, test } from 'vitest';
import { complete } from '#lib/flow/filter-complete.ts';
import { parseFilter } from '#lib/flow/filter-text.ts';
import { arbText } from '#lib/testing/flows.ts';
import { choose, segmentsOf, settledProblems } from './filter-box.ts';

const problemsOf = (text: string) => {
  const parsed = parseFilter(text);
  return parsed.ok ? [] : parsed.problems;
};

test('terms are tinted and problems underlined where they stand', () => {
  const text = 'ns:payments port:99999';
  expect(segmentsOf(text, problemsOf(text))).toEqual([
    { text: 'ns:payments', term: true, problem: false },
    { text: ' ', term: false, problem: false },
    { text: 'port:', term: true, problem: false },
    { text: '99999', term: true, problem: true },
  ]);
});

test('the segments together are the text, whatever it is', () => {
  fc.assert(
    fc.property(fc.array(arbText, { maxLength: 6 }), (words) => {
      const text = words.join(' ');
      const joined = segmentsOf(text, problemsOf(text))
        .map((segment) => segment.text)
        .join('');
      expect(joined).toBe(text);
    }),
  );
});

test('a chosen key waits for its value, a chosen value is finished', () => {
  const keys = complete('verd', 4);
  const [key] = keys.options;
  expect(key && choose('verd', keys, key)).toEqual({ text: 'verdict:', caret: 8, finished: false });
  const values = complete('verdict:DR ns:a', 10);
  const [value] = values.options;
  expect(value && choose('verdict:DR ns:a', values, value)).toEqual({ text: 'verdict:DROPPED ns:a', caret: 16, finished: true });
});

test('the word at the caret is not held against the person who is writing it', () => {
  const problems = problemsOf('port:99999 nss:');
  expect(settledProblems(problems, 15)).toHaveLength(problems.length - 1);
  expect(settledProblems(problems, undefined)).toHaveLength(problems.length);
});
