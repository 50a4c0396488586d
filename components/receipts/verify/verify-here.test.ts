import { webcrypto } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { toEnvelope, toTlogProof } from '#lib/receipts/forms.ts';
import type { Receipt } from '#lib/receipts/receipt.ts';
import { verifyReceipt } from '#lib/receipts/verify.ts';
import { anEvidence, TestNotary, verifyByNode } from '#lib/testing/receipts.ts';
import { browserEd25519, type BrowserEd25519, probe } from './browser-ed25519.ts';
import { outcomeOf, shownSteps, verifiedStanding } from './outcome.ts';
import { type HereOptions, verifyHere } from './verify-here.ts';

const notary = new TestNotary();
let receipt: Receipt;
let ed25519: BrowserEd25519;

beforeAll(async () => {
  receipt = await notary.receipt([anEvidence(), anEvidence({ port: 1 })]);
  ed25519 = await browserEd25519();
});

async function verified(text: string, more: Partial<HereOptions> = {}) {
  const result = await verifyHere(text, { trust: notary.trust(), ...more }, ed25519);
  if (result.kind !== 'verified') throw new Error(result.why);
  return result.verification;
}
const changed = () => JSON.stringify({ ...receipt, flow: receipt.flow && { ...receipt.flow, port: 5433 } });

describe('a browser', () => {
  test('that knows Ed25519 says yes to a published signature and no to a changed one', async () => {
    expect(await probe(webcrypto.subtle as SubtleCrypto)).toMatchObject({ ok: true });
  });

  const unable = async (subtle: Partial<SubtleCrypto> | undefined) => {
    const found = await probe(subtle as SubtleCrypto | undefined);
    return found.ok ? 'it can' : found.why;
  };
  test('says why where it cannot', async () => {
    expect(await unable(undefined)).toContain('HTTPS');
    expect(await unable({ importKey: () => Promise.reject(new Error('NotSupportedError')) })).toContain('does not know');
  });

  test('that takes any signature is not believed', async () => {
    const importKey = () => Promise.resolve({} as CryptoKey);
    expect(
      await unable({ importKey: importKey as unknown as SubtleCrypto['importKey'], verify: () => Promise.resolve(true) }),
    ).toContain('wrongly');
  });

  test('that cannot check signatures tells nothing of the file', async () => {
    const none: BrowserEd25519 = { ok: false, why: 'no' };
    expect(await verifyHere(JSON.stringify(receipt), { trust: notary.trust() }, none)).toEqual({ kind: 'unable', why: 'no' });
  });
});

test('what is found here is what the command line finds', async () => {
  for (const text of [JSON.stringify(receipt), changed(), '{', JSON.stringify({ ...receipt, proof: undefined })])
    expect(await verified(text)).toEqual(await verifyReceipt(text, { trust: notary.trust(), verify: verifyByNode }));
});

test('a receipt of each form is read', async () => {
  expect((await verified(toTlogProof(receipt) ?? '')).exit).toBe(0);
  expect((await verified(toEnvelope(receipt), { quorum: 0 })).exit).toBe(0);
  expect(await verified('{"payloadType":1}')).toMatchObject({ exit: 2, steps: [{ id: 'parse', status: 'fail' }] });
});

test('no policy given is no policy compared', async () => {
  const { steps } = await verified(JSON.stringify(receipt), { policies: new Map() });
  expect(steps.at(-1)).toMatchObject({ id: 'policy', status: 'absent' });
});

describe('the outcome in words', () => {
  test('a valid receipt counts what had to pass, without the policy nobody gave', async () => {
    expect(outcomeOf(await verified(JSON.stringify(receipt)))).toMatchObject({
      stands: true,
      short: '10 of 10 required checks pass',
      tone: 'fwd',
    });
  });

  test('without witnesses asked for or seen there are nine', async () => {
    const alone = JSON.stringify(await notary.receipt([anEvidence({ port: 3 })], 0, { cosigned: false }));
    expect(outcomeOf(await verified(alone, { quorum: 0 })).short).toBe('9 of 9 required checks pass');
    expect(outcomeOf(await verified(alone))).toMatchObject({ stands: true, short: 'not witnessed enough' });
  });

  test('gaps of the batch are said beside what stands', async () => {
    const completeness = { nodes_expected: 4, nodes_connected: 3, lost_events: [], stream_gaps: [], clock_skew_ms_max: 0 };
    const gappy = JSON.stringify(await notary.receipt([anEvidence({ port: 4 })], 0, { completeness }));
    expect(outcomeOf(await verified(gappy))).toMatchObject({ stands: true, tone: 'audit', mark: 'gap' });
    expect(outcomeOf(await verified(gappy)).long).toContain('3 of 4 nodes reported');
  });

  test.each([
    { exit: 1, text: changed, says: /^Not valid: signature, it does not verify/ },
    { exit: 2, text: () => 'x', says: /^This is no receipt/ },
    {
      exit: 3,
      text: () => JSON.stringify({ ...receipt, signature: { ...receipt.signature, kid: 'k'.repeat(43) } }),
      says: /^Not trusted/,
    },
  ])('exit $exit does not stand', async ({ exit, text, says }) => {
    const verification = await verified(text());
    expect(verification.exit).toBe(exit);
    const { stands, long } = outcomeOf(verification);
    expect(stands).toBe(false);
    expect(long).toMatch(says);
  });

  test('the statement tells of log and witnesses only what was verified', async () => {
    const standing = async (of: unknown, more = {}) => verifiedStanding(await verified(JSON.stringify(of), more));
    expect(await standing(receipt)).toEqual({ checkpoint: 1, witnesses: ['security-witness'] });
    expect(await standing({ ...receipt, proof: { ...receipt.proof, checkpoint: undefined } }, { quorum: 0 })).toEqual({
      witnesses: [],
    });
    expect(await standing({ ...receipt, flow: { ...receipt.flow, port: 1 } })).toBeUndefined();
  });

  test('steps that come after a failure are shown as not reached', async () => {
    const steps = shownSteps(await verified(changed()));
    expect(steps.map(({ status }) => status).join(' ')).toBe(`pass pass pass fail${' not-reached'.repeat(7)}`);
    expect(steps.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});
