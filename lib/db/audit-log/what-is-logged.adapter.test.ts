import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { loggedEvent } from '#lib/audit-log/logged.ts';
import { type Platform, startPlatform } from '#lib/testing/platform.ts';
import { deleteSet, insertSet, updateSet } from '../policies/sets.ts';
import { saveUpload } from '../policies/uploads.ts';
import { deleteClusterRow, insertCluster, updateCluster } from '../platform/clusters.ts';
import { recordSignIn, withdrawGrants } from '../platform/members.ts';
import { openSession, revokeSession } from '../platform/sessions.ts';
import { insertToken, revokeTokenRow } from '../platform/tokens.ts';
import { createCapture, deleteCapture } from '../traffic/captures.ts';
import { openTrafficDb, type TrafficDb } from '../traffic/connection.ts';
import { readAuditHead, readAuditRows } from './read.ts';

let platform: Platform;
let traffic: TrafficDb;
beforeAll(async () => {
  platform = await startPlatform();
  traffic = openTrafficDb(process.env['DATABASE_URL'] ?? '', 1);
});
afterAll(async () => {
  await traffic.close();
  await platform.close();
});

const CONTEXT: AuditContext = {
  actor: { kind: 'person', subject: 'i|olga', name: 'Olga', sessionId: 's1' },
  request: { id: 'request-1', address: '192.0.2.1', userAgent: 'Firefox' },
};
const CLUSTER = { id: 'c', name: 'C', environment: 'DEV', relay: { address: '127.0.0.1:4245', tls: false } } as const;
const SET = {
  id: 'set',
  name: 'S',
  description: '',
  yaml: '',
  hash: 'h',
  policies: [],
  removes: [],
  mode: 'replace',
  watched: false,
  createdBy: 'Olga',
  createdAt: 1,
  updatedAt: 1,
} as unknown as Parameters<typeof insertSet>[2];
const CAPTURE = {
  id: 'cap',
  cluster: 'c',
  name: 'N',
  source: 'ring',
  state: 'running',
  note: '',
  filter: '',
  createdAt: 1,
  createdBy: 'Olga',
} as unknown as Parameters<typeof createCapture>[1];
const grant = { grant: { role: 'approver', scope: 'PRD', team: 'security' }, source: 'group:g' } as const;
const member = { subject: 'i|olga', name: 'Olga', email: '', grants: [grant] };
const session = { subject: 'i|olga', tokenHash: 'hash', userAgent: '', now: 1, expiresAt: 9_999_999_999_999 };
const token = {
  id: 't',
  name: 'robot',
  prefix: 'cwy_t',
  secretHash: 'not-in-the-log',
  createdBy: 'i|olga',
  now: 1,
  expiresAt: 2,
};

/** Runs `work` and gives the events it added, oldest first. */
async function logged(work: () => Promise<unknown>) {
  const { seq } = await readAuditHead();
  await work();
  return (await readAuditRows({}, 50))
    .filter((row) => row.seq > seq)
    .toReversed()
    .map(loggedEvent);
}

describe('is written down, once, with who and from where', () => {
  test.each<{ action: string; object: string; work: () => Promise<unknown>; details?: object; cluster?: string }>([
    { action: 'cluster.create', object: 'cluster:c', cluster: 'c', work: () => insertCluster(CLUSTER, CONTEXT) },
    {
      action: 'cluster.change',
      object: 'cluster:c',
      cluster: 'c',
      work: () => updateCluster('c', 1, { ...CLUSTER, name: 'D' }, CONTEXT),
      details: { name: 'D', environment: 'DEV', relay: '127.0.0.1:4245' },
    },
    { action: 'capture.create', object: 'capture:cap', cluster: 'c', work: () => createCapture(traffic, CAPTURE, CONTEXT) },
    { action: 'capture.delete', object: 'capture:cap', cluster: 'c', work: () => deleteCapture(traffic, 'c', 'cap', CONTEXT) },
    {
      action: 'objects.upload',
      object: 'objects:c',
      cluster: 'c',
      work: () => saveUpload(traffic, 'c', { objects: [{}, {}], createdBy: 'Olga', createdAt: 1 }, CONTEXT),
      details: { objects: 2 },
    },
    { action: 'policy-set.create', object: 'policy-set:set', cluster: 'c', work: () => insertSet(traffic, 'c', SET, CONTEXT) },
    {
      action: 'policy-set.change',
      object: 'policy-set:set',
      cluster: 'c',
      work: () => updateSet(traffic, 'c', 1, { ...SET, hash: 'other' }, CONTEXT),
      details: { name: 'S', hash: 'other', mode: 'replace', watched: false },
    },
    { action: 'policy-set.delete', object: 'policy-set:set', cluster: 'c', work: () => deleteSet(traffic, 'c', 'set', CONTEXT) },
    { action: 'cluster.delete', object: 'cluster:c', cluster: 'c', work: () => deleteClusterRow('c', CONTEXT) },
    {
      action: 'token.create',
      object: 'token:t',
      work: () => insertToken({ ...token, grants: [{ role: 'viewer', scope: '*' }] }, CONTEXT),
      details: { name: 'robot', grants: 'viewer *', expiresAt: 2 },
    },
    { action: 'token.revoke', object: 'token:t', work: () => revokeTokenRow('t', 5, CONTEXT) },
    {
      action: 'member.grants-changed',
      object: 'member:i|olga',
      work: () => recordSignIn(member, CONTEXT),
      details: { before: '', after: 'approver PRD (security) by group:g' },
    },
    {
      action: 'member.grants-changed',
      object: 'member:i|olga',
      work: () => withdrawGrants('i|olga', CONTEXT),
      details: { before: 'approver PRD (security) by group:g', after: '' },
    },
  ])('$action of $object', async ({ action, object, cluster, work, details }) => {
    const events = await logged(work);
    expect(events).toMatchObject([
      {
        action,
        outcome: 'ok',
        actor: { kind: 'person', subject: 'i|olga', name: 'Olga' },
        requestId: 'request-1',
        address: '192.0.2.1',
        userAgent: 'Firefox',
        ...(details && { details }),
      },
    ]);
    const [event] = events;
    expect([`${event?.object.type}:${event?.object.id}`, event?.cluster]).toEqual([object, cluster]);
    expect(JSON.stringify(events)).not.toContain('not-in-the-log');
  });

  test('a sign-in with what it changed, and the end of its session', async () => {
    expect((await logged(() => openSession(member, session, CONTEXT))).map(({ action }) => action)).toEqual([
      'member.grants-changed',
      'session.sign-in',
    ]);
    expect(
      (await logged(() => openSession(member, { ...session, tokenHash: 'h2' }, CONTEXT))).map(({ action }) => action),
    ).toEqual(['session.sign-in']);
    const end = () => revokeSession({ tokenHash: 'hash' }, 2, { ...CONTEXT, action: 'session.sign-out' });
    expect(await logged(end)).toMatchObject([{ action: 'session.sign-out', details: { subject: 'i|olga' } }]);
  });
});

test.each<{ name: string; work: () => Promise<unknown> }>([
  { name: 'a cluster that is not there', work: () => deleteClusterRow('nothing', CONTEXT) },
  { name: 'an edit of another version', work: () => updateCluster('c', 7, CLUSTER, CONTEXT) },
  { name: 'a token that was revoked', work: () => revokeTokenRow('t', 6, CONTEXT) },
  {
    name: 'a session that has ended',
    work: () => revokeSession({ tokenHash: 'hash' }, 3, { ...CONTEXT, action: 'session.revoke' }),
  },
  { name: 'a capture that is not there', work: () => deleteCapture(traffic, 'c', 'nothing', CONTEXT) },
  { name: 'a set that is not there', work: () => deleteSet(traffic, 'c', 'nothing', CONTEXT) },
  { name: 'rights that are what they were', work: () => recordSignIn(member, CONTEXT) },
])('$name leaves no trace, as nothing happened', async ({ work }) => {
  expect(await logged(work)).toEqual([]);
});
