import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server, ServerCredentials, type ServerWritableStream } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import { DemoCluster } from '#lib/demo/demo-cluster.ts';
import { encodeFlow, encodeNodeStatus } from '#lib/demo/encode.ts';
import { serveRelay } from '#lib/demo/relay-server.ts';
import { productionWorld } from '#lib/demo/world.ts';
import type { Flow, Gap, LostEvents, StreamEvent } from '#lib/flow/flow.ts';
import { aFlow } from '#lib/testing/flows.ts';
import { connectRelay, type RelayClient } from './client.ts';
import { followStatus } from './follow-status.ts';
import { type FollowOptions, followRelay } from './follow.ts';
import { hubbleApi } from './proto.ts';

const START = 1_795_000_000_000;
const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** A busy production cluster whose clock runs only when it is told to. */
const aCluster = (overrides: { readonly ringCapacity?: number; readonly nodesLeave?: boolean } = {}) =>
  new DemoCluster({
    world: productionWorld(),
    character: { busy: 2, trouble: 1, findings: false, story: false, authenticatedEverywhere: false },
    seed: 3,
    start: START,
    storyAfterMs: 0,
    nodesLeave: false,
    ...overrides,
  });

async function aRelay(cluster: DemoCluster, port = 0) {
  const relay = await serveRelay(cluster, { port });
  stops.push(() => relay.close());
  return relay;
}

/** Follows, and keeps what came. */
function follow(address: string, options: FollowOptions = {}) {
  const flows: Flow[] = [];
  const gaps: Gap[] = [];
  const lost: LostEvents[] = [];
  const events: StreamEvent[] = [];
  const status = options.status ?? followStatus();
  const stop = new AbortController();
  const running = (async () => {
    for await (const batch of followRelay({ address, tls: false }, { ...options, status }, stop.signal)) {
      for (const event of batch) {
        events.push(event);
        if (event.kind === 'flow') flows.push(event.flow);
        else if (event.kind === 'gap') gaps.push(event.gap);
        else if (event.kind === 'lost-events') lost.push(event.lost);
      }
    }
  })();
  const end = async () => {
    stop.abort();
    await running;
  };
  stops.push(end);
  return { flows, gaps, lost, events, status, end };
}

/** For what becomes true before long. */
const PATIENT = { timeout: 20_000, interval: 100 };
const becomesLive = async (following: { readonly status: { readonly state: string } }): Promise<void> => {
  await expect.poll(() => following.status.state, PATIENT).toBe('live');
};

/** Plays on by `ms`, in small steps, each given time to be sent. */
async function play(cluster: DemoCluster, ms: number, stepMs = 200): Promise<void> {
  const until = cluster.time + ms;
  while (cluster.time < until) {
    cluster.advance(Math.min(until, cluster.time + stepMs));
    await sleep(1);
  }
}

const heldSince = (cluster: DemoCluster, since: number): string[] =>
  cluster.agents.flatMap(({ ring }) => ring.from(since).map(({ uuid }) => uuid)).toSorted();
const uuids = (flows: readonly Flow[], since = 0): string[] =>
  flows
    .filter(({ time }) => time >= since)
    .map(({ uuid }) => uuid)
    .toSorted();

test('every flow from the start on comes, once, with its labels', async () => {
  const cluster = aCluster();
  const { address } = await aRelay(cluster);
  const following = follow(address);
  await becomesLive(following);
  await play(cluster, 10_000);
  await expect.poll(() => uuids(following.flows, START), PATIENT).toEqual(heldSince(cluster, START));
  expect(following.flows.length).toBeGreaterThan(1000);
  expect(following.flows.filter(({ source }) => source.labels.length === 0)).toEqual([]);
  expect(following.status).toMatchObject({ state: 'live', detail: '', malformed: 0, relayVersion: 'hubble-relay v1.19.0' });
  expect(following.status.nodes).toHaveLength(4);
});

test('history comes first, and is no gap where the relay has less of it', async () => {
  const cluster = aCluster();
  const { address } = await aRelay(cluster);
  const following = follow(address, { historyMs: Date.now() - START + 3_600_000 });
  await becomesLive(following);
  expect(uuids(following.flows)).toEqual(heldSince(cluster, 0));
  expect(following.gaps).toEqual([]);
});

test('resuming takes what came after, nothing twice', async () => {
  const cluster = aCluster();
  const { address } = await aRelay(cluster);
  const since = START - 60_000;
  const following = follow(address, { since });
  await becomesLive(following);
  await play(cluster, 2000);
  await expect.poll(() => uuids(following.flows), PATIENT).toEqual(heldSince(cluster, since + 0.001));
  expect(following.gaps).toEqual([]);
});

test('what happens between the last flow that was fetched and the first of the stream is fetched as well', async () => {
  const cluster = aCluster();
  const { address } = await aRelay(cluster);
  const since = START - 60_000;
  const relay = connectRelay({ address, tls: false });
  stops.push(() => relay.close());
  const slow: RelayClient = {
    ...relay,
    async *getFlows(request, signal, reading) {
      if (request.follow) cluster.advance(cluster.time + 3000);
      for await (const batch of relay.getFlows(request, signal, reading)) {
        yield batch;
        // The stream tells of each node's newest flow first; much more comes while it is waited for one that is quiet.
        if (request.follow && cluster.time < START + 6000) cluster.advance(cluster.time + 3000);
      }
    },
  };
  const following = follow(address, { since, relay: slow });
  await becomesLive(following);
  await play(cluster, 2000);
  await expect.poll(() => uuids(following.flows), PATIENT).toEqual(heldSince(cluster, since + 0.001));
  expect(following.gaps).toEqual([]);
});

test('resuming after what the relay still holds says what is gone', async () => {
  const cluster = aCluster({ ringCapacity: 500 });
  const { address } = await aRelay(cluster);
  const since = START - 600_000;
  const following = follow(address, { since });
  await becomesLive(following);
  const oldest = Math.max(...cluster.agents.map(({ ring }) => ring.from(undefined)[0]?.time ?? 0));
  expect(following.gaps).toEqual([{ from: since, to: oldest, reason: 'ingest-restarted', nodeName: '' }]);
});

test('a relay that goes and comes back loses and doubles nothing that the agents still have', async () => {
  const cluster = aCluster();
  const relay = await aRelay(cluster);
  const following = follow(relay.address);
  await becomesLive(following);
  await play(cluster, 5000);
  relay.close();
  await expect.poll(() => following.status.state, PATIENT).toBe('reconnecting');
  expect(following.status.detail).toMatch(/connection refused|broke off/i);
  await play(cluster, 20_000);
  await aRelay(cluster, Number(relay.address.split(':')[1]));
  await becomesLive(following);
  await play(cluster, 5000);
  await expect.poll(() => uuids(following.flows, START), PATIENT).toEqual(heldSince(cluster, START));
  expect(following.gaps).toEqual([]);
  expect(following.status).toMatchObject({ reconnects: 1, detail: '' });
  expect(following.status.duplicates).toBeGreaterThan(0);
});

test('what the agents have overwritten meanwhile is a gap, from the last flow that came to the first they still hold', async () => {
  const cluster = aCluster({ ringCapacity: 1000 });
  const relay = await aRelay(cluster);
  const following = follow(relay.address);
  await becomesLive(following);
  await play(cluster, 5000);
  await expect.poll(() => uuids(following.flows, START), PATIENT).toEqual(heldSince(cluster, START));
  const lastSeen = Math.min(
    ...cluster.agents.map(({ node }) => Math.max(...following.flows.filter((f) => f.nodeName === node.name).map((f) => f.time))),
  );
  relay.close();
  await play(cluster, 180_000, 5000);
  const oldest = Math.max(...cluster.agents.map(({ ring }) => ring.from(undefined)[0]?.time ?? 0));
  await aRelay(cluster, Number(relay.address.split(':')[1]));
  await becomesLive(following);
  expect(following.gaps).toEqual([{ from: lastSeen, to: oldest, reason: 'relay-unreachable', nodeName: '' }]);
});

test('a node that was away has its flows fetched when it is back', async () => {
  const cluster = aCluster({ nodesLeave: true });
  const { address } = await aRelay(cluster);
  cluster.advance(START + 415_000);
  const following = follow(address);
  await becomesLive(following);
  const from = cluster.time;
  await play(cluster, 10_000);
  await expect.poll(() => following.events.find(({ kind }) => kind === 'node-status'), PATIENT).toBeDefined();
  const away = cluster.agents.find(({ isAway }) => isAway)?.node.name;
  await expect.poll(() => following.status.nodes.find(({ name }) => name === away)?.state, PATIENT).toBe('NODE_UNAVAILABLE');
  await play(cluster, 60_000);
  await expect.poll(() => uuids(following.flows, from + 1), PATIENT).toEqual(heldSince(cluster, from + 1));
  expect(following.gaps).toEqual([]);
});

test('a fresh stream takes over without a flow lost or doubled', async () => {
  const cluster = aCluster();
  const { address } = await aRelay(cluster);
  const following = follow(address, { renewMs: 1 });
  await becomesLive(following);
  const from = Date.now();
  while (Date.now() - from < 7000) await play(cluster, 200, 50);
  await expect.poll(() => uuids(following.flows, START), PATIENT).toEqual(heldSince(cluster, START));
});

test('a reader that pauses gets everything that the relay says it has not lost', async () => {
  const cluster = aCluster();
  const { address } = await aRelay(cluster);
  const stop = new AbortController();
  stops.push(() => stop.abort());
  const status = followStatus();
  const reading = followRelay({ address, tls: false }, { status }, stop.signal);
  await reading.next();
  await expect.poll(() => status.state, PATIENT).toBe('live');
  cluster.advance(START + 1);
  const heap = process.memoryUsage().heapUsed;
  await play(cluster, 300_000, 1000); // some 90,000 flows
  await sleep(300);
  expect(status.received).toBeLessThan(60_000); // held back at the relay, not here
  expect(process.memoryUsage().heapUsed - heap).toBeLessThan(400_000_000);
  const expected = heldSince(cluster, START + 1).length;
  let received = 0;
  let lost = 0;
  while (received + lost < expected) {
    const { value } = await reading.next();
    cluster.advance(cluster.time + 1); // lets the relay tell its losses
    for (const event of value ?? []) {
      if (event.kind === 'flow' && event.flow.time > START && event.flow.time <= START + 300_001) received++;
      if (event.kind === 'lost-events' && event.lost.source === 'HUBBLE_RING_BUFFER') lost += event.lost.count;
    }
  }
  expect(received + lost).toBe(expected);
});

test('aborting ends an idle stream at once', async () => {
  const { address } = await aRelay(aCluster());
  const following = follow(address);
  await becomesLive(following);
  const before = performance.now();
  await following.end();
  expect(performance.now() - before).toBeLessThan(500);
});

/** A relay of one node that sends what it is told. */
async function scripted(
  send: (call: ServerWritableStream<{ field_mask: object | null; follow: boolean }, Buffer>) => void,
): Promise<string> {
  const api = hubbleApi();
  const server = new Server();
  const answer = (value: object) => (_call: unknown, callback: (error: null, value: object) => void) => callback(null, value);
  server.addService(
    { ...api.observer, GetFlows: { ...api.method('GetFlows'), responseSerialize: (bytes: Buffer) => bytes } },
    { GetFlows: send, GetNodes: answer({ nodes: [] }), ServerStatus: answer({}), GetNamespaces: answer({}) },
  );
  stops.push(() => server.forceShutdown());
  const port = await new Promise<number>((resolve) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_error, bound) => resolve(bound)),
  );
  return `127.0.0.1:${port}`;
}

test('malformed frames are counted and passed over', async () => {
  const good = encodeFlow(aFlow({ uuid: 'good' }), undefined);
  const address = await scripted((call) => {
    if (!call.request.follow) return void call.end();
    for (const frame of [Buffer.from('garbage'), good.subarray(0, 40), good, Buffer.from([0xff])]) call.write(frame);
  });
  const following = follow(address);
  await expect.poll(() => uuids(following.flows), PATIENT).toEqual(['good']);
  await expect.poll(() => following.status.malformed, PATIENT).toBe(3);
  expect(following.status).toMatchObject({ state: 'live', received: 1 });
  expect(following.status.lastMalformed).not.toBe('');
});

test('half a message and a closed connection are a reconnection', async () => {
  let calls = 0;
  const server = createServer();
  server.on('stream', (stream) => {
    calls++;
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    stream.write(Buffer.from([0, 0, 0, 0, 100, 1, 2, 3]));
    setTimeout(() => stream.session?.destroy(), 20);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  stops.push(() => server.close());
  const following = follow(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  await expect.poll(() => calls, PATIENT).toBeGreaterThan(2);
  expect(following.status.state).not.toBe('live');
  expect(following.status.detail).not.toBe('');
});

test('a node that does not take the field mask is asked for whole flows', async () => {
  const address = await scripted((call) => {
    if (call.request.field_mask) {
      call.write(
        encodeNodeStatus({ time: START, state: 'NODE_ERROR', nodeNames: ['c/n'], message: 'invalid fieldmask' }, 'relay'),
      );
      return void call.end();
    }
    if (call.request.follow) call.write(encodeFlow(aFlow({ uuid: 'whole' }), undefined));
    else call.end();
  });
  const following = follow(address);
  await expect.poll(() => uuids(following.flows), PATIENT).toEqual(['whole']);
});

test('what is no relay is told as such, and tried again', async () => {
  const following = follow('127.0.0.1:1');
  await expect.poll(() => following.status.detail, PATIENT).toBe('Nothing listens on 127.0.0.1:1 (connection refused).');
  expect(following.status.state).toBe('connecting');
});
