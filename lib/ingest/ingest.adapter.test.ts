import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Client } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Capture, CaptureList } from '#lib/api/captures.ts';
import { ClusterStateList, ClusterStatus, NamespaceList, NodeList } from '#lib/api/clusters.ts';
import { DropsReport } from '#lib/api/drops.ts';
import { FlowBatch, FlowPage } from '#lib/api/flows.ts';
import { Timeline } from '#lib/api/timeline.ts';
import { TopologyDeltaJson, TopologyJson } from '#lib/api/topology.ts';
import { createIngestClient, type IngestAnswer, type IngestClient } from '#lib/bus/ingest-client.ts';
import { framesOf } from '#lib/bus/sse.ts';
import { openEmbedded, type EmbeddedDatabase } from '#lib/db/embedded.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { type Demo, startDemo } from '#lib/demo/demo.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { connectRelay } from '#lib/relay/client.ts';
import { until } from '#lib/testing/postgres.ts';
import { type Ingest, startIngest } from './main.ts';

const TOKEN = 'a-token-for-tests';
const CLUSTER = 'prd';
const log = pino({ level: 'silent' });
const RECORDING = '../shared/flows/sample-mixed.jsonl';

let dir: string;
let database: EmbeddedDatabase;
let demo: Demo;
let address: string;
/** The demo's clock: it stands still unless a test moves it, so that counts can be compared. */
let clock = Date.now();
let ingest: Ingest;
let client: IngestClient;

const start = (): Promise<Ingest> =>
  startIngest({ databaseUrl: database.url, listen: `unix:${join(dir, 'ingest.sock')}`, token: TOKEN, log });

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cwi-'));
  demo = await startDemo({ seed: 3, rate: 0.3, now: () => clock, nodesLeave: false });
  address = demo.clusters[0]?.address ?? '';
  database = await openEmbedded(join(dir, 'db'));
  await migrate(database.url, readMigrations('prisma/migrations'));
  const db = new Client({ connectionString: database.url });
  await db.connect();
  await db.query("INSERT INTO cluster (id, name, environment, relay) VALUES ($1, 'PRD', 'PRD', $2::jsonb)", [
    CLUSTER,
    JSON.stringify({ address, tls: false }),
  ]);
  await db.end();
  ingest = await start();
  client = createIngestClient({ url: ingest.url, token: TOKEN });
  await until(async () => (await status()).state === 'live', 'the relay to be followed');
  await until(async () => (await status()).received >= (await relayFlows()).length - 10, 'all that the relay holds');
});
afterAll(async () => {
  client.close();
  await ingest.close();
  await demo.close();
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

const jsonOf = ({ body }: IngestAnswer): unknown => JSON.parse(body.toString('utf8'));
const get = async (path: string, search = ''): Promise<unknown> => {
  const answer = await client.ask(`/clusters/${CLUSTER}${path}`, search);
  if (answer.status !== 200) throw new Error(`${path}${search}: ${answer.status} ${answer.body.toString('utf8')}`);
  return jsonOf(answer);
};
const status = async (): Promise<ClusterStatus> => ClusterStatus.parse(await get('/status'));

/** Everything the relay holds, as it gives it to anybody who asks. */
async function relayFlows(): Promise<Flow[]> {
  const relay = connectRelay({ address, tls: false });
  const flows: Flow[] = [];
  for await (const batch of relay.getFlows({}, new AbortController().signal)) {
    for (const event of batch) if (event.kind === 'flow') flows.push(event.flow);
  }
  relay.close();
  return flows;
}

/** Counts as `hubble observe` would print them. */
function tally(flows: readonly Flow[]): Pick<Timeline['totals'], 'flows' | 'verdicts' | 'namespaces' | 'nodes'> {
  const [verdicts, namespaces, nodes] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const add = (to: Map<string, number>, key: string): void => void (key && to.set(key, (to.get(key) ?? 0) + 1));
  for (const flow of flows) {
    add(verdicts, flow.verdict);
    add(nodes, flow.nodeName);
    for (const namespace of new Set([flow.source.namespace, flow.destination.namespace])) add(namespaces, namespace);
  }
  const record = (counts: Map<string, number>): Record<string, number> => Object.fromEntries(counts);
  return { flows: flows.length, verdicts: record(verdicts), namespaces: record(namespaces), nodes: record(nodes) };
}

async function totals(): Promise<ReturnType<typeof tally>> {
  const { flows, verdicts, namespaces, nodes } = Timeline.parse(
    await get('/timeline', `?from=${clock - 3_000_000}&to=${clock + 120_000}`),
  ).totals;
  return { flows, verdicts, namespaces, nodes };
}

describe('every answer is what the contract says', () => {
  test.each([
    { path: '/status', schema: ClusterStatus },
    { path: '/nodes', schema: NodeList },
    { path: '/namespaces', schema: NamespaceList },
    { path: '/flows', search: '?limit=500', schema: FlowPage },
    { path: '/flows', search: '?filter=verdict:DROPPED&range=15m', schema: FlowPage },
    { path: '/topology', schema: TopologyJson },
    { path: '/topology', search: '?level=pod', schema: TopologyJson },
    { path: '/topology', search: '?level=namespace&range=30m', schema: TopologyJson },
    { path: '/topology', search: '?range=7d', schema: TopologyJson },
    { path: '/timeline', search: '?range=1h', schema: Timeline },
    { path: '/timeline', search: '?range=7d', schema: Timeline },
    { path: '/drops', search: '?range=15m', schema: DropsReport },
    { path: '/drops', search: '?range=15m&filter=ns:payments', schema: DropsReport },
    { path: '/captures', schema: CaptureList },
  ])('$path$search', async ({ path, search, schema }) => {
    const answer = schema.strict().safeParse(await get(path, search));
    expect(answer.error?.issues ?? []).toEqual([]);
  });

  test('the list of clusters', async () => {
    expect(ClusterStateList.parse(jsonOf(await client.ask('/clusters'))).clusters).toEqual([
      { id: CLUSTER, state: 'live', stateDetail: '' },
    ]);
  });

  test.each([
    { path: `/clusters/none/status`, status: 404, type: 'not-found' },
    { path: `/clusters/${CLUSTER}/flows?filter=nonsense:1`, status: 400, type: 'bad-filter' },
    { path: `/clusters/${CLUSTER}/flows?cursor=other-1`, status: 410, type: 'cursor-gone' },
    { path: `/clusters/${CLUSTER}/flows?limit=0`, status: 400, type: 'bad-request' },
    { path: `/clusters/${CLUSTER}/topology?level=pod&range=7d`, status: 400, type: 'bad-request' },
    { path: `/clusters/${CLUSTER}/drops?filter=pod:x`, status: 400, type: 'bad-filter' },
    { path: `/clusters/${CLUSTER}/timeline?from=5&to=1`, status: 400, type: 'bad-request' },
    { path: `/clusters/${CLUSTER}/flows?capture=none`, status: 404, type: 'not-found' },
    { path: '/elsewhere', status: 404, type: 'not-found' },
  ])('$path is a problem of type $type', async ({ path, status: wanted, type }) => {
    const [pathname = '', search = ''] = path.split(/(?=\?)/);
    const answer = await client.ask(pathname, search);
    expect([answer.status, (jsonOf(answer) as { type: string }).type]).toEqual([wanted, `/problems/${type}`]);
  });

  test('without the token nothing but the health check answers', async () => {
    const stranger = createIngestClient({ url: ingest.url, token: 'wrong' });
    expect((await stranger.ask('/clusters')).status).toBe(401);
    expect((await stranger.ask('/health')).status).toBe(200);
    stranger.close();
  });

  test('an unchanged answer costs nothing but its tag', async () => {
    const path = `/clusters/${CLUSTER}/captures`;
    const { etag } = (await client.ask(path)).headers;
    expect((await client.ask(path, '', { headers: { 'if-none-match': etag ?? '' } })).status).toBe(304);
  });

  test('metrics name the cluster', async () => {
    expect((await client.ask('/metrics')).body.toString()).toMatch(/causeway_ingest_flows_received_total\{cluster="prd"\} \d+/);
  });
});

describe('live', () => {
  test('pages go through all flows, each once', async () => {
    const uuids: string[] = [];
    let cursor = '';
    do {
      const page = FlowPage.parse(await get('/flows', `?limit=1000${cursor}`));
      uuids.push(...page.flows.map(({ uuid }) => uuid));
      cursor = page.nextCursor === undefined ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    expect(new Set(uuids).size).toBe(uuids.length);
    expect(uuids.length).toBe((await status()).received);
  });

  test('streams carry new flows and changes of the map', async () => {
    const abort = new AbortController();
    const seen = { flows: 0, deltas: 0, snapshots: 0 };
    const follow = async (path: string): Promise<void> => {
      const answer = await client.open(`/clusters/${CLUSTER}${path}`, '', { signal: abort.signal });
      for await (const { event, bytes } of framesOf(answer)) {
        const data = JSON.parse(/^data: (.*)$/m.exec(bytes.toString())?.[1] ?? '') as unknown;
        if (event === 'flows') seen.flows += FlowBatch.parse(data).matched;
        if (event === 'snapshot') seen.snapshots += TopologyJson.parse(data).edges.length;
        if (event === 'delta') seen.deltas += TopologyDeltaJson.parse(data).edges.length;
      }
    };
    const streams = [follow('/flows/stream'), follow('/topology/stream')].map((stream) => stream.catch(() => {}));
    clock += 5000;
    await until(() => seen.flows > 50 && seen.deltas > 0 && seen.snapshots > 0, 'events of both streams');
    abort.abort();
    await Promise.all(streams);
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  });
});

describe('counts', () => {
  const settled = async (): Promise<void> => {
    let before = -1;
    await until(async () => {
      const { received } = await status();
      await new Promise((resolve) => setTimeout(resolve, 400));
      const stays = received === before;
      before = received;
      return stays;
    }, 'the last flows to arrive');
  };

  test('per verdict, namespace and node they are those of the relay', async () => {
    clock += 3000;
    await settled();
    const known = new Set<string>();
    for (let cursor = ''; ;) {
      const page = FlowPage.parse(await get('/flows', `?limit=1000${cursor}`));
      for (const { uuid } of page.flows) known.add(uuid);
      if (page.nextCursor === undefined) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    // An agent shows its very newest flow only once it sees another.
    const flows = (await relayFlows()).filter(({ uuid }) => known.has(uuid));
    expect(flows).toHaveLength(known.size);
    expect(await totals()).toEqual(tally(flows));
  });

  test('a restart loses nothing the relay still has, counts nothing twice, and brings the map back', async () => {
    clock += 3000;
    await settled();
    const edges = TopologyJson.parse(await get('/topology')).edges.length;
    await ingest.close();
    clock += 20_000; // while nobody looks
    await new Promise((resolve) => setTimeout(resolve, 500));
    ingest = await start();
    await until(async () => (await status()).state === 'live', 'the relay to be followed again');
    await settled();
    clock += 1000;
    await settled();
    const after = await totals();
    const held = tally(await relayFlows());
    expect(held.flows - after.flows).toBeGreaterThanOrEqual(0);
    expect(held.flows - after.flows).toBeLessThanOrEqual(8); // the newest of each node
    expect(TopologyJson.parse(await get('/topology')).edges.length).toBeGreaterThanOrEqual(edges);
    expect((await status()).coverage.gaps).toEqual([]);
  });

  test('an ingest that is killed and replaced stores what the killed one had not, and that one can write no more', async () => {
    clock += 4000;
    await settled();
    // Not closed: as good as killed, its last seconds were never stored.
    const killed = ingest;
    ingest = await startIngest({ databaseUrl: database.url, listen: `unix:${join(dir, 'second.sock')}`, token: TOKEN, log });
    client.close();
    client = createIngestClient({ url: ingest.url, token: TOKEN });
    await until(async () => (await status()).state === 'live', 'the second to follow');
    await settled();
    await killed.close();
    const after = await totals();
    const held = tally(await relayFlows());
    expect(Math.abs(held.flows - after.flows)).toBeLessThanOrEqual(8);
  });
});

describe('captures', () => {
  const upload = (body: Buffer, name: string): Promise<IngestAnswer> =>
    client.ask(`/clusters/${CLUSTER}/captures`, `?name=${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', 'x-causeway-actor': encodeURIComponent('Ольга') },
      body,
    });

  test('what the ring holds is recorded, and downloads as exporter lines', async () => {
    const answer = await client.ask(`/clusters/${CLUSTER}/captures`, '', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'drops', filter: 'verdict:DROPPED' }),
    });
    expect(answer.status).toBe(201);
    const capture = Capture.parse(jsonOf(answer));
    expect(capture).toMatchObject({ state: 'complete', source: 'ring', verdicts: { DROPPED: capture.flows } });
    const { body } = await client.ask(`/clusters/${CLUSTER}/captures/${capture.id}/download`);
    const lines = gunzipSync(body).toString().trim().split('\n');
    expect(lines).toHaveLength(capture.flows);
    const page = FlowPage.parse(await get('/flows', `?capture=${capture.id}&limit=1000`));
    expect(page.flows).toHaveLength(Math.min(1000, capture.flows));
    expect((await client.ask(`/clusters/${CLUSTER}/captures/${capture.id}`, '', { method: 'DELETE' })).status).toBe(204);
    expect((await client.ask(`/clusters/${CLUSTER}/captures/${capture.id}`)).status).toBe(404);
  });

  test('a live recording runs for its time and completes by itself', async () => {
    const answer = await client.ask(`/clusters/${CLUSTER}/captures`, '', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'live', filter: '', seconds: 2 }),
    });
    const { id, state } = Capture.parse(jsonOf(answer));
    expect(state).toBe('running');
    clock += 2000;
    const now = async (): Promise<Capture> => Capture.parse(await get(`/captures/${id}`));
    await until(async () => (await now()).state === 'complete', 'the recording to end');
    expect((await now()).flows).toBeGreaterThan(10);
  });

  test('a file without any flow is refused with its first bad line, and leaves no flows', async () => {
    const answer = await upload(Buffer.from('{"nonsense": 1}\nmore of it\n'), 'broken');
    expect(answer.status).toBe(422);
    expect((jsonOf(answer) as { detail: string }).detail).toMatch(/^no line of the file is a flow; line 1: /);
    const failed = CaptureList.parse(await get('/captures')).captures.find(({ name }) => name === 'broken');
    expect(failed).toMatchObject({ state: 'failed', flows: 0, badLines: 2, createdBy: 'Ольга' });
  });

  const skip = !existsSync(RECORDING) && process.env['CI'] !== 'true';
  if (skip) console.warn(`skipped: the views of a recording: there is no ${RECORDING}`);
  test.skipIf(skip)('a recording is shown by the same views, with the counts its makers give', async () => {
    const answer = await upload(gzipSync(Buffer.concat([readFileSync(RECORDING), Buffer.from('{"flow": {"trunc')])), 'mixed');
    const capture = Capture.parse(jsonOf(answer));
    expect(capture).toMatchObject({ state: 'complete', flows: 5001, badLines: 1, firstBadLines: [{ line: 5002 }] });
    // The recording is of the past: a window that moves with the clock must not narrow it.
    const search = `?capture=${capture.id}&range=5m`;
    const timeline = Timeline.parse(await get('/timeline', search));
    expect(timeline.totals).toMatchObject({
      flows: 5001,
      drops: 194,
      verdicts: { FORWARDED: 4262, DROPPED: 355, REDIRECTED: 354, TRACED: 11, TRANSLATED: 11, AUDIT: 5, ERROR: 3 },
    });
    expect(DropsReport.parse(await get('/drops', search)).total).toBe(194);
    const map = TopologyJson.parse(await get('/topology', `${search}&level=pod`));
    expect(map.edges.reduce((sum, { flows }) => sum + flows, 0)).toBe(5001);
    let seen = 0;
    for (let cursor = ''; ;) {
      const page = FlowPage.parse(await get('/flows', `${search}&limit=700${cursor}`));
      seen += page.flows.length;
      if (page.nextCursor === undefined) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(seen).toBe(5001);
  });
});
