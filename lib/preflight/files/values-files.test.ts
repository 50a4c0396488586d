import { describe, expect, test } from 'vitest';
import { readApplication } from './application.ts';
import { readHelmValues } from './helm-values.ts';
import type { Reading } from './reading.ts';

const problemOf = (reading: Reading<unknown>): string | undefined => {
  if (reading.ok) return undefined;
  const { line, message } = reading.problem;
  return `${line ?? '-'} ${message}`;
};

describe('Helm values', () => {
  test('are read from YAML and from JSON', () => {
    for (const text of ['cni:\n  chainingMode: aws-cni\nMTU: 9001\n', '{"cni": {"chainingMode": "aws-cni"}, "MTU": 9001}']) {
      const reading = readHelmValues(text);
      expect(
        reading.ok && [reading.value.get('cni.chainingMode'), reading.value.get('MTU'), reading.value.get('cni.x.y')],
      ).toEqual(['aws-cni', 9001, undefined]);
    }
  });

  test('of a chart that depends on Cilium stand below its name', () => {
    const reading = readHelmValues('cilium:\n  encryption:\n    type: wireguard\n');
    expect(reading.ok && reading.value.get('encryption.type')).toBe('wireguard');
  });

  test('hold keys of any name as data', () => {
    const reading = readHelmValues('__proto__:\n  polluted: true\nconstructor: {a: 1}\n');
    expect(reading.ok && [reading.value.get('__proto__.polluted'), reading.value.get('toString')]).toEqual([true, undefined]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test.each([
    ['a key that stands twice', 'cni:\n  exclusive: false\nMTU: 1\ncni: {}\n', /^4 the key "cni" stands twice/],
    ['an alias', 'a: &x\n  b: 1\nc: *x\n', /^3 the alias \*x is not followed/],
    ['a bomb of aliases', `a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n`, /^2 the alias \*a/],
    ['what is no YAML', 'a: [1,\n b: }', /^\d /],
    ['a value that readers take for different ones', 'hubble:\n  enabled: yes\n', /^2 yes is true or false/],
    ['nesting without end', `a: ${'['.repeat(20_000)}`, /nested deeper than 100 levels/],
    ['a list', '- a\n', /^- values are a mapping/],
    ['nothing', '# empty\n', /^- the file is empty/],
    ['an Application', 'apiVersion: argoproj.io/v1alpha1\nkind: Application\n', /^- this is an Argo CD Application/],
    ['two documents', 'a: 1\n---\nb: 2\n', /^- values are one document/],
  ])('refuse %s, with its place', (_, text, problem) => {
    expect(problemOf(readHelmValues(text))).toMatch(problem);
  });

  test('of 30 MB are refused at once', () => {
    const text = 'key: value\n'.repeat(2_800_000);
    const before = performance.now();
    expect(problemOf(readHelmValues(text))).toBe('- the file has 29.4 MB; at most 4 MB are read');
    expect(performance.now() - before).toBeLessThan(100);
  });

  test('may hold an asterisk that is no alias', () => {
    const reading = readHelmValues('hubble:\n  metrics: "a *b"\n  other: a*b\n  list: ["*x", c]\n');
    expect(reading.ok && reading.value.get('hubble.list')).toEqual(['*x', 'c']);
  });
});

describe('an Argo CD Application', () => {
  const application = (helm: string, source = 'chart: cilium\n    targetRevision: 1.19.5') =>
    `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: cilium
spec:
  destination:
    namespace: kube-system
  source:
    ${source}
    helm:
${helm}`;

  test('holds values as text', () => {
    const reading = readApplication(application('      values: |\n        cni:\n          chainingMode: aws-cni\n'));
    expect(reading.ok && { ...reading.value, values: reading.value.values.json }).toEqual({
      name: 'cilium',
      namespace: 'kube-system',
      targetRevision: '1.19.5',
      valueFiles: [],
      values: { cni: { chainingMode: 'aws-cni' } },
    });
  });

  test('takes an object of values for the text, and parameters for both', () => {
    const helm = `      values: "MTU: 1"
      valuesObject:
        encryption: {enabled: false, type: wireguard}
      valueFiles: [prod.yaml]
      parameters:
        - {name: encryption.enabled, value: "true"}
        - {name: 'extraConfig.a\\.b', value: "7"}
        - {name: k8sServicePort, value: "443", forceString: true}
        - {name: '__proto__.polluted', value: "true"}
`;
    const reading = readApplication(application(helm));
    expect(reading.ok && reading.value.valueFiles).toEqual(['prod.yaml']);
    expect(reading.ok && JSON.parse(JSON.stringify(reading.value.values.json))).toEqual(
      JSON.parse(
        '{"encryption":{"enabled":true,"type":"wireguard"},"extraConfig":{"a.b":7},"k8sServicePort":"443","__proto__":{"polluted":true}}',
      ),
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('may have several sources: the one with the chart counts', () => {
    const text = `kind: Application
apiVersion: argoproj.io/v1alpha1
metadata: {name: x}
spec:
  sources:
    - {repoURL: git, helm: {values: "MTU: 1"}}
    - {chart: cilium, helm: {values: "MTU: 2"}}
`;
    const reading = readApplication(text);
    expect(reading.ok && reading.value.values.get('MTU')).toBe(2);
  });

  test.each([
    [
      'values that are no YAML',
      application('      values: |\n        a: 1\n        a: 2\n'),
      /^- in helm.values, line 2, column 1: the key "a"/,
    ],
    ['an object of another kind', 'apiVersion: v1\nkind: Pod\n', /no object of kind Application/],
    ['an Application without values', 'kind: Application\nspec: {source: {repoURL: git}}\n', /no source with Helm values/],
  ])('is refused with %s', (_, text, problem) => {
    expect(problemOf(readApplication(text))).toMatch(problem);
  });
});
