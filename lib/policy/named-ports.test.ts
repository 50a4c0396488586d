import { expect, test } from 'vitest';
import { aPod, aWorld } from '#lib/testing/policies.ts';
import { clusterPorts, podPorts, portsSignature } from './named-ports.ts';

const named = (...list: [name: string, port: number, protocol: string][]) => ({
  namedPorts: list.map(([name, port, protocol]) => ({ name, port, protocol })),
});

test('a pod’s named ports are looked up with their protocol, in any case of letters', () => {
  const ports = podPorts(aPod('a', 'shop', named(['http', 80, 'TCP'], ['dns', 53, 'udp'], ['sig', 2905, 'SCTP'])));
  expect([
    ports('http', 0),
    ports('HTTP', 0),
    ports('http', 1),
    ports('dns', 1),
    ports('dns', 0),
    ports('sig', 2),
    ports('sig', 0),
  ]).toEqual([80, 80, undefined, 53, undefined, 2905, undefined]);
});

test('for egress a name stands for its number only where all pods agree', () => {
  const pods = [
    named(['http', 80, 'TCP'], ['pg', 5432, 'TCP']),
    named(['http', 80, 'TCP'], ['pg', 5433, 'TCP']),
    named(['pg', 5432, 'TCP']),
  ];
  const ports = clusterPorts(aWorld({ endpoints: pods.map((more, index) => aPod(`p${index}`, 'shop', more)) }));
  expect([ports('http', 0), ports('pg', 0), ports('none', 0)]).toEqual([80, undefined, undefined]);
  expect(clusterPorts(aWorld({ missing: ['endpoints'] }))('http', 0)).toBe('unknown');
});

test('pods with the same ports have one signature, in whatever order', () => {
  const signature = (...list: [string, number, string][]) => portsSignature(aPod('a', 'shop', named(...list)));
  expect(signature(['a', 1, 'TCP'], ['b', 2, 'UDP'])).toBe(signature(['b', 2, 'UDP'], ['a', 1, 'TCP']));
  expect(signature(['a', 1, 'TCP'])).not.toBe(signature(['a', 1, 'UDP']));
});
