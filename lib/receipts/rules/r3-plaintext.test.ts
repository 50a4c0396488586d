import { describe, expect, test } from 'vitest';
import type { Flow } from '#lib/flow/flow.ts';
import { aFlow, host, world } from '#lib/testing/flows.ts';
import { anEndpoint } from '#lib/testing/flows.ts';
import { aRuleContext, aSample, podObjects, type RulesCluster } from '#lib/testing/rules.ts';
import { type DeviceTraces, notDue, plaintext } from './r3-plaintext.ts';

const atDevice = (more: Partial<Flow> = {}): Flow =>
  aFlow({ traceObservationPoint: 'TO_NETWORK', isReply: undefined, trafficDirection: 'TRAFFIC_DIRECTION_UNKNOWN', ...more });
const traces = (more: Partial<DeviceTraces> = {}): DeviceTraces => ({
  inClear: [aSample(atDevice())],
  toCrypto: 10,
  toNetwork: 10,
  lossy: new Set(),
  forgot: false,
  ...more,
});
const ENCRYPTED_BIT = { source: '10.0.4.33', destination: '10.0.2.40', sourceXlated: '', version: 4 as const, encrypted: true };

describe('R3, plaintext where encryption is due', () => {
  test('fires for pods of two nodes with keys, seen at a network device', () =>
    expect(plaintext(traces(), aRuleContext())).toMatchObject({
      sightings: [{ severity: 'confirmed', subject: 'payments/checkout-api → payments/ledger TCP/9090' }],
      notEvaluable: [],
      looked: 20,
    }));

  test('an answer is told of the connection that it belongs to', () => {
    const { source, destination } = aFlow();
    const answer = atDevice({
      source: destination,
      destination: source,
      l4: { protocol: 'TCP', sourcePort: 9090, destinationPort: 40_001, flags: ['SYN', 'ACK'] },
    });
    const [sighting] = plaintext(traces({ inClear: [aSample(answer)] }), aRuleContext()).sightings;
    expect(sighting?.subject).toBe('payments/checkout-api → payments/ledger TCP/9090');
  });

  test('is only suspected where the node lost events or connections were forgotten', () => {
    const severity = (more: Partial<DeviceTraces>) => plaintext(traces(more), aRuleContext()).sightings[0]?.severity;
    expect(severity({ lossy: new Set(['ip-10-20-2-11']) })).toBe('suspected');
    expect(severity({ forgot: true })).toBe('suspected');
  });

  const sameNode = podObjects(anEndpoint(), '10.0.4.33', 'ip-10-20-2-11');
  test.each<{ name: string; flow?: Flow; cluster?: RulesCluster; why: string }>([
    { name: 'a packet with the encrypt bit', flow: atDevice({ ip: ENCRYPTED_BIT }), why: 'marked' },
    { name: 'pods of one node', cluster: { objects: sameNode }, why: 'same-node' },
    { name: 'a host', flow: atDevice({ source: host }), why: 'not-pods' },
    { name: 'a peer outside', flow: atDevice({ destination: world }), why: 'not-pods' },
    { name: 'a pod that is not Cilium’s', flow: atDevice({ source: anEndpoint({ podName: 'other' }) }), why: 'not-pods' },
    { name: 'WireGuard off', cluster: { config: { 'enable-wireguard': 'false' } }, why: 'off' },
    { name: 'nodes whose keys are not known', cluster: { unreadable: ['CiliumNode'] }, why: 'no-key' },
  ])('does not fire for $name', ({ flow = atDevice(), cluster = {}, why }) => {
    const context = aRuleContext(cluster);
    expect(notDue(flow, context.inventory)).toBe(why);
    expect(plaintext(traces({ inClear: [aSample(flow)] }), context).sightings).toEqual([]);
  });

  test('a Cilium without the trace point cannot be judged, and is said so', () => {
    const report = plaintext(traces({ toCrypto: 0 }), aRuleContext());
    expect(report.sightings).toEqual([]);
    expect(report.notEvaluable[0]).toContain('lacks the trace point');
  });

  test.each([
    { cluster: { config: { 'enable-wireguard': 'false' } }, why: 'WireGuard is off' },
    { cluster: { unreadable: ['CiliumNode'] }, why: 'CiliumNode objects cannot be read' },
  ])('says why silence means nothing: $why', ({ cluster, why }) =>
    expect(plaintext(traces({ inClear: [] }), aRuleContext(cluster)).notEvaluable[0]).toContain(why),
  );
});
