import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keyOfJwkX } from '#lib/receipts/public-key.ts';
import { checkRootSignature, parseTrust } from '#lib/receipts/trust.ts';
import { verifyFiles } from '../verify/verify.ts';
import { anEvidence, TestKey, TestNotary, verifyByNode } from '#lib/testing/receipts.ts';
import { newRoot, signBundle } from './root.ts';

const dir = mkdtempSync(join(tmpdir(), 'cw-root-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const at = (name: string) => join(dir, name);
const notary = new TestNotary();

const run = (work: (say: (line: string) => void) => number) => {
  const lines: string[] = [];
  expect(work((line) => lines.push(line))).toBe(0);
  return lines.join('\n');
};
const write = (name: string, value: unknown) => writeFileSync(at(name), JSON.stringify(value));

test('a root that is made signs a bundle, which verifies receipts under that root alone', async () => {
  const made = run((say) => newRoot({ out: at('root.pem') }, say));
  expect(statSync(at('root.pem')).mode & 0o777).toBe(0o400);
  const x = /public key +(\S+)/.exec(made)?.[1] ?? '';
  const secret = readFileSync(at('root.pem'), 'utf8').split('\n')[1] ?? '';
  expect(made).not.toContain(secret);

  write('trust.json', notary.trustFile());
  const said = run((say) => signBundle(at('trust.json'), { key: at('root.pem'), out: at('signed.json') }, say));
  expect(said).toContain(`key          ${notary.receiptKey.kid} receipt, active, from 2026-02-01T00:00:00Z`);
  expect(said).toContain('quorum       1');
  const trust = parseTrust(readFileSync(at('signed.json'), 'utf8'));
  await checkRootSignature(trust, keyOfJwkX(x) ?? new Uint8Array(), verifyByNode);
  write('receipt.json', await notary.receipt([anEvidence()]));
  const verify = (root: string) => verifyFiles([at('receipt.json')], { trust: at('signed.json'), root }, () => undefined);
  expect(await verify(x)).toBe(0);
  await expect(verify(new TestKey().x)).rejects.toThrow(/not signed by the root/);
});

test('what is different from the bundle signed last is marked', () => {
  run((say) => newRoot({ out: at('other.pem') }, say));
  const [key, ...others] = notary.trustFile().keys;
  if (!key) throw new Error('there is a key');
  write('before.json', notary.trustFile());
  write(
    'after.json',
    notary.trustFile({ keys: [{ ...key, state: 'compromised', compromised_at: '2026-03-01T00:00:00Z' }, ...others], quorum: 0 }),
  );
  const options = { key: at('other.pem'), out: at('again.json'), before: at('before.json') };
  const said = run((say) => signBundle(at('after.json'), options, say));
  expect(said).toMatch(/^\+ key +\S+ receipt, compromised, .*compromised at 2026-03-01T00:00:00Z$/m);
  expect(said).toMatch(/^- key +\S+ receipt, active/m);
  expect(said).toMatch(/^ {2}key +\S+ checkpoint, active/m);
  expect(said).toMatch(/^\+ quorum +0$/m);
});

test('a file that is there is never written over, and what is no good bundle is not signed', () => {
  expect(() => newRoot({ out: at('root.pem') }, () => undefined)).toThrow(/root\.pem cannot be written/);
  const options = { key: at('root.pem'), out: at('never.json') };
  const [key, ...others] = notary.trustFile().keys;
  if (!key) throw new Error('there is a key');
  write('small.json', notary.trustFile({ keys: [{ ...key, x: `AQ${'A'.repeat(41)}` }, ...others] }));
  expect(() => signBundle(at('small.json'), options, () => undefined)).toThrow(/small order/);
  expect(() => signBundle(at('root.pem'), options, () => undefined)).toThrow(/not JSON/);
  expect(() => signBundle(at('nowhere.json'), options, () => undefined)).toThrow(/cannot be read/);
  expect(() => statSync(at('never.json'))).toThrow(/ENOENT/);
});

test('nothing in a bundle reaches the terminal as a command', () => {
  write('hostile.json', notary.trustFile({ origins: [{ cluster_id: 'a\u001B[2J', origin: 'causeway.x/a' }] }));
  const said = run((say) => signBundle(at('hostile.json'), { key: at('root.pem'), out: at('hostile.signed.json') }, say));
  expect(said).not.toContain('\u001B');
});
