import { expect, test } from 'vitest';
import type { FlowLogRecord } from './record-reader.ts';
import { type KnownPorts, openingOf, protocolName } from './server-side.ts';

const record = (sourcePort: number, destinationPort: number, rest: Partial<FlowLogRecord> = {}): FlowLogRecord => ({
  source: 1,
  sourceText: '',
  destination: 2,
  destinationText: '',
  sourcePort,
  destinationPort,
  protocol: 6,
  packets: 1,
  bytes: 1,
  start: 0,
  end: 0,
  rejected: false,
  tcpFlags: -1,
  sourceService: '',
  destinationService: '',
  ...rest,
});
const opening = (given: FlowLogRecord, source?: KnownPorts, destination?: KnownPorts) => {
  const into = { reversed: false, port: 0 };
  openingOf(given, source, destination, into);
  return into;
};

test.each([
  ['a request to a low port', record(40_000, 443), {}, { reversed: false, port: 443 }],
  ['its answer', record(443, 40_000), {}, { reversed: true, port: 443 }],
  ['UDP alike', record(53, 40_000, { protocol: 17 }), {}, { reversed: true, port: 53 }],
  ['a node port', record(50_000, 31_999), {}, { reversed: false, port: 31_999 }],
  ['two low ports: the lower', record(8080, 2000), {}, { reversed: false, port: 2000 }],
  ['two low ports: the lower, as an answer', record(2000, 8080), {}, { reversed: true, port: 2000 }],
  ['the same port on both ends', record(123, 123, { protocol: 17 }), {}, { reversed: false, port: 123 }],
  ['two high ports are folded', record(40_000, 50_051), {}, { reversed: true, port: 0 }],
  ['a high port that the server declares', record(40_000, 50_051), { destination: [50_051] }, { reversed: false, port: 50_051 }],
  ['and its answer', record(50_051, 40_000), { source: [50_051] }, { reversed: true, port: 50_051 }],
  ['a declared port before the lower one', record(2000, 8443), { destination: [8443] }, { reversed: false, port: 8443 }],
  ['a SYN opens', record(2000, 50_051, { tcpFlags: 2 }), {}, { reversed: false, port: 50_051 }],
  ['a SYN of a short connection opens', record(80, 50_051, { tcpFlags: 3 }), {}, { reversed: false, port: 50_051 }],
  ['a SYN with ACK answers', record(50_051, 80, { tcpFlags: 18 }), {}, { reversed: true, port: 50_051 }],
  ['no SYN tells nothing', record(443, 40_000, { tcpFlags: 1 }), {}, { reversed: true, port: 443 }],
  ['flags count for TCP alone', record(53, 40_000, { tcpFlags: 2, protocol: 17 }), {}, { reversed: true, port: 53 }],
  ['ICMP has no ports', record(0, 0, { protocol: 1 }), {}, { reversed: false, port: 0 }],
] as [string, FlowLogRecord, { source?: number[]; destination?: number[] }, object][])('%s', (_, given, known, expected) => {
  expect(opening(given, known.source && new Set(known.source), known.destination && new Set(known.destination))).toEqual(
    expected,
  );
});

test('protocols have the names of the ledger, others their number', () => {
  expect([6, 17, 1, 58, 132, 200].map(protocolName)).toEqual(['TCP', 'UDP', 'ICMPv4', 'ICMPv6', 'SCTP', 'IP-200']);
});
