import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { aFinding, aKeyEvent, anEvidence, ORIGIN, TestKey, TestNotary, verifyByNode } from '#lib/testing/receipts.ts';
import { plainKeccak256 } from './hash.ts';
import { keyProblem, thumbprint } from './public-key.ts';
import type { KeyEvent, Receipt } from './receipt.ts';
import { MOST_BYTES } from './strict-json.ts';
import { VERIFY_STEPS, type Verification, verifyReceipt, type VerifyOptions } from './verify.ts';

let notary: TestNotary;
let receipt: Receipt;

beforeAll(async () => {
  notary = new TestNotary();
  await notary.receipt([anEvidence({ port: 1 })]);
  receipt = await notary.receipt(
    [1, 2, 3, 5432, 5].map((port) => anEvidence({ port })),
    3,
  );
});

const verified = (value: unknown, more: Partial<VerifyOptions> = {}): Promise<Verification> =>
  verifyReceipt(typeof value === 'string' ? value : JSON.stringify(value), {
    trust: notary.trust(),
    verify: verifyByNode,
    ...more,
  });

const failing = ({ steps }: Verification) => steps.filter(({ status }) => status === 'fail').map(({ id }) => id);

test('a receipt that is proved to a witnessed head passes every step but the one that needs a file', async () => {
  const { exit, steps, gaps, receipt: told } = await verified(receipt);
  expect(steps.map(({ id }) => id)).toEqual(Object.keys(VERIFY_STEPS));
  expect(steps.filter(({ status }) => status !== 'pass')).toEqual([
    { id: 'policy', status: 'absent', detail: 'not given: add the file to compare its hash' },
  ]);
  expect({ exit, gaps, told }).toEqual({ exit: 0, gaps: [], told: receipt });
});

test('the order of keys and white space in the file mean nothing', async () => {
  const turned = Object.fromEntries(Object.entries(receipt).toReversed());
  expect((await verified(JSON.stringify(turned, undefined, 4))).exit).toBe(0);
});

test('a finding that names its subject needs no flow; anything else does', async () => {
  expect((await verified(await notary.receipt([anEvidence({ port: 77 }), aFinding()], 1))).exit).toBe(0);
  const { flow: _flow, ...dropped } = anEvidence();
  const { observation, ...finding } = aFinding();
  const { subject: _subject, ...unnamed } = observation.finding!;
  for (const evidence of [dropped, { ...finding, observation: { ...observation, finding: unnamed } }]) {
    const result = await verified(await notary.receipt([evidence]));
    expect({ exit: result.exit, failing: failing(result) }).toEqual({ exit: 2, failing: ['schema'] });
  }
});

test('changes of keys in the header have to be signed by keys that are known', async () => {
  const [fresh, stranger] = [new TestKey(), new TestKey()];
  const exitWith = async (event: KeyEvent) =>
    (await verified(await notary.receipt([anEvidence()], 0, { keyEvents: [event] }))).exit;
  expect(await exitWith(aKeyEvent(fresh, {}, [fresh, notary.receiptKey]))).toBe(0);
  expect(await exitWith({ ...aKeyEvent(fresh), role: 'checkpoint' })).toBe(1);
  expect(await exitWith(aKeyEvent(fresh, {}, [fresh, stranger]))).toBe(3);
  expect(await exitWith({ ...aKeyEvent(fresh), compromised_at: receipt.timestamp })).toBe(2);
});

test('it fits into the sizes that are promised: 4 kB in a log of a million batches with two cosignatures', () => {
  const { signature: _signature, proof, ...signed } = receipt;
  expect(JSON.stringify(signed).length).toBeLessThan(1_250);
  const checkpoint = proof?.checkpoint ?? '';
  const hashes = (count: number) => Array.from({ length: count }, () => proof?.batch_path[0]);
  const log = { index: 900_000, size: 1_000_000, path: hashes(20) };
  const whole = {
    ...receipt,
    proof: { ...proof, batch_path: hashes(8), log, checkpoint: checkpoint + checkpoint.slice(checkpoint.lastIndexOf('—')) },
  };
  expect(JSON.stringify(whole).length).toBeLessThan(4_000);
});

test.each([
  {
    name: 'the verdict',
    change: (r: Receipt) => ({ ...r, flow: { ...r.flow, verdict: 'FORWARDED' } }),
    exit: 1,
    step: 'signature',
  },
  { name: 'its id', change: (r: Receipt) => ({ ...r, receipt_id: `rcpt_${'a'.repeat(26)}` }), exit: 1, step: 'signature' },
  {
    name: 'a key that nobody trusts',
    change: (r: Receipt) => ({ ...r, signature: { ...r.signature, kid: 'A'.repeat(43) } }),
    exit: 3,
    step: 'signature',
  },
  {
    name: 'another algorithm',
    change: (r: Receipt) => ({ ...r, signature: { ...r.signature, alg: 'none' } }),
    exit: 2,
    step: 'schema',
  },
  { name: 'an unknown key', change: (r: Receipt) => ({ ...r, admin: true }), exit: 2, step: 'schema' },
  { name: 'a float', change: (r: Receipt) => ({ ...r, flow: { ...r.flow, port: 80.5 } }), exit: 2, step: 'parse' },
  {
    name: 'the proof to text that is no Unicode',
    change: (r: Receipt) =>
      changed(r, (proof) => ({
        ...proof,
        header: {
          ...proof.header,
          completeness: {
            ...proof.header.completeness,
            stream_gaps: [{ from: r.timestamp, to: r.timestamp, reason: '\ud800' }],
          },
        },
      })),
    exit: 2,
    step: 'canonical',
  },
  {
    name: 'a header of another batch',
    change: (r: Receipt) => changed(r, (proof) => ({ ...proof, header: { ...proof.header, batch_id: 'b0' } })),
    exit: 1,
    step: 'batch',
  },
  {
    name: 'the header’s key',
    change: (r: Receipt) => changed(r, (proof) => ({ ...proof, header: { ...proof.header, kid: 'A'.repeat(43) } })),
    exit: 1,
    step: 'batch',
  },
  {
    name: 'the header’s completeness',
    change: (r: Receipt) =>
      changed(r, (proof) => ({
        ...proof,
        header: { ...proof.header, completeness: { ...proof.header.completeness, nodes_expected: 3 } },
      })),
    exit: 1,
    step: 'log',
  },
  {
    name: 'a path of the batch',
    change: (r: Receipt) => changed(r, (proof) => ({ ...proof, batch_path: proof.batch_path.toReversed() })),
    exit: 1,
    step: 'batch',
  },
  {
    name: 'the checkpoint’s size',
    change: (r: Receipt) => changed(r, (proof) => ({ ...proof, checkpoint: proof.checkpoint?.replace('\n2\n', '\n3\n') ?? '' })),
    exit: 1,
    step: 'log',
  },
  {
    name: 'the log’s place',
    change: (r: Receipt) => changed(r, (proof) => ({ ...proof, log: proof.log && { ...proof.log, index: 0 } })),
    exit: 1,
    step: 'log',
  },
])('whoever changes $name is found out at the step $step', async ({ change, exit, step }) => {
  const result = await verified(change(receipt));
  expect({ exit: result.exit, failing: failing(result) }).toEqual({ exit, failing: [step] });
});

describe('what a file may be', () => {
  test.each([
    { name: 'no JSON', text: '{', step: 'parse' },
    { name: 'a key given twice', text: '{"schema":"a","schema":"b"}', step: 'parse' },
    { name: 'a key given twice, once as an escape', text: String.raw`{"schema":"a","sch\u0065ma":"b"}`, step: 'parse' },
    { name: 'nested deeply', text: '['.repeat(40) + ']'.repeat(40), step: 'parse' },
    { name: 'too large', text: `"${'a'.repeat(MOST_BYTES)}"`, step: 'parse' },
    { name: 'a number that loses digits', text: '{"port":12345678901234567890}', step: 'parse' },
    { name: 'something else', text: '{"a":1}', step: 'schema' },
  ])('$name is malformed', async ({ text, step }) => {
    const result = await verified(text);
    expect({ exit: result.exit, failing: failing(result) }).toEqual({ exit: 2, failing: [step] });
  });

  test('a receipt without proof rests on its signature, and no quorum is met', async () => {
    const { proof: _proof, ...bare } = receipt;
    expect((await verified(bare)).exit).toBe(4);
    const { exit, steps } = await verified(bare, { quorum: 0 });
    expect(exit).toBe(0);
    expect(steps.filter(({ status }) => status === 'absent').map(({ id }) => id)).toEqual([
      'batch',
      'log',
      'checkpoint',
      'witnesses',
      'policy',
    ]);
  });

  test('a batch with gaps makes a valid receipt with a warning', async () => {
    const gapped = await notary.receipt([anEvidence()], 0, {
      completeness: {
        nodes_expected: 4,
        nodes_connected: 3,
        lost_events: [{ node: 'a', source: 'HUBBLE_RING_BUFFER', count: '212' }],
        stream_gaps: [],
        clock_skew_ms_max: 0,
      },
    });
    expect(await verified(gapped)).toMatchObject({ exit: 5, gaps: ['3 of 4 nodes reported', '212 events were lost'] });
  });
});

describe('keys and witnesses', () => {
  test('without the cosignature the quorum is missed, and the rest is still told', async () => {
    const alone = await notary.receipt([anEvidence({ port: 9 })], 0, { cosigned: false });
    const result = await verified(alone);
    expect({ exit: result.exit, failing: failing(result) }).toEqual({ exit: 4, failing: ['witnesses'] });
    expect((await verified(alone, { quorum: 0 })).exit).toBe(0);
    expect((await verified(receipt, { quorum: 2 })).exit).toBe(4);
  });

  test('a witness counts once, however often it signs', async () => {
    const doubled = changed(receipt, (proof) => ({
      ...proof,
      checkpoint: `${proof.checkpoint}${proof.checkpoint?.trimEnd().split('\n').at(-1)}\n`,
    }));
    expect((await verified(doubled, { quorum: 2 })).exit).toBe(4);
  });

  test('a checkpoint that another key signed, or of another log, is none', async () => {
    const other = new TestKey();
    const keys = notary.trustFile().keys.map((key) => (key.role === 'checkpoint' ? { ...key, kid: other.kid, x: other.x } : key));
    expect(failing(await verified(receipt, { trust: notary.trust({ keys }) }))).toEqual(['checkpoint']);
    const origins = [{ cluster_id: 'aegis-production', origin: 'causeway.aegis/another' }];
    expect(failing(await verified(receipt, { trust: notary.trust({ origins }) }))).toEqual(['checkpoint']);
  });

  test.each([
    { name: 'not yet in force', key: { valid_from: '2026-03-03T00:00:00Z' }, exit: 3 },
    { name: 'no longer in force', key: { valid_to: '2026-03-01T00:00:00Z' }, exit: 3 },
    { name: 'pending', key: { state: 'pending' as const }, exit: 3 },
    {
      name: 'compromised before the witness saw it',
      key: { state: 'compromised' as const, compromised_at: '2026-03-02T14:02:00Z' },
      exit: 3,
    },
    {
      name: 'compromised after the witness saw it',
      key: { state: 'compromised' as const, compromised_at: '2026-03-02T15:00:00Z' },
      exit: 0,
    },
    { name: 'retired', key: { state: 'retired' as const, valid_to: '2026-04-01T00:00:00Z' }, exit: 0 },
  ])('a key that is $name', async ({ key, exit }) => {
    const keys = notary.trustFile().keys.map((each) => (each.role === 'receipt' ? { ...each, ...key } : each));
    expect((await verified(receipt, { trust: notary.trust({ keys }) })).exit).toBe(exit);
  });

  test('a policy’s hash is compared with the receipt’s', async () => {
    const policies = (hash: string) => new Map([['cnp:gateway/bff-to-checkout', hash]]);
    expect((await verified(receipt, { policies: policies('14'.repeat(32)) })).exit).toBe(0);
    expect(failing(await verified(receipt, { policies: policies('15'.repeat(32)) }))).toEqual(['policy']);
  });
});

test('a single bit flipped anywhere in the file is refused, or leaves the file’s meaning as it was', async () => {
  const text = JSON.stringify(receipt);
  const bytes = new TextEncoder().encode(text);
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: bytes.length * 8 - 1 }), async (bit) => {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { exit } = await verified(new TextDecoder('utf-8', { fatal: false }).decode(flipped));
      expect(exit).not.toBe(0);
    }),
    { numRuns: 600 },
  );
});

describe('public keys', () => {
  // RFC 8032, section 7.1, test 1; RFC 8037, appendix A.3.
  const known = Uint8Array.from(Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex'));

  test('the thumbprint is the one of RFC 8037', () => {
    expect(thumbprint(known)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
    expect(keyProblem(known)).toBeUndefined();
  });

  test.each([
    '0100000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  ])('the point of small order %s is refused', (hex) => {
    expect(keyProblem(Uint8Array.from(Buffer.from(hex, 'hex')))).toMatch(/small order/);
  });

  test.each([
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  ])('the unreduced form %s is refused', (hex) =>
    expect(keyProblem(Uint8Array.from(Buffer.from(hex, 'hex')))).toMatch(/canonical/),
  );

  test('a trust bundle with such a key, or with a key under another name, is refused', () => {
    const [first, second] = notary.trustFile().keys;
    const x = 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    expect(() => notary.trust({ witnesses: [{ name: 'w', x }] })).toThrow(/small order/);
    expect(() => notary.trust({ keys: [{ ...first!, x: second!.x }] })).toThrow(/another key/);
    expect(() => notary.trust({ origins: [{ cluster_id: 'a', origin: `${ORIGIN} x` }] })).toThrow(/no note can carry/);
  });
});

function changed(of: Receipt, change: (proof: NonNullable<Receipt['proof']>) => NonNullable<Receipt['proof']>): Receipt {
  if (!of.proof) throw new Error('there is no proof');
  return { ...of, proof: change(of.proof) };
}

test('what has seen the head is told, and only what verified; hashing without WebAssembly gives the same', async () => {
  const own = new TestNotary();
  const text = JSON.stringify(await own.receipt([anEvidence()]));
  const options = { trust: own.trust(), verify: verifyByNode };
  const compiled = await verifyReceipt(text, options);
  expect(compiled.witnesses).toEqual([{ name: 'security-witness', time: 1_772_460_168 }]);
  expect(await verifyReceipt(text, { ...options, keccak: plainKeccak256 })).toEqual(compiled);
  const other = own.trust({ witnesses: [{ name: 'security-witness', x: new TestKey().x }] });
  expect((await verifyReceipt(text, { ...options, trust: other })).witnesses).toEqual([]);
});
