import { expect, test } from 'vitest';
import { describeRule, ruleKindOf } from './describe.ts';
import type { PolicyObject } from './model.ts';

const policy = (spec: unknown, kind: PolicyObject['kind'] = 'CiliumNetworkPolicy'): PolicyObject => ({
  kind,
  metadata: { name: 'p', namespace: 'payments' },
  spec,
});

test.each([
  [
    'from gateway/edge-proxy on TCP/3000, HTTP GET /v1/.*',
    {
      fromEndpoints: [{ matchLabels: { app: 'edge-proxy', 'k8s:io.kubernetes.pod.namespace': 'gateway' } }],
      toPorts: [{ ports: [{ port: '3000', protocol: 'TCP' }], rules: { http: [{ method: 'GET', path: '/v1/.*' }] } }],
    },
  ],
  ['from payments/ledger on every port', { fromEndpoints: [{ matchLabels: { app: 'ledger' } }] }],
  ['from every pod in payments on any protocol/53', { fromEndpoints: [{}], toPorts: [{ ports: [{ port: '53' }] }] }],
  [
    'from tier in (core, data), pci is set in payments on every port',
    {
      fromEndpoints: [
        {
          matchExpressions: [
            { key: 'tier', operator: 'In', values: ['core', 'data'] },
            { key: 'pci', operator: 'Exists' },
          ],
        },
      ],
    },
  ],
  [
    'from world or 10.0.0.0/8 except 10.1.0.0/16 on UDP/1000-2000',
    {
      fromEntities: ['world'],
      fromCIDRSet: [{ cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] }],
      toPorts: [{ ports: [{ port: '1000', endPort: 2000, protocol: 'UDP' }] }],
    },
  ],
  ['from nobody (fromEntities is empty) on every port', { fromEntities: [], fromCIDR: ['10.0.0.0/8'] }],
  ['nothing (it names no peer and no port)', {}],
  ['from everybody on no port', { toPorts: [{}] }],
  [
    'from everybody by ICMP 8, ICMPv6 EchoRequest',
    { icmps: [{ fields: [{ type: 8 }, { family: 'IPv6', type: 'EchoRequest' }] }] },
  ],
  [
    'from payments/ledger on every TCP port, after mutual authentication',
    {
      fromEndpoints: [{ matchLabels: { 'k8s:app': 'ledger' } }],
      toPorts: [{ ports: [{ port: '0', protocol: 'TCP' }] }],
      authentication: { mode: 'required' },
    },
  ],
])('an ingress rule in words: %s', (text, rule) => {
  expect(describeRule(policy({ ingress: [rule] }), 'spec.ingress[0]')).toBe(text);
});

test('an egress rule names what it reaches: names, services, DNS questions', () => {
  const object = policy({
    egress: [
      {
        toFQDNs: [{ matchName: 'api.example.com' }, { matchPattern: '*.example.org' }],
        toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
      },
      { toServices: [{ k8sService: { serviceName: 'db', namespace: 'shop' } }] },
      { toEntities: ['all'], toPorts: [{ ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: [{ matchPattern: '*' }] } }] },
    ],
  });
  expect([0, 1, 2].map((index) => describeRule(object, `spec.egress[${index}]`))).toEqual([
    'to api.example.com or *.example.org on TCP/443',
    'to service shop/db on every port',
    'to everybody on UDP/53, DNS names *',
  ]);
});

test('a NetworkPolicy speaks of namespaces and blocks, and its ports are TCP unless it says otherwise', () => {
  const object = policy(
    {
      ingress: [
        {
          from: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
              podSelector: { matchLabels: { app: 'prometheus' } },
            },
            { ipBlock: { cidr: '10.0.0.0/8', except: ['10.2.0.0/16'] } },
          ],
          ports: [{ port: 9090 }],
        },
        { from: [{ namespaceSelector: { matchLabels: { team: 'edge' } } }, { namespaceSelector: {} }, { podSelector: {} }] },
        {},
      ],
    },
    'NetworkPolicy',
  );
  expect([0, 1, 2].map((index) => describeRule(object, `spec.ingress[${index}]`))).toEqual([
    'from monitoring/prometheus or 10.0.0.0/8 except 10.2.0.0/16 on TCP/9090',
    'from every pod in namespaces with team=edge or every pod in any namespace or every pod in payments on every port',
    'from everybody on every port',
  ]);
});

test('what is no rule has no words, and hostile keys are only text', () => {
  expect(describeRule(policy({ ingress: 'none' }), 'spec.ingress[0]')).toBe('');
  expect(describeRule(policy(null), 'spec.egress[3]')).toBe('');
  const hostile = JSON.parse('{"matchLabels":{"__proto__":"x","constructor":"y"}}') as unknown;
  expect(describeRule(policy({ ingress: [{ fromEndpoints: [hostile] }] }), 'spec.ingress[0]')).toBe(
    'from __proto__=x, constructor=y in payments on every port',
  );
});

test('a path tells direction and kind', () => {
  expect(ruleKindOf('specs[1].egressDeny[2]')).toEqual({ direction: 'egress', kind: 'deny' });
  expect(ruleKindOf('spec.ingress[0]')).toEqual({ direction: 'ingress', kind: 'allow' });
});
