import { expect, test } from 'vitest';
import { whyUnreachable } from './address.ts';

test.each(['93.184.216.34', '10.1.2.3', '172.16.0.1', '192.168.1.1', '100.64.0.1', '2606:4700::1111', 'fd12:3456::1'])(
  '%s may be asked',
  (address) => expect(whyUnreachable(address)).toBeUndefined(),
);

test.each([
  ['127.0.0.1', 'this machine'],
  ['127.255.255.254', 'this machine'],
  ['::1', 'this machine'],
  ['0.0.0.0', 'unspecified'],
  ['::', 'unspecified'],
  ['169.254.169.254', 'link-local'],
  ['169.254.170.23', 'link-local'],
  ['fe80::1', 'link-local'],
  ['fd00:ec2::254', 'metadata'],
  ['fd00:ec2::23', 'metadata'],
  ['::ffff:10.0.0.1', 'IPv4 address inside'],
  ['::ffff:127.0.0.1', 'IPv4 address inside'],
  ['64:ff9b::7f00:1', 'rfc6052'],
  ['2002:7f00:1::', '6to4'],
  ['2001::1', 'teredo'],
  ['224.0.0.1', 'multicast'],
  ['ff02::1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['240.0.0.1', 'reserved'],
  ['localhost', 'no address'],
])('%s may not: %s', (address, why) => expect(whyUnreachable(address)).toContain(why));
