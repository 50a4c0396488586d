import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedDatabase, openEmbedded } from '#lib/db/embedded.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { type Demo, startDemo } from '#lib/demo/demo.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { timeOfMoment } from '#lib/receipts/moment.ts';
import type { BatchHeader, SignedReceipt } from '#lib/receipts/receipt.ts';
import { connectRelay } from '#lib/relay/client.ts';
import type { IngestChildOptions } from '#lib/testing/ingest-child.ts';
import { bundledWorker } from '#lib/testing/judge-worker.ts';
import { until } from '#lib/testing/postgres.ts';

const CLUSTER = 'prd';
const MINUTE = 60_000;
/** Ingest and demo live so many times as fast: minutes end while it runs. */
const PACE = 4;
const begin = Date.now();
const now = (): number => begin + (Date.now() - begin) * PACE;

let dir: string;
let database: EmbeddedDatabase;
let db: TrafficDb;
let demo: Demo;
let stopped = Number.POSITIVE_INFINITY;
let child: ChildProcess | undefined;
let complaints = '';
let files: { readonly program: string; readonly judge: string; readonly signer: string };

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cw-'));
  database = await openEmbedded(join(dir, 'db'));
  await migrate(database.url, readMigrations('prisma/migrations'));
  db = openTrafficDb(database.url, 1);
  demo = await startDemo({ seed: 5, rate: 0.2, now: () => Math.min(now(), stopped), nodesLeave: false });
  await db.rows(`INSERT INTO cluster (id, name, environment, relay) VALUES ($1, 'PRD', 'PRD', $2::jsonb)`, [
    CLUSTER,
    JSON.stringify({ address: demo.clusters[0]?.address, tls: false }),
  ]);
  const [program, judge, signer] = await Promise.all(
    ['lib/testing/ingest-child.ts', 'lib/ingest/judge/worker.ts', 'lib/ingest/receipts/sign-worker.ts'].map(bundledWorker),
  );
  files = { program: fileURLToPath(program ?? ''), judge: judge?.href ?? '', signer: signer?.href ?? '' };
});
afterAll(async () => {
  await killed();
  await demo.close();
  await db.close();
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

function started(): void {
  const options: IngestChildOptions = {
    databaseUrl: database.url,
    listen: `unix:${join(dir, 'ingest.sock')}`,
    keys: join(dir, 'keys'),
    judgeFile: files.judge,
    signerFile: files.signer,
    begin,
    pace: PACE,
  };
  child = spawn(process.execPath, [files.program, JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr?.on('data', (text: Buffer) => (complaints += text.toString()));
}

async function killed(): Promise<void> {
  const running = child;
  if (!running || running.exitCode !== null || running.signalCode !== null) return;
  const exited = new Promise((resolve) => running.once('exit', resolve));
  running.kill('SIGKILL');
  await exited;
}

const receipts = async (where = ''): Promise<SignedReceipt[]> =>
  (await db.rows<{ body: string }>(`SELECT body FROM receipt WHERE cluster = $1 ${where} ORDER BY seq, leaf`, [CLUSTER])).map(
    ({ body }) => JSON.parse(body) as SignedReceipt,
  );
const summedUntil = async (): Promise<number> =>
  (await db.rows<{ until: number }>('SELECT aggregated_until_ms AS until FROM receipt_log'))[0]?.until ?? 0;

/** Everything the relay holds, as it gives it to anybody who asks. */
async function relayFlows(): Promise<Flow[]> {
  const relay = connectRelay({ address: demo.clusters[0]?.address ?? '', tls: false });
  const flows: Flow[] = [];
  for await (const batch of relay.getFlows({}, new AbortController().signal))
    for (const event of batch) if (event.kind === 'flow') flows.push(event.flow);
  relay.close();
  return flows;
}

test('killed again and again, ingest makes the receipts that it would have made', async () => {
  for (const pause of [1500, 4000, 700, 3000, 6500]) {
    const before = (await receipts()).length;
    started();
    await until(async () => (await receipts()).length > before, `receipts after a start: ${complaints}`, 60_000);
    await sleep(pause);
    await killed();
  }
  started();
  await until(async () => (await summedUntil()) > now() - 1.5 * MINUTE, 'the last minute to be summed up', 60_000);
  stopped = now();
  const end = stopped - (stopped % MINUTE);
  await until(async () => (await summedUntil()) >= end, 'everything before to be summed up', 60_000);

  const flows = await relayFlows();
  const [summed, single] = [
    await receipts(`AND class = 'aggregate'`),
    await receipts(`AND class IN ('dropped', 'audit', 'error')`),
  ];
  const headers = (await db.rows<{ header: string }>('SELECT header FROM receipt_batch ORDER BY seq')).map(
    ({ header }) => JSON.parse(header) as BatchHeader,
  );
  expect(headers.flatMap(({ completeness }) => completeness.stream_gaps)).toEqual([]);

  const minuteOf = (time: number): number => time - (time % MINUTE);
  const sums = tally(
    summed
      .map(({ flow }): [number, number] => [
        minuteOf(timeOfMoment(flow?.aggregate?.first_at ?? '')),
        Number(flow?.aggregate?.count),
      ])
      .filter(([minute]) => minute < end),
  );
  const first = Math.min(...sums.keys());
  const within = flows.filter(({ time }) => time >= first && time < end);
  const passed = within.filter(({ verdict }) => verdict === 'FORWARDED' || verdict === 'REDIRECTED');
  expect(sums).toEqual(tally(passed.map(({ time }) => [minuteOf(time), 1])));

  const refused = within.filter(({ verdict }) => ['DROPPED', 'AUDIT', 'ERROR'].includes(verdict)).map(({ uuid }) => uuid);
  const seen = single
    .filter(({ observed_at }) => timeOfMoment(observed_at) >= first && timeOfMoment(observed_at) < end)
    .map(({ flow }) => flow?.uuid ?? '');
  expect(refused.length).toBeGreaterThan(20);
  expect(seen.toSorted()).toEqual(refused.toSorted());
}, 240_000);

function tally(counts: readonly (readonly [number, number])[]): Map<number, number> {
  const sums = new Map<number, number>();
  for (const [key, count] of counts.toSorted(([a], [b]) => a - b)) sums.set(key, (sums.get(key) ?? 0) + count);
  return sums;
}
