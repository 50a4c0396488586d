import { expect, test } from 'vitest';
import { aClusterPolicy, aPolicy, aWorld } from '#lib/testing/policies.ts';
import { decided, type Given, told } from '#lib/testing/preflight.ts';
import { hostPolicies } from './28-host-policies.ts';

const onNodes = (spec: object) => aClusterPolicy({ nodeSelector: { matchLabels: { role: 'worker' } }, ...spec });
const all = onNodes({ ingress: [{ fromEntities: ['all'] }] });
const world = aWorld({ config: { hostFirewall: true } });
const of = (given: Given) => decided(hostPolicies, { world, values: { hostFirewall: { enabled: true } }, ...given });

test('passes without host policies, with the firewall off, and where what nodes need is allowed', () => {
  expect(of({ policies: [aPolicy({ ingress: [{}] })] }).status).toBe('pass');
  expect(of({ policies: [all] }).status).toBe('pass');
  const off = of({ policies: [onNodes({ ingress: [{}] })], values: {} });
  expect(off.status).toBe('pass');
  expect(told(off).join()).toContain('the host firewall is off');
});

test('fails where the way in is closed, and names each', () => {
  const ssh = onNodes({ ingress: [{ fromCIDR: ['10.0.0.0/8'], toPorts: [{ ports: [{ port: '22', protocol: 'TCP' }] }] }] });
  const failed = told(of({ policies: [ssh] }), 'fail').join('\n');
  for (const what of [
    'kubelets (TCP 10250)',
    'health checks between nodes (TCP 4240)',
    'Hubble (TCP 4244)',
    'tunnel between nodes (UDP 8472)',
  ])
    expect(failed).toContain(what);
  expect(failed).not.toContain('WireGuard');
});

test('asks for WireGuard’s port only where it is used', () => {
  const closed = onNodes({ ingress: [{}] });
  const values = { hostFirewall: { enabled: true }, encryption: { enabled: true, type: 'wireguard' }, routingMode: 'native' };
  const failed = told(of({ policies: [closed], values }), 'fail').join('\n');
  expect(failed).toContain('WireGuard between nodes (UDP 51871)');
  expect(failed).not.toContain('tunnel');
});

test('fails where nodes may no longer reach the API server', () => {
  const egress = onNodes({ egress: [{ toCIDR: ['192.0.2.0/24'] }] });
  expect(told(of({ policies: [egress] }), 'fail').join()).toContain('nodes reaching the API server (TCP 443)');
});

test('is unknown without policies, settings or nodes', () => {
  expect(decided(hostPolicies, {})).toMatchObject({ status: 'unknown', missing: ['policies'] });
  expect(decided(hostPolicies, { policies: [all] })).toMatchObject({ status: 'unknown', missing: ['values', 'cilium-config'] });
  expect(decided(hostPolicies, { policies: [all], values: { hostFirewall: { enabled: true } } })).toMatchObject({
    status: 'unknown',
    missing: ['nodes'],
  });
});
