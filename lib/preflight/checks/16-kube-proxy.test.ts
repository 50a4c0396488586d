import { expect, test } from 'vitest';
import { aDaemonSet, aKubePod, decided, type Given, HOSTILE, told } from '#lib/testing/preflight.ts';
import { kubeProxy } from './16-kube-proxy.ts';

const HOST = '0a1b2c.gr7.us-west-2.eks.amazonaws.com';
const off = { kubeProxyReplacement: 'false' };
const on = { kubeProxyReplacement: 'true', k8sServiceHost: HOST };
const proxy = aDaemonSet('kube-proxy');
const of = (given: Given) => decided(kubeProxy, { known: ['Pod', 'DaemonSet'], objects: [proxy], ...given });
const status = (kubeProxyReplacement: string): NonNullable<Given['status']> => ({
  images: [],
  workloads: [],
  errors: [],
  collectionErrors: [],
  agents: [
    {
      pod: 'cilium-x',
      kubeProxyReplacement,
      encryptionMode: '',
      nodeEncryption: '',
      hostRouting: '',
      chainingMode: '',
      unreachable: [],
      health: '',
      version: '',
    },
  ],
});

test('passes where it is off, and where agents reach the API server by its name', () => {
  expect(of({ values: off }).status).toBe('pass');
  expect(of({ values: on }).status).toBe('pass');
});

test.each([
  ['the host is an address', { ...on, k8sServiceHost: '10.0.0.14' }, 'is an address'],
  ['the host is an IPv6 address', { ...on, k8sServiceHost: 'fd00::1' }, 'is an address'],
  ['the host is not set', { kubeProxyReplacement: true }, 'it is not set'],
])('fails where %s', (_, values, says) => {
  const outcome = of({ values });
  expect(outcome.status).toBe('fail');
  expect(told(outcome, 'fail').join()).toContain(says);
});

test('fails where kube-proxy went before the agents took over', () => {
  const outcome = of({ objects: [], values: on, config: { 'kube-proxy-replacement': 'false' } });
  expect(told(outcome, 'fail').join()).toContain('it is gone');
  expect(of({ objects: [], values: on, config: { 'kube-proxy-replacement': 'true' } }).status).toBe('pass');
});

test('fails where the agents say something else than the settings', () => {
  expect(told(of({ values: on, status: status('False') }), 'fail').join()).toContain('it says kube-proxy replacement is False');
  expect(of({ values: on, status: status('True') }).status).toBe('pass');
  expect(of({ values: on, status: status('Strict') }).status).toBe('pass');
});

test('fails where pods have host ports that nobody serves', () => {
  const pod = aKubePod('gateway', { spec: { containers: [{ name: 'a', ports: [{ containerPort: 80, hostPort: 80 }] }] } });
  expect(told(of({ objects: [proxy, pod], values: off }), 'fail')).toEqual([
    'Pod shop/gateway: it has a host port, which nobody serves: kube-proxy replacement is off',
  ]);
  expect(of({ objects: [proxy, pod], values: { ...off, cni: { chainingMode: 'aws-cni' } } }).status).toBe('pass');
});

test('fails where an upgrade takes the defaults of the new version', () => {
  const step = { values: off, version: '1.18.4', target: '1.19.5' };
  expect(told(of(step), 'fail').join()).toContain('upgradeCompatibility');
  expect(of({ ...step, values: { ...off, upgradeCompatibility: '1.18' } }).status).toBe('pass');
  expect(of({ ...step, target: '1.18.9' }).status).toBe('pass');
});

test('is unknown without settings, and where cilium-config does not tell the host', () => {
  expect(decided(kubeProxy, {})).toMatchObject({ status: 'unknown', missing: ['values', 'cilium-config'] });
  expect(of({ config: { 'kube-proxy-replacement': 'true' } })).toMatchObject({ status: 'unknown', missing: ['values'] });
  expect(decided(kubeProxy, { values: off })).toMatchObject({ status: 'unknown', missing: ['daemonsets', 'pods'] });
});

test('takes hostile values for what they are', () => {
  expect(of({ values: { kubeProxyReplacement: HOSTILE, k8sServiceHost: HOSTILE } }).status).toBe('pass');
  expect(of({ values: { kubeProxyReplacement: { nested: true } } }).status).toBe('unknown');
});
