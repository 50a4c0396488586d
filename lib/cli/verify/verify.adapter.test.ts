import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toEnvelope, toTlogProof } from '#lib/receipts/forms.ts';
import { specHash } from '#lib/policy/spec-hash.ts';
import { toBase64Url } from '#lib/receipts/base64.ts';
import { trustToSign } from '#lib/receipts/trust.ts';
import { aFinding, anEvidence, TestKey, TestNotary } from '#lib/testing/receipts.ts';
import { verifyFiles, type VerifyCommandOptions } from './verify.ts';

const dir = mkdtempSync(join(tmpdir(), 'cw-verify-'));
const at = (name: string) => join(dir, name);
const notary = new TestNotary();
const POLICY = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'a', namespace: 'shop' },
  spec: { endpointSelector: {}, ingress: [{}] },
} as const;

beforeAll(async () => {
  const receipt = await notary.receipt([anEvidence({ policy: [{ ref: 'cnp:shop/a', spec_hash: specHash(POLICY) }] })]);
  writeFileSync(at('trust.json'), JSON.stringify(notary.trustFile()));
  writeFileSync(at('receipt.json'), JSON.stringify(receipt, undefined, 2));
  writeFileSync(at('receipt.dsse'), toEnvelope(receipt));
  writeFileSync(at('receipt.tlog-proof'), toTlogProof(receipt) ?? '');
  writeFileSync(at('changed.json'), JSON.stringify({ ...receipt, flow: { ...receipt.flow, port: 5433 } }));
  writeFileSync(at('bytes.json'), Buffer.from([0xff, 0xfe, 0x00]));
  writeFileSync(at('large.json'), ' '.repeat(1_000_001));
  writeFileSync(at('policy.yaml'), JSON.stringify(POLICY));
  writeFileSync(at('other.yaml'), JSON.stringify({ ...POLICY, spec: { endpointSelector: {} } }));
  const gaps = { nodes_expected: 4, nodes_connected: 3, lost_events: [], stream_gaps: [], clock_skew_ms_max: 0 };
  writeFileSync(at('gaps.json'), JSON.stringify(await notary.receipt([anEvidence({ port: 7 })], 0, { completeness: gaps })));
  const hostile = anEvidence({ port: 8, observation: { ...anEvidence().observation, node: 'node\u001b[2J\u202e' } });
  writeFileSync(at('hostile.json'), JSON.stringify(await notary.receipt([hostile])));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function run(files: readonly string[], options: Partial<VerifyCommandOptions> = {}) {
  const lines: string[] = [];
  const exit = await verifyFiles(files.map(at), { trust: at('trust.json'), ...options }, (line) => lines.push(line));
  return { exit, text: lines.join('\n') };
}

test('a receipt in each form is valid, and its claim is told with what it does not claim', async () => {
  const { exit, text } = await run(['receipt.json', 'receipt.tlog-proof']);
  expect(exit).toBe(0);
  expect(text).toMatch(/11 Policy text {11}not present/);
  const words = text.replaceAll(/\s+/g, ' ');
  expect(words).toContain('recorded that Hubble on node ip-10-20-4-11 reported the flow below with verdict DROPPED');
  expect(words).toContain(
    'gateway/web-bff-vtt5s9lh8-b8wpk (identity 11347) to payments/payments-db-0 (identity 25230), TCP 5432, POLICY_DENIED',
  );
  expect(words).toContain('in an append-only log since checkpoint 1, and witness security-witness saw that head.');
  expect(words).toContain('does not claim that the packet was really stopped, that no other packet passed');
  expect((await run(['receipt.dsse'], { quorum: 0 })).exit).toBe(0);
});

test('a finding without a flow says what it is about', async () => {
  writeFileSync(at('finding.json'), JSON.stringify(await notary.receipt([aFinding()])));
  const { exit, text } = await run(['finding.json']);
  expect(exit).toBe(0);
  expect(text.replaceAll(/\s+/g, ' ')).toContain(
    'a finding of rule R6 (policy tamper), confirmed, about cnp:gateway/bff-to-checkout',
  );
});

test.each([
  { files: ['changed.json'], exit: 1, says: /Signature +FAIL/ },
  { files: ['bytes.json'], exit: 2, says: /is not UTF-8/ },
  { files: ['large.json'], exit: 2, says: /larger than 1000000 bytes/ },
  { files: ['nowhere.json'], exit: 2, says: /ENOENT/ },
  { files: ['policy.yaml'], exit: 2, says: /Schema +FAIL/ },
  { files: ['receipt.dsse'], exit: 4, says: /NOT WITNESSED/ },
  { files: ['gaps.json'], exit: 5, says: /gap: 3 of 4 nodes reported/ },
  { files: ['receipt.json', 'gaps.json', 'changed.json'], exit: 1, says: /NOT VALID/ },
])('$files ends with $exit', async ({ files, exit, says }) => {
  const result = await run(files);
  expect(result.exit).toBe(exit);
  expect(result.text).toMatch(says);
});

test('with --strict a gap is a failure', async () => {
  expect((await run(['gaps.json'], { strict: true })).exit).toBe(1);
});

test('the policy that is given is the one of the receipt, or is not', async () => {
  expect((await run(['receipt.json'], { policy: [at('policy.yaml')] })).text).toMatch(/Policy text +pass/);
  const other = await run(['receipt.json'], { policy: [at('other.yaml')] });
  expect(other).toMatchObject({ exit: 1, text: expect.stringMatching(/says something else/) as string });
});

test('JSON has every step of every file', async () => {
  const { text } = await run(['receipt.json', 'changed.json'], { json: true });
  expect(JSON.parse(text)).toMatchObject([
    { exit: 0, steps: expect.any(Array) as unknown[] },
    { exit: 1, steps: expect.any(Array) as unknown[] },
  ]);
});

test('nothing in a receipt reaches the terminal as a command', async () => {
  const { exit, text } = await run(['hostile.json']);
  expect(exit).toBe(0);
  expect(text).toContain(String.raw`node\u001b[2J\u202e`);
  expect(text).not.toMatch(/[\u001b\u202e]/);
});

test('a trust bundle that cannot be read is said before anything is verified', async () => {
  await expect(run(['receipt.json'], { trust: at('policy.yaml') })).rejects.toThrow(/no trust bundle/);
});

test('a bundle counts as the root’s only with its signature', async () => {
  const [root, other] = [new TestKey(), new TestKey()];
  const bare = notary.trustFile();
  const sig = toBase64Url(root.sign(trustToSign(bare)));
  const signed = { ...bare, signature: { alg: 'Ed25519' as const, kid: root.kid, sig } };
  writeFileSync(at('signed.json'), JSON.stringify(signed));
  writeFileSync(at('moved.json'), JSON.stringify({ ...signed, quorum: 0 }));
  expect((await run(['receipt.json'], { trust: at('signed.json'), root: root.x })).exit).toBe(0);
  await expect(run(['receipt.json'], { trust: at('signed.json'), root: other.x })).rejects.toThrow(/not signed by the root/);
  await expect(run(['receipt.json'], { trust: at('moved.json'), root: root.x })).rejects.toThrow(/not signed by the root/);
  await expect(run(['receipt.json'], { root: root.x })).rejects.toThrow(/no signature of a root/);
  await expect(run(['receipt.json'], { root: 'AA' })).rejects.toThrow(/no Ed25519 key/);
});
