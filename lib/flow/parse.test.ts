import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aFlow, anHttpFlow, arbFlow } from '#lib/testing/flows.ts';
import { linesOf, RECORDED_DROPS, RECORDED_EVENTS, recordedFlows, RECORDING, recordingMissing } from '#lib/testing/recording.ts';
import type { Flow } from './flow.ts';
import { eventToLine, flowToLine } from './flow-to-json.ts';
import { parseLine } from './parse.ts';
import { NO_REDACTION } from './redact.ts';
import { LIMITS } from './text.ts';

const flowIn = (line: string, onUnknown?: (what: string) => void): Flow => {
  const parsed = parseLine(line, { redaction: NO_REDACTION, ...(onUnknown && { onUnknown }) });
  if (!parsed.ok || parsed.event.kind !== 'flow') throw new Error(`no flow: ${JSON.stringify(parsed)}`);
  return parsed.event.flow;
};

const flowLine = (fields: object): string => JSON.stringify({ flow: { time: '2026-03-02T14:00:00Z', ...fields } });

test('a flow written as an exporter line is read back the same', () => {
  fc.assert(
    fc.property(arbFlow, (flow) => {
      expect(flowIn(flowToLine(flow))).toEqual(flow);
    }),
  );
});

test('both field spellings are one', () => {
  const snake =
    '{"flow":{"time":"2026-03-02T14:00:00.5Z","node_name":"c/n","is_reply":false,"IP":{"source":"10.0.0.1","ipVersion":"IPv4","source_xlated":"10.1.1.1"},"event_type":{"type":4,"sub_type":11},"source":{"ID":7,"pod_name":"a","cluster_name":"c"},"drop_reason_desc":"POLICY_DENIED","Type":"L3_L4"}}';
  const camel = snake.replaceAll(/"([a-z]+(?:_[a-z]+)+)"(?=:)/g, (name) =>
    name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  );
  expect(camel).toContain('"isReply":false');
  expect(flowIn(camel)).toEqual(flowIn(snake));
  expect(flowIn(snake)).toMatchObject({
    nodeName: 'c/n',
    isReply: false,
    ip: { sourceXlated: '10.1.1.1' },
    eventType: { type: 4, subType: 11 },
    source: { podName: 'a' },
  });
});

test('64-bit numbers are strings, and numbers that are strings are numbers', () => {
  const flow = flowIn(
    flowLine({
      Type: 'L7',
      l7: { type: 'RESPONSE', latency_ns: '802289', http: { code: '200' } },
      egress_allowed_by: [{ name: 'p', revision: '47' }],
    }),
  );
  expect(flow.l7).toMatchObject({ latencyNs: 802_289, http: { code: 200 } });
  expect(flow.egressAllowedBy[0]?.revision).toBe(47);
});

test('enums are names or numbers; unknown ones are kept as they can be, and told', () => {
  const told: string[] = [];
  const flow = flowIn(
    flowLine({
      verdict: 2,
      drop_reason_desc: 207,
      Type: 'L9',
      traffic_direction: 'SIDEWAYS',
      trace_observation_point: 11,
      brand_new: 1,
    }),
    (what) => told.push(what),
  );
  expect(flow).toMatchObject({
    verdict: 'DROPPED',
    dropReason: 'DROP_REASON_207',
    type: 'UNKNOWN_TYPE',
    trafficDirection: 'TRAFFIC_DIRECTION_UNKNOWN',
    traceObservationPoint: 'TO_NETWORK',
  });
  expect(told).toEqual(['field flow.brand_new', 'Type "L9"', 'traffic_direction "SIDEWAYS"']);
});

test.each([
  ['an old number of a drop reason', { drop_reason: 133 }, 'POLICY_DENIED'],
  ['a name that only a newer Cilium knows', { drop_reason_desc: 'BRAND_NEW' }, 'BRAND_NEW'],
  ['none', {}, undefined],
  ['the zero value', { drop_reason_desc: 'DROP_REASON_UNKNOWN' }, undefined],
])('drop reason: %s', (_, fields, reason) => expect(flowIn(flowLine(fields)).dropReason).toBe(reason));

test('is_reply is three-valued; the old reply only says yes', () => {
  const replies = [{ is_reply: true }, { is_reply: false }, {}, { reply: true }, { reply: false }].map(
    (fields) => flowIn(flowLine(fields)).isReply,
  );
  expect(replies).toEqual([true, false, undefined, true, undefined]);
});

test('times keep their microseconds, and any zone', () => {
  const time = (text: string) => flowIn(JSON.stringify({ flow: { time: text } })).time;
  expect(time('2026-03-02T14:00:00.000851999Z')).toBe(Date.UTC(2026, 2, 2, 14) + 0.851);
  expect(time('2026-03-02T16:00:00+02:00')).toBe(Date.UTC(2026, 2, 2, 14));
});

test('an empty l7 of a field mask is no L7 record', () => {
  expect(flowIn(flowLine({ Type: 'L3_L4', l7: { http: {} } })).l7).toBeUndefined();
});

test('a flow without a time takes that of its envelope, and without either is none', () => {
  expect(flowIn('{"flow":{},"time":"2026-03-02T14:00:00Z","node_name":"c/n"}')).toMatchObject({
    time: Date.UTC(2026, 2, 2, 14),
    nodeName: 'c/n',
  });
  expect(parseLine('{"flow":{"verdict":"DROPPED"}}')).toEqual({ ok: false, reason: 'the flow has no time that can be read' });
});

test('a bare flow, as older clients print it, is a flow', () => {
  expect(flowIn('{"time":"2026-03-02T14:00:00Z","verdict":"FORWARDED"}').verdict).toBe('FORWARDED');
});

describe('lines that are none', () => {
  test.each([
    [
      'half a line',
      '{"flow":{"time":"2026-03-02T14:00:00Z","uu',
      { reason: 'the line ends in the middle of its JSON', column: 43 },
    ],
    ['no JSON', '{"flow": oops}', { reason: 'the line is not JSON', column: 10 }],
    ['JSON, but a list', '[1]', { reason: 'the line is JSON, but no object', column: 1 }],
    ['something else', '{"hello":1}', { reason: 'the line is JSON, but holds no flow, node status or lost events', column: 1 }],
    ['an empty line', '  ', { reason: 'the line is empty', ignored: true }],
    [
      'an agent event',
      '{"agent_event":{"type":"AGENT_STARTED"}}',
      { reason: 'agent and debug events are not kept', ignored: true },
    ],
    [
      'a label of 10 MB',
      flowLine({ source: { labels: ['x'.repeat(10_000_000)] } }),
      { reason: 'the line is longer than 1048576 characters' },
    ],
  ])('%s', (_, line, problem) => expect(parseLine(line)).toEqual({ ok: false, ...problem }));

  test('the reason never repeats the line, which is hostile', () => {
    const parsed = parseLine('{"flow": <script>\u001b[31m}');
    expect(JSON.stringify(parsed)).not.toMatch(/script|\\u001b/);
  });
});

test('no JSON whatever makes it throw', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(parseLine(json)).toHaveProperty('ok');
    }),
  );
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(parseLine(`{"flow":${json},"time":"2026-03-02T14:00:00Z"}`)).toHaveProperty('ok');
    }),
  );
  expect(parseLine('['.repeat(500_000))).toHaveProperty('ok', false);
});

test('fields of a wrong type are as if absent', () => {
  const wrong = {
    verdict: {},
    source: 'x',
    l4: [],
    IP: 5,
    source_names: 'a',
    egress_allowed_by: [1, null],
    event_type: 'x',
    uuid: 4,
    Type: null,
  };
  expect(flowIn(flowLine(wrong))).toEqual(flowIn(flowLine({})));
});

test('__proto__ and constructor are names like any other', () => {
  const line =
    '{"flow":{"time":"2026-03-02T14:00:00Z","__proto__":{"verdict":"DROPPED"},"source":{"labels":["k8s:__proto__=x"],"constructor":{"x":1}}},"__proto__":{"polluted":true}}';
  const flow = flowIn(line);
  expect(flow.verdict).toBe('VERDICT_UNKNOWN');
  expect(flow.source.labels).toEqual(['k8s:__proto__=x']);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('texts and lists are bounded, and hold nothing a database refuses', () => {
  const flow = flowIn(
    flowLine({
      source: { labels: Array.from({ length: 500 }, () => 'l'.repeat(1500)), pod_name: 'a\0b\ud800' },
      uuid: 'u'.repeat(9999),
    }),
  );
  expect(flow.source.labels).toHaveLength(LIMITS.labels);
  expect(flow.source.labels[0]).toHaveLength(LIMITS.label);
  expect(flow.source.podName).toBe('a\ufffdb\ufffd');
  expect(flow.uuid).toHaveLength(LIMITS.name);
});

test('secrets are taken out by default, also from the summary', () => {
  const secret = { key: 'Authorization', value: 'Bearer hunter2' };
  const flow = anHttpFlow('GET', 'http://user:hunter2@ledger:9090/v1/orders?token=hunter2#x', 200);
  const http = { ...flow.l7?.http, headers: [secret, { key: 'X-Request-Id', value: '7' }] };
  const line = flowToLine({
    ...flow,
    l7: { ...flow.l7, http },
    summary: 'HTTP/1.1 GET http://ledger:9090/v1/orders?token=hunter2',
  } as Flow);
  const parsed = parseLine(line);
  expect(JSON.stringify(parsed)).not.toContain('hunter2');
  expect(parsed).toMatchObject({
    ok: true,
    event: {
      flow: {
        summary: 'GET /v1/orders → 200 12 ms',
        l7: { http: { url: 'http://ledger:9090/v1/orders', headers: [{ key: 'X-Request-Id', value: '7' }] } },
      },
    },
  });
});

test('node status and lost events are written and read back the same', () => {
  const status = {
    kind: 'node-status',
    status: { time: 1_772_460_000_000, state: 'NODE_ERROR', nodeNames: ['c/n'], message: 'gone' },
  } as const;
  const lost = {
    kind: 'lost-events',
    lost: { time: 1_772_460_000_000.5, nodeName: 'c/n', source: 'HUBBLE_RING_BUFFER', count: 3034, first: 1, last: undefined },
  } as const;
  expect([status, lost].map((event) => parseLine(eventToLine(event)))).toEqual([
    { ok: true, event: status },
    { ok: true, event: lost },
  ]);
  expect(parseLine(eventToLine({ kind: 'flow', flow: aFlow() }))).toEqual({ ok: true, event: { kind: 'flow', flow: aFlow() } });
});

describe.skipIf(recordingMissing())('the recording', () => {
  const count = (values: readonly unknown[]) =>
    Object.fromEntries([...new Set(values)].map((value) => [String(value), values.filter((other) => other === value).length]));

  test('every line of every file is read', () => {
    const unknown: string[] = [];
    for (const file of [RECORDING, RECORDED_DROPS, RECORDED_EVENTS]) {
      const failed = linesOf(file)
        .map((line) => parseLine(line, { onUnknown: (what) => unknown.push(what) }))
        .filter(({ ok }) => !ok);
      expect(failed).toEqual([]);
    }
    expect(unknown).toEqual([]);
    expect(linesOf(RECORDED_EVENTS).map((line) => parseLine(line))).toMatchObject([
      ...Array.from({ length: 6 }, () => ({ event: { kind: 'node-status' } })),
      ...[42, 42, 7, 3034].map((lost) => ({ event: { kind: 'lost-events', lost: { count: lost } } })),
    ]);
  });

  test('its counts are those its README gives', () => {
    const flows = recordedFlows();
    expect(flows).toHaveLength(5001);
    expect(count(flows.map(({ verdict }) => verdict))).toEqual({
      FORWARDED: 4262,
      DROPPED: 355,
      REDIRECTED: 354,
      TRACED: 11,
      TRANSLATED: 11,
      AUDIT: 5,
      ERROR: 3,
    });
    expect(count(flows.map(({ type }) => type))).toEqual({ L3_L4: 4272, L7: 707, SOCK: 22 });
    expect(count(flows.map(({ eventType }) => eventType.type))).toEqual({ 4: 2854, 5: 1235, 129: 707, 1: 183, 7: 22 });
    expect(count(flows.flatMap(({ traceObservationPoint }) => traceObservationPoint ?? []))).toEqual({
      TO_ENDPOINT: 1061,
      TO_STACK: 955,
      TO_PROXY: 294,
      TO_OVERLAY: 246,
      TO_CRYPTO: 243,
      TO_NETWORK: 55,
    });
    expect(count(flows.flatMap(({ dropReason }) => dropReason ?? []))).toMatchObject({
      POLICY_DENIED: 268,
      POLICY_DENY: 44,
      AUTH_REQUIRED: 10,
      STALE_OR_UNROUTABLE_IP: 4,
    });
    expect(count(flows.map(({ isReply }) => isReply))).toEqual({ false: 3156, true: 1181, undefined: 664 });
    expect(flows.filter(({ l7 }) => l7?.http)).toHaveLength(386);
    expect(flows.filter(({ l7 }) => l7?.dns)).toHaveLength(273);
    expect(flows.filter(({ l7 }) => l7?.kafka)).toHaveLength(48);
    expect(flows.filter(({ authType }) => authType === 'SPIRE')).toHaveLength(125);
    expect(flows.filter(({ ip }) => ip?.encrypted)).toHaveLength(53);
    expect(flows.filter(({ egressAllowedBy }) => egressAllowedBy.length > 0)).toHaveLength(627);
    expect(flows.filter(({ ingressAllowedBy }) => ingressAllowedBy.length > 0)).toHaveLength(442);
    expect(flows.filter(({ egressDeniedBy }) => egressDeniedBy.length > 0)).toHaveLength(9);
    expect(flows.filter(({ ingressDeniedBy }) => ingressDeniedBy.length > 0)).toHaveLength(13);
  });

  test('each of its flows survives being written and read', () => {
    const flows = recordedFlows();
    expect(flows.map((flow) => flowIn(flowToLine(flow)))).toEqual(flows);
  });
});
