import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeKeyFile } from '#lib/keys/key-file.ts';
import { formatAddCheckpoint } from '#lib/receipts/add-checkpoint.ts';
import { TestLog } from '#lib/testing/test-log.ts';
import { HeadStore } from './head-store.ts';
import { WitnessService } from './witness.ts';

const dir = mkdtempSync(join(tmpdir(), 'cw-clock-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const log = new TestLog('causeway.test/prod');
const key = makeKeyFile(dir, 'witness', 0);
const logs = new Map([[log.origin, [log.key.public]]]);
const ask = (service: WitnessService, from: number, to: number) =>
  service.addCheckpoint(formatAddCheckpoint(log.request(from, to)));

test('a clock that goes back is waited for: times of a log never fall', async () => {
  let now = 5_000_000;
  const service = new WitnessService({
    name: 'w',
    key,
    logs,
    heads: HeadStore.open(join(dir, 'a'), 'w', key.publicKey),
    now: () => now,
  });
  expect((await ask(service, 0, 3)).status).toBe(200);
  now -= 10_000;
  expect(await ask(service, 3, 8)).toMatchObject({ status: 503, body: 'the clock of the witness went back\n' });
  now += 10_000;
  expect((await ask(service, 3, 8)).status).toBe(200);
});

test('a key that cannot sign leaves nothing behind, and the next request is answered', async () => {
  const heads = HeadStore.open(join(dir, 'b'), 'w', key.publicKey);
  const { privateKey } = generateKeyPairSync('x25519');
  const broken = new WitnessService({ name: 'w', key: { publicKey: key.publicKey, privateKey }, logs, heads });
  expect(await ask(broken, 0, 3)).toMatchObject({ status: 500, body: 'the witness cannot keep what it would sign\n' });
  expect(heads.get(log.origin)).toBeUndefined();
  expect((await ask(new WitnessService({ name: 'w', key, logs, heads }), 0, 3)).status).toBe(200);
});
