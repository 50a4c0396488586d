import { expect, test } from 'vitest';
import type { Cluster, ObjectsTarget } from '#lib/api/clusters.ts';
import { type ClusterForm, formOf, inputOf, objectsOf, relayOf } from './cluster-form.ts';

const SAVED: Cluster = { id: 'a', name: 'a', environment: 'DEV', demo: false, state: 'live', stateDetail: '' };

const filled = { ...formOf(undefined), id: 'aegis-dev', name: '', address: ' hubble-relay.kube-system.svc:4245 ' };

test('a filled form becomes what the API takes; a name that is left out is the id', () => {
  expect(inputOf(filled)).toEqual({
    input: {
      id: 'aegis-dev',
      name: 'aegis-dev',
      environment: 'DEV',
      relay: { address: 'hubble-relay.kube-system.svc:4245', tls: false },
      objects: null,
    },
  });
});

test('a cluster whose flows come from NATS has no relay, and is shown again as such', () => {
  const result = inputOf({ ...filled, flowsFrom: 'bus', address: '', tls: true, tlsCertFile: '/half' });
  expect('input' in result && result.input.relay).toBeNull();
  expect([formOf(SAVED).flowsFrom, formOf(undefined).flowsFrom]).toEqual(['bus', 'relay']);
});

test.each<[string, Partial<ClusterForm>, ObjectsTarget]>([
  ['this cluster', { objectsFrom: 'service-account' }, { from: 'kubernetes' }],
  ['a folder', { objectsFrom: 'folder', path: ' /o ' }, { from: 'folder', path: '/o' }],
  [
    'a kubeconfig',
    { objectsFrom: 'kubeconfig', kubeconfig: '/k', context: 'prod', namespaces: 'a, b' },
    { from: 'kubernetes', kubeconfig: '/k', context: 'prod', namespaces: ['a', 'b'] },
  ],
])('objects of %s are what the API takes, and are shown again as they were typed', (_where, change, objects) => {
  const result = inputOf({ ...filled, ...change });
  expect('input' in result && result.input.objects).toEqual(objects);
  const shown = formOf({ ...SAVED, objects });
  expect(objectsOf(shown)).toEqual(objects);
});

test.each<[string, Partial<ClusterForm>, RegExp]>([
  ['id', { id: 'Aegis Dev' }, /Lower-case/],
  ['address', { address: 'hubble-relay' }, /HOST:PORT/],
  ['name', { name: 'x'.repeat(101) }, /100/],
  ['tlsKeyFile', { tls: true, tlsCertFile: '/etc/tls.crt' }, /needs its key/],
  ['kubeconfig', { objectsFrom: 'kubeconfig' }, /path of a file/],
  ['namespaces', { objectsFrom: 'service-account', namespaces: 'Payments' }, /Names of namespaces/],
  ['path', { objectsFrom: 'folder' }, /path of a folder/],
  ['tlsCertFile', { tls: true, tlsKeyFile: '/etc/tls.key' }, /needs its key/],
])('a wrong %s is said at its field', (field, change, words) => {
  const result = inputOf({ ...filled, ...change });
  expect('problems' in result && result.problems).toEqual({ [field]: expect.stringMatching(words) });
});

test('TLS fields count only where TLS is on', () => {
  const form = { ...filled, tlsCaFile: '/etc/ca.pem', tlsServerName: ' ' };
  expect(relayOf(form)).toEqual({ address: 'hubble-relay.kube-system.svc:4245', tls: false });
  expect(relayOf({ ...form, tls: true })).toEqual({
    address: 'hubble-relay.kube-system.svc:4245',
    tls: true,
    tlsCaFile: '/etc/ca.pem',
  });
});
