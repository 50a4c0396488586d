import { beforeAll, expect, test } from 'vitest';
import { anEvidence, TestNotary, verifyByNode } from '#lib/testing/receipts.ts';
import { preAuthEncoding } from './dsse.ts';
import { receiptJsonOf, toEnvelope, toTlogProof } from './forms.ts';
import type { Receipt } from './receipt.ts';
import { verifyReceipt } from './verify.ts';

let notary: TestNotary;
let receipt: Receipt;
beforeAll(async () => {
  notary = new TestNotary();
  await notary.receipt([anEvidence({ port: 1 })]);
  receipt = await notary.receipt(
    [1, 2, 3].map((port) => anEvidence({ port })),
    1,
  );
});

const exitOf = async (text: string, quorum = 1) =>
  (await verifyReceipt(receiptJsonOf(text).json, { trust: notary.trust(), verify: verifyByNode, quorum })).exit;

test('an envelope carries the same signature, and no proof', async () => {
  const envelope = toEnvelope(receipt);
  const { form, json } = receiptJsonOf(envelope);
  const { proof: _proof, ...bare } = receipt;
  expect({ form, receipt: JSON.parse(json) as unknown }).toEqual({ form: 'dsse', receipt: bare });
  expect(await exitOf(envelope, 0)).toBe(0);
  expect(await exitOf(envelope)).toBe(4);
});

test('a tlog-proof stands for itself', async () => {
  const text = toTlogProof(receipt) ?? '';
  expect(text.split('\n').slice(0, 3)).toEqual(['c2sp.org/tlog-proof@v1', expect.stringMatching(/^extra /), 'index 1']);
  expect(JSON.parse(receiptJsonOf(text).json)).toEqual(receipt);
  expect(await exitOf(text)).toBe(0);
  expect(await exitOf(text.replace('index 1', 'index 0'))).toBe(1);
});

test('a receipt that no head has is no tlog-proof', () => {
  const { proof: _proof, ...bare } = receipt;
  expect(toTlogProof(bare)).toBeUndefined();
});

test.each([
  {
    name: 'an envelope of something else',
    text: '{"payloadType":"text/plain","payload":"","signatures":[{"keyid":"","sig":""}]}',
    why: /payloadType/,
  },
  { name: 'an envelope with two signatures', text: toTwo(), why: /signatures/ },
  { name: 'an envelope whose payload was reordered', text: reordered(), why: /canonical/ },
  { name: 'a tlog-proof without its extra data', text: 'c2sp.org/tlog-proof@v1\nindex 0\n\nnote\n', why: /no extra data/ },
  {
    name: 'a tlog-proof with a short hash',
    text: `c2sp.org/tlog-proof@v1\nextra ${btoa('{}')}\nindex 0\nAAAA\n\nnote\n`,
    why: /no hash/,
  },
])('$name is refused', ({ text, why }) => {
  expect(() => receiptJsonOf(text)).toThrow(why);
});

function toTwo(): string {
  const signature = { keyid: 'a', sig: 'AAAA' };
  return JSON.stringify({
    payloadType: 'application/vnd.causeway.receipt.v1+json',
    payload: '',
    signatures: [signature, signature],
  });
}
function reordered(): string {
  const payload = btoa('{"b":1,"a":2}');
  return JSON.stringify({
    payloadType: 'application/vnd.causeway.receipt.v1+json',
    payload,
    signatures: [{ keyid: 'a', sig: 'AAAA' }],
  });
}

// DSSE 1.0.2, protocol.md: the worked example.
test('the pre-authentication encoding is the one of the protocol', () => {
  const encoded = preAuthEncoding('http://example.com/HelloWorld', new TextEncoder().encode('hello world'));
  expect(new TextDecoder().decode(encoded)).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});
