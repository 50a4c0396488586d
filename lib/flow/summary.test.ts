import { expect, test } from 'vitest';
import { aDnsFlow, aFlow, anHttpFlow } from '#lib/testing/flows.ts';
import { flowKey } from './flow-key.ts';
import { summaryOf } from './summary.ts';

const l4 = (fields: object) => aFlow({ l4: { protocol: 'TCP', sourcePort: 1, destinationPort: 2, ...fields } });

test.each([
  ['GET /v1/orders', anHttpFlow('GET', 'http://ledger:9090/v1/orders?x=1')],
  ['GET /v1/orders → 503 12 ms', anHttpFlow('GET', 'http://ledger:9090/v1/orders', 503)],
  ['DNS A api.example.com', aDnsFlow()],
  ['DNS A api.example.com → NXDOMAIN', aDnsFlow('api.example.com.', 3)],
  ['DNS A api.example.com → RCODE24', aDnsFlow('api.example.com.', 24)],
  ['DNS A api.example.com → no records', aDnsFlow('api.example.com.', 0)],
  ['TCP SYN, ACK', l4({ flags: ['SYN', 'ACK'] })],
  ['TCP', l4({})],
  ['ICMPv4 echo request', l4({ protocol: 'ICMPv4', icmpType: 8, icmpCode: 0 })],
  ['ICMPv6 neighbor solicitation', l4({ protocol: 'ICMPv6', icmpType: 135, icmpCode: 0 })],
  ['ICMPv4 type 77', l4({ protocol: 'ICMPv4', icmpType: 77, icmpCode: 0 })],
  ['Ethernet', aFlow({ l4: undefined })],
  [
    'Kafka produce orders → error 3 1.5 s',
    aFlow({
      l7: {
        type: 'RESPONSE',
        latencyNs: 1.5e9,
        kafka: { errorCode: 3, apiVersion: 1, apiKey: 'produce', correlationId: 1, topic: 'orders' },
      },
    }),
  ],
])('%s', (summary, flow) => expect(summaryOf(flow)).toBe(summary));

test('a flow is known by its uuid, without one by what it is', () => {
  expect(flowKey(aFlow())).toBe('18ea69c0-9145-4f7b-8000-000000000001');
  const bare = aFlow({ uuid: '' });
  expect(flowKey({ ...bare })).toBe(flowKey(bare));
  expect(flowKey(aFlow({ uuid: '', time: bare.time + 0.001 }))).not.toBe(flowKey(bare));
  expect(flowKey(aFlow({ uuid: '', verdict: 'DROPPED' }))).not.toBe(flowKey(bare));
});
