import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { appendRules, newText, policyText } from './nearest-yaml.ts';

const RULE = { toEntities: ['host'], toPorts: [{ ports: [{ port: '53', protocol: 'UDP' }] }] };
const POLICY = `# who may pay
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: pay, namespace: shop }   # ours
spec:
    endpointSelector: {}
    egress:
    # the database
    - toEndpoints:
      - matchLabels: {app: db}
      toPorts: [{ ports: [{ port: "5432", protocol: TCP }] }] # postgres

    ingress:
    - fromEntities: [world]
`;

const linesAt = (text: string, lines: readonly number[]) => lines.map((line) => text.split('\n')[line - 1]);

test('a rule is put behind the last one; every line that was there stays as it was written', () => {
  const { text, lines } = appendRules(POLICY, ['spec', 'egress'], [RULE]);
  expect(
    text
      .split('\n')
      .filter((_, index) => !lines.includes(index + 1))
      .join('\n'),
  ).toBe(POLICY);
  expect(parse(text).spec.egress).toHaveLength(2);
  expect(parse(text).spec.egress[1]).toEqual(RULE);
  expect(linesAt(text, lines)[0]).toBe('    - toEntities:');
});

test('a direction that is missing is made at the end of the spec', () => {
  const source = POLICY.slice(0, POLICY.indexOf('    ingress'));
  const { text, lines } = appendRules(source, ['spec', 'ingress'], [RULE]);
  expect(linesAt(text, lines).slice(0, 2)).toEqual(['    ingress:', '      - toEntities:']);
  expect(
    text
      .split('\n')
      .filter((_, index) => !lines.includes(index + 1))
      .join('\n'),
  ).toBe(source);
});

test('a text without a last line break, and one with documents behind it, are amended in place', () => {
  const bare = 'spec:\n  egress:\n  - toEntities:\n    - world';
  expect(appendRules(bare, ['spec', 'egress'], [RULE]).text.startsWith(`${bare}\n  - toEntities:\n      - host\n`)).toBe(true);
});

test.each([
  '{"spec":{"egress":[{"toEntities":["world"]}]}}',
  'spec:\n  egress: []\n  ingress: [{}]\n',
  'spec: {}\n',
  'spec:\n  egress:\n',
])('a text that leaves no line for it is written anew: %s', (source) => {
  const { text, lines } = appendRules(source, ['spec', 'egress'], [RULE]);
  expect(parse(text).spec.egress.at(-1)).toEqual(RULE);
  expect(lines.length).toBeGreaterThan(0);
});

test('rules of one of several specs find their place', () => {
  const source =
    'specs:\n- endpointSelector: {}\n  egress:\n  - {}\n- endpointSelector: {}\n  egress:\n  - toEntities: [world]\n';
  const { text } = appendRules(source, ['specs', 0, 'egress'], [RULE]);
  expect(parse(text).specs.map(({ egress }: { egress: unknown[] }) => egress.length)).toEqual([2, 1]);
});

test('a broken text is refused', () => {
  expect(() => appendRules('spec: [', ['spec', 'egress'], [RULE])).toThrow(SyntaxError);
});

test('a new text is new from the first line to the last, and an object is written without what the API server adds', () => {
  expect(newText({ a: 1, b: [2] })).toEqual({ text: 'a: 1\nb:\n  - 2\n', lines: [1, 2, 3] });
  const text = policyText({
    kind: 'X',
    metadata: { name: 'n', uid: 'u', generation: 3, managedFields: [] },
    spec: {},
    status: { a: 1 },
  });
  expect(parse(text)).toEqual({ kind: 'X', metadata: { name: 'n' }, spec: {} });
});
