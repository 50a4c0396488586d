import { afterEach, describe, expect, test } from 'vitest';
import { toProtoFilters } from '#lib/flow/filter-proto.ts';
import { parseFilter } from '#lib/flow/filter-text.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { connectRelay, type RelayClient } from '#lib/relay/client.ts';
import type { FlowsRequest } from '#lib/relay/request.ts';
import { type Demo, type DemoOptions, startDemo } from './demo.ts';

const NOW = 1_795_000_000_000;
const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** A demo whose clock stands still. */
async function aDemo(options: DemoOptions = {}): Promise<Demo> {
  const demo = await startDemo({ now: () => NOW, storyAfterMs: -600_000, ...options });
  stops.push(() => demo.close());
  return demo;
}

function aClient(demo: Demo, index = 0): RelayClient {
  const relay = connectRelay({ address: demo.clusters[index]?.address ?? '', tls: false });
  stops.push(() => relay.close());
  return relay;
}

async function collect(relay: RelayClient, request: FlowsRequest = {}): Promise<Flow[]> {
  const flows: Flow[] = [];
  for await (const batch of relay.getFlows(request, AbortSignal.timeout(30_000))) {
    for (const event of batch) if (event.kind === 'flow') flows.push(event.flow);
  }
  return flows;
}

const count = <T>(list: readonly T[], passes: (item: T) => boolean): number => list.filter(passes).length;

describe('what the production cluster plays', () => {
  test('the same seed and clock give the same flows', async () => {
    const [first, second] = [await aDemo(), await aDemo()];
    const [a, b] = [await collect(aClient(first)), await collect(aClient(second))];
    expect(a.length).toBeGreaterThan(20_000);
    expect(b).toEqual(a);
    const other = await collect(aClient(await aDemo({ seed: 8 })), { number: 5 });
    expect(other[0]?.uuid).not.toBe(a[0]?.uuid);
  });

  test('is what a cluster in the middle of its move looks like', async () => {
    const flows = await collect(aClient(await aDemo()));
    const share = (passes: (flow: Flow) => boolean) => count(flows, passes) / flows.length;
    for (const verdict of ['FORWARDED', 'DROPPED', 'ERROR', 'AUDIT', 'REDIRECTED', 'TRACED', 'TRANSLATED'] as const) {
      expect(count(flows, (flow) => flow.verdict === verdict)).toBeGreaterThan(0);
    }
    expect(share(({ verdict }) => verdict === 'DROPPED')).toBeGreaterThan(0.005);
    expect(share(({ verdict }) => verdict === 'DROPPED')).toBeLessThan(0.06);
    const reasons = new Set(flows.flatMap(({ dropReason }) => dropReason ?? []));
    expect([...reasons]).toEqual(
      expect.arrayContaining(['POLICY_DENIED', 'POLICY_DENY', 'AUTH_REQUIRED', 'UNENCRYPTED_TRAFFIC']),
    );
    expect(reasons.size).toBeGreaterThanOrEqual(9);
    expect(new Set(flows.map(({ nodeName }) => nodeName)).size).toBe(4);
    expect(new Set(flows.flatMap(({ source, destination }) => [source.namespace, destination.namespace])).size).toBe(6);
    expect(count(flows, ({ l7 }) => l7?.dns?.rcode === 3)).toBeGreaterThan(10);
    expect(count(flows, ({ l7 }) => (l7?.http?.code ?? 0) >= 500)).toBeGreaterThan(5);
    expect(count(flows, ({ l7 }) => l7?.kafka !== undefined)).toBeGreaterThan(100);
    expect(count(flows, ({ authType }) => authType === 'SPIRE')).toBeGreaterThan(100);
    expect(count(flows, ({ traceObservationPoint }) => traceObservationPoint === 'TO_CRYPTO')).toBeGreaterThan(1000);
    expect(count(flows, ({ ip }) => ip?.encrypted === true)).toBeGreaterThan(100);
  });

  test('a new kind of drop begins when the story does', async () => {
    const flows = await collect(aClient(await aDemo()));
    const denied = flows.filter(
      ({ verdict, source, destination }) =>
        verdict === 'DROPPED' && source.workload?.name === 'web-bff' && destination.workload?.name === 'payments-db',
    );
    expect(denied.length).toBeGreaterThan(20);
    expect(Math.min(...denied.map(({ time }) => time))).toBeGreaterThan(NOW - 600_000);
  });

  test('the test and development clusters are further along', async () => {
    const demo = await aDemo();
    const [production, testing, dev] = await Promise.all(
      [0, 1, 2].map(async (index) => {
        const flows = await collect(aClient(demo, index));
        return count(flows, ({ verdict }) => verdict === 'DROPPED') / flows.length;
      }),
    );
    expect(production).toBeGreaterThan(testing as number);
    expect(testing).toBeGreaterThan(dev as number);
    expect(demo.clusters.map(({ environment }) => environment)).toEqual(['PRD', 'TST', 'DEV']);
    expect((await aClient(demo, 1).nodes()).length).toBe(3);
    expect((await aClient(demo, 2).nodes()).length).toBe(2);
  });
});

describe('the relay it plays', () => {
  test('status, nodes and namespaces', async () => {
    const relay = aClient(await aDemo());
    expect(await relay.serverStatus()).toMatchObject({ version: 'hubble-relay v1.19.0', connectedNodes: 4, unavailableNodes: 0 });
    expect((await relay.nodes())[0]).toMatchObject({
      name: 'aegis-production/ip-10-20-1-11',
      state: 'NODE_CONNECTED',
      address: '10.20.1.11:4244',
      maxFlows: 32_767,
    });
    expect((await relay.namespaces()).map(({ namespace }) => namespace)).toEqual([
      'gateway',
      'kube-system',
      'monitoring',
      'payments',
      'spire-server',
    ]);
  });

  test('number, first, since and until, per node as in Cilium', async () => {
    const relay = aClient(await aDemo());
    const all = await collect(relay);
    expect(all.map(({ time }) => time)).toEqual(all.map(({ time }) => time).toSorted((a, b) => a - b));
    expect(await collect(relay, { number: 3 })).toHaveLength(12);
    const first = await collect(relay, { number: 1, first: true });
    expect(first.map(({ uuid }) => uuid)).toContain(all[0]?.uuid);
    const [since, until] = [NOW - 60_000, NOW - 30_000];
    const between = await collect(relay, { since, until });
    expect(between.map(({ uuid }) => uuid)).toEqual(
      all.filter(({ time }) => time >= since && time <= until).map(({ uuid }) => uuid),
    );
  });

  test.each(['ns:payments', 'verdict:DROPPED', 'from-workload:gateway/web-bff to-port:5432', '-ns:kube-system', 'proto:dns'])(
    '%s lets through the same as in this process',
    async (text) => {
      const { compileFilter } = await import('#lib/flow/filter-match.ts');
      const parsed = parseFilter(text);
      if (!parsed.ok) throw new Error(text);
      const relay = aClient(await aDemo());
      const all = await collect(relay);
      const expected = all.filter(compileFilter(parsed.query)).map(({ uuid }) => uuid);
      expect(expected.length).toBeGreaterThan(0);
      expect((await collect(relay, toProtoFilters(parsed.query))).map(({ uuid }) => uuid)).toEqual(expected);
    },
  );

  test('a mask leaves out what it does not name', async () => {
    const relay = aClient(await aDemo());
    const [flow] = await collect(relay, { number: 1, mask: ['time', 'node_name', 'uuid', 'source.identity'] });
    expect(flow).toMatchObject({ verdict: 'VERDICT_UNKNOWN', summary: '', ip: undefined });
    expect(flow?.uuid).not.toBe('');
    expect(flow?.source).toMatchObject({ podName: '', labels: [] });
  });

  test.each([
    { mask: ['nonsense'] },
    { mask: ['source.nonsense'] },
    { whitelist: [{ source_ip: ['nonsense'] }] },
    { first: true, follow: true },
  ])('a request that no agent takes, %j, ends in NODE_ERROR and OK', async (request) => {
    const relay = aClient(await aDemo());
    const states: string[] = [];
    for await (const batch of relay.getFlows(request, AbortSignal.timeout(5000))) {
      for (const event of batch) states.push(event.kind === 'node-status' ? event.status.state : event.kind);
    }
    expect(states).toEqual(['NODE_ERROR']);
  });
});
