import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Flow } from '#lib/flow/flow.ts';
import { flowToJson } from '#lib/flow/flow-to-json.ts';
import { NO_REDACTION } from '#lib/flow/redact.ts';
import { LIMITS } from '#lib/flow/text.ts';
import { aFlow, anHttpFlow, arbFlow } from '#lib/testing/flows.ts';
import { encodeFlow } from '#lib/demo/encode.ts';
import { FlowDecoder } from './decode.ts';
import { hubbleApi } from './proto.ts';
import { timestampOf } from './request.ts';

const response = hubbleApi().message('observer.GetFlowsResponse');

/** A flow as protobuf's own library encodes it. */
const frameOf = (flow: Flow): Buffer =>
  response.serialize({ flow: protoOf(flow), node_name: flow.nodeName, time: timestampOf(flow.time) });

const protoOf = (flow: Flow): object => ({
  ...flowToJson(flow),
  time: timestampOf(flow.time),
  ...(flow.isReply === undefined ? {} : { is_reply: { value: flow.isReply } }),
});

/** What cannot be told apart on the wire: a zero and nothing. */
const canonical = (flow: Flow): Flow => ({
  ...flow,
  authType: flow.authType === 'DISABLED' ? undefined : flow.authType,
  l4: flow.l4?.protocol === 'TCP' ? { ...flow.l4, flags: flow.l4.flags ?? [] } : flow.l4,
});

const whole = () => new FlowDecoder({ redaction: NO_REDACTION });

const decodedFlow = (frame: Buffer, decoder = whole()): Flow => {
  const decoded = decoder.decode(frame);
  if (decoded.kind !== 'flow') throw new Error(JSON.stringify(decoded));
  return decoded.flow;
};

test('a flow comes out as it went into protobuf', () => {
  fc.assert(
    fc.property(arbFlow, (flow) => {
      expect(decodedFlow(frameOf(flow))).toEqual(canonical(flow));
    }),
  );
});

test('the demo relay encodes flows as protobuf does', () => {
  fc.assert(
    fc.property(arbFlow, (flow) => {
      expect(decodedFlow(encodeFlow(flow, undefined))).toEqual(canonical(flow));
    }),
  );
});

test('one decoder reads many flows without mixing them up', () => {
  const decoder = whole();
  fc.assert(
    fc.property(fc.array(arbFlow, { maxLength: 20 }), (flows) => {
      expect(flows.map((flow) => decodedFlow(frameOf(flow), decoder))).toEqual(flows.map(canonical));
    }),
  );
});

test('equal endpoints and policies are one object', () => {
  const decoder = whole();
  const [first, second] = [aFlow({ uuid: 'a' }), aFlow({ uuid: 'b' })].map((flow) => decodedFlow(frameOf(flow), decoder));
  expect(first?.source).toBe(second?.source);
  expect(first?.destination).toBe(second?.destination);
});

test('a frame cut off anywhere is a flow with less in it, or malformed, but nothing is thrown', () => {
  const decoder = whole();
  const frame = frameOf(anHttpFlow());
  for (let length = 0; length < frame.length; length++) {
    expect(['flow', 'malformed']).toContain(decoder.decode(frame.subarray(0, length)).kind);
  }
  expect(decoder.decode(frame.subarray(0, frame.length >> 1)).kind).toBe('malformed');
});

test('flipped and random bytes throw nothing', () => {
  const decoder = whole();
  fc.assert(
    fc.property(arbFlow, fc.nat(), fc.nat(255), (flow, place, byte) => {
      const frame = Buffer.from(frameOf(flow));
      frame[place % frame.length] = byte;
      expect(decoder.decode(frame)).toBeDefined();
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(decoder.decode(Buffer.from(bytes))).toBeDefined();
    }),
  );
});

test('a malformed frame says what is wrong and how long it was', () => {
  expect(whole().decode(Buffer.from([10, 5, 1]))).toEqual({ kind: 'malformed', reason: 'length beyond the end', sizeBytes: 3 });
  expect(whole().decode(Buffer.alloc(0))).toMatchObject({ kind: 'malformed' });
  expect(whole().decode(Buffer.from([11, 12]))).toMatchObject({ kind: 'malformed', reason: 'wire type 3' });
});

test('fields of a newer Cilium are passed over', () => {
  const flow = aFlow();
  const unknown = Buffer.from([0xf8, 0xff, 0x03, 0x07, 0xfa, 0xff, 0x03, 0x02, 0x61, 0x62]); // 8191: varint, then bytes
  expect(decodedFlow(Buffer.concat([frameOf(flow), unknown]))).toEqual(canonical(flow));
});

test('enum values of a newer Cilium are kept by number, or unknown', () => {
  const body = Buffer.from([0x10, 0x63, 0xc8, 0x01, 0xcf, 0x01, 0xc0, 0x01, 0x37]); // verdict 99, reason 207, trace point 55
  const flow = decodedFlow(Buffer.concat([Buffer.from([0x0a, body.length]), body]));
  expect(flow).toMatchObject({
    verdict: 'VERDICT_UNKNOWN',
    dropReason: 'DROP_REASON_207',
    traceObservationPoint: 'TRACE_POINT_55',
  });
});

test('a label of 10 MB is cut, and is not remembered', () => {
  const decoder = whole();
  const source = { ...aFlow().source, labels: ['x'.repeat(10_000_000)] };
  const before = process.memoryUsage().arrayBuffers;
  const flow = decodedFlow(frameOf(aFlow({ source })), decoder);
  expect(flow.source.labels[0]).toHaveLength(LIMITS.label);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60_000_000); // the frame itself, and protobuf's own work
});

test('more labels than anybody has are left out', () => {
  const labels = Array.from({ length: 10_000 }, (_, i) => `k8s:l${i}=x`);
  expect(decodedFlow(frameOf(aFlow({ source: { ...aFlow().source, labels } }))).source.labels).toHaveLength(LIMITS.labels);
});

test('secrets stay at the door', () => {
  const http = {
    code: 0,
    method: 'GET',
    url: 'http://user:pw@shop/cart?token=secret',
    protocol: 'HTTP/1.1',
    headers: [
      { key: 'Cookie', value: 'secret' },
      { key: 'X-Request-Id', value: '7' },
    ],
  };
  const summary = 'HTTP/1.1 GET http://shop/cart?token=secret';
  const flow = decodedFlow(
    frameOf(anHttpFlow('GET', '', 0, { l7: { type: 'REQUEST', latencyNs: 0, http }, summary })),
    new FlowDecoder(),
  );
  expect(flow.l7?.http).toMatchObject({ url: 'http://shop/cart', headers: [{ key: 'X-Request-Id', value: '7' }] });
  expect(JSON.stringify(flow)).not.toContain('secret');
});

test('labels come from the directory where the stream has none, as soon as they are known', () => {
  const labels = new Map<number, readonly string[]>();
  const decoder = new FlowDecoder({ labelsOf: (identity) => labels.get(identity) });
  const flow = aFlow();
  const masked = { ...flow, source: { ...flow.source, labels: [] } };
  expect(decodedFlow(frameOf(masked), decoder).source.labels).toEqual([]);
  labels.set(flow.source.identity, ['k8s:app=ledger']);
  decoder.forgetEndpoints();
  expect(decodedFlow(frameOf(masked), decoder).source.labels).toEqual(['k8s:app=ledger']);
});

test('node_status and lost_events', () => {
  const time = timestampOf(1_795_000_000_123.456);
  const status = { state_change: 'NODE_ERROR', node_names: ['c/a', 'c/b', 'c/a'], message: 'no' };
  expect(whole().decode(response.serialize({ node_status: status, time }))).toEqual({
    kind: 'node-status',
    status: { time: 1_795_000_000_123.456, state: 'NODE_ERROR', nodeNames: ['c/a', 'c/b'], message: 'no' },
  });
  const lost = { source: 'HUBBLE_RING_BUFFER', num_events_lost: '12236', first: time, last: time };
  expect(whole().decode(response.serialize({ lost_events: lost, node_name: 'c/a', time }))).toEqual({
    kind: 'lost-events',
    lost: {
      time: 1_795_000_000_123.456,
      nodeName: 'c/a',
      source: 'HUBBLE_RING_BUFFER',
      count: 12_236,
      first: 1_795_000_000_123.456,
      last: 1_795_000_000_123.456,
    },
  });
});

test('what the envelope alone says of node and time is taken from there', () => {
  const flow = aFlow();
  const bare = { ...protoOf(flow), time: null, node_name: '' };
  const frame = response.serialize({ flow: bare, node_name: 'c/n', time: timestampOf(flow.time) });
  expect(decodedFlow(frame)).toMatchObject({ nodeName: 'c/n', time: flow.time });
});
