import { expect, test } from 'vitest';
import type { Flow } from '#lib/flow/flow.ts';
import { aDnsFlow, aFlow } from '#lib/testing/flows.ts';
import { isReversed } from './direction.ts';

const tcp = (sourcePort: number, destinationPort: number, flags?: readonly string[]): Partial<Flow> => ({
  isReply: undefined,
  l4: { protocol: 'TCP', sourcePort, destinationPort, ...(flags && { flags }) },
});
const icmp = (protocol: 'ICMPv4' | 'ICMPv6', icmpType: number): Partial<Flow> => ({
  isReply: undefined,
  l4: { protocol, sourcePort: 0, destinationPort: 0, icmpType },
});
const listening = { source: () => true, destination: () => true, nobody: () => false };

test.each([
  ['what Hubble says is a reply', { ...tcp(9090, 40_000), isReply: true }, true],
  ['what Hubble says is none, whatever the ports', { ...tcp(9090, 40_000), isReply: false }, false],
  ['a SYN, even from a low port', tcp(80, 40_000, ['SYN']), false],
  ['a SYN with ACK, even to a low port', tcp(40_000, 80, ['SYN', 'ACK']), true],
  ['an echo request', icmp('ICMPv4', 8), false],
  ['an echo reply', icmp('ICMPv4', 0), true],
  ['an echo reply of IPv6', icmp('ICMPv6', 129), true],
  ['a packet from an ephemeral port', tcp(40_000, 9090), false],
  ['a packet to an ephemeral port', tcp(9090, 40_000), true],
  ['a packet between two ephemeral ports', tcp(40_000, 50_051), false],
  ['a frame without addresses', { isReply: undefined, ip: undefined, l4: undefined }, false],
])('%s', (_, flow, reversed) => expect(isReversed(aFlow(flow), listening.nobody, listening.nobody)).toBe(reversed));

test('a response of the proxy answers and a request opens', () => {
  expect(isReversed({ ...aDnsFlow('a.example', 0), isReply: undefined }, listening.nobody, listening.nobody)).toBe(true);
  expect(isReversed({ ...aDnsFlow('a.example'), isReply: undefined }, listening.source, listening.nobody)).toBe(false);
});

test('the end that is known to listen is the server, whatever the ports look like', () => {
  expect(isReversed(aFlow(tcp(50_051, 40_000)), listening.source, listening.nobody)).toBe(true);
  expect(isReversed(aFlow(tcp(443, 50_051)), listening.nobody, listening.destination)).toBe(false);
  expect(isReversed(aFlow(tcp(443, 50_051)), listening.source, listening.destination)).toBe(false);
});

test('a policy verdict is made on the packet that opens', () => {
  const verdict = aFlow({ ...tcp(443, 40_000), eventType: { type: 5, subType: 0 } });
  expect(isReversed(verdict, listening.nobody, listening.nobody)).toBe(false);
});
