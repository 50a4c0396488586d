import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RelayTarget } from '#lib/api/clusters.ts';
import { compileFilter } from '#lib/flow/filter-match.ts';
import { toProtoFilters } from '#lib/flow/filter-proto.ts';
import { parseFilter } from '#lib/flow/filter-text.ts';
import type { Flow, StreamEvent } from '#lib/flow/flow.ts';
import { parseLine } from '#lib/flow/parse.ts';
import { NO_REDACTION } from '#lib/flow/redact.ts';
import { FILTER_CASES } from '#lib/testing/filter-cases.ts';
import { type Hubble, hubbleMissing, startHubble } from '#lib/testing/hubble.ts';
import { RECORDING, recordingMissing } from '#lib/testing/recording.ts';
import { connectRelay, type RelayClient } from './client.ts';
import { FlowDecoder } from './decode.ts';
import { followStatus } from './follow-status.ts';
import { type FollowOptions, followRelay } from './follow.ts';
import type { FlowsRequest } from './request.ts';

/** For what becomes true before long. */
const PATIENT = { timeout: 45_000, interval: 200 };

async function collect(relay: RelayClient, request: FlowsRequest): Promise<Flow[]> {
  const flows: Flow[] = [];
  const decoder = new FlowDecoder({ redaction: NO_REDACTION });
  for await (const batch of relay.getFlows(request, AbortSignal.timeout(60_000), { decoder })) {
    for (const event of batch) if (event.kind === 'flow') flows.push(event.flow);
  }
  return flows;
}

function follow(target: RelayTarget, options: FollowOptions = {}) {
  const flows: Flow[] = [];
  const events: StreamEvent[] = [];
  const status = followStatus();
  const stop = new AbortController();
  const running = (async () => {
    for await (const batch of followRelay(target, { ...options, status }, stop.signal)) {
      for (const event of batch) {
        if (event.kind === 'flow') flows.push(event.flow);
        else events.push(event);
      }
    }
  })();
  const end = async () => {
    stop.abort();
    await running;
  };
  return { flows, events, status, end };
}

const lineFlows = (lines: string): Flow[] =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const parsed = parseLine(line, { redaction: NO_REDACTION });
      return parsed.ok && parsed.event.kind === 'flow' ? [parsed.event.flow] : [];
    });

const byUuid = (flows: readonly Flow[]) => new Map(flows.map((flow) => [flow.uuid, flow]));
const uuidsBetween = (flows: readonly Flow[], from: number, to: number): string[] =>
  flows
    .filter(({ time }) => time >= from && time <= to)
    .map(({ uuid }) => uuid)
    .toSorted();

/** What the agents hold of a time, as the real client prints it. */
async function observed(hubble: Hubble, from: number, to: number): Promise<string[]> {
  return uuidsBetween(lineFlows(await hubble.observe('--since', '30m', '-o', 'jsonpb')), from, to);
}

describe.skipIf(hubbleMissing())('with the real hubble-relay', () => {
  let hubble: Hubble;
  let target: RelayTarget;

  beforeAll(async () => {
    hubble = await startHubble({ rate: 200, nodes: 4 });
    target = { address: hubble.relay, tls: false };
  });
  afterAll(() => hubble.stop());

  test('the decoder gives what the client prints', async () => {
    const relay = connectRelay(target);
    try {
      await expect.poll(async () => (await relay.serverStatus()).numFlows, PATIENT).toBeGreaterThan(1500);
      const printed = byUuid(lineFlows(await hubble.observe('--last', '400', '-o', 'jsonpb')));
      const decoded = byUuid(await collect(relay, {}));
      expect(printed.size).toBeGreaterThan(1000);
      for (const [uuid, flow] of printed) {
        const tcp = flow.l4?.protocol === 'TCP' ? { ...flow.l4, flags: flow.l4.flags ?? [] } : flow.l4;
        expect(decoded.get(uuid)).toEqual({ ...flow, l4: tcp });
      }
    } finally {
      relay.close();
    }
  });

  test('status, nodes, namespaces, and one flow in full', async () => {
    const relay = connectRelay(target);
    try {
      expect(await relay.serverStatus()).toMatchObject({ connectedNodes: 4, unavailableNodes: 0 });
      const nodes = await relay.nodes();
      expect(nodes.map(({ state }) => state)).toEqual(Array.from({ length: 4 }, () => 'NODE_CONNECTED'));
      expect((await relay.namespaces()).map(({ namespace }) => namespace)).toContain('payments');
      const [flow] = await collect(relay, { number: 1 });
      const again = await relay.flowByUuid(flow?.uuid ?? '');
      expect(again?.uuid).toBe(flow?.uuid);
      expect(await relay.flowByUuid('00000000-0000-4000-8000-000000000000')).toBeUndefined();
    } finally {
      relay.close();
    }
  });

  test('a filter that no agent takes is an event, not an end', async () => {
    const relay = connectRelay(target);
    try {
      const events: StreamEvent[] = [];
      const request = { whitelist: [{ source_ip: ['nonsense'] }] };
      for await (const batch of relay.getFlows(request, AbortSignal.timeout(15_000))) events.push(...batch);
      expect(events.some((event) => event.kind === 'node-status' && event.status.state === 'NODE_ERROR')).toBe(true);
    } finally {
      relay.close();
    }
  });

  test('a relay killed and started again loses and doubles nothing, and a quiet stream is not late', async () => {
    const following = follow(target);
    await expect.poll(() => following.status.state, PATIENT).toBe('live');
    await expect.poll(() => following.flows.length, PATIENT).toBeGreaterThan(400);
    const from = Math.max(...following.flows.slice(0, 50).map(({ time }) => time));
    const restart = await hubble.killRelay();
    await expect.poll(() => following.status.state, PATIENT).toBe('reconnecting');
    await sleep(2000);
    await restart();
    await expect.poll(() => following.status.state, PATIENT).toBe('live');
    const count = following.flows.length;
    await expect.poll(() => following.flows.length, PATIENT).toBeGreaterThan(count + 400);
    const to = Math.max(...following.flows.map(({ time }) => time)) - 1500;
    expect(Date.now() - Math.max(...following.flows.map(({ time }) => time))).toBeLessThan(1500);
    await following.end();
    expect(uuidsBetween(following.flows, from, to)).toEqual(await observed(hubble, from, to));
    expect(following.events.filter(({ kind }) => kind === 'gap')).toEqual([]);
  });

  test('a node that goes and comes back, with its memory, loses nothing', async () => {
    const following = follow(target);
    await expect.poll(() => following.status.state, PATIENT).toBe('live');
    await expect.poll(() => following.flows.length, PATIENT).toBeGreaterThan(200);
    const from = Math.max(...following.flows.slice(0, 50).map(({ time }) => time));
    await hubble.control('down?node=ip-10-20-2-11');
    await expect.poll(() => following.status.nodes.some(({ state }) => state !== 'NODE_CONNECTED'), PATIENT).toBe(true);
    await hubble.control('up?node=ip-10-20-2-11');
    await expect.poll(() => following.status.nodes.every(({ state }) => state === 'NODE_CONNECTED'), PATIENT).toBe(true);
    const back = Date.now();
    await expect
      .poll(() => following.flows.some(({ nodeName, time }) => nodeName.endsWith('2-11') && time > back + 500), PATIENT)
      .toBe(true);
    const to = back - 1000;
    await expect
      .poll(async () => {
        const expected = await observed(hubble, from, to);
        return expected.length - uuidsBetween(following.flows, from, to).length;
      }, PATIENT)
      .toBe(0);
    await following.end();
    expect(uuidsBetween(following.flows, from, to)).toEqual(await observed(hubble, from, to));
  });

  test('a node removed and added again is followed again', async () => {
    const following = follow(target);
    await expect.poll(() => following.status.state, PATIENT).toBe('live');
    await hubble.control('peer?node=ip-10-20-3-11&type=deleted');
    await expect.poll(() => following.status.nodes.length, PATIENT).toBe(3);
    await hubble.control('peer?node=ip-10-20-3-11&type=added');
    await expect.poll(() => following.status.nodes.length, PATIENT).toBe(4);
    const back = Date.now();
    await expect
      .poll(() => following.flows.some(({ nodeName, time }) => nodeName.endsWith('3-11') && time > back + 500), PATIENT)
      .toBe(true);
    await following.end();
  });

  test('lost events are told once', async () => {
    const following = follow(target);
    await expect.poll(() => following.status.state, PATIENT).toBe('live');
    await hubble.control('lost?node=ip-10-20-1-11&n=42&source=perf');
    const told = () => following.events.filter((event) => event.kind === 'lost-events' && event.lost.count === 42);
    await expect.poll(told, PATIENT).toHaveLength(1);
    expect(told()[0]).toMatchObject({ lost: { source: 'PERF_EVENT_RING_BUFFER', nodeName: expect.stringContaining('1-11') } });
    await following.end();
  });
});

test.skipIf(hubbleMissing())('mutual TLS to the real relay, and what it says without', async () => {
  const hubble = await startHubble({ rate: 50, nodes: 2, mtls: true });
  try {
    const { ca, cert, key, serverName } = hubble.tls ?? { ca: '', cert: '', key: '', serverName: '' };
    const target = { address: hubble.relay, tls: true, tlsCaFile: ca, tlsServerName: serverName };
    const good = connectRelay({ ...target, tlsCertFile: cert, tlsKeyFile: key });
    expect((await good.nodes()).length).toBe(2);
    good.close();
    const anonymous = connectRelay(target);
    await expect(anonymous.nodes()).rejects.toMatchObject({
      code: 'relay-tls',
      message: expect.stringContaining('client certificate'),
    });
    anonymous.close();
    const plain = connectRelay({ address: hubble.relay, tls: false });
    await expect(plain.nodes()).rejects.toMatchObject({ code: 'relay-tls', message: expect.stringContaining('expects TLS') });
    plain.close();
  } finally {
    hubble.stop();
  }
});

describe.skipIf(hubbleMissing() ?? recordingMissing())('filters at the real relay', () => {
  let hubble: Hubble;
  let relay: RelayClient;
  let all: ReadonlyMap<string, Flow>;

  beforeAll(async () => {
    hubble = await startHubble({ nodes: 4, rate: 0, replay: RECORDING });
    relay = connectRelay({ address: hubble.relay, tls: false });
    while ((await relay.serverStatus()).numFlows < 4990) await sleep(100);
    all = byUuid(await collect(relay, {}));
  });
  afterAll(() => {
    relay.close();
    hubble.stop();
  });

  test.each(FILTER_CASES)('$filter lets through the same flows as in this process', async ({ filter }) => {
    const parsed = parseFilter(filter);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const expected = [...all.values()].filter(compileFilter(parsed.query)).map(({ uuid }) => uuid);
    const got = (await collect(relay, toProtoFilters(parsed.query))).map(({ uuid }) => uuid);
    expect(got.filter((uuid) => all.has(uuid)).toSorted()).toEqual(expected.toSorted());
  });
});
