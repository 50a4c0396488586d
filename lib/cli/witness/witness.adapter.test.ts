import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { fromBase64Url } from '#lib/receipts/base64.ts';
import { mulberry32 } from '#lib/testing/random.ts';
import { bundledWorker } from '#lib/testing/judge-worker.ts';
import { TestKey } from '#lib/testing/receipts.ts';
import { TestLog } from '#lib/testing/test-log.ts';
import { cosign, type Witness } from '#lib/witness/client.ts';
import { formatAddCheckpoint } from '#lib/receipts/add-checkpoint.ts';
import { runWitness } from './witness.ts';

const NAME = 'witness.test/security';
const log = new TestLog('causeway.test/prod');
const other = new TestLog('causeway.test/dev');
const never = new AbortController().signal;

let program: string;
let dir: string;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  program = fileURLToPath(await bundledWorker('lib/testing/witness-child.ts'));
});
afterAll(() => rmSync(program, { force: true }));
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cw-witness-'));
});
afterEach(async () => {
  for (const child of running) await kill(child);
  rmSync(dir, { recursive: true, force: true });
});

interface Started extends Witness {
  readonly child: ChildProcess;
  readonly lines: string[];
}

const options = (logs: readonly TestLog[] = [log, other]) => ({
  name: NAME,
  data: dir,
  log: logs.map(({ origin, key }) => `${origin}=${key.x}`),
  listen: { host: '127.0.0.1', port: 0 },
});

async function start(more: { readonly die?: boolean; readonly logs?: readonly TestLog[] } = {}): Promise<Started> {
  const child = spawn(process.execPath, [program, JSON.stringify(options(more.logs)), more.die ? 'die' : 'live'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const lines: string[] = [];
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${complaint}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const [, x = '', url = ''] = /^witness \S+, key (\S+), on (\S+)$/.exec(line) ?? [];
      if (url !== '') resolve({ name: NAME, url, key: fromBase64Url(x) ?? new Uint8Array(), child, lines });
    });
  });
}

async function kill(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill(signal);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

const ask = (witness: Witness, from: number, to: number, of = log) =>
  cosign(witness, of.request(from, to), never, { pausesMs: [], timeoutMs: 5000 });
const post = (witness: Witness, body: string | Uint8Array<ArrayBuffer>, path = '/add-checkpoint', method = 'POST') =>
  fetch(witness.url + path, { method, ...(method === 'POST' && { body }) });
const seen = async (witness: Witness) => {
  const about = (await (await fetch(witness.url)).json()) as { logs: { origin: string; size: number }[] };
  return Object.fromEntries(about.logs.map(({ origin, size }) => [origin, size]));
};

test('it makes its key once, cosigns what grows, and remembers it after it was stopped', async () => {
  const first = await start();
  expect(await ask(first, 0, 3)).toHaveProperty('line');
  expect(await ask(first, 3, 8)).toHaveProperty('line');
  expect(await ask(first, 8, 8)).toHaveProperty('line');
  expect(await ask(first, 3, 9)).toEqual({ conflictSize: 8 });
  expect(await ask(first, 0, 2, other)).toHaveProperty('line');
  expect(await kill(first.child, 'SIGTERM')).toBe(0);
  expect(statSync(join(dir, 'witness.pem')).mode & 0o777).toBe(0o400);

  const second = await start();
  expect(second.key).toEqual(first.key);
  expect(second.lines).toContain(`witness ${NAME}, key ${Buffer.from(first.key).toString('base64url')}, on ${second.url}`);
  expect(await seen(second)).toEqual({ [log.origin]: 8, [other.origin]: 2 });
  expect(await ask(second, 8, 13)).toHaveProperty('line');
});

test('a log that is taken back, or shows another history, is refused; the other log is not touched by it', async () => {
  const witness = await start();
  await ask(witness, 0, 8);
  await ask(witness, 0, 4, other);
  expect(await ask(witness, 5, 5)).toEqual({ conflictSize: 8 });
  const forked = new TestLog(log.origin, 'forked');
  const shown = (from: number, size: number) => ({ ...forked.request(from, size), note: forked.note(size, log.key) });
  const asked = (from: number, size: number) => cosign(witness, shown(from, size), never, { pausesMs: [] });
  await expect(asked(8, 8)).rejects.toMatchObject({ code: 'conflict' });
  await expect(asked(8, 12)).rejects.toMatchObject({ code: 'witness-refused', message: expect.stringMatching(/422/) as string });
  await expect(ask(witness, 0, 3, new TestLog('causeway.test/unknown'))).rejects.toThrow(/404/);
  await expect(ask(witness, 8, 9, new TestLog(log.origin))).rejects.toThrow(/403/);
  expect(await seen(witness)).toEqual({ [log.origin]: 8, [other.origin]: 4 });
});

test('killed between keeping a head and answering for it, it says next time that it has seen it', async () => {
  const first = await start();
  await ask(first, 0, 3);
  await kill(first.child);
  const second = await start({ die: true });
  await expect(ask(second, 3, 8)).rejects.toMatchObject({ code: 'witness-unreachable' });
  await kill(second.child);
  const third = await start();
  expect(await ask(third, 3, 8)).toEqual({ conflictSize: 8 });
  expect(await ask(third, 8, 8)).toHaveProperty('line');
});

test('killed at any point, it never knows less than it has signed', async () => {
  const random = mulberry32(11);
  let [signed, known] = [0, 0];
  const ends: unknown[] = [];
  for (let round = 0; round < 12; round += 1) {
    const witness = await start({ logs: [log] });
    const { [log.origin]: size = 0 } = await seen(witness);
    expect(size).toBeGreaterThanOrEqual(signed);
    known = size;
    const dies = new Promise<void>((resolve) => setTimeout(() => void kill(witness.child).then(() => resolve()), random() * 120));
    try {
      for (;;) {
        const answer = await ask(witness, known, known + 1);
        if ('conflictSize' in answer) known = answer.conflictSize;
        else signed = known += 1;
      }
    } catch (error) {
      ends.push(error);
    }
    await dies;
  }
  expect(ends).toEqual(ends.map(() => expect.objectContaining({ code: 'witness-unreachable' }) as unknown));
  expect(signed).toBeGreaterThan(12);
});

test('of many that ask at once for one log, one is answered', async () => {
  const witness = await start();
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(witness, 0, index + 1)));
  const cosigned = answers.flatMap((answer, index) => ('line' in answer ? [index + 1] : []));
  expect(cosigned).toHaveLength(1);
  expect(answers.filter((answer) => 'conflictSize' in answer && answer.conflictSize === cosigned[0])).toHaveLength(19);
});

test('what is no request is refused with the status of the protocol, and stops nobody else', async () => {
  const witness = await start();
  const status = async (answer: Promise<Response>) => (await answer).status;
  expect(await status(post(witness, 'old 0\n'))).toBe(400);
  expect(await status(post(witness, Uint8Array.from([0xff, 0xfe])))).toBe(400);
  expect(await status(post(witness, '', '/add-checkpoint', 'GET'))).toBe(405);
  expect(await status(post(witness, 'x', '/etc/passwd'))).toBe(404);
  expect(await status(post(witness, 'x'.repeat(70_000)))).toBe(413);
  const hostile = formatAddCheckpoint(new TestLog('a\u202eb').request(0, 1)).replace('— a\u202eb', '— x');
  expect(await status(post(witness, hostile))).toBe(404);
  const conflict = await post(witness, formatAddCheckpoint(log.request(3, 8)));
  expect([conflict.status, conflict.headers.get('content-type'), await conflict.text()]).toEqual([
    409,
    'text/x.tlog.size',
    '0\n',
  ]);
  expect(await ask(witness, 0, 1)).toHaveProperty('line');
  expect(witness.lines.join('\n')).not.toMatch(/\u202e/);
});

test('a folder has one witness; one that was killed leaves it to the next', async () => {
  const first = await start();
  await expect(start()).rejects.toThrow(/another witness runs/);
  await kill(first.child);
  expect(await seen(await start())).toEqual({ [log.origin]: 0, [other.origin]: 0 });
});

test.each([
  { name: 'cut off', change: (text: string) => text.slice(0, -20), why: /is not as this witness wrote it/ },
  { name: 'of a smaller head', change: (text: string) => text.replace('\n8\n', '\n7\n'), why: /does not verify/ },
  { name: 'empty', change: () => '', why: /is not as this witness wrote it/ },
])('a memory that is $name is not trusted', async ({ change, why }) => {
  const first = await start();
  await ask(first, 0, 8);
  await kill(first.child);
  const path = join(dir, 'heads', readdirSync(join(dir, 'heads'))[0] ?? '');
  writeFileSync(path, change(readFileSync(path, 'utf8')));
  await expect(start()).rejects.toThrow(why);
});

test('a memory without its key, or of another log, is not trusted', async () => {
  const first = await start();
  await ask(first, 0, 8);
  await ask(first, 0, 2, other);
  await kill(first.child);
  const [a = '', b = ''] = readdirSync(join(dir, 'heads')).map((name) => join(dir, 'heads', name));
  const kept = readFileSync(b);
  copyFileSync(a, b);
  await expect(start()).rejects.toThrow(/it is of the log/);
  writeFileSync(b, kept);
  rmSync(join(dir, 'witness.pem'));
  await expect(start()).rejects.toThrow(/by its present key/);
});

test('what another process wrote, or a disk that fails, ends the signing and not the witness', async () => {
  const witness = await start();
  await ask(witness, 0, 3);
  const heads = join(dir, 'heads');
  const path = join(heads, readdirSync(heads)[0] ?? '');
  const kept = readFileSync(path);
  writeFileSync(path, `${kept.toString()}x`);
  await expect(ask(witness, 3, 8)).rejects.toMatchObject({ code: 'witness-unreachable' });
  writeFileSync(path, kept);
  expect(await ask(witness, 3, 8)).toHaveProperty('line');
  rmSync(heads, { recursive: true });
  await expect(ask(witness, 0, 3, other)).rejects.toMatchObject({ code: 'witness-unreachable' });
  await expect(ask(witness, 0, 3, other)).rejects.toMatchObject({ code: 'witness-unreachable' });
  expect(await seen(witness)).toEqual({ [log.origin]: 8, [other.origin]: 0 });
});

test('a log may have two keys while it changes them', async () => {
  const next = new TestKey();
  const witness = await start();
  await ask(witness, 0, 3);
  const request = { ...log.request(3, 8), note: log.note(8, next) };
  await expect(cosign(witness, request, never, { pausesMs: [] })).rejects.toThrow(/403/);
  await kill(witness.child);
  const both = await start({ logs: [log, Object.assign(new TestLog(log.origin), { key: next })] });
  expect(await cosign(both, request, never, { pausesMs: [] })).toHaveProperty('line');
  expect(await ask(both, 8, 9)).toHaveProperty('line');
});

test.each([
  { name: 'a name with a space', change: { name: 'a b' }, why: /spaces/ },
  { name: 'a log without a key', change: { log: ['causeway.test/prod'] }, why: /ORIGIN=KEY/ },
  { name: 'a key that is none', change: { log: ['causeway.test/prod=AAAA'] }, why: /no Ed25519 key/ },
  { name: 'an address of another machine', change: { listen: { host: '192.0.2.1', port: 0 } }, why: /cannot listen/ },
])('with $name it does not start', async ({ change, why }) => {
  await expect(runWitness({ ...options(), ...change }, () => {})).rejects.toThrow(why);
});

test('a key file that others may read is refused', async () => {
  const first = await start();
  await kill(first.child);
  const path = join(dir, 'witness.pem');
  const pem = readFileSync(path);
  rmSync(path);
  writeFileSync(path, pem, { mode: 0o644 });
  await expect(start()).rejects.toThrow(/chmod 0400/);
});
