import { describe, expect, test } from 'vitest';
import { cpuMs } from '#lib/testing/cpu.ts';
import { policyWith } from '#lib/testing/lint.ts';
import { parsePolicies } from '../parse.ts';
import { problemsOf } from '../validate.ts';
import { lintPolicies } from './lint.ts';
import { LINT_RULES } from './rules.ts';

const objectsOf = (text: string) => {
  const { objects, problems } = parsePolicies(text);
  expect(problems).toEqual([]);
  return objects.map(({ object }) => object);
};

test('rules are known by names of their own, told in sentences', () => {
  expect(new Set(LINT_RULES.map(({ id }) => id)).size).toBe(LINT_RULES.length);
  for (const { id, title, why, fix = '.', source } of LINT_RULES) {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(title).toMatch(/^[a-z].*[^.]$/);
    expect(why).toMatch(/^\S.*\.$/s);
    expect(fix).toMatch(/\.$|[)\]?]$/);
    expect(source).toMatch(/^https:\/\//);
  }
});

describe.each(LINT_RULES.flatMap(({ id, example }) => (example ? [{ id, example }] : [])))('$id', ({ id, example }) => {
  const rulesThatSpeak = (spec: string) => [...new Set(lintPolicies(objectsOf(policyWith(spec))).map(({ ruleId }) => ruleId))];

  test('speaks of the example', () => expect(rulesThatSpeak(example.bad)).toContain(id));
  test('is silent when it is as it should be', () => expect(rulesThatSpeak(example.good)).not.toContain(id));
  test('the better example is valid', () =>
    expect(objectsOf(policyWith(example.good)).flatMap((object) => problemsOf(object))).toEqual([]));
});

describe('findings', () => {
  const yaml = policyWith('endpointSelector: {}\nenableDefaultDeny: {egress: true}\ningressDeny:\n  - fromEntities: [host]\n');

  test('the gravest come first, each with an id that lasts and a place where there is one', () => {
    const [parsed] = parsePolicies(yaml).objects;
    const findings = lintPolicies(objectsOf(yaml), { placeOf: (_, path) => parsed?.placeOf(path) });
    expect(findings.map(({ ruleId, severity, policy, place }) => ({ ruleId, severity, policy, place }))).toEqual([
      { ruleId: 'inert-default-deny', severity: 'error', policy: 'cnp:shop/example', place: { line: 8, column: 23 } },
      { ruleId: 'deny-only', severity: 'warning', policy: 'cnp:shop/example', place: { line: 9, column: 3 } },
      { ruleId: 'deny-host', severity: 'warning', policy: 'cnp:shop/example', place: { line: 10, column: 7 } },
    ]);
    expect(lintPolicies(objectsOf(yaml)).map(({ id }) => id)).toEqual(findings.map(({ id }) => id));
    expect(findings[0]?.id).toMatch(/^[0-9a-f]{16}$/);
  });

  test('of nothing there are none', () => expect(lintPolicies([])).toEqual([]));

  test('300 policies are looked at in far less than a second', () => {
    const many = Array.from({ length: 300 }, (_, at) =>
      policyWith(
        `endpointSelector: {matchLabels: {app: a${at}}}\ningress:\n  - fromEndpoints: [{matchLabels: {app: b}}]\n  - fromEndpoints: [{matchLabels: {app: c}}]\negress:\n  - toEndpoints: [{}]\n`,
        `kind: CiliumNetworkPolicy\nmetadata:\n  name: p${at}\n  namespace: shop`,
      ),
    ).join('---\n');
    const objects = objectsOf(many);
    expect(cpuMs(() => lintPolicies(objects))).toBeLessThan(1000);
  });
});
