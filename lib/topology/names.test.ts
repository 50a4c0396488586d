import { expect, test } from 'vitest';
import { cidrGroupOf, NameTable, nodeIdOfLabels } from './names.ts';

const answer = (query: string, ips: readonly string[], ttl = 30, rcode = 0) => ({
  query,
  ips,
  cnames: [],
  rcode,
  qtypes: ['A'],
  rrtypes: ['A'],
  ttl,
  observationSource: 'proxy',
});

test.each([
  ['203.0.113.7', '203.0.113.0/24'],
  ['::ffff:203.0.113.7', '203.0.113.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['not an address', undefined],
  ['', undefined],
])('the address %s is shown in the group %s', (address, group) => expect(cidrGroupOf(address)).toBe(group));

test.each([
  [['reserved:world-ipv4', 'reserved:kube-apiserver'], 'entity:kube-apiserver'],
  [['fqdn:API.Example.com.', 'reserved:world-ipv4'], 'fqdn:api.example.com'],
  [['cidr:192.0.2.0/24', 'cidr:192.0.2.88/29', 'reserved:world-ipv4'], 'cidr:192.0.2.88/29'],
  [['cidr:2001-db8--/32'], 'cidr:2001:db8::/32'],
  [['reserved:world'], undefined],
  [[], undefined],
])('labels %j name the node %s', (labels, id) => expect(nodeIdOfLabels(labels)).toBe(id));

test('an address has the name of the answer that brought it', () => {
  const names = new NameTable();
  names.learn(answer('Api.Example.com.', ['192.0.2.7']), 0);
  expect(names.nameOf('192.0.2.7', 10)).toBe('api.example.com');
  expect(names.nameOf('192.0.2.8', 10)).toBeUndefined();
});

test('an address keeps its first name while that is valid, so an answer in hostile hands renames nobody', () => {
  const names = new NameTable();
  names.learn(answer('api.example.com', ['192.0.2.7']), 0);
  names.learn(answer('evil.example', ['192.0.2.7']), 1000);
  expect(names.nameOf('192.0.2.7', 2000)).toBe('api.example.com');
  names.learn(answer('new.example.com', ['192.0.2.7']), 3_600_001);
  expect(names.nameOf('192.0.2.7', 3_600_002)).toBe('new.example.com');
});

test('a name is forgotten an hour after its answer, or later when the answer is valid for longer', () => {
  const names = new NameTable();
  names.learn(answer('short.example', ['192.0.2.1'], 5), 0);
  names.learn(answer('long.example', ['192.0.2.2'], 7200), 0);
  expect(names.nameOf('192.0.2.1', 3_599_999)).toBe('short.example');
  expect(names.nameOf('192.0.2.1', 3_600_000)).toBeUndefined();
  expect(names.nameOf('192.0.2.2', 7_199_999)).toBe('long.example');
});

test('an answer without a name names nothing', () => {
  const names = new NameTable();
  names.learn(answer('missing.example', ['192.0.2.7'], 30, 3), 0);
  expect(names.nameOf('192.0.2.7', 1)).toBeUndefined();
  expect(names.version).toBe(0);
});

test('a flood of names pushes out the ones longest not renewed', () => {
  const names = new NameTable(100);
  for (let index = 0; index < 1000; index++) names.learn(answer(`n${index}.example`, [`10.0.${index >> 8}.${index & 255}`]), 0);
  expect(names.nameOf('10.0.0.0', 1)).toBeUndefined();
  expect(names.nameOf('10.0.3.231', 1)).toBe('n999.example');
});
