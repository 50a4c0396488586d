import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pino from 'pino';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { openTrafficDb } from '#lib/db/traffic/connection.ts';
import { Notary } from '#lib/ingest/receipts/notary.ts';
import { verifyByNode } from '#lib/keys/ed25519.ts';
import { openSigningKeys } from '#lib/keys/signing-keys.ts';
import { toBase64Url } from '#lib/receipts/base64.ts';
import { canonicalBytes } from '#lib/receipts/canonical.ts';
import { keccak256 } from '#lib/receipts/hash.ts';
import { leafHashOf } from '#lib/receipts/leaf.ts';
import { MerkleTree } from '#lib/receipts/merkle.ts';
import type { Evidence, Receipt } from '#lib/receipts/receipt.ts';
import { sealBatch } from '#lib/receipts/seal.ts';
import { verifyReceipt } from '#lib/receipts/verify.ts';
import { aDroppedFlow } from '#lib/testing/flows.ts';
import { postgresPrograms, startPostgres } from '#lib/testing/postgres.ts';
import { anEvidence, CLUSTER, TestKey, TestNotary } from '#lib/testing/receipts.ts';
import { percentile, sleep } from './support/measure.ts';
import type { Report } from './support/report.ts';

const BATCH = 256;
const AT = '2026-03-02T14:02:41.204113Z';
const COMPLETE = { nodes_expected: 4, nodes_connected: 4, lost_events: [], stream_gaps: [], clock_skew_ms_max: 4 };

/** What receipts cost on one core (CPU time), how long one takes until it is durable, and how large it is. */
export async function receipts(report: Report, { quick }: { readonly quick: boolean }): Promise<void> {
  report.section('receipts');
  const rounds = quick ? 6 : 40;
  await making(report, rounds);
  await verifying(report, quick ? 3_000 : 12_000);
  await hashing(report, rounds);
  await sizes(report);
  await durability(report, quick ? 5 : 60);
}

/** A batch of evidence of different flows; each round has its own, so that nothing is kept from the round before. */
const batchOf = (round: number): Evidence[] =>
  Array.from({ length: BATCH }, (_, index) => {
    const { flow, ...rest } = anEvidence({ port: 1 + ((round * BATCH + index) % 60_000) });
    return {
      ...rest,
      ...(flow && { flow: { ...flow, uuid: `5f2b7a30-0000-4000-8000-${String(round * BATCH + index).padStart(12, '0')}` } }),
    };
  });

const seal = (evidence: readonly Evidence[], kid: string, keccak: Awaited<ReturnType<typeof keccak256>>) =>
  sealBatch(
    {
      clusterId: CLUSTER,
      batchId: 'batch_6f9619ff-8b86-d011-b42d-00cf4fc964ff',
      windowStart: AT,
      windowEnd: AT,
      evidence,
      completeness: COMPLETE,
      kid,
      witnessIdentity: 'causeway.aegis',
      attestationTime: AT,
    },
    keccak,
  );

/** Evidence to signed receipts: leaves, tree, header, canonical form, and signatures by Node’s own library. */
async function making(report: Report, rounds: number): Promise<void> {
  const keccak = await keccak256();
  const { kid } = new TestKey();
  const { privateKey } = generateKeyPairSync('ed25519');
  const key: KeyObject = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const each = perSecond(rounds, BATCH, (round) => {
    for (const { toSign } of seal(batchOf(round), kid, keccak).receipts) sign(null, toSign, key);
  });
  report.add({ name: 'T1: receipts made, each with its signature', value: each, unit: '/s', bound: { op: '>=', value: 10_000 } });
  const tree = new MerkleTree(keccak);
  const one = perSecond(rounds, BATCH, (round) => {
    const evidence = batchOf(round);
    const root = tree.root(evidence.map((leaf) => leafHashOf(leaf, keccak)));
    sign(null, root, key);
  });
  report.add({
    name: `T2: leaves under one signature for each ${BATCH}`,
    value: one,
    unit: '/s',
    bound: { op: '>=', value: 40_000 },
  });
  const unsigned = perSecond(rounds, BATCH, (round) => seal(batchOf(round), kid, keccak));
  report.add({ name: 'receipts made up to what is signed', value: unsigned, unit: '/s' });
  const signed = seal(batchOf(0), kid, keccak).receipts;
  report.add({
    name: 'Ed25519 alone: signatures',
    value: perSecond(rounds, BATCH, () => signed.forEach(({ toSign }) => sign(null, toSign, key))),
    unit: '/s',
  });
  const bodies = batchOf(0);
  report.add({
    name: 'canonical form alone',
    value: perSecond(rounds, BATCH, () => bodies.forEach((body) => canonicalBytes(body))),
    unit: '/s',
  });
}

async function verifying(report: Report, count: number): Promise<void> {
  const notary = new TestNotary();
  const whole = await notary.receipt(batchOf(0), 77);
  const { log: _log, checkpoint: _checkpoint, ...inBatch } = whole.proof as NonNullable<Receipt['proof']>;
  const alone = JSON.stringify({ ...whole, proof: inBatch });
  const options = { trust: notary.trust({ quorum: 0 }), verify: verifyByNode };
  const verify = (text: string) => async (): Promise<void> => {
    const { exit, steps } = await verifyReceipt(text, options);
    if (exit !== 0) throw new Error(`a good receipt is refused: ${JSON.stringify(steps)}`);
  };
  report.add({
    name: 'T3: receipts verified: strict parse, schema, signature, in a batch of 256',
    value: await perSecondAsync(count, verify(alone)),
    unit: '/s',
    bound: { op: '>=', value: 6_000 },
  });
  report.add({
    name: 'the same up to a head with the log’s signature and a cosignature',
    value: await perSecondAsync(count / 2, verify(JSON.stringify(whole))),
    unit: '/s',
  });
  const message = canonicalBytes(anEvidence());
  const signature = notary.receiptKey.sign(message);
  report.add({
    name: 'Ed25519 alone: verifications',
    value: perSecond(8, count / 8, () => {
      for (let at = 0; at < count / 8; at += 1) void verifyByNode(notary.receiptKey.public, message, signature);
    }),
    unit: '/s',
  });
}

async function hashing(report: Report, rounds: number): Promise<void> {
  const tree = new MerkleTree(await keccak256());
  const leaves = Array.from({ length: 1024 }, (_, index) => new Uint8Array(1024).fill(index & 255));
  const each = perSecond(rounds, leaves.length, () => tree.root(leaves.map((leaf) => tree.leafHash(leaf))));
  report.add({ name: 'T4: leaves of 1 kB in the Keccak tree', value: each, unit: '/s', bound: { op: '>=', value: 70_000 } });
}

/** Entries on the way to the head of a log of a million batches. */
const PATH_OF_A_MILLION = 20;

async function sizes(report: Report): Promise<void> {
  const notary = new TestNotary();
  const { proof, ...receipt } = await notary.receipt(batchOf(0), 77);
  const { signature: _signature, ...signed } = receipt;
  if (!proof?.log || proof.checkpoint === undefined) throw new Error('a receipt without its proof');
  const note = proof.checkpoint;
  const cosignature = note.slice(note.indexOf('\n— security-witness') + 1);
  const path = Array.from({ length: PATH_OF_A_MILLION }, () => toBase64Url(new Uint8Array(32)));
  const whole = {
    ...receipt,
    proof: { ...proof, log: { ...proof.log, index: 900_000, size: 1_000_000, path }, checkpoint: note + cosignature },
  };
  report.add({
    name: 'T9: canonical receipt',
    value: canonicalBytes(signed).length,
    unit: 'bytes',
    bound: { op: '<=', value: 1_200 },
  });
  report.add({
    name: 'T9: with its full proof in a log of a million batches and two cosignatures',
    value: Buffer.byteLength(JSON.stringify(whole)),
    unit: 'bytes',
    bound: { op: '<=', value: 4_000 },
  });
}

const PER_SECOND = 2_000;
const TICK_MS = 10;

/** From a flow’s arrival until its receipt is committed in a real Postgres, when each of 2,000 flows a second gets one. */
async function durability(report: Report, seconds: number): Promise<void> {
  if (!postgresPrograms()) return;
  const dir = mkdtempSync(join(tmpdir(), 'cw-bench-'));
  const postgres = await startPostgres();
  await migrate(postgres.url, readMigrations('prisma/migrations'));
  const db = openTrafficDb(postgres.url, 4);
  const log = pino({ level: 'silent' });
  const keys = await openSigningKeys({ directory: join(dir, 'keys'), db, log });
  const notary = new Notary({
    settings: { organisation: 'bench', witnesses: [], quorum: 0 },
    keys,
    db,
    log,
    policiesOf: () => undefined,
    engineOf: () => () => Promise.resolve({ setHash: '', says: [] }),
    signerFile: pathToFileURL(join('dist', 'bench', 'receipt-signer.mjs')),
  });
  const followed = notary.follow({
    cluster: 'bench',
    originOf: () => ({ cluster: 'bench', source: 'hubble-relay', ciliumVersion: '1.19.0' }),
    nodes: () => ({ nodesExpected: 4, nodesReporting: 4 }),
    isSettled: () => true,
  });
  const seen = new Map<string, number>();
  const lags: number[] = [];
  const heads: number[] = [];
  let oldest: number | undefined;
  followed.tap.onCommitted(({ receipts: made }) => {
    const now = performance.now();
    oldest ??= now;
    for (const { flow } of made) lags.push(now - (seen.get(flow?.uuid ?? '') ?? now));
  });
  followed.checkpointer.onSigned(() => {
    if (oldest !== undefined) heads.push(performance.now() - oldest);
    oldest = undefined;
  });
  await followed.begin(0, Date.now());
  const began = performance.now();
  for (let flows = 0; performance.now() - began < seconds * 1000;) {
    const due = Math.floor(((performance.now() - began) / 1000) * PER_SECOND);
    for (; flows < due; flows += 1) {
      seen.set(`flow-${flows}`, performance.now());
      followed.tap.observe(aDroppedFlow({ time: Date.now(), uuid: `flow-${flows}` }), false);
    }
    await sleep(TICK_MS);
  }
  await followed.tap.durable();
  await followed.stop();
  const [stored] = await db.rows<{ size: number; bytes: number }>(
    `SELECT count(*)::int AS size, pg_total_relation_size('receipt')::float8 + pg_total_relation_size('receipt_batch') + pg_total_relation_size('log_node') AS bytes FROM receipt`,
  );
  report.add({
    name: `T5: observed to durable at ${PER_SECOND.toLocaleString('en')} receipts/s: half of them`,
    value: percentile(lags, 50),
    unit: 'ms',
  });
  report.add({ name: 'T5: 99 of 100', value: percentile(lags, 99), unit: 'ms', bound: { op: '<=', value: 2_000 } });
  report.add({
    name: 'T5: committed to a signed head, the longest',
    value: Math.max(...heads),
    unit: 'ms',
    bound: { op: '<=', value: 10_000 },
  });
  report.add({
    name: 'flows without a receipt afterwards',
    value: seen.size - (stored?.size ?? 0),
    unit: 'flows',
    bound: { op: '<=', value: 0 },
  });
  report.add({ name: 'stored for each receipt, with indexes', value: (stored?.bytes ?? 0) / (stored?.size ?? 1), unit: 'bytes' });
  keys.close();
  await notary.close();
  await db.close();
  await postgres.close();
  rmSync(dir, { recursive: true, force: true });
}

/** Things in a second of CPU time of this process, by the best of all rounds: other work on the machine counts as little as can be. */
function perSecond(rounds: number, things: number, work: (round: number) => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const from = cpuSeconds();
    work(round);
    best = Math.min(best, cpuSeconds() - from);
  }
  return things / best;
}

async function perSecondAsync(count: number, work: () => Promise<void>): Promise<number> {
  const windows = 8;
  let best = Number.POSITIVE_INFINITY;
  for (let window = 0; window < windows; window += 1) {
    const from = cpuSeconds();
    for (let at = 0; at < count / windows; at += 1) await work();
    best = Math.min(best, cpuSeconds() - from);
  }
  return count / windows / best;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
