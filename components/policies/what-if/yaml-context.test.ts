import { expect, test } from 'vitest';
import { indentBelow, yamlContext } from './yaml-context.ts';

/** The context at `|` of a text. */
const at = (text: string) => yamlContext(text.replace('|', ''), text.indexOf('|'));
const HEAD = 'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n';

test.each([
  ['the root', 'ki|', [], 'key', 'ki'],
  ['a field of spec', `${HEAD}spec:\n  en|`, ['spec'], 'key', 'en'],
  ['a new line of spec', `${HEAD}spec:\n  endpointSelector: {}\n  |`, ['spec'], 'key', ''],
  ['an element of a list', 'spec:\n  ingress:\n    - from|', ['spec', 'ingress', '[]'], 'value', 'from'],
  [
    'the second field of an element',
    'spec:\n  ingress:\n    - fromEndpoints: []\n      to|',
    ['spec', 'ingress', '[]'],
    'key',
    'to',
  ],
  ['a list below its key without indentation', 'spec:\n  ingress:\n  - to|', ['spec', 'ingress', '[]'], 'value', 'to'],
  [
    'deep inside, after a sibling that goes deeper',
    'spec:\n  ingress:\n    - fromEndpoints:\n        - matchLabels:\n            app: x\n      toPorts:\n        - ports:\n            - po|',
    ['spec', 'ingress', '[]', 'toPorts', '[]', 'ports', '[]'],
    'value',
    'po',
  ],
  [
    'a value',
    'spec:\n  endpointSelector:\n    matchLabels:\n      app: le|',
    ['spec', 'endpointSelector', 'matchLabels', 'app'],
    'value',
    'le',
  ],
  [
    'a key with a colon in it',
    'matchLabels:\n  k8s:io.kubernetes.pod.namespace: mo|',
    ['matchLabels', 'k8s:io.kubernetes.pod.namespace'],
    'value',
    'mo',
  ],
  ['a quoted value', 'ports:\n  - port: "90|', ['ports', '[]', 'port'], 'value', '90'],
  ['a map in one line', 'ports:\n  - { port: "9090", pro|', ['ports', '[]'], 'key', 'pro'],
  [
    'a value in one line',
    'toPorts:\n  - ports: [{ port: "9090", protocol: T|',
    ['toPorts', '[]', 'ports', '[]', 'protocol'],
    'value',
    'T',
  ],
  ['a list in one line', 'egress:\n  - toEntities: [host, wo|', ['egress', '[]', 'toEntities', '[]'], 'value', 'wo'],
  ['the second document', 'spec:\n  a: 1\n---\nmetadata:\n  na|', ['metadata'], 'key', 'na'],
])('%s', (_, text, path, writes, typed) => {
  expect(at(text)).toMatchObject({ path, writes, typed });
});

test('keys beside it are known, above and below, and not those of other elements', () => {
  const text = 'ingress:\n  - fromCIDR: []\n    |\n    toPorts: []\n  - icmps: []\n';
  expect([...(at(text)?.siblings ?? [])].toSorted()).toEqual(['fromCIDR', 'toPorts']);
});

test('the kind is that of the own document', () => {
  const text = 'kind: NetworkPolicy\n---\nkind: CiliumNetworkPolicy\nspec:\n  |';
  expect(at(text)?.kind).toBe('CiliumNetworkPolicy');
});

test('a comment has no context, a hash in quotes is none', () => {
  expect(at('spec: # en|')).toBeUndefined();
  expect(at('path: "/a#b|')?.typed).toBe('/a#b');
});

test('the place of what is typed is where it can be replaced', () => {
  const text = 'ports:\n  - port: "90';
  expect(text.slice(yamlContext(text, text.length)?.from)).toBe('90');
});

test('below an open key one goes deeper, also behind a dash; below a value one does not', () => {
  expect(indentBelow('spec:')).toBe(2);
  expect(indentBelow('    - toPorts:')).toBe(8);
  expect(indentBelow('  port: "80"')).toBeUndefined();
  expect(indentBelow('')).toBeUndefined();
});
