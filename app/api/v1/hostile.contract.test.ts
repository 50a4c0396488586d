import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flowsToCsv, flowsToJsonLines } from '#components/flows/flow-export.ts';
import { ClusterStatus, NamespaceList, NodeList } from '#lib/api/clusters.ts';
import { DropsReport } from '#lib/api/drops.ts';
import { FlowBatch, flowOfJson, FlowPage } from '#lib/api/flows.ts';
import { Timeline } from '#lib/api/timeline.ts';
import { NetworkMap, TopologyJson } from '#lib/api/topology.ts';
import { encodeFlow, encodeLostEvents, encodeNodeStatus } from '#lib/demo/encode.ts';
import type { Endpoint, Flow, PolicyRef } from '#lib/flow/flow.ts';
import { parseLine } from '#lib/flow/parse.ts';
import { LIMITS } from '#lib/flow/text.ts';
import { aFlow } from '#lib/testing/flows.ts';
import { cookieFor, pageRequest, withParams } from '#lib/testing/platform.ts';
import { until } from '#lib/testing/postgres.ts';
import { type FlowsCall, type ScriptedRelay, scriptedRelay } from '#lib/testing/scripted-relay.ts';
import { startTraffic, type Traffic } from '#lib/testing/traffic.ts';
import { GET as METRICS } from '../../metrics/route.ts';
import { GET as NETWORK_MAP } from './network-map/topology/route.ts';
import { POST as CAPTURE } from './clusters/[cluster]/captures/route.ts';
import { GET as DOWNLOAD } from './clusters/[cluster]/captures/[capture]/download/route.ts';
import { GET as DROPS } from './clusters/[cluster]/drops/route.ts';
import { GET as FLOWS } from './clusters/[cluster]/flows/route.ts';
import { GET as FLOW_STREAM } from './clusters/[cluster]/flows/stream/route.ts';
import { GET as NAMESPACES } from './clusters/[cluster]/namespaces/route.ts';
import { GET as NODES } from './clusters/[cluster]/nodes/route.ts';
import { GET as STATUS } from './clusters/[cluster]/status/route.ts';
import { GET as TIMELINE } from './clusters/[cluster]/timeline/route.ts';
import { GET as TOPOLOGY } from './clusters/[cluster]/topology/route.ts';

/** What an attacker would like to be run, or to break a line, a cell, a terminal or a row with. */
const HOSTILE = [
  '<img src=x onerror=alert(1)>"\'`',
  '=cmd|\'/C calc\'!A0,"x"\r\n+1',
  '__proto__',
  'constructor',
  '\u0000\u0007\u001b[31mred\u001b[0m',
  'a\r\nid: 1\nevent: status\ndata: {}\n\n',
  '\u202eevil\u202c\u200b\u2028',
  "'; DROP TABLE cluster; --",
  '\ud800 half',
  '${jndi:ldap://x}{{7*7}}',
];
const HUGE = `k8s:huge=${'x'.repeat(10 * 1024 * 1024)}`;
const GOOD = 'good-flow-after-all';

let now = Date.now();
const at = (): number => (now += 1);

/** A flow with `text` in every field that holds text. */
function hostileFlow(text: string, index: number): Flow {
  const labels = [`k8s:__proto__=${text}`, '__proto__', `k8s:${text}`, `k8s:io.kubernetes.pod.namespace=${text}`];
  const end = (identity: number): Endpoint => ({
    id: 7,
    identity,
    clusterName: text,
    namespace: text,
    podName: text,
    labels: index === 0 ? [...labels, HUGE] : labels,
    workload: { name: text, kind: text },
  });
  const policies: PolicyRef[] = [{ name: text, namespace: text, kind: text, revision: 1, labels }];
  return aFlow({
    time: at(),
    uuid: `hostile-${index}`,
    verdict: index % 2 ? 'DROPPED' : 'FORWARDED',
    dropReason: index % 2 ? 'POLICY_DENIED' : undefined,
    ip: { source: text, destination: text, sourceXlated: text, version: 4, encrypted: false },
    source: end(1000 + index),
    destination: end(2000 + index),
    nodeName: text,
    sourceNames: [text],
    destinationNames: [text],
    sourceService: { name: text, namespace: text },
    destinationService: { name: text, namespace: text },
    traceId: text,
    summary: text,
    egressAllowedBy: policies,
    ingressAllowedBy: policies,
    egressDeniedBy: policies,
    ingressDeniedBy: policies,
  });
}

const withL7 = (flow: Flow, uuid: string, l7: NonNullable<Flow['l7']>): Flow => ({ ...flow, time: at(), uuid, type: 'L7', l7 });

function everyShape(text: string, index: number): Flow[] {
  const flow = hostileFlow(text, index);
  const http = { code: 200, method: text, url: text, protocol: text, headers: [{ key: text, value: text }] };
  const dns = {
    query: text,
    ips: [text],
    cnames: [text],
    rcode: 3,
    qtypes: [text],
    rrtypes: [text],
    ttl: 1,
    observationSource: text,
  };
  const kafka = { errorCode: 1, apiVersion: 1, apiKey: text, correlationId: 1, topic: text };
  return [
    flow,
    withL7(flow, `hostile-${index}-http`, { type: 'RESPONSE', latencyNs: 1, http }),
    withL7(flow, `hostile-${index}-dns`, { type: 'RESPONSE', latencyNs: 1, dns }),
    withL7(flow, `hostile-${index}-kafka`, { type: 'REQUEST', latencyNs: 0, kafka }),
  ];
}

/** All of it in one go, bad frames between, and a good flow at the end. */
function send(call: FlowsCall): void {
  if (!call.request.follow) return void call.end();
  for (const [index, text] of HOSTILE.entries()) {
    for (const flow of everyShape(text, index)) call.write(encodeFlow(flow, undefined));
    call.write(encodeNodeStatus({ time: at(), state: 'NODE_ERROR', nodeNames: [text], message: text }, text));
    const times = { first: at(), last: at() };
    call.write(encodeLostEvents({ time: at(), nodeName: text, source: 'HUBBLE_RING_BUFFER', count: 3, ...times }));
    call.write(Buffer.from(`garbage ${text}`));
  }
  call.write(encodeFlow(aFlow({ time: at(), uuid: GOOD }), undefined));
}

const SENT = HOSTILE.length * 4 + 1;
let relay: ScriptedRelay;
let traffic: Traffic;
let operator: string;
const prd = withParams({ cluster: 'prd' });
const post = (path: string, body: object) =>
  pageRequest(path, {
    method: 'POST',
    cookie: operator,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const ask = (path: string, init: { signal?: AbortSignal } = {}) => pageRequest(path, { cookie: operator, ...init });

beforeAll(async () => {
  relay = await scriptedRelay({
    send,
    nodes: { nodes: HOSTILE.map((text) => ({ name: text, version: text, address: text, state: 'NODE_CONNECTED' })) },
    status: { version: HOSTILE[0], num_connected_nodes: { value: 1 } },
    namespaces: { namespaces: HOSTILE.map((text) => ({ cluster: text, namespace: text })) },
  });
  traffic = await startTraffic([{ id: 'prd', relay: { address: relay.address, tls: false } }]);
  operator = await cookieFor('olga', [{ role: 'operator', scope: '*' }]);
  await until(async () => (await allFlows()).length === SENT, 'every flow to come in', 60_000);
});
afterAll(async () => {
  await traffic.close();
  relay.close();
});

/** The answer's JSON, when it came as JSON that no browser takes for anything else and in which no control character stands raw. */
async function json(response: Response): Promise<unknown> {
  const text = await response.text();
  expect([response.status, response.status === 200 ? '' : text]).toEqual([200, '']);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(text).not.toMatch(/[\u0000-\u001f]/);
  expect(text.length).toBeLessThan(3_000_000); // less than the label of 10 MB
  return JSON.parse(text);
}

const allFlows = async (): Promise<Flow[]> =>
  FlowPage.parse(await json(await FLOWS(ask('/api/v1/clusters/prd/flows?limit=500'), prd))).flows.map(flowOfJson);

describe('hostile text from a relay', () => {
  test('comes out of the API as text, bounded, and the flows after it come too', async () => {
    const flows = await allFlows();
    expect(flows).toHaveLength(SENT);
    expect(flows[0]?.uuid).toBe(GOOD);
    const shown = flows.find(({ uuid }) => uuid === 'hostile-0');
    expect(shown?.source.namespace).toBe(HOSTILE[0]);
    expect(shown?.source.labels.map(({ length }) => length).every((length) => length <= LIMITS.label)).toBe(true);
    expect(shown?.source.labels.at(-1)).toMatch(/^k8s:huge=x+…$/);
    expect(flows.find(({ uuid }) => uuid === 'hostile-4')?.source.podName).toBe(HOSTILE[4]?.replace('\0', '\ufffd'));
  });

  test.each(['namespace', 'workload', 'pod'])('makes a map at the level %s, and no other object than it says', async (level) => {
    const map = TopologyJson.parse(await json(await TOPOLOGY(ask(`/api/v1/clusters/prd/topology?level=${level}`), prd)));
    expect(map.edges.length).toBeGreaterThanOrEqual(HOSTILE.length);
    expect(JSON.stringify(map.nodes)).toContain('__proto__');
    expect(({} as Record<string, unknown>)['polluted'] ?? Object.keys(Object.prototype)).toEqual([]);
  });

  test('is counted in drops, timeline, namespaces and nodes', async () => {
    const drops = DropsReport.parse(await json(await DROPS(ask('/api/v1/clusters/prd/drops?range=5m'), prd)));
    expect(drops.total).toBe((HOSTILE.length / 2) * 4);
    const timeline = Timeline.parse(await json(await TIMELINE(ask('/api/v1/clusters/prd/timeline?range=5m'), prd)));
    expect(timeline.coverage.lostTotal).toBe(3 * HOSTILE.length);
    const { namespaces } = NamespaceList.parse(await json(await NAMESPACES(ask('/api/v1/clusters/prd/namespaces'), prd)));
    expect(namespaces.map(({ name }) => name)).toContain('__proto__');
    const { nodes } = NodeList.parse(await json(await NODES(ask('/api/v1/clusters/prd/nodes'), prd)));
    expect(nodes.map(({ name }) => name)).toContain('__proto__');
    NetworkMap.parse(await json(await NETWORK_MAP(ask('/api/v1/network-map/topology'), withParams())));
  });

  test('can be filtered by, to the very flows', async () => {
    for (const filter of ['ns:__proto__', 'pod:constructor', `ns:"${HOSTILE[7]}"`, 'uuid:hostile-2']) {
      const search = new URLSearchParams({ filter });
      const page = FlowPage.parse(await json(await FLOWS(ask(`/api/v1/clusters/prd/flows?${search}`), prd)));
      expect([filter, page.flows.length > 0]).toEqual([filter, true]);
    }
  });

  test('leaves malformed frames counted and the relay live', async () => {
    const status = ClusterStatus.parse(await json(await STATUS(ask('/api/v1/clusters/prd/status'), prd)));
    expect(status).toMatchObject({ state: 'live', malformed: HOSTILE.length, received: SENT });
  });

  test('is stored: nothing in it makes the database refuse a batch', async () => {
    const metric = async (name: string) => {
      const text = await (await METRICS(pageRequest('/metrics'), withParams())).text();
      return new RegExp(`^${name}\\{cluster="prd"\\} (.+)$`, 'm').exec(text)?.[1];
    };
    await expect.poll(() => metric('causeway_ingest_ledger_rows_waiting'), { timeout: 15_000 }).toBe('0');
    expect(await metric('causeway_ingest_storing')).toBe('1');
    const { openTrafficDb } = await import('#lib/db/traffic/connection.ts');
    const db = openTrafficDb(process.env['DATABASE_URL'] ?? '', 1);
    const [sum] = await db.rows<{ flows: number }>('SELECT sum(flows)::int AS flows FROM ledger_minute');
    const [tables] = await db.rows<{ n: number }>(`SELECT count(*)::int AS n FROM cluster`);
    await db.close();
    expect(sum?.flows).toBe(SENT);
    expect(tables?.n).toBe(1);
  });

  test('breaks no server-sent event', async () => {
    const leave = new AbortController();
    const request = ask('/api/v1/clusters/prd/flows/stream?rows=1000', { signal: leave.signal });
    request.headers.set('last-event-id', 'another0run-1');
    let [text, shown] = ['', 0];
    for await (const chunk of (await FLOW_STREAM(request, prd)).body ?? []) {
      text += Buffer.from(chunk).toString();
      const blocks = text.split('\n\n').slice(0, -1);
      const batches = blocks.flatMap((block) => (block.includes('event: flows\n') ? [dataOf(block)] : []));
      shown = batches.reduce((sum, data) => sum + FlowBatch.parse(JSON.parse(data)).flows.length, 0);
      if (shown >= SENT) break;
    }
    leave.abort();
    expect(shown).toBe(SENT);
    const fields = text.split('\n').map((line) => /^[a-z]*(?=:)|^$/.exec(line)?.[0]);
    expect(new Set(fields)).toEqual(new Set(['', 'id', 'event', 'data']));
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test('is recorded and downloaded as lines that give the same flows again', async () => {
    const made = await CAPTURE(
      post('/api/v1/clusters/prd/captures', { name: `<b>"; filename=../evil.html; x=`, filter: '' }),
      prd,
    );
    const capture = (await made.json()) as { id: string; flows: number };
    expect([made.status, capture.flows]).toEqual([201, SENT]);
    const download = await DOWNLOAD(
      ask(`/api/v1/clusters/prd/captures/${capture.id}/download`),
      withParams({ cluster: 'prd', capture: capture.id }),
    );
    expect(download.headers.get('content-disposition')).toMatch(/^attachment; filename="[A-Za-z0-9._-]+\.jsonl\.gz"$/);
    const lines = gunzipSync(Buffer.from(await download.arrayBuffer()))
      .toString()
      .split('\n');
    expect(lines.pop()).toBe('');
    expect(lines).toHaveLength(SENT);
    const read = lines.map((line) => parseLine(line));
    expect(read.filter(({ ok }) => !ok)).toEqual([]);
    const again = read.flatMap((line) => (line.ok && line.event.kind === 'flow' ? [line.event.flow] : []));
    const byUuid = (a: Flow, b: Flow) => (a.uuid < b.uuid ? -1 : 1);
    expect(again.toSorted(byUuid)).toEqual((await allFlows()).toSorted(byUuid));
  });

  test.each(['a\u0000b', 'a\r\nb', '\u001b[31m', '\ud800', 'a\u2028b'])('is no name that a person may give: %j', async (name) => {
    const response = await CAPTURE(post('/api/v1/clusters/prd/captures', { name, filter: '' }), prd);
    expect(await response.json()).toMatchObject({ type: '/problems/bad-input', place: { field: 'name' } });
    const stored = await CAPTURE(post('/api/v1/clusters/prd/captures', { name: 'x', filter: 'ns:"a\u0000b"' }), prd);
    expect(await stored.json()).toMatchObject({ type: '/problems/bad-input', place: { field: 'filter' } });
  });

  test('is inert in a CSV file, cell by cell, and whole in JSON lines', async () => {
    const flows = await allFlows();
    const rows = readCsv(flowsToCsv(flows));
    expect(new Set(rows.map(({ length }) => length)).size).toBe(1);
    expect(rows).toHaveLength(SENT + 1);
    expect(rows.flat().filter((cell) => /^[\s]*[=+@]|^-(?!\d*$)/.test(cell))).toEqual([]);
    expect(flowsToJsonLines(flows).split('\n')).toHaveLength(SENT + 1);
  });

  test('leaves every log line a line: JSON, without a raw control character', async () => {
    expect(traffic.log.length).toBeGreaterThan(5);
    for (const line of traffic.log) {
      expect(line).not.toMatch(/[\u0000-\u001f\u007f\u2028\u202e]/);
      expect(JSON.parse(line)).toHaveProperty('level');
    }
  });
});

const dataOf = (block: string): string => block.slice(block.indexOf('data: ') + 'data: '.length);

/** RFC 4180, strictly. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let match = cell.exec(text); match; match = cell.exec(text)) {
    rows.at(-1)?.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    if (match[3] === '\r\n') rows.push([]);
    if (cell.lastIndex === text.length) return rows.slice(0, -1);
  }
  throw new Error('the CSV file breaks off');
}
