import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { goVerifier, verifyByGo } from '#lib/testing/go-verifier.ts';
import { mulberry32 } from '#lib/testing/random.ts';
import { aFinding, aKeyEvent, anEvidence, TestKey, TestNotary, verifyByNode } from '#lib/testing/receipts.ts';
import type { Receipt } from './receipt.ts';
import { parseTrust, type TrustFile } from './trust.ts';
import { verifyReceipt } from './verify.ts';

const program = goVerifier();
/** The whole run is 100,000; see docs/receipts.md. */
const CASES = Number(process.env['CAUSEWAY_VERIFY_CASES'] ?? 6000);
const BIT_FLIPS = Number(process.env['CAUSEWAY_BIT_FLIPS'] ?? 10_000);

const dir = mkdtempSync(join(tmpdir(), 'cw-agree-'));
const trustFile = join(dir, 'trust.json');
const notary = new TestNotary();
const receipts: Receipt[] = [];

beforeAll(async () => {
  writeFileSync(trustFile, JSON.stringify(notary.trustFile()));
  const gaps = {
    nodes_expected: 4,
    nodes_connected: 4,
    lost_events: [{ node: 'a', source: 'x', count: '3' }],
    stream_gaps: [],
    clock_skew_ms_max: 0,
  };
  for (const size of [1, 2, 3, 7, 8, 31])
    for (const leaf of new Set([0, size >> 1, size - 1]))
      receipts.push(
        await notary.receipt(
          Array.from({ length: size }, (_, port) =>
            anEvidence({ port: port + 1, policy: [{ ref: 'ccnp:größe \u{1f600} "\\\u0007' }] }),
          ),
          leaf,
          { cosigned: size !== 7, ...(size === 8 && { completeness: gaps }) },
        ),
      );
  const { receiptKey, checkpointKey } = notary;
  const [fresh, stranger] = [new TestKey(), new TestKey()];
  const retired = { event: 'retired' as const };
  for (const keyEvents of [
    [aKeyEvent(fresh, {}, [fresh, receiptKey]), aKeyEvent(fresh, { event: 'activated' }, [fresh, receiptKey])],
    [aKeyEvent(receiptKey, { event: 'compromised', compromised_at: '2026-03-03T00:00:00.000000Z' }, [receiptKey])],
    [aKeyEvent(fresh, {}, [receiptKey])],
    [aKeyEvent(fresh, {}, [fresh, stranger])],
    [aKeyEvent(fresh, { role: 'checkpoint' }, [fresh, receiptKey])],
    [aKeyEvent(receiptKey, { ...retired, role: 'checkpoint' }, [checkpointKey, receiptKey])],
    [aKeyEvent(fresh, retired, [fresh, fresh])],
    [{ ...aKeyEvent(fresh), x: stranger.x }],
    [{ ...aKeyEvent(fresh), at: '2026-03-02T00:00:00.000000Z' }],
  ])
    receipts.push(
      await notary.receipt([aFinding(`policy ${receipts.length}`), anEvidence()], receipts.length % 2, { keyEvents }),
    );
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const verifiedHere = async (texts: readonly string[], trust = notary.trust()) => {
  const results: { exit: number; why: string }[] = [];
  for (const text of texts) {
    const { exit, steps } = await verifyReceipt(text, { trust, verify: verifyByNode });
    const failed = steps.find(({ status }) => status === 'fail');
    results.push({ exit, why: failed ? `${failed.id}: ${failed.detail}` : '' });
  }
  return results;
};

/** One case from a number: a receipt as it is, written otherwise, or changed somewhere. */
function caseOf(random: () => number): string {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const copy = structuredClone(pick(receipts)) as unknown as Json;
  switch (Math.floor(random() * 9)) {
    case 0:
      return JSON.stringify(copy);
    case 1:
      return JSON.stringify(Object.fromEntries(Object.entries(copy as object).toReversed()), undefined, 3);
    case 2:
      return flipBit(JSON.stringify(copy), random);
    case 3:
      return cut(JSON.stringify(copy), random);
    case 4:
      return changeNode(copy, random, (value) =>
        pick<Json>([value, null, '', 'x', 0, -1, 1.5, 2 ** 53, true, [], {}, '0', -0, '\ud800', 1e2]),
      );
    case 5:
      return changeNode(
        copy,
        random,
        () =>
          (pick(receipts) as unknown as Record<string, Json>)[
            pick(['proof', 'signature', 'attestation', 'flow', 'observation'])
          ] ?? '',
      );
    case 6:
      return without(copy, random);
    case 7:
      return JSON.stringify({ ...(copy as object), proof: (pick(receipts) as { proof?: object }).proof });
    default:
      return JSON.stringify(copy).replace(
        pick(['":"', ',"', '{"', '1', 'a']),
        pick(['": "', ',"a":1,"', '{"__proto__":{},"', '1e0', 'ä', String.raw`\u0061`]),
      );
  }
}

type Json = string | number | boolean | null | readonly Json[] | { [key: string]: Json };

/** Leaves a random member out. */
function without(root: Json, random: () => number): string {
  const place = placeIn(root, random);
  if (place) delete place.of[place.key];
  return JSON.stringify(root);
}

/** Puts something else at a random place of the tree. */
function changeNode(root: Json, random: () => number, other: (value: Json) => Json): string {
  const place = placeIn(root, random);
  if (place) place.of[place.key] = other(place.of[place.key] ?? null);
  return JSON.stringify(root);
}

function placeIn(root: Json, random: () => number): { of: Record<string, Json>; key: string } | undefined {
  const places: { of: Record<string, Json>; key: string }[] = [];
  const walk = (value: Json) => {
    if (!(value instanceof Object)) return;
    for (const [key, member] of Object.entries(value)) {
      places.push({ of: value as Record<string, Json>, key });
      walk(member);
    }
  };
  walk(root);
  return places[Math.floor(random() * places.length)];
}

function flipBit(text: string, random: () => number): string {
  const bytes = new TextEncoder().encode(text);
  const bit = Math.floor(random() * bytes.length * 8);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return new TextDecoder().decode(bytes);
}

function cut(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length);
  return text.slice(0, at) + text.slice(at + Math.floor(random() * 40));
}

test.skipIf(!program)(`both verifiers say the same of ${CASES} receipts, good and bad`, { timeout: 900_000 }, async () => {
  const random = mulberry32(20_260_302);
  // As a file would hold them: what is no Unicode cannot be in one.
  const texts = Array.from({ length: CASES }, () => Buffer.from(caseOf(random)).toString());
  const [here, there] = [await verifiedHere(texts), verifyByGo(program ?? '', trustFile, texts)];
  const disagreements = texts.flatMap((text, index) => {
    const [a, b] = [here[index], there[index]];
    return a?.exit === b?.exit ? [] : [{ here: a, there: b, text: text.slice(0, 2000) }];
  });
  expect(disagreements.slice(0, 3)).toEqual([]);
  expect(here.filter(({ why }) => why.includes('change of a key')).length).toBeGreaterThan(CASES / 100);
  expect(new Set(here.map(({ exit }) => exit))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
});

test.skipIf(!program)(
  `of ${BIT_FLIPS} single bits flipped in receipt, proof, header or checkpoint, none is taken by either`,
  { timeout: 900_000 },
  async () => {
    const random = mulberry32(7);
    const good = JSON.stringify(receipts[1]);
    const texts = Array.from({ length: BIT_FLIPS }, () => flipBit(good, random));
    expect((await verifiedHere([good]))[0]?.exit).toBe(0);
    const taken = (results: readonly { exit: number }[]) => results.filter(({ exit }) => exit === 0 || exit === 5).length;
    expect({ here: taken(await verifiedHere(texts)), there: taken(verifyByGo(program ?? '', trustFile, texts)) }).toEqual({
      here: 0,
      there: 0,
    });
  },
);

test.skipIf(!program)('both say the same of keys that changed hands, of receipts and of heads', async () => {
  // A witness saw the heads at 14:02:48.
  const [before, after] = ['2026-03-02T14:00:00Z', '2026-03-02T15:00:00Z'];
  const [receiptKey, checkpointKey] = notary.trustFile().keys;
  if (!receiptKey || !checkpointKey) throw new Error('the notary has two keys');
  const lost = (key: typeof receiptKey, compromised_at: string) => ({ ...key, state: 'compromised' as const, compromised_at });
  const cases: [string, Partial<TrustFile>, number][] = [
    ['as they are', {}, 0],
    ['receipt key lost after', { keys: [lost(receiptKey, after), checkpointKey] }, 0],
    ['receipt key lost before', { keys: [lost(receiptKey, before), checkpointKey] }, 3],
    ['checkpoint key lost after', { keys: [receiptKey, lost(checkpointKey, after)] }, 0],
    ['checkpoint key lost before', { keys: [receiptKey, lost(checkpointKey, before)] }, 3],
    ['checkpoint key lost, no witness known', { keys: [receiptKey, lost(checkpointKey, after)], witnesses: [], quorum: 0 }, 3],
    ['checkpoint key pending', { keys: [receiptKey, { ...checkpointKey, state: 'pending' }] }, 3],
    ['checkpoint key retired', { keys: [receiptKey, { ...checkpointKey, state: 'retired', valid_to: before }] }, 0],
    ['receipt key retired before', { keys: [{ ...receiptKey, state: 'retired', valid_to: before }, checkpointKey] }, 3],
  ];
  const text = JSON.stringify(receipts[0]);
  for (const [name, file, exit] of cases) {
    const path = join(dir, 'hands.json');
    writeFileSync(path, JSON.stringify(notary.trustFile(file)));
    const here = await verifyReceipt(text, { trust: notary.trust(file), verify: verifyByNode });
    const [there] = verifyByGo(program ?? '', path, [text]);
    expect([name, here.exit, there?.exit]).toEqual([name, exit, exit]);
  }
});

test.skipIf(!program)('both say the same of good receipts under each trust bundle, whatever became of the keys', async () => {
  const at = '2026-03-02T14:02:41Z';
  const seen = '2026-03-02T14:02:48Z';
  const later = '2026-03-02T14:03:00Z';
  const changes: Partial<TrustFile['keys'][number]>[] = [
    {},
    { state: 'pending' },
    { state: 'retired', valid_to: later },
    { state: 'retired', valid_to: at },
    { valid_from: later },
    { state: 'compromised', compromised_at: at },
    { state: 'compromised', compromised_at: seen },
    { state: 'compromised', compromised_at: later },
  ];
  const exits = new Set<number>();
  for (const role of ['receipt', 'checkpoint'] as const)
    for (const change of changes)
      for (const quorum of [0, 1, 2]) {
        const keys = notary.trustFile().keys.map((key) => (key.role === role ? { ...key, ...change } : key));
        const bundle = notary.trustFile({ keys, quorum });
        const file = join(dir, 'other-trust.json');
        writeFileSync(file, JSON.stringify(bundle));
        const texts = receipts.map((receipt) => JSON.stringify(receipt));
        const here = await verifiedHere(texts, parseTrust(JSON.stringify(bundle)));
        const there = verifyByGo(program ?? '', file, texts);
        expect(here.map(({ exit }) => exit)).toEqual(there.map(({ exit }) => exit));
        for (const { exit } of here) exits.add(exit);
      }
  expect(exits).toEqual(new Set([0, 1, 3, 4, 5]));
});

test.skipIf(!program)('the example of the documentation is good for both, and not with a byte changed', async () => {
  const good = readFileSync('docs/examples/receipt.json', 'utf8');
  const bundle = 'docs/examples/trust.json';
  const texts = [good, good.replace('"port": 5432', '"port": 5433')];
  const here = await verifiedHere(texts, parseTrust(readFileSync(bundle, 'utf8')));
  expect([here, verifyByGo(program ?? '', bundle, texts)].map((results) => results.map(({ exit }) => exit))).toEqual([
    [0, 1],
    [0, 1],
  ]);
});
