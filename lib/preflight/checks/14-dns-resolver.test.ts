import { expect, test } from 'vitest';
import { aPolicy, aWorld } from '#lib/testing/policies.ts';
import { anEnd, decided, type Given, HOSTILE, outside, someTraffic, told, trafficOf } from '#lib/testing/preflight.ts';
import { dnsResolver } from './14-dns-resolver.ts';

const kubeDns = { toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s-app': 'kube-dns' } }] };
const dnsRule = { ...kubeDns, toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }] };
const names = { toFQDNs: [{ matchName: 'api.example.com' }] };
const withRule = aPolicy({ egress: [names, dnsRule] });
const db = anEnd('shop', 'db', ['k8s:app=db']);
const asks = (destination: ReturnType<typeof anEnd>, port = 53) =>
  someTraffic({ source: db, destination, protocol: 'UDP', port, l7: 'dns', dnsName: 'api.example.com.' });
const toKubeDns = asks(anEnd('kube-system', 'coredns', ['k8s:k8s-app=kube-dns']));
const of = (given: Given) => decided(dnsResolver, { world: aWorld(), ...given });

test('passes where the DNS rule selects what pods ask', () => {
  expect(of({ policies: [withRule], flows: trafficOf(toKubeDns) })).toMatchObject({ status: 'pass', missing: [] });
});

test('passes where no policy allows names', () => {
  expect(of({ policies: [aPolicy({ egress: [kubeDns] })] }).status).toBe('pass');
});

test('fails where no DNS rule is there for pods with names', () => {
  expect(told(of({ policies: [aPolicy({ egress: [names] })] }), 'fail').join()).toContain('no DNS rule for these pods');
});

test.each([
  ['node-local-dns', asks(anEnd('kube-system', 'node-local-dns', ['k8s:k8s-app=node-local-dns']))],
  ['a resolver on the host’s network', asks(outside('entity:host'))],
  ['an address outside', asks(outside('entity:world', { addresses: ['169.254.20.10'] }))],
  ['CoreDNS on port 8053', asks(anEnd('kube-system', 'coredns', ['k8s:k8s-app=kube-dns']), 8053)],
])('fails where pods ask %s, and the rule names kube-dns', (_, traffic) => {
  const outcome = of({ policies: [withRule], flows: trafficOf(toKubeDns, traffic) });
  expect(outcome.status).toBe('fail');
  expect(told(outcome, 'fail')).toHaveLength(1);
  expect(told(outcome, 'fail')[0]).toContain(`shop/db: asks ${traffic.destination.node} on port ${traffic.port}`);
});

test('queries by TCP count, what arrives at a pod or comes from outside does not', () => {
  const elsewhere = asks(outside('entity:host'));
  const when = (more: object) => of({ policies: [withRule], flows: trafficOf(toKubeDns, { ...elsewhere, ...more }) }).status;
  expect(when({ protocol: 'TCP' })).toBe('fail');
  expect(when({ protocol: 'SCTP' })).toBe('pass');
  expect(when({ direction: 'INGRESS' })).toBe('pass');
  expect(when({ port: 5353 })).toBe('pass');
  expect(when({ source: { ...db, workload: '' } })).toBe('pass');
});

test('tells of policies whose pods asked nothing', () => {
  const web = aPolicy({ endpointSelector: { matchLabels: { app: 'web' } }, egress: [names, dnsRule] }, 'web');
  const outcome = of({ policies: [withRule, web], flows: trafficOf(toKubeDns) });
  expect(outcome.status).toBe('pass');
  expect(told(outcome).join()).toContain('CiliumNetworkPolicy shop/web: no DNS query of the pods it selects has been seen');
});

test('a query for a name that the rule refuses goes through the proxy all the same', () => {
  const narrow = {
    ...dnsRule,
    toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchName: 'api.example.com' }] } }],
  };
  const other = { ...toKubeDns, dnsName: 'other.example.org.' };
  expect(of({ policies: [aPolicy({ egress: [names, narrow] })], flows: trafficOf(other) }).status).toBe('pass');
});

test('does not mind what pods without names in their policies ask', () => {
  const other = { ...asks(outside('entity:host')), source: anEnd('shop', 'web', ['k8s:app=web']) };
  expect(of({ policies: [withRule], flows: trafficOf(toKubeDns, other) }).status).toBe('pass');
});

test('is unknown without policies, without traffic, and where no query was seen', () => {
  expect(decided(dnsResolver, {})).toMatchObject({ status: 'unknown', missing: ['policies'] });
  expect(of({ policies: [withRule] })).toMatchObject({ status: 'unknown', missing: ['flows'] });
  expect(of({ policies: [withRule], flows: trafficOf(someTraffic()) }).status).toBe('unknown');
});

test('judges traffic of hostile names', () => {
  const flows = trafficOf(toKubeDns, { ...asks(anEnd(HOSTILE, HOSTILE, [`k8s:${HOSTILE}=${HOSTILE}`])), dnsName: HOSTILE });
  expect(of({ policies: [withRule], flows }).status).toBe('fail');
});
