import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileFilter } from '#lib/flow/filter-match.ts';
import { parseFilter } from '#lib/flow/filter-text.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { aFlow, anEndpoint, arbFlow, ledger, world } from '#lib/testing/flows.ts';
import { flowPairFilter, pairFilter, pairOfFlow } from './peer-terms.ts';
import { mapSelection } from './map-selection.ts';

test.each([
  ['gateway/web-bff', 'payments/ledger', 'TCP', 9090, 'from-workload:gateway/web-bff to-workload:payments/ledger to-port:9090'],
  [
    'entity:world',
    'payments/ledger',
    'TCP',
    443,
    'from-identity:world,world-ipv4,world-ipv6 to-workload:payments/ledger to-port:443',
  ],
  ['host', 'fqdn:api.example.com', 'ICMPv4', 0, 'from-identity:host to-fqdn:api.example.com proto:icmpv4'],
  ['cidr:203.0.113.0/24', '10.0.3.231', 'UDP', 53, 'from-ip:203.0.113.0/24 to-ip:10.0.3.231 to-port:53'],
  ['unknown', 'identity:60417', 'NONE', 0, 'to-identity:60417'],
])('%s to %s %s/%i is selected by %s', (source, destination, protocol, port, expected) => {
  const filter = pairFilter(source, destination, protocol, port);
  expect(filter).toBe(expected);
  expect(parseFilter(filter).ok).toBe(true);
});

test('a reply belongs to the pair of its request', () => {
  const request = aFlow();
  const reply = aFlow({
    source: request.destination,
    destination: request.source,
    l4: { protocol: 'TCP', sourcePort: 9090, destinationPort: 32984 },
    isReply: true,
  });
  expect(pairOfFlow(reply)).toEqual(pairOfFlow(request));
  expect(mapSelection(reply)).toBe('payments/checkout-api->payments/ledger:TCP/9090');
});

test('a pod of no controller is named as a pod, since it has no workload for Hubble', () => {
  const flow = aFlow({ source: anEndpoint({ podName: 'debug-shell', workload: undefined }) });
  const filter = flowPairFilter(flow);
  expect(filter).toBe('from-pod:payments/debug-shell to-workload:payments/ledger to-port:9090');
  expect(passes(filter, flow)).toBe(true);
});

test('an outside address is the map’s address group', () => {
  const flow = aFlow({
    source: world,
    destination: ledger,
    ip: { source: '203.0.113.99', destination: '10.0.2.40', sourceXlated: '', version: 4, encrypted: false },
  });
  expect(mapSelection(flow)).toBe('cidr:203.0.113.0/24->payments/ledger:TCP/9090');
});

test('a name whose slash would be taken for the one after a namespace is not put into a filter', () => {
  const hostile = { name: '<script>alert(1)</script>', kind: 'Deployment' };
  const flow = aFlow({ source: anEndpoint({ namespace: '', podName: '', workload: hostile, identity: 24_110 }) });
  const filter = flowPairFilter(flow);
  expect(filter).toBe('from-identity:24110 to-workload:payments/ledger to-port:9090');
  expect(passes(filter, flow)).toBe(true);
});

/** Whether the flow passes; a filter that no text can write lets everything pass. */
function passes(filter: string, flow: Flow): boolean {
  const parsed = parseFilter(filter);
  return !parsed.ok || compileFilter(parsed.query)(flow);
}

test('the filter of a flow’s pair selects the flow, wherever it can be written', () => {
  fc.assert(
    fc.property(arbFlow, (flow) => {
      // Kubernetes has no pod without a namespace, and a reply runs against its pair.
      fc.pre(flow.isReply !== true);
      fc.pre([flow.source, flow.destination].every(({ podName, namespace }) => podName === '' || namespace !== ''));
      expect(passes(flowPairFilter(flow), flow)).toBe(true);
    }),
  );
});
