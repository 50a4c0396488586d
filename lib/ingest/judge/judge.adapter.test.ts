import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { Ask } from './asks.ts';
import { Judge, type JudgeOptions } from './judge.ts';
import type { JudgedFacts } from './source.ts';

/** A thread that speaks the protocol and does what the name of the policy it is asked about says. */
const SCRIPTED = `
import { parentPort, workerData } from 'node:worker_threads';
let versions = [];
const held = [];
parentPort.on('message', (message) => {
  if (message.type === 'facts') versions.push(message.facts.version);
  if (message.type === 'cancel') held.push('cancelled');
  if (message.type !== 'ask') return;
  const { id, ask } = message;
  const answer = (value) => parentPort.postMessage({ type: 'answer', id, body: new TextEncoder().encode(JSON.stringify(value)) });
  if (ask.ref === 'die') throw new Error('out of luck');
  if (ask.ref === 'hang') for (;;);
  if (ask.ref === 'eat') { const all = []; for (;;) all.push(new Array(100000).fill('x' + Math.random())); }
  if (ask.ref === 'refuse') return parentPort.postMessage({ type: 'failure', id, code: 'bad-input', message: 'no', place: { line: 3 } });
  if (ask.ref === 'long') {
    const alive = setInterval(() => parentPort.postMessage({ type: 'alive' }), 50);
    return void setTimeout(() => { clearInterval(alive); answer({ versions, held }); }, 3000);
  }
  if (ask.ref === 'hold') return void held.push(id);
  answer({ versions, held, databaseUrl: workerData.databaseUrl });
});
`;

const folder = mkdtempSync(join(tmpdir(), 'cw-judge-'));
const workerFile = pathToFileURL(join(folder, 'worker.mjs'));
writeFileSync(workerFile, SCRIPTED);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const judges: Judge[] = [];
afterEach(() => Promise.all(judges.splice(0).map((judge) => judge.close())));

function aJudge(options: Partial<JudgeOptions> = {}): Judge {
  const judge = new Judge({ databaseUrl: 'postgres://nowhere', log: pino({ level: 'silent' }), workerFile, ...options });
  judges.push(judge);
  return judge;
}

const facts = (version: number): JudgedFacts => ({
  world: { config: {}, namespaces: {}, endpoints: [], nodes: [], ips: [], fqdnCache: {}, cidrGroups: [], services: [] },
  policies: [],
  inventory: {} as JudgedFacts['inventory'],
  setHash: '',
  version,
  since: 0,
});
const asking = (ref: string): Ask => ({ kind: 'policy', ref, traffic: { range: { from: 0, to: 1 } } });
const answerOf = async (judge: Judge, ref = 'tell', version = 1) =>
  JSON.parse(Buffer.from(await judge.ask('c', facts(version), asking(ref))).toString()) as {
    versions: number[];
    held: unknown[];
  };

test('facts are sent once for each version', async () => {
  const judge = aJudge();
  for (const version of [1, 1, 2, 2]) await answerOf(judge, 'tell', version);
  expect(await answerOf(judge, 'tell', 2)).toMatchObject({ versions: [1, 2], databaseUrl: 'postgres://nowhere' });
});

test('what the thread refuses comes with its code and place', async () => {
  await expect(answerOf(aJudge(), 'refuse')).rejects.toMatchObject({ code: 'bad-input', message: 'no', place: { line: 3 } });
});

test.each([
  ['throws', 'die', {}],
  ['does not answer in time', 'hang', { timeoutMs: 1500 }],
  ['takes more memory than it may', 'eat', { memoryMb: 32 }],
])('a thread that %s fails those who wait, and the next ask finds a new one that knows the facts', async (_, ref, options) => {
  const judge = aJudge(options);
  await answerOf(judge);
  const others = answerOf(judge, 'hold');
  await Promise.all([
    expect(others).rejects.toMatchObject({ code: 'ingest-unreachable' }),
    expect(answerOf(judge, ref)).rejects.toMatchObject({ code: 'ingest-unreachable' }),
  ]);
  expect(await answerOf(judge)).toMatchObject({ versions: [1] });
  expect(judge.starts).toBe(2);
});

test('long work that goes on is not taken for a thread that is stuck', async () => {
  const judge = aJudge({ timeoutMs: 1500 });
  expect(await answerOf(judge, 'long')).toMatchObject({ versions: [1] });
  expect(judge.starts).toBe(1);
});

test('who gives up hears so at once, and the thread is told', async () => {
  const judge = aJudge();
  const caller = new AbortController();
  const asked = judge.ask('c', facts(1), asking('hold'), caller.signal);
  caller.abort(new Error('gone'));
  await expect(asked).rejects.toThrow('gone');
  expect((await answerOf(judge)).held).toContain('cancelled');
});

test('too many that wait are told to come back', async () => {
  const judge = aJudge();
  const waiting = Array.from({ length: 64 }, () => judge.ask('c', facts(1), asking('hold')));
  const settled = Promise.allSettled(waiting);
  expect(() => judge.ask('c', facts(1), asking('tell'))).toThrow(expect.objectContaining({ code: 'rate-limited' }));
  await judge.close();
  expect((await settled).every(({ status }) => status === 'rejected')).toBe(true);
});
