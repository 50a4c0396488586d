import { expect, test } from 'vitest';
import { formOf, inputOf, relayOf } from './cluster-form.ts';

const filled = { ...formOf(undefined), id: 'aegis-dev', name: '', address: ' hubble-relay.kube-system.svc:4245 ' };

test('a filled form becomes what the API takes; a name that is left out is the id', () => {
  expect(inputOf(filled)).toEqual({
    input: {
      id: 'aegis-dev',
      name: 'aegis-dev',
      environment: 'DEV',
      relay: { address: 'hubble-relay.kube-system.svc:4245', tls: false },
    },
  });
});

test.each([
  ['id', { id: 'Aegis Dev' }, /Lower-case/],
  ['address', { address: 'hubble-relay' }, /HOST:PORT/],
  ['name', { name: 'x'.repeat(101) }, /100/],
  ['tlsKeyFile', { tls: true, tlsCertFile: '/etc/tls.crt' }, /needs its key/],
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
