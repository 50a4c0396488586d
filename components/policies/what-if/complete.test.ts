import { expect, test } from 'vitest';
import { completionsAt } from './complete.ts';
import { type Facts, NO_FACTS, factsOf } from './facts.ts';
import { FIELDS } from './fields.ts';

const FACTS: Facts = {
  ...NO_FACTS,
  labels: [
    { key: 'app', values: ['ledger', 'checkout-api'], pods: 5 },
    { key: 'tier', values: ['core'], pods: 3 },
  ],
  namespaces: ['monitoring', 'payments'],
  ports: [{ port: '9090', protocol: 'TCP', detail: 'seen, e.g. payments/ledger' }],
  names: ['kms.aegis.example'],
};
const CNP = 'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n';
const at = (text: string, facts = FACTS) => completionsAt(text.replace('|', ''), text.indexOf('|'), facts);
const labels = (text: string) => at(text)?.options.map(({ label }) => label) ?? [];
const apply = (text: string, label: string) => at(text)?.options.find((option) => option.label === label)?.apply;

test('fields are those of the kind, without those that are there', () => {
  const offered = labels(`${CNP}spec:\n  endpointSelector: {}\n  |`);
  expect(offered).toContain('ingressDeny');
  expect(offered).not.toContain('endpointSelector');
  expect(offered).not.toContain('nodeSelector');
  expect(labels('kind: CiliumClusterwideNetworkPolicy\nspec:\n  |')).toContain('nodeSelector');
  expect(labels('kind: NetworkPolicy\nspec:\n  |')).toEqual(['podSelector', 'policyTypes', 'ingress', 'egress']);
});

test('the first field of an element of a list is offered, and deny rules have no requests', () => {
  expect(labels(`${CNP}spec:\n  ingress:\n    - |`)).toContain('fromEndpoints');
  expect(labels(`${CNP}spec:\n  ingress:\n    - toPorts:\n        - |`)).toContain('rules');
  expect(labels(`${CNP}spec:\n  ingressDeny:\n    - toPorts:\n        - |`)).not.toContain('rules');
});

test('labels are those of pods that are there, and their values', () => {
  const selector = `${CNP}spec:\n  endpointSelector:\n    matchLabels:\n      `;
  expect(labels(`${selector}|`)).toEqual(['app', 'tier', 'k8s:io.kubernetes.pod.namespace']);
  expect(labels(`${selector}app: l|`)).toEqual(['ledger', 'checkout-api']);
  expect(labels(`${selector}k8s:app: |`)).toEqual(['ledger', 'checkout-api']);
  expect(labels(`${selector}k8s:io.kubernetes.pod.namespace: |`)).toEqual(['monitoring', 'payments']);
});

test('a port is written as text, in block and in one line', () => {
  expect(apply(`${CNP}spec:\n  ingress:\n    - toPorts:\n        - ports:\n            - port: |`, '9090')).toBe('"9090"');
  expect(apply(`${CNP}spec:\n  ingress:\n    - toPorts:\n        - ports: [{ port: "|`, '9090')).toBe('9090"');
});

test('names that were seen are offered for FQDN rules', () => {
  expect(labels(`${CNP}spec:\n  egress:\n    - toFQDNs:\n        - matchName: |`)).toEqual(['kms.aegis.example']);
});

test('entities are offered as elements of a list in one line', () => {
  expect(labels(`${CNP}spec:\n  egress:\n    - toEntities: [wo|`)).toContain('world');
});

test('a value that YAML would read as something else is quoted', () => {
  const facts = { ...FACTS, labels: [{ key: 'app', values: ['yes', '1', 'a: b', 'plain'], pods: 1 }] };
  const options = at(`${CNP}spec:\n  endpointSelector:\n    matchLabels:\n      app: |`, facts)?.options ?? [];
  expect(options.map((option) => option.apply)).toEqual(['"yes"', '"1"', '"a: b"', 'plain']);
});

test('a field called like one of every object is no field', () => {
  expect(at('kind: NetworkPolicy\nspec:\n  constructor:\n    |')).toBeUndefined();
  expect(Object.keys(FIELDS.NetworkPolicy)).not.toContain('constructor');
});

test('facts: labels that last, ports by traffic, names with and without a final dot as one', () => {
  const facts = factsOf(
    {
      config: {},
      namespaces: { payments: {} },
      endpoints: [
        {
          id: 'payments/ledger-1',
          namespace: 'payments',
          labels: { app: 'ledger', 'pod-template-hash': 'x' },
          namedPorts: [{ name: 'http', port: 9090, protocol: 'TCP' }],
        },
      ],
      nodes: [],
      ips: [],
      fqdnCache: { 'kms.aegis.example.': ['203.0.113.9'] },
      cidrGroups: [],
      services: [],
    },
    [
      { destination: 'payments/ledger', protocol: 'TCP', port: 9090, flows: 10 },
      { destination: 'fqdn:kms.aegis.example', protocol: 'TCP', port: 443, flows: 500 },
    ],
  );
  expect(facts.labels).toEqual([{ key: 'app', values: ['ledger'], pods: 1 }]);
  expect(facts.ports.map(({ port }) => port)).toEqual(['443', '9090', 'http']);
  expect(facts.names).toEqual(['kms.aegis.example']);
});
