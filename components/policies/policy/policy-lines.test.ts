import { expect, test } from 'vitest';
import { aLintFinding, aPolicyDetail, aPolicySummary } from '#lib/testing/policy-answers.ts';
import { chosenLine, endOfBlock, factsByLine, linesOf } from './policy-lines.ts';

const detail = aPolicyDetail();
const lines = linesOf(detail.yaml);

test('rules, problems and findings stand at their lines', () => {
  const summary = aPolicySummary({
    problems: [
      { layer: 'engine', class: 'x', message: 'refused', path: 'spec', place: { line: 5, column: 1 } },
      { layer: 'engine', class: 'x', message: 'nowhere', path: 'spec' },
      { layer: 'lint', class: 'x', message: 'told by lint', path: 'spec', place: { line: 5, column: 1 } },
    ],
  });
  const facts = factsByLine({
    ...detail,
    summary,
    findings: [aLintFinding({ line: 7 }), aLintFinding({ severity: 'note', line: 5 })],
  });
  expect([...facts.keys()].toSorted((a, b) => a - b)).toEqual([5, 7, 10]);
  expect(facts.get(5)?.notes).toEqual([
    { mark: 'fail', text: 'refused' },
    { mark: 'trace', text: 'No service is named legacy-ledger.' },
  ]);
  expect(facts.get(7)?.rule?.path).toBe('spec.ingress[0]');
  expect(facts.get(7)?.notes[0]?.mark).toBe('advice');
});

test('a block ends before the next line that is not deeper', () => {
  expect(lines[6]).toBe('    - fromEndpoints: # who calls');
  expect(endOfBlock(lines, 7)).toBe(9);
  expect(endOfBlock(lines, 10)).toBe(10);
  expect(endOfBlock(lines, 5)).toBe(10);
  expect(endOfBlock(['a:', '  b: 1', '', '  c: 2', 'd: 3'], 1)).toBe(4);
});

test('a link names a line or a rule, and a line that is not there is none', () => {
  expect(chosenLine(detail, 3, null)).toBe(3);
  expect(chosenLine(detail, null, 'spec.ingress[1]')).toBe(10);
  expect(chosenLine(detail, null, 'spec.ingress[1].fromEntities[0]')).toBe(10);
  expect(chosenLine(detail, 3, 'spec.ingress[1]')).toBe(3);
  expect(chosenLine(detail, null, 'spec.egress[9]')).toBeUndefined();
  expect(chosenLine(detail, 99, null)).toBeUndefined();
  expect(chosenLine(detail, 0, null)).toBeUndefined();
});
