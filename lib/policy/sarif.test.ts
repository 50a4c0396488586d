import { expect, test } from 'vitest';
import { policyWith } from '#lib/testing/lint.ts';
import { lintPolicies } from './lint/lint.ts';
import { markdownReport, textReport } from './lint/report.ts';
import { LINT_RULES } from './lint/rules.ts';
import { parsePolicies } from './parse.ts';
import { type LocatedFinding, sarifOf } from './sarif.ts';

const [policy] = parsePolicies(policyWith('endpointSelector: {}\ningressDeny:\n  - fromEntities: [host]\n')).objects;
const findings: LocatedFinding[] = lintPolicies(policy ? [policy.object] : []).map((finding) => {
  const place = policy?.placeOf(finding.path);
  return { ...finding, file: 'a folder/ünsafe#1.yaml', ...(place && { place }) };
});

test('SARIF names the tool, its rules, and each finding with its file, place and fingerprint', () => {
  const { version, runs } = sarifOf(findings, [], LINT_RULES, '1.2.3');
  const [{ tool, results, invocations }] = runs;
  expect(version).toBe('2.1.0');
  expect(tool.driver).toMatchObject({ name: 'causeway', version: '1.2.3' });
  expect(tool.driver.rules.length).toBe(LINT_RULES.length);
  expect(invocations).toEqual([{ executionSuccessful: true, toolExecutionNotifications: [] }]);
  expect(results.length).toBe(2);
  for (const result of results) {
    expect(tool.driver.rules[result.ruleIndex]?.id).toBe(result.ruleId);
    expect(['error', 'warning', 'note']).toContain(result.level);
    expect(result.partialFingerprints['causewayFinding/v1']).toMatch(/^[0-9a-f]{16}$/);
  }
  expect(results[0]?.locations).toEqual([
    {
      physicalLocation: {
        artifactLocation: { uri: 'a%20folder/%C3%BCnsafe%231.yaml' },
        region: { startLine: 8, startColumn: 3 },
      },
      logicalLocations: [{ fullyQualifiedName: 'cnp:shop/example#spec.ingressDeny', kind: 'resource' }],
    },
  ]);
});

test('SARIF says what could not be read', () => {
  const [{ invocations }] = sarifOf(
    [],
    [{ file: 'a.yaml', place: { line: 3, column: 1 }, message: 'a tab' }],
    LINT_RULES,
    '1',
  ).runs;
  expect(invocations[0]).toMatchObject({
    executionSuccessful: false,
    toolExecutionNotifications: [{ level: 'error', message: { text: 'a tab' } }],
  });
});

const hostile: LocatedFinding = {
  id: '0',
  ruleId: 'refused',
  severity: 'error',
  policy: 'cnp:shop/example',
  path: 'spec',
  message: 'a \u001b[31mred\u202e | <b>*bold*</b> [link](https://example.org) `x`\nline',
  why: 'Why.',
  source: 'https://example.org',
};

test('text is a line for each finding, with what to do, and steers no terminal', () => {
  expect(textReport(findings, 1)).toEqual([
    'a folder/ünsafe#1.yaml:8:3: warning: cnp:shop/example spec.ingressDeny: this also closes ingress by default: what no other policy allows is denied too [deny-only]',
    '    Set enableDefaultDeny for this direction to false where all else is to stay open.',
    'a folder/ünsafe#1.yaml:9:7: warning: cnp:shop/example spec.ingressDeny[0]: this denies the local host: probes of the kubelet fail [deny-host]',
    '    Deny remote-node, or pods by their labels, instead; entities all and cluster include the host.',
    '2 warnings in 1 policy',
  ]);
  expect(textReport([hostile], 2)[0]).toBe(
    String.raw`error: cnp:shop/example spec: a \u{1b}[31mred\u{202e} | <b>*bold*</b> [link](https://example.org) ` +
      String.raw`\`x\`\u{a}line [refused]`.replaceAll('\\`', '`'),
  );
  expect(textReport([], 3)).toEqual(['no findings in 3 policies']);
});

test('Markdown is a table whose cells are text only', () => {
  const lines = markdownReport([hostile], 1);
  expect(lines).toContain('### Errors');
  expect(lines.at(-1)).toBe(
    String.raw`| ${'`cnp:shop/example`'} | ${'`spec`'} | a \\u{1b}\[31mred\\u{202e} \| &lt;b&gt;\*bold\*&lt;/b&gt; \[link\](https://example.org) \`x\` line | [refused](https://example.org) |`,
  );
});
