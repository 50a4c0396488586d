import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Problem } from '#lib/api/common.ts';
import { NetworkMap, type TopologyJson } from '#lib/api/topology.ts';
import { putCluster } from '#lib/db/platform/clusters.ts';
import { recordSignIn } from '#lib/db/platform/members.ts';
import { handle } from '#lib/http/handle.ts';
import { fanout } from '#lib/http/ingest.ts';
import { streamOfIngest } from '#lib/http/sse.ts';
import { cookieFor, pageRequest, type Platform, startPlatform, withParams } from '#lib/testing/platform.ts';
import { POST as CAPTURE } from './clusters/[cluster]/captures/route.ts';
import { GET as DOWNLOAD } from './clusters/[cluster]/captures/[capture]/download/route.ts';
import { GET as FLOWS } from './clusters/[cluster]/flows/route.ts';
import { GET as FLOW_STREAM } from './clusters/[cluster]/flows/stream/route.ts';
import { GET as TOPOLOGY } from './clusters/[cluster]/topology/route.ts';
import { GET as NETWORK_MAP } from './network-map/topology/route.ts';

let platform: Platform;
let operator: string;
let devViewer: string;
beforeAll(async () => {
  platform = await startPlatform();
  operator = await cookieFor('olga', [{ role: 'operator', scope: '*' }]);
  devViewer = await cookieFor('dev', [{ role: 'viewer', scope: 'DEV' }]);
  await putCluster({ id: 'prd', name: 'Production', environment: 'PRD', relay: { address: 'a:1', tls: false }, demo: false });
  await putCluster({ id: 'dev', name: 'Development', environment: 'DEV', relay: { address: 'a:1', tls: false }, demo: false });
});
afterAll(() => platform.close());
beforeEach(() => {
  platform.asked.length = 0;
  platform.answers.clear();
});

const prd = withParams({ cluster: 'prd' });
const get = (path: string, init: { cookie?: string; headers?: Record<string, string>; signal?: AbortSignal } = {}) =>
  pageRequest(path, { cookie: operator, ...init });

describe('a view of traffic', () => {
  test('comes from ingest at the same path and query, as the bytes it is', async () => {
    platform.answers.set('/clusters/prd/flows', {
      body: '{"flows":[ ]}',
      headers: { etag: '"e1"', 'set-cookie': 'no=1', server: 'no' },
    });
    const response = await FLOWS(get('/api/v1/clusters/prd/flows?filter=ns%3Apayments%20verdict%3ADROPPED&limit=5'), prd);
    expect(await response.text()).toBe('{"flows":[ ]}');
    expect(response.headers.get('etag')).toBe('"e1"');
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(response.headers.get('server')).toBeNull();
    const [asked] = platform.asked;
    expect(asked?.url).toBe('/clusters/prd/flows?filter=ns%3Apayments%20verdict%3ADROPPED&limit=5');
    expect(asked?.headers.authorization).toBe('Bearer a-token-only-for-tests');
    expect(asked?.headers['x-request-id']).toBe(response.headers.get('x-request-id'));
    expect(asked?.headers.cookie).toBeUndefined();
  });

  test('that the caller has already costs no body', async () => {
    platform.answers.set('/clusters/prd/topology', ({ headers }) => ({
      status: headers['if-none-match'] === '"e1"' ? 304 : 200,
      body: '',
      headers: { etag: '"e1"' },
    }));
    const response = await TOPOLOGY(
      get('/api/v1/clusters/prd/topology?level=pod', { headers: { 'if-none-match': '"e1"' } }),
      prd,
    );
    expect([response.status, await response.text()]).toEqual([304, '']);
  });

  test.each(['limit=0', 'limit=abc', 'range=5y', 'from=-1', 'fliter=x', 'filter=a&filter=b'])(
    'with the query %s is refused before ingest is asked',
    async (query) => {
      const response = await FLOWS(get(`/api/v1/clusters/prd/flows?${query}`), prd);
      expect(Problem.parse(await response.json())).toMatchObject({
        type: '/problems/bad-request',
        place: { parameter: query.split('=')[0] },
      });
      expect(platform.asked).toEqual([]);
    },
  );

  test('passes on what ingest says is wrong, with its place', async () => {
    const problem = {
      type: '/problems/bad-filter',
      title: 'bad filter',
      status: 400,
      detail: 'expected a port',
      place: { column: 6 },
    };
    platform.answers.set('/clusters/prd/flows', { status: 400, type: 'application/problem+json', body: JSON.stringify(problem) });
    const response = await FLOWS(get('/api/v1/clusters/prd/flows?filter=port:x'), prd);
    expect(response.status).toBe(400);
    expect(Problem.parse(await response.json())).toMatchObject(problem);
  });

  test('says that ingest does not answer when its answer is nonsense', async () => {
    platform.answers.set('/clusters/prd/flows', { status: 500, type: 'text/html', body: '<b>stack trace</b>' });
    const response = await FLOWS(get('/api/v1/clusters/prd/flows'), prd);
    expect(Problem.parse(await response.json())).toMatchObject({
      status: 503,
      type: '/problems/ingest-unreachable',
      detail: 'the ingest process does not answer',
    });
  });
});

describe('a stream', () => {
  const frame = 'id: e-1\nevent: flows\ndata: {"flows":[],"matched":1}\n\n';
  const status = 'event: status\ndata: {"cluster":"prd"}\n\n';

  test('arrives as server-sent events that nothing on the way holds back, and leaves nothing behind', async () => {
    platform.answers.set('/clusters/prd/flows/stream', { type: 'text/event-stream', body: status + frame, open: true });
    const leaving = new AbortController();
    const response = await FLOW_STREAM(get('/api/v1/clusters/prd/flows/stream?rows=5', { signal: leaving.signal }), prd);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(await untilText(response, 'event: status')).toContain(status);
    expect(fanout().size().browsers).toBe(1);
    leaving.abort();
    await expect.poll(() => fanout().size()).toEqual({ browsers: 0, upstreams: 0 });
  });

  test('is one for all its readers, wherever each of them goes on: by the header, else by the cursor', async () => {
    platform.answers.set('/clusters/prd/flows/stream', ({ headers }) =>
      headers['x-causeway-backlog'] === 'only'
        ? { type: 'text/event-stream', body: `id: e-1\nevent: flows\ndata: "after ${String(headers['last-event-id'])}"\n\n` }
        : { type: 'text/event-stream', body: status + frame, open: true },
    );
    const leaving = new AbortController();
    const open = async (cursor: string, headers: Record<string, string>) =>
      untilText(
        await FLOW_STREAM(
          get(`/api/v1/clusters/prd/flows/stream?rows=5${cursor}`, { signal: leaving.signal, headers }),
          withParams({ cluster: 'prd' }),
        ),
        'after ',
      );
    expect(await open('&cursor=d-7', {})).toContain('after d-7');
    expect(await open('&cursor=d-7', { 'last-event-id': 'd-9' })).toContain('after d-9');
    expect(fanout().size()).toEqual({ browsers: 2, upstreams: 1 });
    expect(new Set(platform.asked.map(({ url }) => url))).toEqual(new Set(['/clusters/prd/flows/stream?rows=5']));
    leaving.abort();
    await expect.poll(() => fanout().size()).toEqual({ browsers: 0, upstreams: 0 });
  });

  test('that cannot be opened answers with a problem, not with an empty stream', async () => {
    const problem = { type: '/problems/bad-filter', title: 'bad filter', status: 400, detail: 'expected a port' };
    platform.answers.set('/clusters/prd/flows/stream', {
      status: 400,
      type: 'application/problem+json',
      body: JSON.stringify(problem),
    });
    const response = await FLOW_STREAM(get('/api/v1/clusters/prd/flows/stream?filter=port:x'), prd);
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
  });

  test('whose reader has left already is not opened, and is no failure', async () => {
    platform.answers.set('/clusters/prd/flows/stream', { type: 'text/event-stream', body: status, open: true });
    const response = await FLOW_STREAM(get('/api/v1/clusters/prd/flows/stream', { signal: AbortSignal.abort() }), prd);
    expect(response.status).toBe(499);
    await expect.poll(() => fanout().size()).toEqual({ browsers: 0, upstreams: 0 });
  });

  test('ends when its reader loses the right to read it', async () => {
    platform.answers.set('/clusters/prd/flows/stream', { type: 'text/event-stream', body: status, open: true });
    const cookie = await cookieFor('leaver', [{ role: 'viewer', scope: 'PRD' }]);
    const watched = handle('GET /api/v1/clusters/{cluster}/flows/stream', (call) => streamOfIngest(call, 50));
    const response = await watched(get('/api/v1/clusters/prd/flows/stream', { cookie }), prd);
    const reader = response.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    await recordSignIn({ subject: 'demo|leaver', name: 'leaver', email: '', grants: [] });
    await expect.poll(async () => (await reader?.read())?.done).toBe(true);
    await expect.poll(() => fanout().size().browsers).toBe(0);
  });
});

describe('a capture', () => {
  const done = { status: 201, body: JSON.stringify({ id: 'c1' }) };

  test('is ordered with who ordered it, and a repeat with the same key orders no second one', async () => {
    platform.answers.set('/clusters/prd/captures', done);
    const order = () =>
      CAPTURE(
        pageRequest('/api/v1/clusters/prd/captures', {
          method: 'POST',
          cookie: operator,
          headers: { 'content-type': 'application/json', 'idempotency-key': 'capture-0001' },
          body: JSON.stringify({ name: 'Ünïcode', filter: 'ns:payments' }),
        }),
        prd,
      );
    expect((await order()).status).toBe(201);
    expect(await (await order()).json()).toEqual({ id: 'c1' });
    expect(platform.asked).toHaveLength(1);
    expect(JSON.parse(platform.asked[0]?.body.toString() ?? '')).toEqual({ name: 'Ünïcode', filter: 'ns:payments', seconds: 0 });
    expect(decodeURIComponent(String(platform.asked[0]?.headers['x-causeway-actor']))).toBe('olga');
  });

  test('is uploaded as a stream: ingest gets the very bytes', async () => {
    platform.answers.set('/clusters/prd/captures', done);
    const file = gzipSync('{"flow":{}}\n'.repeat(200_000));
    const chunks = Array.from({ length: Math.ceil(file.length / 1000) }, (_, index) =>
      file.subarray(index * 1000, index * 1000 + 1000),
    );
    const response = await CAPTURE(
      pageRequest('/api/v1/clusters/prd/captures?name=friday.jsonl.gz', {
        method: 'POST',
        cookie: operator,
        headers: { 'content-type': 'application/gzip' },
        body: Readable.toWeb(Readable.from(chunks)) as unknown as BodyInit,
        duplex: 'half',
      } as RequestInit & { cookie: string }),
      prd,
    );
    expect(response.status).toBe(201);
    expect(platform.asked[0]?.url).toBe('/clusters/prd/captures?name=friday.jsonl.gz');
    expect(platform.asked[0]?.body.equals(file)).toBe(true);
  });

  test('of another media type is refused', async () => {
    const request = pageRequest('/api/v1/clusters/prd/captures', {
      method: 'POST',
      cookie: operator,
      headers: { 'content-type': 'text/html' },
      body: 'x',
    });
    expect((await CAPTURE(request, prd)).status).toBe(400);
  });

  test('is downloaded as it comes', async () => {
    const file = gzipSync('{"flow":{}}\n');
    platform.answers.set('/clusters/prd/captures/c1/download', {
      type: 'application/gzip',
      body: file,
      headers: { 'content-disposition': 'attachment; filename="c1.jsonl.gz"' },
    });
    const response = await DOWNLOAD(
      get('/api/v1/clusters/prd/captures/c1/download'),
      withParams({ cluster: 'prd', capture: 'c1' }),
    );
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="c1.jsonl.gz"');
    expect(gunzipSync(Buffer.from(await response.arrayBuffer())).toString()).toBe('{"flow":{}}\n');
  });

  test('with an id that tries to leave its path stays in it', async () => {
    await DOWNLOAD(get('/api/v1/clusters/prd/captures/x/download'), withParams({ cluster: 'prd', capture: '../../reload' }));
    expect(platform.asked[0]?.url).toBe('/clusters/prd/captures/..%2F..%2Freload/download');
  });
});

describe('the network map for machines', () => {
  const coverage = { nodesReporting: 0, nodesExpected: 0, missing: [], lost: {}, lostTotal: 0, gaps: [], since: 0 };
  const map = (cluster: string, lastUpdated: number) => {
    const node = {
      id: `${cluster}-node`,
      kind: 'workload' as const,
      namespace: 'ns',
      name: 'a',
      workloadKind: 'Deployment',
      pods: 1,
      addresses: 0,
      identities: [],
      verdicts: {},
    };
    return {
      cluster,
      level: 'workload',
      from: 0,
      to: 1,
      nodes: [node],
      edges: [],
      lastUpdated,
      coverage,
    } as unknown as TopologyJson;
  };
  beforeEach(() => {
    for (const [id, time] of [
      ['prd', 5000],
      ['dev', 3000],
    ] as const)
      platform.answers.set(`/clusters/${id}/topology`, { body: JSON.stringify(map(id, time)) });
  });

  test('joins the clusters the caller may see, each node with its cluster', async () => {
    const response = await NETWORK_MAP(get('/api/v1/network-map/topology'), withParams());
    const all = NetworkMap.parse(await response.json());
    expect(all.nodes.map(({ id, cluster }) => [id, cluster])).toEqual([
      ['dev-node', 'dev'],
      ['prd-node', 'prd'],
    ]);
    expect(all.last_updated).toBe('1970-01-01T00:00:05.000Z');
    const some = NetworkMap.parse(
      await (await NETWORK_MAP(get('/api/v1/network-map/topology', { cookie: devViewer }), withParams())).json(),
    );
    expect(some.nodes.map(({ cluster }) => cluster)).toEqual(['dev']);
  });

  test('of one cluster is 404 for whoever may not see it', async () => {
    const ask = (cluster: string) =>
      NETWORK_MAP(get(`/api/v1/network-map/topology?cluster=${cluster}`, { cookie: devViewer }), withParams());
    expect([(await ask('dev')).status, (await ask('prd')).status, (await ask('nowhere')).status]).toEqual([200, 404, 404]);
  });

  test('is not sent again while it is the same', async () => {
    const etag = (await NETWORK_MAP(get('/api/v1/network-map/topology'), withParams())).headers.get('etag') ?? '';
    expect(
      (await NETWORK_MAP(get('/api/v1/network-map/topology', { headers: { 'if-none-match': etag } }), withParams())).status,
    ).toBe(304);
    platform.answers.set('/clusters/dev/topology', { body: JSON.stringify(map('dev', 9000)) });
    expect(
      (await NETWORK_MAP(get('/api/v1/network-map/topology', { headers: { 'if-none-match': etag } }), withParams())).status,
    ).toBe(200);
  });
});

/** Text of the body until `mark` has come. */
async function untilText(response: Response, mark: string): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  let text = '';
  while (!text.includes(mark)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  reader.releaseLock();
  return text;
}
