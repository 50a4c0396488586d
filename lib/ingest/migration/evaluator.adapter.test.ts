import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReadUpload } from '#lib/api/migration.ts';
import { GeneratedValues, PreflightReport } from '#lib/api/preflight.ts';
import { createIngestClient, type IngestClient } from '#lib/bus/ingest-client.ts';
import { openDatabase } from '#lib/db/client.ts';
import { type EmbeddedDatabase, openEmbedded } from '#lib/db/embedded.ts';
import type { PrismaClient } from '#lib/db/generated/client.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { touchInputs, writeCheckEdit } from '#lib/db/migration/edits.ts';
import { type EvidenceRow, evidenceOfPhase } from '#lib/db/migration/evidence.ts';
import { insertMigration, joinCluster } from '#lib/db/migration/migrations.ts';
import { insertUpload, packedText } from '#lib/db/migration/uploads.ts';
import { openTrafficDb } from '#lib/db/traffic/connection.ts';
import { type Demo, startDemo } from '#lib/demo/demo.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Phase, UploadKind } from '#lib/migration/model.ts';
import { LATEST_PLAN } from '#lib/migration/plan/plan.ts';
import { hashOf } from '#lib/migration/snapshot.ts';
import { bundledWorker } from '#lib/testing/judge-worker.ts';
import { until } from '#lib/testing/postgres.ts';
import { type Ingest, startIngest } from '../main.ts';
import { MigrationEvaluator } from './evaluator.ts';

const log = pino({ level: 'silent' });
const OLGA = { subject: 'demo|olga', name: 'olga' };

let dir: string;
let database: EmbeddedDatabase;
let db: PrismaClient;
let demo: Demo;
let ingest: Ingest;
let client: IngestClient;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cwe-'));
  demo = await startDemo({ seed: 3, rate: 0.2, nodesLeave: false });
  database = await openEmbedded(join(dir, 'db'));
  await migrate(database.url, readMigrations('prisma/migrations'));
  const relay = JSON.stringify({ address: demo.clusters[0]?.address ?? '', tls: false });
  const objects = JSON.stringify({ from: 'folder', path: resolve('lib/demo/world') });
  const connection = new Client({ connectionString: database.url });
  await connection.connect();
  await connection.query(
    "INSERT INTO cluster (id, name, environment, relay, objects, demo) VALUES ('prd', 'PRD', 'PRD', $1::jsonb, $2::jsonb, true)",
    [relay, objects],
  );
  await connection.query("INSERT INTO cluster (id, name, environment) VALUES ('bare', 'Bare', 'DEV')");
  await connection.end();
  db = openDatabase(database.url, 1);
  await db.$transaction(async (tx) => {
    const choices = { method: 'mutual-auth', route: 'node-groups' } as const;
    await insertMigration(tx, {
      id: 'm',
      name: 'Platform',
      planVersion: LATEST_PLAN.version,
      choices,
      by: { subject: 'demo|ada', name: 'ada' },
    });
    await joinCluster(tx, 'm', 'prd', 'PRD');
  });
  ingest = await startIngest({
    databaseUrl: database.url,
    listen: `unix:${join(dir, 'ingest.sock')}`,
    token: 'a-token-for-tests',
    judgeFile: await bundledWorker(),
    log,
  });
  client = createIngestClient({ url: ingest.url, token: 'a-token-for-tests' });
}, 60_000);
afterAll(async () => {
  client.close();
  await ingest.close();
  await demo.close();
  await db.$disconnect();
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

const evaluate = async (cluster: string, phase?: Phase) =>
  client.ask(`/clusters/${cluster}/migration/evaluate`, phase === undefined ? '' : `?phase=${phase}`, {
    method: 'POST',
    timeoutMs: 60_000,
  });
const evidence = async (phase: Phase): Promise<EvidenceRow> => {
  const row = await evidenceOfPhase(db, 'prd', phase);
  if (!row) throw new Error('there is no evidence');
  return row;
};
const result = async (phase: Phase, check: string) => (await evidence(phase)).results.find((each) => each.check === check);
const upload = (kind: UploadKind, text: string, by = OLGA) =>
  db.$transaction(async (tx) => {
    const id = hashOf(kind + text).slice(0, 12);
    await insertUpload(tx, {
      id,
      cluster: 'prd',
      kind,
      fileName: kind,
      bytes: 1,
      sha256: hashOf(text),
      summary: '',
      by,
      body: packedText(text),
    });
    await touchInputs(tx, 'prd');
  });

describe('evidence', () => {
  test('is read from objects, traffic and relay, written with a snapshot, and is current', async () => {
    const answer = await evaluate('prd');
    expect([answer.status, answer.body.toString()]).toEqual([200, '{}']);
    for (const phase of [0, 1, 2, 3, 4] as const) {
      const row = await evidence(phase);
      expect(row.hash).toMatch(/^[0-9a-f]{64}$/);
      expect(row).toMatchObject({ evaluatedVersion: row.inputsVersion, problem: '', met: false, contributors: ['demo|ada'] });
      expect(row.results.map(({ check }) => check)).toContain(`${phase}.preflight-${{ 0: 19, 1: 1, 2: 3, 3: 5, 4: 1 }[phase]}`);
      const snapshot = await db.evidenceSnapshot.findUniqueOrThrow({ where: { hash: row.hash ?? '' } });
      expect(hashOf(snapshot.body)).toBe(row.hash);
      expect(JSON.parse(snapshot.body)).toMatchObject({
        cluster: 'prd',
        environment: 'PRD',
        phase,
        plan_version: LATEST_PLAN.version,
      });
    }
    expect(await result(0, '0.kernels')).toMatchObject({ status: 'pass' });
    await until(async () => {
      await evaluate('prd', 1);
      return (await result(1, '1.nodes'))?.status === 'pass';
    }, 'all nodes to report');
    expect(await result(1, '1.connectivity')).toMatchObject({ status: 'unknown', missing: ['connectivity-junit'] });
  }, 60_000);

  test('that says the same has the same hash, whatever its figures; what people do makes it another', async () => {
    await evaluate('prd', 0);
    const before = await evidence(0);
    await evaluate('prd', 0);
    expect((await evidence(0)).hash).toBe(before.hash);
    await db.$transaction(async (tx) => {
      await writeCheckEdit(tx, {
        cluster: 'prd',
        phase: 0,
        check: '0.tag',
        kind: 'attest',
        text: 'v1',
        value: undefined,
        by: OLGA,
      });
      await touchInputs(tx, 'prd', [0]);
    });
    expect(await evidence(0)).toMatchObject({
      hash: before.hash,
      inputsVersion: before.inputsVersion + 1,
      evaluatedVersion: before.inputsVersion,
    });
    await evaluate('prd', 0);
    const after = await evidence(0);
    expect(after.hash).not.toBe(before.hash);
    expect(after).toMatchObject({ evaluatedVersion: after.inputsVersion, contributors: ['demo|ada', 'demo|olga'] });
    expect(await result(0, '0.tag')).toMatchObject({ status: 'pass', reason: 'olga states: v1' });
    const history = await db.migrationChange.findMany({ where: { clusterId: 'prd', phase: 0 }, orderBy: { seq: 'asc' } });
    expect(history.map(({ action }) => action).slice(-2)).toEqual(['check.passed', 'evidence.changed']);
  });

  test('takes files in, and whoever uploaded them made it', async () => {
    const junit = (failure: string) =>
      `<testsuites><testsuite name="c"><testcase name="a"/><testcase name="b">${failure}</testcase></testsuite></testsuites>`;
    await upload('connectivity-junit', junit(''), { subject: 'demo|otto', name: 'otto' });
    await evaluate('prd', 1);
    expect(await result(1, '1.connectivity')).toMatchObject({ status: 'pass', value: '2 of 2 passed' });
    expect((await evidence(1)).contributors).toContain('demo|otto');
    await upload('connectivity-junit', junit('<failure message="no"/>'));
    await evaluate('prd', 1);
    expect(await result(1, '1.connectivity')).toMatchObject({ status: 'fail', objects: ['b: no'] });
    expect((await evidence(1)).contributors).not.toContain('demo|otto');
  });

  test('that changes voids what was asked for on the one before, and tells webhooks which check turned', async () => {
    const { hash } = await evidence(1);
    await db.$executeRaw`INSERT INTO webhook (id, name, url, events, clusters, secret, created_by, created_at_ms)
      VALUES ('w', 'chat', 'https://hooks.example.com/x', ARRAY['check.failed', 'check.passed', 'gate.stale'], ARRAY[]::text[], ${Buffer.from('s')}, 'test', 0)`;
    await db.$executeRaw`UPDATE phase_evidence SET met = true WHERE cluster_id = 'prd' AND phase = 1`; // nobody may ask on less
    await db.$executeRaw`INSERT INTO gate_request (id, migration_id, number, cluster_id, environment, phase, state, state_since, moved_by, moved_subject, moved_name,
        evidence_hash, plan_version, plan_revision, needed, ttl_minutes, requested_by, requested_name, requested_at, expires_at)
      VALUES ('r', 'm', 0, 'prd', 'PRD', 1, 'requested', now(), 'request', 'demo|rita', 'Rita', ${hash}, ${LATEST_PLAN.version}, 1, 1, 600, 'demo|rita', 'Rita', now(), now())`;
    await evaluate('prd', 1);
    expect(await db.gateRequest.findUnique({ where: { id: 'r' } })).toMatchObject({ state: 'requested' });
    await upload('connectivity-junit', '<testsuites><testsuite name="c"><testcase name="a"/></testsuite></testsuites>');
    await evaluate('prd', 1);
    expect(await db.gateRequest.findUnique({ where: { id: 'r' } })).toMatchObject({
      state: 'stale',
      stateReason: '“Connectivity test” passes after the request',
    });
    const told = await db.webhookDelivery.findMany({ orderBy: { createdAtMs: 'asc' } });
    expect(told.map(({ event }) => event).toSorted()).toEqual(['check.passed', 'gate.stale']);
  });

  test('that many ask for at once is read for all of them, with what each had put in', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const phase = ([0, 1, 2, 3, 4] as const)[index % 5] ?? 0;
        await db.$transaction((tx) => touchInputs(tx, 'prd', [phase]));
        return (await evaluate('prd', phase)).status;
      }),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
    for (const phase of [0, 1, 2, 3, 4] as const) {
      const { inputsVersion, evaluatedVersion } = await evidence(phase);
      expect([phase, evaluatedVersion]).toEqual([phase, inputsVersion]);
    }
  });

  test('leaves a point of each figure that moves, a minute apart', async () => {
    const points = await db.checkPoint.findMany({ where: { clusterId: 'prd', phase: 1, checkId: '1.nodes' } });
    expect(points).toHaveLength(1);
  });

  test('fills the commands of the plan with the cluster’s own values', async () => {
    const { facts } = await db.migrationCluster.findUniqueOrThrow({ where: { clusterId: 'prd' } });
    expect(facts).toMatchObject({
      node: expect.any(String) as string,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
    });
  });

  test('of a cluster without a migration is refused, and of a plan that is gone stays as it was', async () => {
    expect((await evaluate('bare')).status).toBe(404);
    const before = await evidence(0);
    await db.migration.update({ where: { id: 'm' }, data: { planVersion: '1999.1' } });
    expect((await evaluate('prd', 0)).status).toBe(200);
    expect(await evidence(0)).toEqual(before);
    await db.migration.update({ where: { id: 'm' }, data: { planVersion: LATEST_PLAN.version } });
  });
});

test('a fault while a cluster is read is told there, leaves what was known, holds up no other and goes with the next reading', async () => {
  await evaluate('prd');
  const before = await evidence(2);
  await db.$transaction((tx) => joinCluster(tx, 'm', 'bare', 'DEV'));
  const asked: string[] = [];
  const broken = new MigrationEvaluator({
    databaseUrl: database.url,
    db: openTrafficDb(database.url, 1),
    judge: {
      ask: (cluster) => {
        asked.push(cluster);
        return Promise.reject(new CausewayError('ingest-unreachable', 'the judge had to be started anew; try again'));
      },
    },
    factsOf: () => undefined,
    objectsOf: () => undefined,
    clusterNow: async (_, now) => ({ now, relay: undefined, target: undefined, demo: false }),
    isSettled: () => true,
    log,
  });
  await broken.runDue();
  expect(asked.toSorted()).toEqual(['bare', 'prd']);
  await expect(broken.evaluate('prd', [2])).rejects.toThrow('started anew');
  expect(await evidence(2)).toEqual({ ...before, problem: 'the judge had to be started anew; try again' });
  await broken.close();
  await evaluate('prd', 2);
  expect(await evidence(2)).toMatchObject({ problem: '', hash: before.hash });
});

describe('what web asks besides', () => {
  test('a file is told what it is, or where it cannot be read', async () => {
    const read = async (search: string, body: string) =>
      client.ask('/clusters/prd/migration/read-upload', search, { method: 'POST', body });
    const values = await read('?name=values.yaml', 'hubble:\n  enabled: true\n');
    expect(ReadUpload.parse(JSON.parse(values.body.toString()))).toEqual({
      kind: 'helm-values',
      summary: '1 setting at the top',
    });
    const bomb = '<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "aaaa">]>\n<testsuites>&a;</testsuites>';
    const refused = await read('?kind=connectivity-junit', bomb);
    expect([refused.status, JSON.parse(refused.body.toString())]).toEqual([
      422,
      expect.objectContaining({ place: expect.objectContaining({ line: 2 }) as object }),
    ]);
    expect((await read('', 'nothing that is known')).status).toBe(422);
  });

  test('preflight answers all checks with the sources of what they read', async () => {
    const report = PreflightReport.parse(
      JSON.parse((await client.ask('/clusters/prd/preflight', '?target=1.19.5')).body.toString()),
    );
    expect(report.checks.length).toBeGreaterThan(20);
    expect(report.target).toBe('1.19.5');
    const sources = new Map(report.inputs.map(({ name, source }) => [name, source]));
    expect(sources.get('pods')).toContain('folder');
    expect(sources.get('relay')).toBe('Hubble Relay');
    expect(sources.get('agent-conf')).toBe('');
    const ofPhase = PreflightReport.parse(JSON.parse((await client.ask('/clusters/prd/preflight', '?phase=3')).body.toString()));
    expect(ofPhase.checks.length).toBeLessThan(report.checks.length);
  });

  test('values of a phase are generated for the cluster', async () => {
    const answer = await client.ask('/clusters/prd/migration/values', '?phase=1&target=1.19.5');
    const values = GeneratedValues.parse(JSON.parse(answer.body.toString()));
    expect(values).toMatchObject({ phase: 1, version: '1.19.5' });
    expect(values.values).toContain('chainingMode: aws-cni');
  });
});
