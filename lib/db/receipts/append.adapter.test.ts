import { generateKeyPairSync, sign } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { linked } from '#lib/ingest/receipts/linked.ts';
import { toBase64Url } from '#lib/receipts/base64.ts';
import { canonicalBytes } from '#lib/receipts/canonical.ts';
import { keccak256, sha256 } from '#lib/receipts/hash.ts';
import { logRoot } from '#lib/receipts/log-nodes.ts';
import { MerkleTree } from '#lib/receipts/merkle.ts';
import type { BatchHeader, Evidence } from '#lib/receipts/receipt.ts';
import { sealBatch } from '#lib/receipts/seal.ts';
import { databaseKinds, type OpenedDatabase } from '#lib/testing/databases.ts';
import { anEvidence, CLUSTER } from '#lib/testing/receipts.ts';
import { appendBatch, type NewBatch, readAggregatedUntil, receiptIdsOf } from './append.ts';
import { nodesOf } from './read-log.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const AT = '2026-03-02T14:02:41.204113Z';

describe.each(databaseKinds())('a log in $name', ({ open }) => {
  let database: OpenedDatabase;
  let db: TrafficDb;
  let batches = 0;
  beforeAll(async () => {
    database = await open();
    await migrate(database.url, readMigrations('prisma/migrations'));
    db = openTrafficDb(database.url, 8);
  });
  afterAll(async () => {
    await db.close();
    await database.close();
  });

  async function append(evidence: readonly Evidence[], more: Partial<NewBatch> = {}) {
    const sealed = sealBatch(
      {
        clusterId: CLUSTER,
        batchId: `batch-${(batches += 1)}`,
        windowStart: AT,
        windowEnd: AT,
        evidence,
        completeness: { nodes_expected: 1, nodes_connected: 1, lost_events: [], stream_gaps: [], clock_skew_ms_max: 0 },
        kid: 'k'.repeat(43),
        witnessIdentity: 'causeway.aegis',
        attestationTime: AT,
      },
      await keccak256(),
    );
    const signatures = sealed.receipts.map(({ toSign }) => toBase64Url(Uint8Array.from(sign(null, toSign, privateKey))));
    return appendBatch(db, CLUSTER, (end) => ({
      sealed: linked(sealed, end),
      signatures,
      windowStart: 0,
      windowEnd: 1,
      ...more,
    }));
  }
  const headers = async (): Promise<BatchHeader[]> =>
    (await db.rows<{ header: string }>('SELECT header FROM receipt_batch WHERE cluster = $1 ORDER BY seq', [CLUSTER])).map(
      ({ header }) => JSON.parse(header) as BatchHeader,
    );

  test('each batch names the one before, and is an entry of the tree', async () => {
    for (let port = 1; port <= 5; port += 1) await append([anEvidence({ port }), anEvidence({ port: port + 1000 })]);
    const all = await headers();
    expect(all.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4]);
    const hashes = all.map((header) => Buffer.from(sha256(canonicalBytes(header))).toString('hex'));
    expect(all.map(({ prev_header_hash }) => prev_header_hash)).toEqual(['0'.repeat(64), ...hashes.slice(0, -1)]);
    const tree = new MerkleTree(sha256);
    const root = tree.root(all.map((header) => tree.leafHash(canonicalBytes(header))));
    expect(await logRoot(5, nodesOf(db, CLUSTER))).toEqual(root);
    const [row] = await db.rows<{ leaves: Buffer }>('SELECT leaves FROM receipt_batch WHERE seq = 4');
    expect(row?.leaves).toHaveLength(64);
  });

  test('what has a receipt gets no second one, and nothing of that batch is written', async () => {
    const before = await headers();
    const fresh = anEvidence({ port: 77 });
    const first = await append([anEvidence({ port: 76 }), fresh], { about: ['flow three', 'flow new'] });
    expect(first).toMatchObject({ seq: before.length }); // nothing is about these yet
    const more = await append([anEvidence({ port: 78 }), anEvidence({ port: 79 })], { about: ['flow three', 'flow newest'] });
    expect(more).toEqual({ there: new Set(['flow three']) });
    const same = await append([fresh, anEvidence({ port: 80 })], { about: ['by another name', 'flow newest'] });
    expect(same).toEqual({ there: new Set(['by another name']) });
    expect(await headers()).toHaveLength(before.length + 1);
    const ids = await receiptIdsOf(db, CLUSTER, ['flow newest', 'flow new']);
    expect(ids).toEqual([undefined, expect.stringMatching(/^rcpt_/)]);
  });

  test('many who write at once make one history', async () => {
    const before = (await headers()).length;
    await Promise.all(Array.from({ length: 12 }, (_, n) => append([anEvidence({ port: 2000 + n })])));
    const all = await headers();
    expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: before + 12 }, (_, seq) => seq));
    const tree = new MerkleTree(sha256);
    const root = tree.root(all.map((header) => tree.leafHash(canonicalBytes(header))));
    expect(await logRoot(all.length, nodesOf(db, CLUSTER))).toEqual(root);
  });

  test('how far flows are summed up never goes back', async () => {
    await append([anEvidence({ port: 3001 })], { aggregatedUntil: 120_000 });
    await append([anEvidence({ port: 3002 })], { aggregatedUntil: 60_000 });
    await append([anEvidence({ port: 3003 })]);
    expect(await readAggregatedUntil(db, CLUSTER)).toBe(120_000);
    expect(await readAggregatedUntil(db, 'another')).toBe(0);
  });

  test('a batch that fails half way leaves nothing behind', async () => {
    const before = await headers();
    await expect(append([anEvidence({ port: 4001 })], { signatures: [] })).rejects.toThrow(RangeError);
    expect(await append([anEvidence({ port: 4002 })])).toMatchObject({ seq: before.length });
  });

  test('the header holds the head of the audit log', async () => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query('INSERT INTO audit_event (body) VALUES ($1)', [
      '{"action":"x","actor":{"subject":"me"},"object":{"id":"1","type":"t"},"outcome":"ok"}',
    ]);
    await client.end();
    await append([anEvidence({ port: 5001 })]);
    const [head] = await db.rows<{ seq: string; hash: string }>('SELECT seq::text, hash FROM audit_head');
    expect((await headers()).at(-1)?.audit_head).toEqual(head);
  });

  test('stored evidence is not changed and not deleted, whoever asks', async () => {
    for (const statement of [
      `UPDATE receipt SET body = ''`,
      `DELETE FROM receipt`,
      `DELETE FROM receipt_batch`,
      `UPDATE log_node SET hash = ''`,
      `TRUNCATE receipt`,
    ])
      await expect(db.rows(statement)).rejects.toThrow(/evidence is only ever added to|violates/);
  });
});
