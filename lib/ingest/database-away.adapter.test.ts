import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClusterStatus } from '#lib/api/clusters.ts';
import { Timeline } from '#lib/api/timeline.ts';
import { createIngestClient, type IngestClient } from '#lib/bus/ingest-client.ts';
import { framesOf } from '#lib/bus/sse.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { encodeFlow } from '#lib/demo/encode.ts';
import { aDroppedFlow, aFlow } from '#lib/testing/flows.ts';
import { postgresPrograms, startPostgres, type TestPostgres, until } from '#lib/testing/postgres.ts';
import { type ScriptedRelay, scriptedRelay } from '#lib/testing/scripted-relay.ts';
import { type Ingest, startIngest } from './main.ts';

const TICK_MS = 20;
const PER_TICK = 30;

describe.skipIf(!postgresPrograms())('a PostgreSQL that goes away under load', () => {
  const dir = mkdtempSync(join(tmpdir(), 'cw-'));
  const sent = { flows: 0, drops: 0, stopped: false };
  let postgres: TestPostgres;
  let relay: ScriptedRelay;
  let ingest: Ingest;
  let client: IngestClient;
  let db: TrafficDb;
  const url = `unix:${join(dir, 'ingest.sock')}`;
  const token = 'a-token-only-for-tests';
  const start = () => startIngest({ databaseUrl: postgres.url, listen: url, token, log: pino({ level: 'silent' }) });

  beforeAll(async () => {
    postgres = await startPostgres();
    await migrate(postgres.url, readMigrations('prisma/migrations'));
    relay = await scriptedRelay({
      send(call) {
        if (!call.request.follow) return void call.end();
        const timer = setInterval(() => {
          if (sent.stopped) return clearInterval(timer);
          for (let n = 0; n < PER_TICK; n += 1) {
            const dropped = n % 5 === 0;
            const flow = { time: Date.now() + n / 1000, uuid: randomUUID() };
            call.write(encodeFlow(dropped ? aDroppedFlow(flow) : aFlow(flow), undefined));
            sent.flows += 1;
            if (dropped) sent.drops += 1;
          }
        }, TICK_MS);
        call.once('cancelled', () => clearInterval(timer));
      },
    });
    db = openTrafficDb(postgres.url, 1);
    await db.rows(`INSERT INTO cluster (id, name, environment, relay) VALUES ('prd', 'prd', 'PRD', $1::jsonb)`, [
      JSON.stringify({ address: relay.address, tls: false }),
    ]);
    ingest = await start();
    client = createIngestClient({ url, token });
    await until(async () => (await status()).received > 500, 'flows to come in');
  });
  afterAll(async () => {
    sent.stopped = true;
    client.close();
    await ingest.close();
    await db.close();
    relay.close();
    await postgres.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const ask = async (path: string, search = '') => {
    const { status: code, body } = await client.ask(path, search);
    return { code, body: body.toString('utf8') };
  };
  const status = async () => ClusterStatus.parse(JSON.parse((await ask('/clusters/prd/status')).body));
  const metric = async (name: string) =>
    Number(new RegExp(`^causeway_ingest_${name}\\{cluster="prd"\\} (.+)$`, 'm').exec((await ask('/metrics')).body)?.[1]);
  const stored = async () =>
    (await db.rows<{ flows: number }>('SELECT coalesce(sum(flows), 0)::int AS flows FROM ledger_minute'))[0]?.flows ?? 0;

  test('what is live goes on meanwhile, and what cannot be stored is said', async () => {
    await until(async () => (await stored()) > 0, 'the first flush');
    await postgres.stop();
    const before = (await status()).received;
    const leave = new AbortController();
    const stream = await client.open('/clusters/prd/flows/stream', '', { signal: leave.signal });
    let matched = 0;
    for await (const { event, bytes } of framesOf(stream)) {
      if (event === 'flows') matched += Number(/"matched":(\d+)/.exec(bytes.toString())?.[1]);
      if (matched > 2000) break;
    }
    leave.abort();
    expect((await status()).received).toBeGreaterThan(before);
    await until(async () => (await metric('storing')) === 0, 'ingest to say that it does not store', 30_000);
    expect(await status()).toMatchObject({ state: 'live', stateDetail: expect.stringContaining('cannot be stored') });
    for await (const { event, bytes } of framesOf(await client.open('/clusters/prd/flows/stream', '', {}))) {
      if (event === 'status' && bytes.toString().includes('cannot be stored')) break; // said to those who watch, too
    }
    const captures = await ask('/clusters/prd/captures');
    expect(captures.code).toBe(503);
    expect(JSON.parse(captures.body)).toMatchObject({ type: '/problems/database-unreachable' });
    await postgres.start();
    await until(async () => (await metric('storing')) === 1, 'ingest to store again', 30_000);
    expect((await status()).stateDetail).toBe('');
  });

  test('nothing is lost or counted twice, however often it is restarted in the middle of writing', async () => {
    for (const pause of [700, 1100, 300]) {
      await sleep(pause);
      await postgres.restart();
    }
    sent.stopped = true;
    await until(async () => (await status()).received === sent.flows, 'the last flow', 30_000);
    await until(async () => (await stored()) >= sent.flows, 'everything to be stored', 60_000);
    expect(await stored()).toBe(sent.flows);
    const [drops] = await db.rows<{ flows: number }>(
      `SELECT sum(flows)::int AS flows FROM ledger_minute JOIN traffic_tuple ON tuple = id WHERE verdict = 'DROPPED'`,
    );
    expect(drops?.flows).toBe(sent.drops);
    const timeline = Timeline.parse(JSON.parse((await ask('/clusters/prd/timeline', '?range=15m')).body));
    expect(timeline.totals.verdicts).toEqual({ FORWARDED: sent.flows - sent.drops, DROPPED: sent.drops });
    expect((await status()).coverage.gaps).toEqual([]);
  });

  test('after a stop that is longer than the relay is asked for, the rest of it is told as a gap', async () => {
    await ingest.close();
    await db.rows(
      `UPDATE ingest_state SET place = (SELECT jsonb_agg(node || jsonb_build_object('newest', (node->>'newest')::float8 - $1::float8))
         FROM jsonb_array_elements(place) AS node)`,
      [3 * 3_600_000],
    );
    ingest = await start();
    const gaps = async () => Timeline.parse(JSON.parse((await ask('/clusters/prd/timeline', '?range=6h')).body)).coverage.gaps;
    await until(async () => (await gaps().catch(() => [])).length > 0, 'the gap');
    const [gap] = await gaps();
    expect(gap).toMatchObject({ reason: 'ingest-restarted', nodeName: '' });
    expect(((gap?.to ?? 0) - (gap?.from ?? 0)) / 3_600_000).toBeCloseTo(2, 1);
  });
});
