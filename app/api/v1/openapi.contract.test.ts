import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { DemoCluster } from '#lib/demo/demo-cluster.ts';
import { serveRelay } from '#lib/demo/relay-server.ts';
import { productionWorld } from '#lib/demo/world.ts';
import { insertStepUp } from '#lib/db/platform/step-ups.ts';
import { openTrafficDb } from '#lib/db/traffic/connection.ts';
import { pathOf, ROUTE_IDS } from '#lib/http/api-routes.ts';
import { cookieFor, pageRequest, withParams } from '#lib/testing/platform.ts';
import { until } from '#lib/testing/postgres.ts';
import { StoredLog } from '#lib/testing/receipt-log.ts';
import { anEvidence } from '#lib/testing/receipts.ts';
import { SEEDED, seedGates } from '#lib/testing/seeded-gates.ts';
import { startTraffic, type Traffic } from '#lib/testing/traffic.ts';

type Json = Record<string, unknown>;
type Handler = (request: Request, context: ReturnType<typeof withParams>) => Promise<Response>;
interface Document {
  readonly paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, { schema: Json }> }> }>>;
  readonly components: { readonly schemas: Json };
}

const cluster = new DemoCluster({
  world: productionWorld(),
  character: { busy: 1, trouble: 1, findings: false, story: false, authenticatedEverywhere: false },
  seed: 5,
  start: Date.now() - 60_000,
  storyAfterMs: 0,
  nodesLeave: false,
  ringCapacity: 500,
});
const params: Record<string, string> = {
  cluster: 'prd',
  kind: 'cnp',
  namespace: 'payments',
  name: 'ledger-from-checkout',
  phase: '1',
};
/** Where a question cannot be asked without one. */
const QUERIES: Readonly<Record<string, string>> = {
  '/api/v1/batches': '?cluster=prd',
  '/api/v1/consistency': '?cluster=prd&from=1',
  '/api/v1/findings': '?cluster=prd',
  '/api/v1/receipts': '?cluster=prd',
  '/api/v1/clusters/{cluster}/migration/values': '?phase=1',
  '/api/v1/clusters/{cluster}/policies/why': '?from=gateway/web-bff&to=payments/payments-db&port=5432',
};
let relay: Awaited<ReturnType<typeof serveRelay>>;
let traffic: Traffic;
let cookie: string;
let document: Document;

const CANDIDATE = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: ledger-closed, namespace: payments}
spec: {endpointSelector: {matchLabels: {app: ledger}}, ingressDeny: [{fromEntities: [all]}]}
`;

const WEBHOOK = { name: 'chat', url: 'https://hooks.example.com/x', events: ['gate.approved'] };

/** The id of a baseline of one record. */
async function importedFlowLogs(): Promise<string> {
  const path = '/api/v1/clusters/{cluster}/flow-logs';
  const second = Math.floor(Date.now() / 1000) - 60;
  const body = `2 1 eni-1 10.0.0.1 10.0.0.2 40000 443 6 1 60 ${second} ${second} ACCEPT OK\n`;
  const request = pageRequest(path.replace('{cluster}', 'prd'), {
    method: 'POST',
    cookie,
    body,
    headers: { 'content-type': 'text/plain' },
  });
  const answer = await (await handlerOf(path, 'POST'))(request, withParams({ cluster: 'prd' }));
  return ((await answer.json()) as { id: string }).id;
}

/** The id of a receipt in a log with a signed head. */
async function aLoggedReceipt(): Promise<string> {
  const db = openTrafficDb(process.env['DATABASE_URL'] ?? '', 1);
  const log = new StoredLog(db, 'prd');
  const { receipts } = await log.append([anEvidence({ cluster_id: 'prd' })]);
  await log.sign(1);
  await db.close();
  return receipts[0]?.receipt_id ?? '';
}

/** The handler of a path, from its own file. */
const handlerOf = async (path: string, method: string): Promise<Handler> => {
  const file = join(process.cwd(), 'app', path.replaceAll(/\{(\w+)\}/g, '[$1]'), 'route.ts');
  return ((await import(file)) as Record<string, Handler>)[method] as Handler;
};
const call = async (path: string, method = 'GET', body?: object): Promise<Response> => {
  const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? 'nothing');
  const own = Object.fromEntries(Object.entries(params).filter(([name]) => path.includes(`{${name}}`)));
  const init = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return (await handlerOf(path, method))(pageRequest(url + (QUERIES[path] ?? ''), { method, cookie, ...init }), withParams(own));
};

/** Checks a value by a schema as the document has it: whoever generates a client from it relies on that, not on ours. */
function asDocumented(schema: Json): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: document.components.schemas }).replaceAll('#/components/schemas/', '#/$defs/');
  return z.fromJSONSchema(JSON.parse(text) as Parameters<typeof z.fromJSONSchema>[0]);
}

beforeAll(async () => {
  relay = await serveRelay(cluster, { port: 0 });
  traffic = await startTraffic(
    [{ id: 'prd', relay: { address: relay.address, tls: false }, objects: { from: 'folder', path: resolve('lib/demo/world') } }],
    { environment: { CAUSEWAY_WEBHOOK_ORIGINS: 'https://hooks.example.com' } },
  );
  cookie = await cookieFor('all', [
    { role: 'admin', scope: '*' },
    { role: 'operator', scope: '*' },
    { role: 'auditor', scope: '*' },
  ]);
  document = (await (await call('/api/v1/openapi.json')).json()) as Document;
  await until(
    async () => {
      cluster.advance(cluster.time + 100);
      return (
        ((await (await call('/api/v1/clusters/{cluster}/status')).json()) as { state: string; received: number }).state === 'live'
      );
    },
    'the relay to be followed',
    60_000,
  );
  const capture = (await (await call('/api/v1/clusters/{cluster}/captures', 'POST', { name: 'all', filter: '' })).json()) as {
    id: string;
  };
  params['capture'] = capture.id;
  const policies = '/api/v1/clusters/{cluster}/policies';
  await until(
    async () => ((await (await call(policies)).json()) as { policies: unknown[] }).policies.length === 30,
    'the objects to be read',
    60_000,
  );
  const detail = await call(`${policies}/{kind}/{namespace}/{name}`);
  params['hash'] = ((await detail.json()) as { versions: { hash: string }[] }).versions[0]?.hash ?? '';
  const set = await call('/api/v1/clusters/{cluster}/policy-sets', 'POST', {
    name: 'a candidate',
    yaml: CANDIDATE,
    watched: true,
  });
  params['set'] = ((await set.json()) as { id: string }).id;
  const webhook = await call('/api/v1/webhooks', 'POST', WEBHOOK);
  params['webhook'] = ((await webhook.json()) as { id: string }).id;
  params['import'] = await importedFlowLogs();
  params['receipt'] = await aLoggedReceipt();
  await seedGates('prd');
  params['request'] = SEEDED.request;
  params['stepUp'] = await insertStepUp({
    subject: 'demo|all',
    sessionId: 's',
    action: 'gate.approve',
    request: SEEDED.request,
    evidenceHash: undefined,
    command: { method: 'POST', path: '/api/v1/clusters/prd/migration', body: {} },
    purpose: 'Approve phase 0 in PRD.',
    returnTo: '/c/prd/migration',
  });
  await call('/api/v1/tokens', 'POST', { name: 'robot', grants: [{ role: 'viewer', scope: 'PRD' }], expiresInDays: 1 });
});
afterAll(async () => {
  await traffic.close();
  relay.close();
});

const READS = ROUTE_IDS.filter(
  (id) =>
    id.startsWith('GET /api/v1/') && !/stream$|(download|export|bundle|checkpoint)$|evidence\/\{hash\}$|openapi\.json$/.test(id),
).map(pathOf);

test.each(READS)('GET %s answers what the document says', async (path) => {
  const schema = document.paths[path]?.['get']?.responses['200']?.content?.['application/json']?.schema;
  const answer = await call(path);
  const body: unknown = await answer.json();
  expect([path, answer.status]).toEqual([path, 200]);
  expect(asDocumented(schema ?? {}).safeParse(body).error?.issues ?? []).toEqual([]);
  expect(asDocumented(schema ?? {}).safeParse({}).success).toBe(false);
});

test.each([
  ['/api/v1/clusters/{cluster}/captures', 'post', { name: 'again', filter: 'verdict:DROPPED' }, '201'],
  ['/api/v1/tokens', 'post', { name: 'x', grants: [{ role: 'viewer', scope: '*' }], expiresInDays: 1 }, '201'],
  ['/api/v1/clusters/{cluster}/policies/what-if', 'post', { yaml: CANDIDATE, range: '1h' }, '200'],
  ['/api/v1/clusters/{cluster}/policies/suggest', 'post', { namespace: 'payments', range: '1h' }, '200'],
  ['/api/v1/clusters/{cluster}/policy-sets', 'post', { name: 'another', yaml: CANDIDATE }, '201'],
  ['/api/v1/webhooks', 'post', WEBHOOK, '201'],
  ['/api/v1/clusters/{cluster}/migration/phases/{phase}/evaluation', 'post', undefined, '200'],
  ['/api/v1/relay-check', 'post', { address: '127.0.0.1:1', tls: false }, '200'],
])('%s: %s answers what the document says', async (path, method, body, status) => {
  const schema = document.paths[path]?.[method]?.responses[status]?.content?.['application/json']?.schema;
  const answer = await call(path, method.toUpperCase(), body);
  expect(answer.status).toBe(Number(status));
  expect(asDocumented(schema ?? {}).safeParse(await answer.json()).error?.issues ?? []).toEqual([]);
});

test('what goes wrong answers the problem of the document', async () => {
  const schema =
    document.paths['/api/v1/clusters/{cluster}']?.['get']?.responses['default']?.content?.['application/problem+json']?.schema;
  const handler = await handlerOf('/api/v1/clusters/{cluster}', 'GET');
  const answer = await handler(pageRequest('/api/v1/clusters/none', { cookie }), withParams({ cluster: 'none' }));
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(asDocumented(schema ?? {}).safeParse(await answer.json()).error?.issues ?? []).toEqual([]);
});
