import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Capture } from '#lib/api/captures.ts';
import type { Problem } from '#lib/api/common.ts';
import { eventToLine, flowToLine } from '#lib/flow/flow-to-json.ts';
import { aFlow } from '#lib/testing/flows.ts';
import { buildMissing, freePort, type Installed, installed, type Program } from '#lib/testing/installed.ts';

const KiB = 1024;
const MiB = 1024 ** 2;
const GiB = 1024 ** 3;

const lineOf = (n: number): string => `${flowToLine(aFlow({ time: Date.UTC(2026, 2, 2, 14) + n, uuid: `flow-${n}` }))}\n`;
const LINES = Array.from({ length: 20 }, (_, n) => lineOf(n)).join('');
const STATUS = `${eventToLine({ kind: 'node-status', status: { time: 1, state: 'NODE_CONNECTED', nodeNames: ['n'], message: '' } })}\n`;

/** More than 2 GiB, made as it is read: a hundred flows, each behind ten lines of 2 MiB that are none. */
function* twoGigabytes(): Generator<Buffer> {
  const rubbish = Buffer.alloc(2 * MiB, 'x');
  rubbish[rubbish.length - 1] = 0x0a;
  for (let n = 0; n < 105; n += 1) {
    for (let line = 0; line < 10; line += 1) yield rubbish;
    yield Buffer.from(lineOf(n));
  }
}
const GIGABYTES = { flows: 105, badLines: 1050, bytes: 1050 * 2 * MiB };

const TAKEN: readonly { name: string; bytes: Buffer; flows: number; bad: readonly { line: number; reason: RegExp }[] }[] = [
  { name: 'gzip', bytes: gzipSync(LINES), flows: 20, bad: [] },
  {
    name: 'a truncated line',
    bytes: Buffer.from(LINES.slice(0, -40)),
    flows: 19,
    bad: [{ line: 20, reason: /column \d+: the line ends in the middle of its JSON$/ }],
  },
  {
    name: 'a line of 2 MB',
    bytes: Buffer.from(`${lineOf(1)}${'y'.repeat(2 * MiB)}\n${lineOf(2)}`),
    flows: 2,
    bad: [{ line: 2, reason: /the line is longer than 1048576 bytes$/ }],
  },
];

const REFUSED: readonly { name: string; bytes: Buffer; because: RegExp }[] = [
  { name: 'a gzip bomb', bytes: gzipSync(Buffer.alloc(200 * MiB)), because: /unpacks to more than 200 times its size/ },
  {
    name: 'a truncated gzip file',
    bytes: gzipSync(randomBytes(64 * KiB).toString('hex')).subarray(0, -500),
    because: /cannot be read: unexpected end of file/,
  },
  { name: 'binary rubbish', bytes: randomBytes(256 * KiB), because: /no line of the file is a flow; line 1: / },
  { name: 'an empty file', bytes: Buffer.alloc(0), because: /the file is empty/ },
  {
    name: 'node status only',
    bytes: Buffer.from(STATUS.repeat(3)),
    because: /tells of nodes and lost events, but holds no flow/,
  },
];

describe.skipIf(buildMissing())('files of flows, by the command line and by upload', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'cw-import-'));
  const data = join(scratch, 'data');
  let console_: Installed;
  let up: Program;
  let base: string;
  let token: string;

  beforeAll(async () => {
    console_ = installed();
    const port = await freePort();
    base = `http://127.0.0.1:${port}`;
    // A relay that is not there: nothing else comes in.
    up = console_.run(['up', '--port', String(port), '--data', data, '--relay', '127.0.0.1:1', '--cluster-name', 'prd']);
    await up.says('Stop with Ctrl-C');
    const created = console_.run(['token', 'create', '--name', 'robot', '--role', 'operator', '--data', data]);
    await created.exited;
    token = /cwy_\S+/.exec(created.output())?.[0] ?? '';
  });
  afterAll(async () => {
    await up?.stop();
    console_.remove();
    rmSync(scratch, { recursive: true, force: true });
  });

  const upload = (body: RequestInit['body'], type = 'application/octet-stream') =>
    fetch(`${base}/api/v1/clusters/prd/captures?name=file`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      body: body ?? null,
      duplex: 'half',
    } as RequestInit);
  async function importOf(bytes: Buffer) {
    const file = join(scratch, 'flows.jsonl');
    writeFileSync(file, bytes);
    const program = console_.run(['import', 'flows', file, '--cluster', 'prd', '--data', data]);
    return { code: await program.exited, lines: program.output().trimEnd().split('\n') };
  }
  const listed = async (): Promise<Capture[]> => {
    const answer = await fetch(`${base}/api/v1/clusters/prd/captures`, { headers: { authorization: `Bearer ${token}` } });
    return ((await answer.json()) as { captures: Capture[] }).captures;
  };

  test('a relay that is not there is told at the start', () => {
    expect(up.output()).toContain('NOT THERE YET:      Nothing listens on 127.0.0.1:1 (connection refused).');
  });

  test.each(TAKEN)('uploaded, $name: is a capture', async ({ bytes, flows, bad }) => {
    const answer = await upload(new Uint8Array(bytes));
    expect(answer.status).toBe(201);
    const capture = Capture.parse(await answer.json());
    expect(capture).toMatchObject({ state: 'complete', flows, badLines: bad.length });
    expect(capture.firstBadLines).toEqual(
      bad.map(({ line, reason }) => ({ line, reason: expect.stringMatching(reason) as string })),
    );
  });

  test.each(REFUSED)('uploaded, $name: says why it is no capture, and leaves no flow', async ({ bytes, because }) => {
    const answer = await upload(new Uint8Array(bytes));
    expect([413, 422]).toContain(answer.status);
    expect(((await answer.json()) as Problem).detail).toMatch(because);
    const note = expect.stringMatching(because) as string;
    expect((await listed())[0]).toMatchObject({ state: 'failed', flows: 0, sizeBytes: 0, note });
  });

  test.each(TAKEN)('from the command line, $name: is imported, with what could not be read', async ({ bytes, flows, bad }) => {
    const { code, lines } = await importOf(bytes);
    expect(code).toBe(0);
    expect(lines[0]).toMatch(new RegExp(`^imported ${flows} flows of .* as capture [0-9a-f-]{36}: open /c/prd/flows\\?capture=`));
    const told = [expect.stringMatching(/^1 line could not be read: ?$/) as string].slice(0, bad.length);
    expect(lines.slice(1)).toEqual([
      ...told,
      ...bad.map(({ line, reason }) => expect.stringMatching(new RegExp(`^  line ${line}: ${reason.source}`)) as string),
    ]);
  });

  test.each(REFUSED)('from the command line, $name: one line says why', async ({ bytes, because }) => {
    const { code, lines } = await importOf(bytes);
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lines[0]).toMatch(/^causeway: .*flows\.jsonl: /);
    expect(lines[0]).toMatch(because);
  });

  test('a cluster that is not there is said to be not there', async () => {
    const file = join(scratch, 'flows.jsonl');
    writeFileSync(file, LINES);
    const program = console_.run(['import', 'flows', file, '--cluster', 'nope', '--data', data]);
    expect(await program.exited).toBe(1);
    expect(program.output()).toMatch(/^causeway: .*there is no cluster nope; there are prd\n$/);
  });

  test('a sender who breaks off leaves a capture that failed, and says so', async () => {
    const gone = new AbortController();
    const source = async function* () {
      yield Buffer.from(LINES);
      await new Promise((resolve) => setTimeout(resolve, 300));
      gone.abort();
    };
    const sending = fetch(`${base}/api/v1/clusters/prd/captures?name=broken`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
      body: Readable.toWeb(Readable.from(source())) as ReadableStream,
      duplex: 'half',
      signal: gone.signal,
    } as RequestInit);
    await expect(sending).rejects.toThrow(/abort/i);
    await expect
      .poll(async () => (await listed())[0], { timeout: 10_000 })
      .toMatchObject({ name: 'broken', state: 'failed', flows: 0 });
  });

  test('more than 2 GB from the command line stays within its memory, and every flow in it is found', async () => {
    const fifo = join(scratch, 'pipe.jsonl');
    execFileSync('mkfifo', [fifo]);
    const program = console_.run(['import', 'flows', fifo, '--cluster', 'prd', '--data', data]);
    let peak = 0;
    const look = setInterval(() => (peak = Math.max(peak, residentBytes(program.child.pid))), 200);
    await pipeline(Readable.from(twoGigabytes()), createWriteStream(fifo));
    expect(await program.exited).toBe(0);
    clearInterval(look);
    expect(program.output()).toMatch(new RegExp(`^imported ${GIGABYTES.flows} flows of `));
    expect(program.output()).toContain(`${GIGABYTES.badLines} lines could not be read; the first of them:`);
    expect(GIGABYTES.bytes).toBeGreaterThan(2 * GiB);
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThan(400 * MiB);
  }, 180_000);

  test('more than 2 GB by upload is held by neither process', async () => {
    const memory = async () => {
      const text = await (await fetch(`${base}/metrics`)).text();
      return [...text.matchAll(/^causeway_(?:web|ingest)_process_resident_memory_bytes (.+)$/gm)].map(([, bytes]) =>
        Number(bytes),
      );
    };
    const before = await memory();
    let peak = before;
    const look = setInterval(() => void memory().then((now) => (peak = peak.map((was, n) => Math.max(was, now[n] ?? 0)))), 500);
    const answer = await upload(Readable.toWeb(Readable.from(twoGigabytes())) as ReadableStream);
    clearInterval(look);
    expect([answer.status, await answer.json()]).toEqual([
      201,
      expect.objectContaining({ flows: GIGABYTES.flows, badLines: GIGABYTES.badLines }),
    ]);
    expect(before).toHaveLength(2);
    for (const [n, bytes] of peak.entries()) expect(bytes - (before[n] ?? 0)).toBeLessThan(300 * MiB);
  }, 180_000);
});

function residentBytes(pid: number | undefined): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * KiB;
  } catch {
    return 0; // it has ended
  }
}
