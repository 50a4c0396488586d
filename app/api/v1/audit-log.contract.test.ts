import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AuditLogPage, AuditVerification } from '#lib/api/audit-log.ts';
import { type AuditRow, verifyChain } from '#lib/audit-log/chain.ts';
import type { NewAuditEvent } from '#lib/audit-log/event.ts';
import { rowOfLine } from '#lib/audit-log/export.ts';
import { appendAudit } from '#lib/db/audit-log/append.ts';
import { withDatabase } from '#lib/db/client.ts';
import { cookieFor, pageRequest, type Platform, startPlatform, withParams } from '#lib/testing/platform.ts';
import { putCluster } from '#lib/db/platform/clusters.ts';
import { GET as CLUSTER } from './clusters/[cluster]/route.ts';
import { GET as MEMBERS } from './members/route.ts';
import { GET as EXPORT } from './audit-log/export/route.ts';
import { GET as LOG } from './audit-log/route.ts';
import { GET as VERIFY } from './audit-log/verification/route.ts';
import { POST as CREATE } from './tokens/route.ts';

let platform: Platform;
let auditor: string;
let viewer: string;

const EVENTS: readonly Omit<NewAuditEvent, 'actor'>[] = [
  {
    action: 'gate.approve',
    object: { type: 'gate-request', id: 'r1' },
    outcome: 'ok',
    cluster: 'prd',
    reason: 'checked "twice"',
  },
  { action: 'gate.reject', object: { type: 'gate-request', id: 'r2:x' }, outcome: 'ok', cluster: 'prd', reason: '=cmd|evil' },
  { action: 'capture.create', object: { type: 'capture', id: 'c1' }, outcome: 'failed', cluster: 'dev', reason: "'; DROP TABLE" },
];

beforeAll(async () => {
  platform = await startPlatform();
  auditor = await cookieFor('auri', [{ role: 'auditor', scope: '*' }]);
  viewer = await cookieFor('vera', [{ role: 'viewer', scope: '*' }]);
  const actor = { kind: 'person', subject: 'demo|axel', name: 'Axel Über' } as const;
  for (const event of EVENTS) await withDatabase((db) => appendAudit(db, { ...event, actor }));
});
afterAll(() => platform.close());

const read = async (query = '', cookie = auditor) => LOG(pageRequest(`/api/v1/audit-log${query}`, { cookie }), withParams());
const pageOf = async (query = '') => AuditLogPage.parse(await (await read(query)).json());
const seqsOf = async (query: string) => (await pageOf(query)).events.map(({ seq }) => seq);
const verify = async () =>
  AuditVerification.parse(
    await (await VERIFY(pageRequest('/api/v1/audit-log/verification', { cookie: auditor }), withParams())).json(),
  );
const exported = (query = '') => EXPORT(pageRequest(`/api/v1/audit-log/export${query}`, { cookie: auditor }), withParams());

describe('the audit log', () => {
  test('is read newest first, in pages that join', async () => {
    const all = await pageOf();
    expect(all.events.map(({ seq }) => seq)).toEqual([3, 2, 1]);
    expect(all.head).toMatchObject({ seq: 3, hash: all.events[0]?.hash });
    expect(all.actions).toEqual(['capture.create', 'gate.approve', 'gate.reject']);
    const first = await pageOf('?limit=2');
    expect(first.events).toHaveLength(2);
    expect((await pageOf(`?limit=2&cursor=${first.nextCursor}`)).events.map(({ seq }) => seq)).toEqual([1]);
    expect((await read('?cursor=x')).status).toBe(400);
  });

  test.each([
    { query: '?action=gate.reject', seqs: [2] },
    { query: '?cluster=prd&outcome=ok', seqs: [2, 1] },
    { query: '?object=gate-request', seqs: [2, 1] },
    { query: '?object=gate-request:r2:x', seqs: [2] },
    { query: '?actor=demo%7Caxel&outcome=failed', seqs: [3] },
    { query: '?actor=axel', seqs: [] },
    { query: `?q=${encodeURIComponent('über')}&cluster=dev`, seqs: [3] },
    { query: `?q=${encodeURIComponent('checked "TWICE"')}`, seqs: [1] },
    { query: `?q=${encodeURIComponent("'; drop")}`, seqs: [3] },
    { query: '?q=%25', seqs: [] },
    { query: '?range=1h&action=gate.approve', seqs: [1] },
    { query: '?from=1&to=2', seqs: [] },
  ])('filters by $query', async ({ query, seqs }) => expect(await seqsOf(query)).toEqual(seqs));

  test('is for admins and auditors; who is refused is written down in it', async () => {
    expect((await read('', viewer)).status).toBe(403);
    const { events } = await pageOf('?action=access.denied');
    expect(events[0]).toMatchObject({
      actor: { kind: 'person', subject: 'demo|vera' },
      object: { type: 'route', id: 'GET /api/v1/audit-log' },
      outcome: 'denied',
      reason: expect.stringContaining('audit.read needs the role admin or auditor'),
    });
  });

  test('has who tried a cluster that they may not see, though the answer is that there is none', async () => {
    await putCluster({ id: 'prd', name: 'P', environment: 'PRD', relay: { address: '127.0.0.1:4245', tls: false }, demo: false });
    const stranger = await cookieFor('dora', [{ role: 'admin', scope: 'DEV' }]);
    const ask = (cluster: string) =>
      CLUSTER(pageRequest(`/api/v1/clusters/${cluster}`, { cookie: stranger }), withParams({ cluster }));
    expect([(await ask('prd')).status, (await ask('none')).status]).toEqual([404, 404]);
    const { events } = await pageOf('?actor=demo%7Cdora');
    expect(events).toMatchObject([{ action: 'access.denied', cluster: 'prd', reason: 'no right to read this cluster' }]);
  });

  test('has a token that does not count, and a form of another site, and not who merely is not signed in', async () => {
    const asked = (headers: Record<string, string>) =>
      MEMBERS(new Request('http://127.0.0.1:3999/api/v1/members', { headers }), withParams());
    const before = (await pageOf()).events[0]?.seq ?? 0;
    await asked({ authorization: 'Bearer cwy_x' });
    await asked({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', cookie: viewer });
    await asked({});
    const { events } = await pageOf();
    expect(events.filter(({ seq }) => seq > before).map(({ actor, reason }) => [actor.kind, reason])).toEqual([
      ['anonymous', expect.stringContaining('comes from cross-site')],
      ['anonymous', expect.stringContaining('this token is not valid')],
    ]);
  });

  test('holds a flood of refusals in a few rows', async () => {
    const before = (await pageOf('?action=access.denied&limit=500')).events.length;
    await Promise.all(
      Array.from({ length: 200 }, () => MEMBERS(pageRequest('/api/v1/members', { cookie: viewer }), withParams())),
    );
    expect((await pageOf('?action=access.denied&limit=500')).events.length - before).toBeLessThan(10);
  });

  test('has a token that was made, by whom and from where, and not its secret', async () => {
    const admin = await cookieFor('ada', [{ role: 'admin', scope: '*' }]);
    const response = await CREATE(
      pageRequest('/api/v1/tokens', {
        method: 'POST',
        cookie: admin,
        headers: { 'content-type': 'application/json', 'x-forwarded-for': '6.6.6.6, 192.0.2.9', 'user-agent': 'Firefox' },
        body: JSON.stringify({ name: 'robot', grants: [{ role: 'viewer', scope: 'DEV' }], expiresInDays: 90 }),
      }),
      withParams(),
    );
    const { id, secret } = (await response.json()) as { id: string; secret: string };
    const [event] = (await pageOf('?action=token.create')).events;
    expect(event).toMatchObject({
      actor: { subject: 'demo|ada', name: 'ada' },
      object: { type: 'token', id },
      address: '192.0.2.9',
      userAgent: 'Firefox',
      requestId: response.headers.get('x-request-id'),
      details: { name: 'robot', grants: 'viewer DEV' },
    });
    expect(JSON.stringify(await pageOf())).not.toContain(secret.slice(21));
  });
});

describe('an export', () => {
  test('in JSON lines verifies without the database, and is written down with what was asked', async () => {
    const response = await exported('?format=jsonl');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="audit-log.jsonl"');
    const lines = (await response.text()).trimEnd().split('\n');
    const rows = lines.map(rowOfLine).filter((row): row is AuditRow => row !== undefined);
    expect(rows).toHaveLength(lines.length);
    expect(verifyChain(rows)).toEqual([]);
    const [event] = (await pageOf('?action=audit-log.export')).events;
    expect(event).toMatchObject({ actor: { subject: 'demo|auri' }, details: { format: 'jsonl', upTo: rows.length } });
  });

  test('in CSV is for people: filtered, and nothing in it runs', async () => {
    const lines = (await (await exported('?format=csv&action=gate.reject')).text()).trimEnd().split('\r\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain("'=cmd|evil");
  });
});

describe('the verification', () => {
  test('walks the whole chain and is written down itself', async () => {
    const first = await verify();
    expect(first).toMatchObject({ ok: true, broken: [] });
    expect((await verify()).events).toBe(first.events + 1);
  });

  test.each([
    { name: 'a byte of an event', sql: `UPDATE audit_event SET body = replace(body, '"ok"', '"no"') WHERE seq = 2` },
    { name: 'an event that is no JSON any more', sql: `UPDATE audit_event SET body = substr(body, 2) WHERE seq = 2` },
    { name: 'a time', sql: 'UPDATE audit_event SET at_ms = at_ms + 1 WHERE seq = 2' },
    { name: 'what it is searched by', sql: `UPDATE audit_event SET actor = 'demo|bea' WHERE seq = 2` },
    { name: 'a hash', sql: `UPDATE audit_event SET hash = reverse(hash) WHERE seq = 2` },
    { name: 'a link', sql: `UPDATE audit_event SET prev = reverse(prev) WHERE seq = 2` },
    { name: 'a missing row', sql: 'DELETE FROM audit_event WHERE seq = 2' },
  ])('by a superuser without triggers: finds $name at its row, and the page still opens', async ({ sql }) => {
    const { atMs, objectType, objectId, ...rest } = await withDatabase((db) =>
      db.auditEvent.findUniqueOrThrow({ where: { seq: 2 } }),
    );
    const bypass = (statement: string, ...values: unknown[]) =>
      withDatabase((db) =>
        db.$transaction(async (tx) => {
          await tx.$executeRaw`ALTER TABLE audit_event DISABLE TRIGGER ALL`;
          await tx.$executeRawUnsafe(statement, ...values);
          await tx.$executeRaw`ALTER TABLE audit_event ENABLE TRIGGER ALL`;
        }),
      );
    await bypass(sql);
    expect((await verify()).broken.map(({ seq }) => seq)).toEqual([2]);
    expect((await read('?q=gate')).status).toBe(200);
    expect((await exported()).status).toBe(200);
    await bypass('DELETE FROM audit_event WHERE seq = 2');
    await bypass(
      'INSERT INTO audit_event (seq, at_ms, prev, hash, body, actor, action, object_type, object_id, outcome, cluster) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)',
      rest.seq,
      atMs,
      rest.prev,
      rest.hash,
      rest.body,
      rest.actor,
      rest.action,
      objectType,
      objectId,
      rest.outcome,
      rest.cluster,
    );
    expect((await verify()).ok).toBe(true);
  });
});
