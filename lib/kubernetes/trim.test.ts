import { expect, test } from 'vitest';
import { trimmed } from './trim.ts';

const metadata = { name: 'x', managedFields: [{ manager: 'eks', operation: 'Apply', fieldsV1: { 'f:spec': {} } }] };

test('a DaemonSet keeps how it is steered, what it is told and who manages it; no secrets', () => {
  const daemonSet = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata,
    spec: {
      selector: {},
      updateStrategy: { type: 'RollingUpdate' },
      template: {
        spec: {
          nodeSelector: { a: 'b' },
          volumes: [{}],
          containers: [
            {
              name: 'aws-node',
              image: 'cni:v1',
              args: ['--x'],
              resources: {},
              env: [
                { name: 'ENABLE_POD_ENI', value: 'true' },
                { name: 'AWS_SECRET_ACCESS_KEY', value: 'secret' },
                { name: 'ENABLE_TOKEN', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
              ],
            },
          ],
        },
      },
    },
    status: { desiredNumberScheduled: 3, observedGeneration: 7 },
  };
  expect(trimmed(daemonSet)).toEqual({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'x', managedFields: [{ manager: 'eks', operation: 'Apply' }] },
    spec: {
      updateStrategy: { type: 'RollingUpdate' },
      template: {
        spec: {
          nodeSelector: { a: 'b' },
          containers: [{ name: 'aws-node', image: 'cni:v1', args: ['--x'], env: [{ name: 'ENABLE_POD_ENI', value: 'true' }] }],
        },
      },
    },
    status: { desiredNumberScheduled: 3 },
  });
});

test('a pod keeps where it gets AWS credentials from, and nothing else of its environment', () => {
  const env = [
    { name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://169.254.170.23/v1/credentials' },
    { name: 'PASSWORD', value: 'secret' },
  ];
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: {
      containers: [
        { name: 'a', env },
        { name: 'b', env: env.slice(1) },
      ],
    },
  };
  expect(trimmed(pod)['spec']).toEqual({
    containers: [{ name: 'a', env: env.slice(0, 1) }, { name: 'b' }],
  });
});

test('a CiliumNode keeps its addresses by number and interface, whatever owns them', () => {
  const node = {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNode',
    metadata,
    spec: {
      ipam: { podCIDRs: ['10.0.0.0/24'], pool: { '10.0.0.7': { resource: 'eni-1' } } },
      eni: { 'first-interface-index': 1 },
    },
    status: {
      ipam: { used: { '10.0.0.7': { owner: 'shop/a', resource: 'eni-1' } }, 'release-ips': {} },
      eni: { enis: { 'eni-1': { id: 'eni-1', number: 1, prefixes: ['10.0.0.0/28'], 'security-groups': ['sg-1'] } } },
    },
  };
  expect(trimmed(node)).toEqual({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNode',
    metadata: { name: 'x' },
    spec: { ipam: { podCIDRs: ['10.0.0.0/24'], pool: { '10.0.0.7': {} } }, eni: { 'first-interface-index': 1 } },
    status: {
      ipam: { used: { '10.0.0.7': {} } },
      eni: { enis: { 'eni-1': { id: 'eni-1', number: 1, prefixes: ['10.0.0.0/28'] } } },
    },
  });
});

test('what is not of the form that it should be is left out, not taken for it', () => {
  for (const kind of [
    'Pod',
    'Node',
    'DaemonSet',
    'CiliumNode',
    'EC2NodeClass',
    'MutatingWebhookConfiguration',
    'APIService',
    'PolicyEndpoint',
  ])
    for (const odd of [null, 7, 'text', [], [null], { containers: 7, template: [], ipam: [], enis: null }])
      expect(
        trimmed({ apiVersion: 'x/v1', kind, metadata: { name: 'x' }, spec: odd, status: odd, webhooks: odd }).metadata,
      ).toEqual({
        name: 'x',
      });
});
