import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FindingEntry, FindingList } from '#lib/api/receipts.ts';
import { withDatabase, withStatements } from '#lib/db/client.ts';
import { readChangeRecord } from '#lib/db/findings/changes.ts';
import { putCluster } from '#lib/db/platform/clusters.ts';
import { cookieFor, pageRequest, type Platform, startPlatform, withParams } from '#lib/testing/platform.ts';
import { seedGates } from '#lib/testing/seeded-gates.ts';
import { SIGHTED_AT } from '#lib/testing/sightings.ts';
import { storedFinding } from '#lib/testing/stored-finding.ts';
import { PUT } from './v1/findings/[finding]/route.ts';
import { GET } from './v1/findings/route.ts';

const CLUSTER = 'aegis-production';
const RELAY = { address: '127.0.0.1:4245', tls: false };

let platform: Platform;
let viewer: string;
let operator: string;
let other: string;
let stranger: string;
let id: string;
beforeAll(async () => {
  platform = await startPlatform();
  await putCluster({ id: CLUSTER, name: 'Production', environment: 'PRD', relay: RELAY, demo: false });
  viewer = await cookieFor('vera', [{ role: 'viewer', scope: '*' }]);
  operator = await cookieFor('olga', [{ role: 'operator', scope: '*' }]);
  other = await cookieFor('omar', [{ role: 'operator', scope: '*' }]);
  stranger = await cookieFor('dave', [{ role: 'admin', scope: 'DEV' }]);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await withDatabase((db) => db.finding.deleteMany());
  id = await storedFinding(CLUSTER, {}, ['rcpt_abcdefghijklmnopqrstuvwxyz']);
});

const list = (query: string, cookie = viewer) => GET(pageRequest(`/api/v1/findings?${query}`, { cookie }), withParams());
const put = (body: object, cookie = operator, finding = id) =>
  PUT(
    pageRequest(`/api/v1/findings/${finding}`, {
      cookie,
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
    withParams({ finding }),
  );

describe('findings', () => {
  test('are listed with their counts by rule and what each rule looked at', async () => {
    await storedFinding(CLUSTER, { rule: 'R5', key: 'lost', severity: 'suspected', flows: [] });
    const response = await list(`cluster=${CLUSTER}`);
    const answer = FindingList.parse(await response.json());
    expect(answer.findings.map(({ rule }) => rule)).toEqual(['R1', 'R5']);
    expect(answer.findings[0]).toMatchObject({ id, count: 2, receipts: ['rcpt_abcdefghijklmnopqrstuvwxyz'], state: 'open' });
    expect(answer.counts.filter(({ total }) => total > 0)).toEqual([
      { rule: 'R1', open: 1, total: 1 },
      { rule: 'R5', open: 1, total: 1 },
    ]);
    expect(FindingList.parse(await (await list(`cluster=${CLUSTER}&rule=R5&severity=suspected`)).json()).findings).toHaveLength(
      1,
    );
    const before = `from=${SIGHTED_AT - 3_600_000}&to=${SIGHTED_AT - 5000}`;
    expect(FindingList.parse(await (await list(`cluster=${CLUSTER}&${before}`)).json()).findings).toEqual([]);
  });

  test.each([
    { query: 'cluster=aegis-production&rule=R7', status: 400 },
    { query: '', status: 400 },
    { query: 'cluster=no-such', status: 404 },
  ])('?$query is answered with $status', async ({ query, status }) => expect((await list(query)).status).toBe(status));

  test('of a cluster that one may not read there are none', async () =>
    expect((await list(`cluster=${CLUSTER}`, stranger)).status).toBe(404));
});

describe('triage', () => {
  test('writes state, note and who, with a line in the audit log', async () => {
    const response = await put({ state: 'acknowledged', note: 'the agent on that node is restarted', version: 0 });
    expect(response.status).toBe(200);
    expect(FindingEntry.parse(await response.json())).toMatchObject({
      state: 'acknowledged',
      note: 'the agent on that node is restarted',
      changedBy: 'olga',
      version: 1,
    });
    const rows = await withStatements((db) =>
      db.rows<{ body: string }>("SELECT body FROM audit_event WHERE body LIKE '%finding.triage%' ORDER BY seq DESC LIMIT 1"),
    );
    expect(JSON.parse(rows[0]?.body ?? '{}')).toMatchObject({
      action: 'finding.triage',
      object: { type: 'finding', id },
      details: { rule: 'R1', from: 'open', to: 'acknowledged' },
      reason: 'the agent on that node is restarted',
      cluster: CLUSTER,
    });
  });

  test('who was not the first is told by whom it was changed, and nothing is lost', async () => {
    await put({ state: 'acknowledged', note: 'mine', version: 0 }, other);
    const late = await put({ state: 'fixed', note: '', version: 0 });
    expect(late.status).toBe(409);
    expect(await late.json()).toMatchObject({
      detail: 'omar has just changed this finding: it is acknowledged now. Look at it again.',
    });
  });

  test('of two at once one wins', async () => {
    const both = await Promise.all([
      put({ state: 'fixed', note: '', version: 0 }),
      put({ state: 'expected', note: 'a test', version: 0 }, other),
    ]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  });

  test('what is expected needs a reason', async () => {
    const response = await put({ state: 'expected', note: '  ', version: 0 });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ detail: 'note: say why it is expected' });
  });

  test('is for operators, in clusters that they may read', async () => {
    expect((await put({ state: 'fixed', note: '', version: 0 }, viewer)).status).toBe(403);
    expect((await put({ state: 'fixed', note: '', version: 0 }, stranger)).status).toBe(404);
    expect((await put({ state: 'fixed', note: '', version: 0 }, operator, 'fnd_none')).status).toBe(404);
  });
});

test('a change of a policy under a phase that is carried out is known by its phase', async () => {
  const begun = Date.now();
  await seedGates(CLUSTER); // broken glass in phase 1 is executing
  const at = (from: number, to: number) => withStatements((db) => readChangeRecord(db, CLUSTER, from, to));
  expect(await at(begun + 60_000, begun + 61_000)).toEqual({ inMigration: true, openPhase: 1 });
  expect(await at(begun - 120_000, begun - 60_000)).toEqual({ inMigration: true, openPhase: undefined });
});
