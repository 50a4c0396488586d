import { expect, test } from 'vitest';
import type { PreflightCheck, PreflightResult } from './check.ts';
import { PREFLIGHT_CHECKS } from './checks.ts';
import { INPUT_HINTS } from './input-hints.ts';
import { jsonReport, summary, textReport } from './report.ts';
import { preflightSarif } from './sarif.ts';

const check = (number: number): PreflightCheck => PREFLIGHT_CHECKS.find((each) => each.number === number) as PreflightCheck;
const results: readonly PreflightResult[] = [
  { check: check(3), status: 'pass', findings: [{ status: 'pass', object: 'values: x', message: 'fine' }], missing: [] },
  {
    check: check(5),
    status: 'fail',
    findings: [
      { status: 'fail', object: 'values: MTU', message: 'too large', fix: 'Leave it.' },
      { status: 'pass', object: 'x', message: 'worth knowing' },
    ],
    missing: [],
  },
  { check: check(7), status: 'unknown', findings: [], missing: ['flows'] },
];

test('text has a line for each check, what failed, and how to provide what is missing', () => {
  expect(textReport(results)).toEqual([
    'ok    3 l7-while-chained: L7 and name rules while Cilium is chained',
    'FAIL  5 wireguard-mtu: MTU under WireGuard',
    '        values: MTU: too large',
    '            Leave it.',
    '?     7 encryption-coverage: What encryption covers, and what not',
    `        needs flows (--flows): ${INPUT_HINTS.flows.command}`,
    '',
    '1 fail, 1 unknown, 1 pass',
  ]);
  expect(summary([])).toBe('0 fail, 0 unknown, 0 pass');
});

test('text of objects cannot steer a terminal, and long lists are cut', () => {
  const finding = { status: 'fail', object: 'Pod a/\u001b[2J', message: 'b\u202ec\nd' } as const;
  const lines = textReport([
    { check: check(1), status: 'fail', findings: Array.from({ length: 30 }, () => finding), missing: [] },
  ]);
  expect(lines.join('')).not.toMatch(/[\u001b\u202e\n]/);
  expect(lines).toContain('        and 10 findings more');
});

test('JSON is a list of number, id, status, findings and what is missing', () => {
  expect(jsonReport(results)).toEqual([
    { check: 3, id: 'l7-while-chained', status: 'pass', findings: results[0]?.findings, missing: [] },
    { check: 5, id: 'wireguard-mtu', status: 'fail', findings: results[1]?.findings, missing: [] },
    { check: 7, id: 'encryption-coverage', status: 'unknown', findings: [], missing: ['flows'] },
  ]);
});

test('SARIF tells failures by the check’s level with the file of values, and what is unknown as open', () => {
  const { runs } = preflightSarif(results, PREFLIGHT_CHECKS, '1.0.0', (object) =>
    object.startsWith('values: ') ? 'a dir/values.yaml' : undefined,
  );
  expect(runs[0].tool.driver.rules).toHaveLength(33);
  expect(runs[0].results).toMatchObject([
    {
      ruleId: 'wireguard-mtu',
      ruleIndex: 4,
      level: 'error',
      message: { text: 'values: MTU: too large Leave it.' },
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: 'a%20dir/values.yaml' } },
          logicalLocations: [{ fullyQualifiedName: 'values: MTU', kind: 'resource' }],
        },
      ],
    },
    { ruleId: 'encryption-coverage', kind: 'open', level: 'none', message: { text: 'check 7: cannot be told without flows' } },
  ]);
  const prints = runs[0].results.map((result) => (result as { partialFingerprints: object }).partialFingerprints);
  expect(new Set(prints.map((print) => JSON.stringify(print))).size).toBe(2);
});
