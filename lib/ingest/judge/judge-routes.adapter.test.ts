import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { Capture } from '#lib/api/captures.ts';
import { LintReport, PolicyDetail, PolicyList, type PolicySet, WouldDeny } from '#lib/api/policies.ts';
import { AuditReport, Explanation, ReachMatrix, Suggestion, WhatIfReport } from '#lib/api/what-if.ts';
import { candidateSet } from '#lib/audit/candidate.ts';
import { compareSets } from '#lib/audit/compare.ts';
import { judgeInputOfJson, type JudgeInputJson } from '#lib/audit/judge-input.ts';
import { createIngestClient, type IngestClient } from '#lib/bus/ingest-client.ts';
import { type EmbeddedDatabase, openEmbedded } from '#lib/db/embedded.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { insertSet } from '#lib/db/policies/sets.ts';
import { readWouldDeny } from '#lib/db/policies/would-deny.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { type Demo, startDemo } from '#lib/demo/demo.ts';
import { compilePolicies } from '#lib/policy/compile.ts';
import { parsePolicies } from '#lib/policy/parse.ts';
import { bundledWorker } from '#lib/testing/judge-worker.ts';
import { until } from '#lib/testing/postgres.ts';
import { type Ingest, startIngest } from '../main.ts';

const CLUSTER = 'prd';
const log = pino({ level: 'silent' });

/** A candidate that closes the ledger to everybody. */
const CLOSED = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: ledger-closed, namespace: payments}
spec:
  endpointSelector: {matchLabels: {app: ledger}}
  ingressDeny:
    - fromEntities: [all]
`;

let dir: string;
let database: EmbeddedDatabase;
let db: TrafficDb;
let demo: Demo;
let ingest: Ingest;
let client: IngestClient;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cwj-'));
  demo = await startDemo({ seed: 3, rate: 0.2, nodesLeave: false });
  database = await openEmbedded(join(dir, 'db'));
  await migrate(database.url, readMigrations('prisma/migrations'));
  db = openTrafficDb(database.url, 1);
  const address = demo.clusters[0]?.address ?? '';
  const connection = new Client({ connectionString: database.url });
  await connection.connect();
  await connection.query(
    "INSERT INTO cluster (id, name, environment, relay, objects) VALUES ($1, 'PRD', 'PRD', $2::jsonb, $3::jsonb)",
    [CLUSTER, JSON.stringify({ address, tls: false }), JSON.stringify({ from: 'folder', path: resolve('lib/demo/world') })],
  );
  await connection.query("INSERT INTO cluster (id, name, environment, relay) VALUES ('bare', 'Bare', 'DEV', $1::jsonb)", [
    JSON.stringify({ address, tls: false }),
  ]);
  await connection.end();
  ingest = await startIngest({
    databaseUrl: database.url,
    listen: `unix:${join(dir, 'ingest.sock')}`,
    token: 'secret',
    log,
    judgeFile: await bundledWorker(),
  });
  client = createIngestClient({ url: ingest.url, token: 'secret' });
  const isFresh = ({ lastHit = 0 }: PolicyList['policies'][number]): boolean => lastHit > Date.now() - 120_000;
  await until(async () => (await policies()).policies.some(isFresh), 'all that the relay held to be counted', 100_000);
});
afterAll(async () => {
  client.close();
  await ingest.close();
  await demo.close();
  await db.close();
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

async function ask(path: string, body?: object, cluster = CLUSTER): Promise<{ status: number; json: unknown }> {
  const [pathname = '', search] = path.split('?');
  const answer = await client.ask(
    `/clusters/${cluster}/${pathname}`,
    search === undefined ? '' : `?${search}`,
    body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  );
  return { status: answer.status, json: JSON.parse(answer.body.toString('utf8')) };
}

/** The answer, which must be all that its contract says and no more. */
async function get<T>(schema: z.ZodObject & z.ZodType<T>, path: string, body?: object, cluster = CLUSTER): Promise<T> {
  const { status, json } = await ask(path, body, cluster);
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`);
  const parsed = schema.strict().safeParse(json);
  expect(parsed.error?.issues ?? []).toEqual([]);
  return schema.parse(json);
}
const policies = (): Promise<PolicyList> => get(PolicyList, 'policies?range=1h');

describe('the inventory', () => {
  test('has every policy with what it selects and did', async () => {
    const list = await policies();
    expect(list.source.state).toBe('ready');
    expect(list.policies).toHaveLength(30);
    expect(list.set).toMatchObject({ policies: 30, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const selecting = list.policies.find(({ ref }) => ref === 'cnp:payments/ledger-from-checkout') ?? list.policies[0];
    expect(selecting).toMatchObject({ valid: true, selects: { endpoints: expect.any(Number) } });
    expect(list.policies.every(({ valid }) => valid)).toBe(true);
    expect(list.namespaces.find(({ namespace }) => namespace === 'payments')?.ingressClosed).toBeGreaterThan(0);
  });

  test('is empty for a cluster whose objects nobody reads, and says what to do', async () => {
    const list = await get(PolicyList, 'policies', undefined, 'bare');
    expect(list).toMatchObject({ policies: [], source: { state: 'none', detail: expect.stringContaining('--kubeconfig') } });
    expect(await ask('policies/lint', undefined, 'bare')).toMatchObject({
      status: 503,
      json: { type: '/problems/not-configured' },
    });
  });

  test('says how many minutes of the window are not all known', async () => {
    const hour = Date.now() - (Date.now() % 3_600_000) - 48 * 3_600_000;
    const gap = (from: number, to: number) =>
      db.rows('INSERT INTO traffic_gap (cluster, from_ms, to_ms, reason, node_name) VALUES ($1, $2, $3, $4, $5)', [
        CLUSTER,
        from,
        to,
        'relay-unreachable',
        '',
      ]);
    await gap(hour - 90_000, hour + 30_000); // reaches into the first minute
    await gap(hour + 600_000, hour + 725_000); // three minutes
    await gap(hour + 610_000, hour + 615_000); // in the same
    const { incompleteMinutes } = await get(PolicyList, `policies?from=${hour}&to=${hour + 3_600_000}`);
    expect(incompleteMinutes).toBe(4);
  });

  test('leads to each policy, its rules with their lines', async () => {
    const { policies: all } = await policies();
    const used = all.find(({ hits, namespace }) => hits > 0 && namespace !== '');
    const detail = await get(PolicyDetail, `policies/cnp/${used?.namespace}/${used?.name}?range=1h`);
    expect(detail.rules.some(({ flows }) => flows > 0)).toBe(true);
    for (const { line, path, text } of detail.rules) {
      expect(detail.yaml.split('\n')[(line ?? 0) - 1]).toMatch(/^\s*- /);
      expect([path, text]).not.toContain('');
    }
    expect(detail.endpoints.length).toBe(detail.summary.selects.endpoints);
    const clusterwide = all.find(({ namespace }) => namespace === '');
    expect((await get(PolicyDetail, `policies/ccnp/-/${clusterwide?.name}`)).summary.ref).toBe(clusterwide?.ref);
    expect((await ask('policies/cnp/payments/none')).status).toBe(404);
    expect((await ask('policies/xyz/payments/none')).status).toBe(404);
  });
});

describe('what-if', () => {
  test('says what a candidate would deny', async () => {
    const report = await get(WhatIfReport, 'policies/what-if', { yaml: CLOSED, range: '1h' });
    expect(report.added).toEqual(['cnp:payments/ledger-closed']);
    expect(report.newlyDenied.tuples).toBeGreaterThan(0);
    expect(report.rows.every(({ kind, destination }) => kind !== 'newly-denied' || destination === 'payments/ledger')).toBe(true);
    expect(report.isolated).toEqual([]);
  });

  test('gives in the thread the answer that the browser gives of the same input', async () => {
    // A window that is over, or flows would come between the two.
    const window = { from: Date.now() - 3_600_000, to: Date.now() - 60_000 };
    const { json } = await ask(`policies/judge-input?from=${window.from}&to=${window.to}`);
    const input = judgeInputOfJson(json as JudgeInputJson);
    const { policies: after, hash } = candidateSet(
      input.policies,
      parsePolicies(CLOSED).objects.map(({ object }) => object),
      'merge',
    );
    const here = compareSets(
      input,
      { policies: input.policies, hash: input.setHash, compiled: compilePolicies(input.world, input.policies) },
      { policies: after, hash, compiled: compilePolicies(input.world, after) },
    );
    const { problems, judgedMs, ...there } = await get(WhatIfReport, 'policies/what-if', { yaml: CLOSED, ...window });
    expect(there).toEqual(here);
    expect(problems).toEqual([]);
    expect(judgedMs).toBeGreaterThan(0);
    expect(here.newlyDenied.tuples).toBeGreaterThan(0);
  });

  test.each([
    ['a text that is no YAML', { yaml: 'kind: [' }, 422],
    ['neither set nor text', {}, 400],
    ['a set that is not there', { set: 'none' }, 404],
    ['a window the wrong way round', { yaml: CLOSED, from: 5, to: 1 }, 400],
  ])('refuses %s', async (_, body, status) => {
    expect((await ask('policies/what-if', body)).status).toBe(status);
  });
});

describe('why', () => {
  test('explains both directions and gives the nearest rule', async () => {
    const asked = 'policies/why?from=monitoring/grafana&to=payments/ledger&port=9090';
    const answer = await get(Explanation, asked);
    expect(answer).toMatchObject({ verdict: 'denied', set: { id: 'in-force' }, question: { from: 'monitoring/grafana' } });
    expect(answer.ingress.steps.length).toBeGreaterThan(0);
    expect(answer.nearest[0]?.yaml).toContain('grafana');
  });

  test('knows whom only traffic shows', async () => {
    const { json } = await ask('policies/judge-input?range=1h');
    const outside = (json as JudgeInputJson).peers.find(
      ({ name, addresses }) => name.startsWith('fqdn:') && addresses.length > 0,
    );
    const answer = await get(Explanation, `policies/why?from=payments/ledger&to=${outside?.name}&port=443`);
    expect(answer.question.to).toBe(outside?.name.slice('fqdn:'.length));
  });

  test('refuses whom nobody knows', async () => {
    const { status, json } = await ask('policies/why?from=payments/ledger&to=nowhere/none&port=1');
    expect({ status, json }).toMatchObject({ status: 404, json: { place: { parameter: 'to' } } });
  });
});

test.each(['level=namespace', 'level=workload&namespace=payments'])('reach at %s lies over what was seen', async (search) => {
  const { names, cells } = await get(ReachMatrix, `policies/reach?${search}&range=1h`);
  expect(names.length).toBeGreaterThan(3);
  expect(cells.some(({ policy, used }) => policy !== 'denied' && used > 0)).toBe(true);
});

test('a capture is judged like the ledger, and audited flow by flow', async () => {
  const { json } = await ask('captures', { name: 'All', filter: '', seconds: 0 });
  const { id } = Capture.parse(json);
  const report = await get(WhatIfReport, 'policies/what-if', { yaml: CLOSED, capture: id });
  expect(report.newlyDenied.tuples).toBeGreaterThan(0);
  expect(report.total.flows).toBeGreaterThan(1000);
  const audit = await get(AuditReport, `policies/audit?capture=${id}`);
  expect(audit.agree.tuples).toBeGreaterThan(20);
  expect(audit.assumed).toBeUndefined();
  expect((await ask('policies/audit?capture=none')).status).toBe(404);
});

test('suggestions come from the traffic of a namespace', async () => {
  const { policies: suggested, check } = await get(Suggestion, 'policies/suggest', { namespace: 'payments', range: '1h' });
  expect(suggested.length).toBeGreaterThan(0);
  expect(check.newlyDenied).toBe(0);
});

describe('the audit', () => {
  test('finds that nearly all of the ledger is what the policies say', async () => {
    const report = await get(AuditReport, 'policies/audit?range=1h');
    expect(report.set.policies).toBe(30);
    expect(report.agree.flows).toBeGreaterThan(20 * report.disagree.flows);
  });
});

test('lint looks at all of them', async () => {
  const { policies: looked, findings } = await get(LintReport, 'policies/lint');
  expect(looked).toBe(30);
  expect(findings.length).toBeGreaterThan(0);
  expect(findings.every(({ line }) => line !== undefined)).toBe(true);
});

test('a watched set is judged minute by minute, and its alert shows', async () => {
  const now = Date.now();
  const set: PolicySet = {
    id: 'watched',
    name: 'Ledger closed',
    description: '',
    hash: 'a'.repeat(64),
    policies: ['cnp:payments/ledger-closed'],
    removes: [],
    mode: 'merge',
    watched: true,
    alertAt: 1,
    yaml: CLOSED,
    createdBy: 'test',
    createdAt: now - 5 * 60_000,
    updatedAt: now,
  };
  await insertSet(db, CLUSTER, set);
  await until(
    async () => (await readWouldDeny(db, set.id, 0, now * 2)).some(({ denied }) => denied > 0),
    'a minute that is judged',
    120_000,
  );
  const view = await get(WouldDeny, `policy-sets/${set.id}/would-deny?range=1h`);
  expect(view.alert?.flows).toBeGreaterThan(0);
  expect(view.byWorkload[0]?.workload).toBe('payments/ledger');
  expect(view.denied.length).toBe(view.times.length);
  const metrics = await client.ask('/metrics');
  expect(metrics.body.toString('utf8')).toMatch(/causeway_would_deny_flows_total\{cluster="prd",set="watched"\} [1-9]/);
}, 150_000);
