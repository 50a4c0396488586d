import { expect, test } from 'vitest';
import { aDaemonSet, aKubePod, decided, type Given, HOSTILE, told } from '#lib/testing/preflight.ts';
import { istio } from './27-istio.ts';

const sidecar = aKubePod('web', { spec: { containers: [{ name: 'web' }, { name: 'istio-proxy' }] } });
const namespace = (labels: object) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels } });
const replaced = { kubeProxyReplacement: 'true' };
const of = (given: Given) => decided(istio, { known: ['Pod', 'Namespace'], ...given });

test('passes without Istio, without the replacement, and with socket translation on the host alone', () => {
  expect(of({ objects: [aKubePod('web')] }).status).toBe('pass');
  expect(of({ objects: [sidecar], values: { kubeProxyReplacement: 'false' } }).status).toBe('pass');
  expect(of({ objects: [sidecar], values: { ...replaced, socketLB: { hostNamespaceOnly: true } } }).status).toBe('pass');
});

test.each([
  ['a sidecar', [sidecar]],
  ['a native sidecar', [aKubePod('web', { spec: { initContainers: [{ name: 'istio-proxy', restartPolicy: 'Always' }] } })]],
  ['a namespace with injection', [namespace({ 'istio-injection': 'enabled' })]],
  ['a namespace with a revision', [namespace({ 'istio.io/rev': 'stable' })]],
  ['an ambient namespace', [namespace({ 'istio.io/dataplane-mode': 'ambient' })]],
])('fails where %s is there and services are translated in the pod', (_, objects) => {
  expect(told(of({ objects, values: replaced }), 'fail').join()).toContain('its proxies see pods instead of services');
});

test('fails where Cilium takes Istio’s plugin out of the CNI file', () => {
  const values = { kubeProxyReplacement: 'false', cni: { exclusive: true } };
  expect(told(of({ objects: [sidecar, aDaemonSet('istio-cni-node')], values }), 'fail').join()).toContain(
    'Cilium takes it out again',
  );
});

test('is unknown without pods and namespaces, and without settings where Istio is there', () => {
  expect(decided(istio, {})).toMatchObject({ status: 'unknown', missing: ['pods', 'namespaces'] });
  expect(of({ objects: [sidecar] })).toMatchObject({ status: 'unknown', missing: ['values', 'cilium-config'] });
});

test('is not taken in by labels of other names', () => {
  expect(of({ objects: [namespace({ [HOSTILE]: 'enabled', 'istio-injection': 'disabled', 'istio.io/rev': '' })] }).status).toBe(
    'pass',
  );
});
