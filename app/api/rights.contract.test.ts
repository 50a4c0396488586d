import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Grant, Role } from '#lib/api/people.ts';
import { withDatabase } from '#lib/db/client.ts';
import { putCluster } from '#lib/db/platform/clusters.ts';
import { openTrafficDb } from '#lib/db/traffic/connection.ts';
import { methodOf, pathOf, ROUTE_IDS, type RouteId } from '#lib/http/api-routes.ts';
import { LATEST_PLAN } from '#lib/migration/plan/plan.ts';
import { snapshotOf } from '#lib/migration/snapshot.ts';
import { anEvidence } from '#lib/testing/receipts.ts';
import { cookieFor, pageRequest, type Platform, startPlatform, withParams } from '#lib/testing/platform.ts';
import { storedFinding } from '#lib/testing/stored-finding.ts';
import { SEEDED, seedGates } from '#lib/testing/seeded-gates.ts';
import { StoredLog } from '#lib/testing/receipt-log.ts';
import { createToken } from '#lib/usecases/create-token.ts';

/** Every caller of the matrix. `dev...` have their role in DEV only; the cluster of the paths is in PRD. */
const CALLERS = [
  'anonymous',
  'viewer',
  'operator',
  'approver',
  'admin',
  'auditor',
  'breakglass',
  'prdViewer',
  'devAdmin',
  'devOperator',
  'viewerToken',
  'adminToken',
  'boundToken',
] as const;
type Caller = (typeof CALLERS)[number];

const PEOPLE: readonly Caller[] = ['viewer', 'operator', 'approver', 'admin', 'auditor', 'breakglass', 'prdViewer'];
const READERS: readonly Caller[] = [...PEOPLE, 'viewerToken', 'adminToken'];
const SIGNED_IN: readonly Caller[] = [...READERS, 'devAdmin', 'devOperator', 'boundToken'];

/** Who gets through to which route: written by hand from the description of the roles, not taken from the code. */
const EXPECTED: Readonly<Record<RouteId, readonly Caller[]>> = {
  'GET /api/v1/me': SIGNED_IN,
  'GET /api/v1/clusters': SIGNED_IN,
  'POST /api/v1/clusters': ['admin', 'adminToken'],
  'GET /api/v1/clusters/{cluster}': READERS,
  'PUT /api/v1/clusters/{cluster}': ['admin', 'adminToken'],
  'DELETE /api/v1/clusters/{cluster}': ['admin', 'adminToken'],
  'GET /api/v1/clusters/{cluster}/status': READERS,
  'GET /api/v1/clusters/{cluster}/nodes': READERS,
  'GET /api/v1/clusters/{cluster}/namespaces': READERS,
  'GET /api/v1/clusters/{cluster}/flows': READERS,
  'GET /api/v1/clusters/{cluster}/flows/stream': READERS,
  'GET /api/v1/clusters/{cluster}/topology': READERS,
  'GET /api/v1/clusters/{cluster}/topology/stream': READERS,
  'GET /api/v1/clusters/{cluster}/drops': READERS,
  'GET /api/v1/clusters/{cluster}/timeline': READERS,
  'GET /api/v1/clusters/{cluster}/captures': READERS,
  'POST /api/v1/clusters/{cluster}/captures': ['operator', 'approver'],
  'GET /api/v1/clusters/{cluster}/captures/{capture}': READERS,
  'DELETE /api/v1/clusters/{cluster}/captures/{capture}': ['operator', 'approver'],
  'GET /api/v1/clusters/{cluster}/captures/{capture}/download': READERS,
  'GET /api/v1/clusters/{cluster}/policies': READERS,
  'GET /api/v1/clusters/{cluster}/policies/source': READERS,
  'PUT /api/v1/clusters/{cluster}/policies/source': ['operator', 'approver'],
  'GET /api/v1/clusters/{cluster}/policies/{kind}/{namespace}/{name}': READERS,
  'GET /api/v1/clusters/{cluster}/policies/{kind}/{namespace}/{name}/versions/{hash}': READERS,
  'GET /api/v1/clusters/{cluster}/policies/lint': READERS,
  'GET /api/v1/clusters/{cluster}/policies/audit': READERS,
  'GET /api/v1/clusters/{cluster}/policies/why': READERS,
  'GET /api/v1/clusters/{cluster}/policies/reach': READERS,
  'GET /api/v1/clusters/{cluster}/policies/judge-input': READERS,
  'POST /api/v1/clusters/{cluster}/policies/what-if': READERS,
  'POST /api/v1/clusters/{cluster}/policies/suggest': READERS,
  'GET /api/v1/clusters/{cluster}/policy-sets': READERS,
  'POST /api/v1/clusters/{cluster}/policy-sets': ['operator', 'approver'],
  'GET /api/v1/clusters/{cluster}/policy-sets/{set}': READERS,
  'PUT /api/v1/clusters/{cluster}/policy-sets/{set}': ['operator', 'approver'],
  'DELETE /api/v1/clusters/{cluster}/policy-sets/{set}': ['operator', 'approver'],
  'GET /api/v1/clusters/{cluster}/policy-sets/{set}/would-deny': READERS,
  'GET /api/v1/audit-log': ['admin', 'auditor', 'adminToken'],
  'GET /api/v1/audit-log/export': ['admin', 'auditor', 'adminToken'],
  'GET /api/v1/audit-log/verification': ['admin', 'auditor', 'adminToken'],
  'GET /api/v1/webhooks': ['admin', 'auditor', 'adminToken'],
  'POST /api/v1/webhooks': ['admin'],
  'PUT /api/v1/webhooks/{webhook}': ['admin'],
  'DELETE /api/v1/webhooks/{webhook}': ['admin'],
  'GET /api/v1/webhooks/{webhook}/deliveries': ['admin', 'auditor', 'adminToken'],
  'POST /api/v1/webhooks/{webhook}/deliveries/{delivery}': ['admin'],
  'GET /api/v1/clusters/{cluster}/migration': READERS,
  'POST /api/v1/clusters/{cluster}/migration': ['admin', 'adminToken'],
  'PATCH /api/v1/clusters/{cluster}/migration': ['admin', 'adminToken'],
  'GET /api/v1/clusters/{cluster}/migration/stream': READERS,
  'GET /api/v1/clusters/{cluster}/migration/export': READERS,
  'GET /api/v1/clusters/{cluster}/migration/phases/{phase}': READERS,
  'POST /api/v1/clusters/{cluster}/migration/phases/{phase}/evaluation': ['operator', 'approver'],
  'PUT /api/v1/clusters/{cluster}/migration/phases/{phase}/steps/{step}': ['operator', 'approver'],
  // Thresholds are set by admins; what BODIES sends is a statement.
  'PUT /api/v1/clusters/{cluster}/migration/phases/{phase}/checks/{check}': ['operator', 'approver'],
  'GET /api/v1/clusters/{cluster}/migration/uploads': READERS,
  'POST /api/v1/clusters/{cluster}/migration/uploads': ['operator', 'approver'],
  'GET /api/v1/clusters/{cluster}/migration/evidence/{hash}': READERS,
  'POST /api/v1/clusters/{cluster}/migration/phases/{phase}/gate': ['operator', 'approver'],
  // Commands go by roles of people: that of BODIES is for whoever operates.
  'POST /api/v1/clusters/{cluster}/migration/gate-requests/{request}/commands': ['operator', 'approver'],
  'GET /api/v1/clusters/{cluster}/migration/gate-requests/{request}': READERS,
  'POST /api/v1/clusters/{cluster}/migration/phases/{phase}/break-glass': ['breakglass'],
  'POST /api/v1/clusters/{cluster}/migration/reviews/{review}': ['approver'],
  'POST /api/v1/clusters/{cluster}/migration/phases/{phase}/elevations': ['operator', 'approver'],
  'POST /api/v1/clusters/{cluster}/migration/elevations/{elevation}': ['approver', 'admin'],
  'GET /api/v1/clusters/{cluster}/migration/risks': READERS,
  'PUT /api/v1/clusters/{cluster}/migration/risks/{risk}': ['operator', 'approver'],
  'GET /api/v1/clusters/{cluster}/migration/values': READERS,
  'GET /api/v1/clusters/{cluster}/preflight': READERS,
  'GET /api/v1/clusters/{cluster}/flow-logs': READERS,
  'POST /api/v1/clusters/{cluster}/flow-logs': ['operator', 'approver'],
  'GET /api/v1/clusters/{cluster}/flow-logs/{import}': READERS,
  'DELETE /api/v1/clusters/{cluster}/flow-logs/{import}': ['operator', 'approver'],
  'GET /api/v1/receipts': READERS,
  'GET /api/v1/receipts/{receipt}': READERS,
  'GET /api/v1/receipts/{receipt}/bundle': READERS,
  'GET /api/v1/batches': READERS,
  'GET /api/v1/checkpoint': READERS,
  'GET /api/v1/consistency': READERS,
  'GET /api/v1/clusters/{cluster}/attestation': READERS,
  'GET /api/v1/findings': READERS,
  'PUT /api/v1/findings/{finding}': ['operator', 'approver'],
  'POST /api/v1/clusters/{cluster}/receipts': ['operator', 'approver'],
  'GET /api/v1/keys': SIGNED_IN,
  'POST /api/v1/keys/rotation': ['admin'],
  'POST /api/v1/keys/{kid}/compromise': ['admin'],
  'PUT /api/v1/keys/trust': ['admin'],
  'GET /.well-known/causeway/jwks.json': CALLERS,
  'GET /.well-known/causeway/trust.json': CALLERS,
  'GET /api/v1/approvals': SIGNED_IN,
  'GET /api/v1/step-ups/{stepUp}': SIGNED_IN,
  'GET /api/v1/network-map/topology': SIGNED_IN,
  'POST /api/v1/relay-check': ['admin', 'devAdmin', 'adminToken'],
  'GET /api/v1/members': ['admin', 'auditor', 'adminToken'],
  'GET /api/v1/sessions': SIGNED_IN,
  'DELETE /api/v1/sessions/{session}': ['admin'],
  'GET /api/v1/tokens': ['admin', 'auditor', 'adminToken'],
  'POST /api/v1/tokens': ['admin'],
  'DELETE /api/v1/tokens/{token}': ['admin'],
  'GET /api/v1/openapi.json': CALLERS,
  'GET /problems/{code}': CALLERS,
  'GET /api/health/live': CALLERS,
  'GET /api/health/ready': CALLERS,
  'GET /metrics': CALLERS,
  'GET /api/auth/{nextauth}': CALLERS,
  'POST /api/auth/{nextauth}': CALLERS,
};

/** A snapshot of the cluster of the paths: it is there once for all tests, as nothing may change it. */
const EVIDENCE = snapshotOf({
  plan_version: LATEST_PLAN.version,
  revision: 1,
  cluster: 'aegis-production',
  environment: 'PRD',
  phase: 0,
  checks: [],
  checklist: [],
  policy_set_hash: '',
  facts: { cilium_version: '', kubernetes_version: '', values_hash: '', node_list_hash: '' },
});
const PARAMS: Readonly<Record<string, string>> = {
  cluster: 'aegis-production',
  capture: 'c1',
  session: 'nobody',
  kind: 'cnp',
  namespace: 'payments',
  name: 'ledger',
  hash: EVIDENCE.hash,
  set: 's1',
  token: 'nothing',
  code: 'forbidden',
  nextauth: 'csrf',
  phase: '0',
  step: LATEST_PLAN.phases[0]?.steps[0]?.id ?? '',
  check: '0.tag',
  risk: LATEST_PLAN.risks[0]?.id ?? '',
  ...SEEDED,
};
const RELAY = { address: '127.0.0.1:4245', tls: false };
const CLUSTER = { id: 'aegis-production', name: 'Production', environment: 'PRD' as const, relay: RELAY };
const BODIES: Partial<Record<RouteId, unknown>> = {
  'POST /api/v1/clusters': { ...CLUSTER, id: 'another' },
  'PUT /api/v1/clusters/{cluster}': CLUSTER,
  'POST /api/v1/clusters/{cluster}/captures': { name: 'a capture', filter: '' },
  'PUT /api/v1/clusters/{cluster}/policies/source': {},
  'POST /api/v1/clusters/{cluster}/policies/what-if': { yaml: '' },
  'POST /api/v1/clusters/{cluster}/policies/suggest': { namespace: 'payments' },
  'POST /api/v1/clusters/{cluster}/policy-sets': { name: 'a set', yaml: '' },
  'PUT /api/v1/clusters/{cluster}/policy-sets/{set}': { name: 'a set', yaml: '' },
  'POST /api/v1/clusters/{cluster}/migration': { name: 'another', clusters: { PRD: 'aegis-production' } },
  'PATCH /api/v1/clusters/{cluster}/migration': { name: 'renamed' },
  'PUT /api/v1/clusters/{cluster}/migration/phases/{phase}/steps/{step}': { done: true, version: 0 },
  'PUT /api/v1/clusters/{cluster}/migration/phases/{phase}/checks/{check}': { edit: 'attest', statement: 'as it is' },
  'PUT /api/v1/clusters/{cluster}/migration/risks/{risk}': {
    version: 0,
    owner: null,
    likelihood: null,
    impact: null,
    state: 'watched',
  },
  'POST /api/v1/clusters/{cluster}/migration/phases/{phase}/gate': { evidenceHash: '0'.repeat(64) },
  'POST /api/v1/clusters/{cluster}/migration/gate-requests/{request}/commands': { command: 'complete', expectedVersion: 1 },
  'POST /api/v1/clusters/{cluster}/migration/phases/{phase}/break-glass': {
    reason: 'nodes lose their network',
    ticket: 'INC-1',
  },
  'POST /api/v1/clusters/{cluster}/migration/reviews/{review}': { finding: 'it was needed, it was right' },
  'POST /api/v1/clusters/{cluster}/migration/phases/{phase}/elevations': { reason: 'tonight' },
  'POST /api/v1/clusters/{cluster}/migration/elevations/{elevation}': { command: 'refuse' },
  'POST /api/v1/clusters/{cluster}/receipts': { filter: '', reason: 'an incident' },
  'PUT /api/v1/findings/{finding}': { state: 'acknowledged', note: 'looking', version: 0 },
  'POST /api/v1/keys/rotation': { role: 'receipt', reason: 'yearly' },
  'POST /api/v1/keys/{kid}/compromise': { at: 1, reason: 'seen on a paste site' },
  'PUT /api/v1/keys/trust': { bundle: '{}', root: 'A'.repeat(43) },
  'POST /api/v1/relay-check': RELAY,
  'POST /api/v1/tokens': { name: 'robot', grants: [{ role: 'viewer', scope: '*' }] },
};

/** Routes that name the cluster of the paths in their query, or by what they are about: for whoever may not read it there is no such thing. */
const IN_A_CLUSTER: Partial<Record<RouteId, string>> = {
  'GET /api/v1/receipts': `?cluster=${CLUSTER.id}`,
  'GET /api/v1/receipts/{receipt}': '',
  'GET /api/v1/receipts/{receipt}/bundle': '',
  'GET /api/v1/findings': `?cluster=${CLUSTER.id}`,
  'PUT /api/v1/findings/{finding}': '',
  'GET /api/v1/batches': `?cluster=${CLUSTER.id}`,
  'GET /api/v1/checkpoint': `?cluster=${CLUSTER.id}`,
  'GET /api/v1/consistency': `?cluster=${CLUSTER.id}&from=1`,
};
const isInCluster = (id: RouteId): boolean => pathOf(id).includes('{cluster}') || IN_A_CLUSTER[id] !== undefined;

let platform: Platform;
let receipt = '';
let finding = '';
const credentials = new Map<Caller, Readonly<Record<string, string>>>();

beforeAll(async () => {
  platform = await startPlatform();
  platform.answers.set('*', { body: '{}' });
  const person = async (caller: Caller, role: Role, scope: Grant['scope'] = '*') =>
    credentials.set(caller, { cookie: await cookieFor(caller, [{ role, scope }]) });
  const token = async (caller: Caller, role: Role, createdBy: string) => {
    const { secret } = await createToken({ name: caller, grants: [{ role, scope: '*' }], expiresInDays: 1, createdBy });
    credentials.set(caller, { authorization: `Bearer ${secret}` });
  };
  for (const role of ['viewer', 'operator', 'approver', 'admin', 'auditor', 'breakglass'] as const) await person(role, role);
  await person('prdViewer', 'viewer', 'PRD');
  await person('devAdmin', 'admin', 'DEV');
  await person('devOperator', 'operator', 'DEV');
  await token('viewerToken', 'viewer', 'console');
  await token('adminToken', 'admin', 'console');
  await token('boundToken', 'admin', 'demo|devOperator'); // its maker lost the rights the token was made with
  credentials.set('anonymous', {});
  const db = openTrafficDb(process.env['DATABASE_URL'] ?? '', 1);
  const log = new StoredLog(db, CLUSTER.id);
  const { receipts } = await log.append([anEvidence()]);
  await log.sign(1);
  await db.close();
  receipt = receipts[0]?.receipt_id ?? '';
  finding = await storedFinding(CLUSTER.id);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await putCluster({ ...CLUSTER, demo: false });
  await seedGates(CLUSTER.id);
  await withDatabase((db) =>
    db.evidenceSnapshot.createMany({
      data: [{ ...EVIDENCE, clusterId: CLUSTER.id, phase: 0, results: [] }],
      skipDuplicates: true,
    }),
  );
});

test('every route file is in the table, and the other way round', async () => {
  const files = readdirSync('app', { recursive: true, encoding: 'utf8' }).filter((file) => /(^|\/)route\.ts$/.test(file));
  expect(files.length).toBeGreaterThan(20);
  const exported = await Promise.all(
    files.map(async (file) => {
      const path = `/${file.replace(/\/?route\.ts$/, '').replaceAll(/\[(?:\.\.\.)?(\w+)\]/g, '{$1}')}`;
      const exports = (await import(join(process.cwd(), 'app', file))) as Record<string, unknown>;
      return Object.keys(exports)
        .filter((name) => /^[A-Z]+$/.test(name))
        .map((method) => `${method} ${path}`);
    }),
  );
  expect(exported.flat().toSorted()).toEqual([...ROUTE_IDS].toSorted());
});

describe.each(ROUTE_IDS)('%s', (id) => {
  test.each(CALLERS)('%s', async (caller) => {
    const status = await callAs(caller, id);
    // What ingest answers here is not what the route expects: any status but a refusal means that the caller got through.
    const refusals = isInCluster(id) ? [401, 403, 404] : [401, 403];
    expect(refusals.includes(status) ? status : 'through').toBe(
      EXPECTED[id].includes(caller) ? 'through' : refusalOf(caller, id),
    );
  });
});

/** A cluster that one may not read does not exist; what one may read but not do is forbidden. */
function refusalOf(caller: Caller, id: RouteId): number {
  if (caller === 'anonymous') return 401;
  const blind: readonly Caller[] = ['devAdmin', 'devOperator', 'boundToken'];
  return isInCluster(id) && blind.includes(caller) ? 404 : 403;
}

async function callAs(caller: Caller, id: RouteId): Promise<number> {
  const path = pathOf(id);
  const file = join(
    process.cwd(),
    'app',
    path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (name === 'nextauth' ? '[...nextauth]' : `[${name}]`)),
    'route.ts',
  );
  const handlers = (await import(file)) as Record<
    string,
    (request: Request, context: ReturnType<typeof withParams>) => Promise<Response>
  >;
  const method = methodOf(id);
  const body = BODIES[id];
  const leaving = new AbortController();
  const params: Readonly<Record<string, string>> = { ...PARAMS, receipt, finding };
  const request = pageRequest(path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '') + (IN_A_CLUSTER[id] ?? ''), {
    method,
    signal: leaving.signal,
    headers: {
      ...credentials.get(caller),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      'if-match': '"v1"',
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const response = await handlers[method]?.(
    request,
    withParams(Object.fromEntries(names.map((name) => [name, params[name] ?? '']))),
  );
  leaving.abort();
  // Whoever is asked for a fresh sign-in has the right to what they want.
  const asked = response?.status === 403 && (await response.clone().text()).includes('/problems/step-up-required');
  return asked ? 428 : (response?.status ?? 0);
}
