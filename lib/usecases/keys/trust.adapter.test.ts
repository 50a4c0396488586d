import { type KeyObject, sign } from 'node:crypto';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { BY_CONSOLE } from '#lib/audit-log/event.ts';
import { noteKeyEventsLogged, pendingKeyEvents } from '#lib/db/receipts/keys.ts';
import { putTrustSetting } from '#lib/db/receipts/trust.ts';
import type { ActiveKey, SigningKeys } from '#lib/keys/signing-keys.ts';
import { toBase64Url } from '#lib/receipts/base64.ts';
import { canonicalBytes } from '#lib/receipts/canonical.ts';
import { checkpointText, cosignatureBytes, cosignatureMessage } from '#lib/receipts/checkpoint.ts';
import { keccak256, sha256 } from '#lib/receipts/hash.ts';
import { MerkleTree } from '#lib/receipts/merkle.ts';
import { momentOf } from '#lib/receipts/moment.ts';
import { formatNote, keyIdOf, NOTE_TYPES } from '#lib/receipts/note.ts';
import type { Receipt } from '#lib/receipts/receipt.ts';
import { sealBatch } from '#lib/receipts/seal.ts';
import { parseTrust, type TrustFile, trustToSign } from '#lib/receipts/trust.ts';
import { verifyReceipt } from '#lib/receipts/verify.ts';
import { databaseKinds } from '#lib/testing/databases.ts';
import { HOUR_MS, type KeyBench, NOON, openKeyBench } from '#lib/testing/keys.ts';
import { anEvidence, CLUSTER, ORIGIN, TestKey, verifyByNode } from '#lib/testing/receipts.ts';
import { importTrust } from './import-trust.ts';
import { handedOutTrust, presentTrust } from './read-trust.ts';

const witness = new TestKey();
const root = new TestKey();
let bench: KeyBench;
let keys: SigningKeys;
let now = NOON;

beforeAll(async () => {
  const [embedded] = databaseKinds();
  if (!embedded) throw new Error('there is always an embedded database');
  bench = await openKeyBench(embedded);
  await bench.db.rows(`INSERT INTO cluster (id, name, environment, created_at) VALUES ($1, 'Production', 'PRD', $2)`, [
    CLUSTER,
    new Date(NOON - HOUR_MS),
  ]);
});
beforeEach(async () => {
  now = NOON;
  const witnesses = [{ name: 'security-witness', url: 'https://witness.example', x: witness.x }];
  await putTrustSetting(bench.db, { organisation: 'aegis', witnesses, quorum: 1 }, NOON);
  keys = await bench.open({ directory: bench.folder(), now: () => now });
  await log();
});
afterEach(() => bench.reset());
afterAll(() => bench.close());

/** As the next header does: changes of keys are in the log of the cluster then. */
async function log(): Promise<void> {
  const events = await pendingKeyEvents(bench.db, CLUSTER);
  await noteKeyEventsLogged(
    bench.db,
    CLUSTER,
    0,
    events.map(({ id }) => id),
  );
}

/** A receipt that a key signs at one time, in a log whose head a witness saw at another. Unix milliseconds. */
async function aReceipt(key: ActiveKey, signedAt: number, seenAt: number): Promise<string> {
  const checkpointKey = keys.active('checkpoint') as ActiveKey;
  const keccak = await keccak256();
  const sealed = sealBatch(
    {
      clusterId: CLUSTER,
      batchId: 'b0',
      windowStart: momentOf(signedAt),
      windowEnd: momentOf(signedAt),
      evidence: [anEvidence()],
      completeness: { nodes_expected: 4, nodes_connected: 4, lost_events: [], stream_gaps: [], clock_skew_ms_max: 0 },
      kid: key.kid,
      witnessIdentity: 'causeway.aegis',
      attestationTime: momentOf(signedAt),
    },
    keccak,
  );
  const [made] = sealed.receipts;
  if (!made) throw new Error('a batch has a receipt');
  const tree = new MerkleTree(sha256);
  const text = checkpointText({ origin: ORIGIN, size: 1, root: tree.root([tree.leafHash(canonicalBytes(sealed.header))]) });
  const seen = Math.floor(seenAt / 1000);
  const note = formatNote({
    text,
    signatures: [
      {
        name: ORIGIN,
        keyId: keyIdOf(ORIGIN, NOTE_TYPES.ed25519, checkpointKey.publicKey),
        signature: signed(utf8ToBytes(text), checkpointKey.privateKey),
      },
      {
        name: 'security-witness',
        keyId: keyIdOf('security-witness', NOTE_TYPES.cosignature, witness.public),
        signature: cosignatureBytes(seen, witness.sign(cosignatureMessage(seen, text))),
      },
    ],
  });
  const receipt: Receipt = {
    ...made.signed,
    signature: { alg: 'Ed25519', kid: key.kid, sig: toBase64Url(signed(made.toSign, key.privateKey)) },
    proof: {
      batch_path: new MerkleTree(keccak).inclusionProof(sealed.leafHashes, 0).map(toBase64Url),
      header: sealed.header,
      log: { index: 0, size: 1, path: [] },
      checkpoint: note,
    },
  };
  return JSON.stringify(receipt);
}
const signed = (message: Uint8Array, key: KeyObject): Uint8Array => Uint8Array.from(sign(null, message, key));

/** How a verification by the bundle that is handed out now ends, and what it says of the key. */
async function verified(receipt: string) {
  const trust = parseTrust(await handedOutTrust(bench.db));
  const { exit, steps } = await verifyReceipt(receipt, { trust, verify: verifyByNode });
  return { exit, key: steps.find(({ id }) => id === 'key')?.detail };
}

const present = async (): Promise<TrustFile> => (await presentTrust(bench.db)).file;
const signedByRoot = (file: TrustFile, by = root): string =>
  JSON.stringify({ ...file, signature: { alg: 'Ed25519', kid: by.kid, sig: toBase64Url(by.sign(trustToSign(file))) } });
const takeOver = (bundle: string, x = root.x): Promise<void> =>
  bench.db.transaction((tx) => importTrust(tx, { bundle, root: x }, BY_CONSOLE, now));

test('a receipt verifies by the bundle that is handed out', async () => {
  const receipt = await aReceipt(keys.active('receipt') as ActiveKey, NOON + 1000, NOON + 30_000);
  expect(await verified(receipt)).toMatchObject({ exit: 0 });
});

test('the bundle names logs, keys, witnesses and quorum, and is the same bytes until something changes', async () => {
  const file = await present();
  expect(file).toMatchObject({
    schema: 'causeway.trust/1',
    issued_at: '2026-03-02T12:00:00.000000Z',
    origins: [{ cluster_id: CLUSTER, origin: ORIGIN }],
    witnesses: [{ name: 'security-witness', x: witness.x }],
    quorum: 1,
  });
  expect(file.keys.map(({ role, state }) => `${role} ${state}`).toSorted()).toEqual(['checkpoint active', 'receipt active']);
  const text = await handedOutTrust(bench.db);
  now += HOUR_MS;
  await keys.refresh();
  expect(await handedOutTrust(bench.db)).toBe(text);
  await keys.rotate('receipt', 'for the test', BY_CONSOLE);
  expect(await handedOutTrust(bench.db)).not.toBe(text);
});

test('a bundle fetched during the overlap is good for what the new key signs later, and refuses what it signs before', async () => {
  await keys.rotate('receipt', 'for the test', BY_CONSOLE);
  const next = (await present()).keys.find(({ state }) => state === 'pending')?.kid;
  expect(next).toBeDefined(); // no log has introduced it
  await log();
  const trust = parseTrust(await handedOutTrust(bench.db));
  now += 24 * HOUR_MS;
  await keys.refresh();
  const key = keys.active('receipt') as ActiveKey;
  expect(key.kid).toBe(next);
  const verify = async (receipt: string) => (await verifyReceipt(receipt, { trust, verify: verifyByNode })).exit;
  expect(await verify(await aReceipt(key, now + 1000, now + 2000))).toBe(0);
  expect(await verify(await aReceipt(key, NOON + HOUR_MS, now + 2000))).toBe(3);
});

test('what a retired key signed while it was in force stays valid, what it signs later is not', async () => {
  const old = keys.active('receipt') as ActiveKey;
  const before = await aReceipt(old, NOON + 1000, NOON + 30_000);
  await keys.rotate('receipt', 'for the test', BY_CONSOLE);
  for (const wait of [24 * HOUR_MS, HOUR_MS]) {
    now += wait;
    await keys.refresh();
  }
  expect((await present()).keys.find(({ kid }) => kid === old.kid)?.state).toBe('retired');
  expect(await verified(before)).toMatchObject({ exit: 0 });
  expect(await verified(await aReceipt(old, now + 1000, now + 2000))).toMatchObject({
    exit: 3,
    key: expect.stringContaining('in force until') as string,
  });
});

test('of a compromised key stays valid what a witness had seen before, and nothing else', async () => {
  const lost = keys.active('receipt') as ActiveKey;
  const stolenAt = NOON + 2 * HOUR_MS;
  const seen = await aReceipt(lost, NOON + 1000, NOON + 30_000);
  const backdated = await aReceipt(lost, NOON + 1000, stolenAt + 1000);
  const later = await aReceipt(lost, stolenAt + 1000, stolenAt + 2000);
  now = stolenAt + HOUR_MS;
  expect([await verified(seen), await verified(backdated), await verified(later)]).toMatchObject([
    { exit: 0 },
    { exit: 0 },
    { exit: 0 },
  ]);
  await keys.compromise(lost.kid, stolenAt, 'it was seen on a paste site', BY_CONSOLE);
  expect(await verified(seen)).toMatchObject({ exit: 0 });
  for (const receipt of [backdated, later])
    expect(await verified(receipt)).toMatchObject({
      exit: 3,
      key: expect.stringContaining('no witness saw this before') as string,
    });
  expect(await verified(await aReceipt(keys.active('receipt') as ActiveKey, now + 1000, now + 2000))).toMatchObject({ exit: 0 });
});

test('a bundle that the root has signed is handed out with its signature, also after a rotation, until it is signed anew', async () => {
  await takeOver(signedByRoot(await present()));
  const text = await handedOutTrust(bench.db);
  expect(parseTrust(text).file.signature?.kid).toBe(root.kid);
  await keys.rotate('receipt', 'for the test', BY_CONSOLE);
  await log();
  expect(await handedOutTrust(bench.db)).toBe(text);
  await takeOver(signedByRoot(await present()));
  expect(parseTrust(await handedOutTrust(bench.db)).file.keys).toHaveLength(3);
});

test('a signed bundle is held back once a key it vouches for is compromised', async () => {
  await takeOver(signedByRoot(await present()));
  await keys.compromise(keys.active('receipt')?.kid ?? '', NOON, 'it was seen on a paste site', BY_CONSOLE);
  const { file } = parseTrust(await handedOutTrust(bench.db));
  expect(file.signature).toBeUndefined();
  expect(file.keys.find(({ state }) => state === 'compromised')?.compromised_at).toBe('2026-03-02T12:00:00.000000Z');
  await takeOver(signedByRoot(await present()));
  expect(parseTrust(await handedOutTrust(bench.db)).file.signature).toBeDefined();
});

test('a bundle of an earlier state, by another root, without a signature or of a small-order root is not taken over', async () => {
  const earlier = signedByRoot(await present());
  await expect(takeOver(earlier, new TestKey().x)).rejects.toMatchObject({ code: 'bad-input' });
  await expect(takeOver(JSON.stringify(await present()))).rejects.toThrow(/no signature of a root/);
  await expect(takeOver(signedByRoot({ ...(await present()), quorum: 0 }))).rejects.toMatchObject({ code: 'conflict' });
  const identity = toBase64Url(Uint8Array.of(1, ...Array.from({ length: 31 }, () => 0)));
  await expect(takeOver(earlier, identity)).rejects.toThrow(/small order/);
  const [key, ...others] = (await present()).keys;
  if (!key) throw new Error('there is a key');
  await expect(takeOver(signedByRoot({ ...(await present()), keys: [{ ...key, x: identity }, ...others] }))).rejects.toThrow(
    /small order/,
  );
  await keys.rotate('checkpoint', 'for the test', BY_CONSOLE);
  await expect(takeOver(earlier)).rejects.toThrow(/have changed since this bundle was downloaded/);
  expect(parseTrust(await handedOutTrust(bench.db)).file.signature).toBeUndefined();
});

test('while there is nothing to believe there is no bundle', async () => {
  await bench.reset();
  await expect(handedOutTrust(bench.db)).rejects.toMatchObject({ code: 'not-found' });
});
