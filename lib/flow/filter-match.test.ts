import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FILTER_CASES } from '#lib/testing/filter-cases.ts';
import { aDnsFlow, aDroppedFlow, aFlow, anEndpoint, anHttpFlow, arbFlow, host, ledger, world } from '#lib/testing/flows.ts';
import { recordedFlows, recordingMissing } from '#lib/testing/recording.ts';
import type { Flow } from './flow.ts';
import { compileFilter } from './filter-match.ts';
import { parseFilter } from './filter-text.ts';

const compiled = (filter: string, labels?: readonly string[]) => {
  const parsed = parseFilter(filter);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join(' '));
  return compileFilter(parsed.query, labels ? { labelsOf: () => labels } : {});
};

const passes = (filter: string, flow: Flow, labels?: readonly string[]): boolean => compiled(filter, labels)(flow);

describe.skipIf(recordingMissing())('on the recording, as many flows pass as Hubble’s own code lets through:', () => {
  const flows = recordingMissing() ? [] : recordedFlows();
  test.each(FILTER_CASES)('$filter', (row) => {
    expect(flows.filter(compiled(row.filter)).length).toBe(row.flows);
  });
});

test('no filter lets everything through; an empty one is refused, for Hubble would do the same with it', () => {
  expect(compileFilter({ include: [], exclude: [] })(aFlow())).toBe(true);
  expect(() => compileFilter({ include: [{}], exclude: [] })).toThrow('every flow');
  expect(() => compileFilter({ include: [], exclude: [{ namespace: [] }] })).toThrow('every flow');
});

test.each([
  [{ ip: ['10.0.0'] }, 'no IP address'],
  [{ httpPath: ['('] }, 'RE2'],
  [{ label: ['a in b'] }, 'label selector'],
  [{ node: ['a/b/c'] }, 'node'],
  [{ protocol: ['quic'] }, 'no protocol'],
  [{ dropReason: ['NOPE'] }, 'no drop reason'],
])('values that Hubble refuses are refused: %j', (filter, message) => {
  expect(() => compileFilter({ include: [filter], exclude: [] })).toThrow(message);
});

test('words for either end mean the same end', () => {
  const toLedger = aFlow({ source: anEndpoint({ namespace: 'gateway' }), destination: ledger });
  expect(passes('ns:payments workload:ledger', toLedger)).toBe(true);
  expect(passes('ns:gateway workload:ledger', toLedger)).toBe(false);
  expect(passes('ns:payments port:9090', toLedger)).toBe(true);
  expect(passes('ns:gateway port:9090', toLedger)).toBe(false);
  expect(passes('ns:gateway to-port:9090', toLedger)).toBe(true);
});

test('a name without a namespace is one of any namespace, and matches by its start', () => {
  expect(passes('pod:ledger', aFlow())).toBe(true);
  expect(passes('to-pod:payments/led*', aFlow())).toBe(true);
  expect(passes('to-pod:edger', aFlow())).toBe(false);
  expect(passes('pod:*', aFlow({ source: world, destination: host }))).toBe(false);
});

test('an unknown reply is neither, but no reply on drops', () => {
  const unknown = aFlow({ isReply: undefined });
  expect([passes('reply:yes', unknown), passes('reply:no', unknown)]).toEqual([false, false]);
  expect([passes('reply:yes', aDroppedFlow()), passes('reply:no', aDroppedFlow())]).toEqual([false, true]);
});

test('drop reasons match DROPPED flows only', () => {
  expect(passes('reason:POLICY_DENIED', aDroppedFlow())).toBe(true);
  expect(passes('reason:POLICY_DENIED', aDroppedFlow({ verdict: 'AUDIT' }))).toBe(false);
  expect(passes('reason:DROP_REASON_207', aDroppedFlow({ dropReason: 'DROP_REASON_207' }))).toBe(true);
  expect(passes('reason:DROP_REASON_133', aDroppedFlow())).toBe(true);
  expect(passes('reason:L7_DENIED', anHttpFlow('GET', '/x', 0, { verdict: 'DROPPED' }))).toBe(true);
});

test('paths are searched decoded and without their query; what Go cannot read matches nothing', () => {
  expect(passes('path:"^/v1/a b$"', anHttpFlow('GET', 'http://h:80/v1/a%20b?c=/d'))).toBe(true);
  expect(passes('path:d', anHttpFlow('GET', 'http://h:80/v1?c=/d'))).toBe(false);
  expect(passes('path:.*', anHttpFlow('GET', 'http://h:80/%zz'))).toBe(false);
  expect(passes('path:.*', anHttpFlow('GET', 'http://h:80/a\r\nb'))).toBe(false);
});

test('statuses are exact or a class; requests have none', () => {
  expect(passes('status:404', anHttpFlow('GET', '/x', 404))).toBe(true);
  expect(passes('status:4xx', anHttpFlow('GET', '/x', 404))).toBe(true);
  expect(passes('status:41+', anHttpFlow('GET', '/x', 404))).toBe(false);
  expect(passes('status:4+', anHttpFlow('GET', '/x'))).toBe(false);
});

test('ports are those of TCP, UDP and SCTP', () => {
  const echo = aFlow({ l4: { protocol: 'ICMPv4', sourcePort: 0, destinationPort: 0, icmpType: 8, icmpCode: 0 } });
  expect(passes('port:0', echo)).toBe(false);
  expect(passes('proto:icmp', echo)).toBe(true);
  expect(passes('proto:icmpv6', echo)).toBe(false);
});

test('all flags of one value must be set, and one value is enough', () => {
  const flow = aFlow({ l4: { protocol: 'TCP', sourcePort: 1, destinationPort: 2, flags: ['SYN', 'ACK'] } });
  expect([passes('flag:ack', flow), passes('flag:SYN+FIN', flow), passes('flag:RST,SYN+ACK', flow)]).toEqual([true, false, true]);
});

test('a node name without a cluster belongs to the cluster default', () => {
  expect(passes('node:default/node-1', aFlow({ nodeName: 'node-1' }))).toBe(true);
  expect(passes('node:other/node-1', aFlow({ nodeName: 'node-1' }))).toBe(false);
});

test('labels may come from a directory when the stream is masked', () => {
  const masked = aFlow({ source: anEndpoint({ labels: [] }), destination: anEndpoint({ labels: [] }) });
  expect(passes('label:app=ledger', masked)).toBe(false);
  expect(passes('label:app=ledger', masked, ['k8s:app=ledger'])).toBe(true);
});

test('DNS queries are searched for by a regular expression that cannot hang', () => {
  expect(passes('dns:example', aDnsFlow('api.example.com.'))).toBe(true);
  expect(passes('dns:"(a+)+$"', aDnsFlow(`${'a'.repeat(200)}!`))).toBe(false);
});

const arbFilter = fc.constantFrom(
  ...FILTER_CASES.map(({ filter }) => filter).filter((filter) => !filter.includes(' or ') && !filter.includes('-')),
);

test('or is either, a dash takes away', () => {
  fc.assert(
    fc.property(arbFlow, arbFilter, arbFilter, (flow, a, b) => {
      expect(passes(`${a} or ${b}`, flow)).toBe(passes(a, flow) || passes(b, flow));
      expect(passes(`${a} -(${b})`, flow)).toBe(passes(a, flow) && !passes(b, flow));
    }),
  );
});
