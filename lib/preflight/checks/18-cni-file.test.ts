import { expect, test } from 'vitest';
import { aDaemonSet, decided, type Given, told } from '#lib/testing/preflight.ts';
import { cniFile } from './18-cni-file.ts';

const chained = (more: object = {}) => ({ cni: { chainingMode: 'aws-cni', exclusive: false, ...more } });
const nodeConfig = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNodeConfig',
  metadata: { name: 'move', namespace: 'kube-system' },
  spec: {},
};
const of = (given: Given) => decided(cniFile, { known: ['DaemonSet'], ...given });

test('passes where the chain keeps VPC CNI’s file, and where Cilium alone owns it', () => {
  expect(of({ values: chained() }).status).toBe('pass');
  expect(of({ values: {} }).status).toBe('pass');
});

test.each([
  ['chained and exclusive', chained({ exclusive: true }), 'VPC CNI’s file is renamed'],
  ['chained and taken away with each restart', chained({ uninstall: true }), 'takes the chain apart'],
  ['Cilium alone, and not exclusive', { cni: { exclusive: false } }, 'may come first'],
  ['a custom file that nobody writes', { cni: { customConf: true } }, 'no agent writes a CNI file'],
])('fails where it is %s', (_, values, says) => {
  const outcome = of({ values });
  expect(outcome.status).toBe('fail');
  expect(told(outcome, 'fail').join()).toContain(says);
});

test('Multus writes a file of its own: then it must not be exclusive', () => {
  const objects = [aDaemonSet('kube-multus-ds')];
  expect(of({ objects, values: { cni: { exclusive: false } } }).status).toBe('pass');
  expect(of({ objects, values: {} }).status).toBe('fail');
});

test('a custom file is right while nodes move', () => {
  expect(of({ objects: [nodeConfig], values: { cni: { exclusive: false, customConf: true } } }).status).toBe('pass');
});

test('is unknown without settings, and without DaemonSets where they decide', () => {
  expect(of({})).toMatchObject({ status: 'unknown', missing: ['values', 'cilium-config'] });
  expect(decided(cniFile, { values: { cni: { exclusive: false } } }).status).toBe('unknown');
});

test('reads cilium-config where there are no values', () => {
  expect(of({ config: { 'cni-chaining-mode': 'aws-cni', 'cni-exclusive': 'true' } }).findings[0]?.object).toBe(
    'cilium-config: cni-exclusive',
  );
});
