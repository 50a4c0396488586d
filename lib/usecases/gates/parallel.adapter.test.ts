import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeDatabase, openDatabase } from '#lib/db/client.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { verifyGateHistory } from '#lib/testing/gate-history.ts';
import { type DeciderOrder, type DeciderOutcome, decideMany } from '#lib/testing/gate-decider.ts';
import { databaseKinds, realPostgres, type OpenedDatabase } from '#lib/testing/databases.ts';
import {
  aCall,
  createEvidenceLog,
  fresh,
  logEvidence,
  openGateBackend,
  outcomeOf,
  seedMigration,
  sql,
  writeEvidence,
} from '#lib/testing/gates.ts';
import { startPostgres, type TestPostgres, until } from '#lib/testing/postgres.ts';
import { bundledWorker } from '#lib/testing/judge-worker.ts';
import { requestGate } from './begin-request.ts';
import { giveCommand } from './give-command.ts';

/** Twenty seconds on a quiet machine. */
const SLOW = { timeout: 240_000 };
const APPROVERS = Array.from({ length: 18 }, (_, index) => `approver ${index}`);
const PEOPLE = [...APPROVERS, 'rita', 'ulla'];

/** A request that waits for three approvals: rita asked, ulla made evidence. */
async function waiting(name: string) {
  const { cluster } = await seedMigration(fresh(name), { rules: { DEV: { approvals: 3 } } });
  const dev = cluster('DEV');
  const evidence = await writeEvidence(dev, 0, 'a', { contributors: ['demo|ulla'] });
  const { id } = await requestGate(aCall(dev, 'rita', ['operator', 'approver']), 0, { evidenceHash: evidence, comment: '' });
  return { cluster: dev, phase: 0, request: id, evidence, people: PEOPLE } as const;
}

/** Whatever order they came in: three people, none of those who may not, one step to approved, and nothing lost. Gives the states that were reached. */
async function expectThreeApprovals(
  request: string,
  outcomes: readonly DeciderOutcome[],
  attempts: number,
): Promise<Set<string>> {
  expect(outcomes).toHaveLength(attempts);
  const done = outcomes.filter(({ outcome }) => outcome === 'done');
  expect(done).toHaveLength(3);
  expect(new Set(done.map(({ person }) => person)).size).toBe(3);
  expect(outcomes.filter(({ person, outcome }) => ['rita', 'ulla'].includes(person) && outcome !== 'forbidden')).toEqual([]);
  expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['done', 'conflict', 'forbidden']));
  expect(await sql('SELECT state, version FROM gate_request WHERE id = $1', request)).toEqual([
    { state: 'approved', version: 4 },
  ]);
  const decisions = await sql<{ by_name: string }>('SELECT by_name FROM gate_decision WHERE request_id = $1', request);
  expect(decisions.map(({ by_name }) => by_name).toSorted()).toEqual(done.map(({ person }) => person).toSorted());
  const count = (table: string) => `SELECT count(*)::int AS n FROM ${table}`;
  expect(await sql(`${count('gate_transition')} WHERE request_id = $1 AND to_state = 'approved'`, request)).toEqual([{ n: 1 }]);
  expect(await sql(`${count('audit_event')} WHERE object_id = $1 AND action = 'gate.approve'`, request)).toEqual([{ n: 3 }]);
  expect(await sql(`${count('migration_change')} WHERE request = $1 AND action = 'gate.approve'`, request)).toEqual([{ n: 3 }]);
  return verifyGateHistory();
}

describe.each(realPostgres())('two console processes on $name', (backend) => {
  let database: OpenedDatabase;
  let program: string;
  beforeAll(async () => {
    database = await openGateBackend(backend);
    program = fileURLToPath(await bundledWorker('lib/testing/gate-decider.ts'));
    await createEvidenceLog();
  });
  afterAll(() => database.close());

  const inProcess = async (order: DeciderOrder): Promise<DeciderOutcome[]> => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(order)], {
      maxBuffer: 64 * 1024 * 1024,
    });
    return JSON.parse(stdout) as DeciderOutcome[];
  };

  test('of 1,000 parallel decisions on one gate exactly those count that may', SLOW, async () => {
    const gate = await waiting('thousand');
    const orders = [1, 2].map(
      (seed) => ({ url: database.url, ...gate, mix: 'approve', attempts: 500, atOnce: 40, seed }) as const,
    );
    const outcomes = (await Promise.all(orders.map(inProcess))).flat();
    expect([...(await expectThreeApprovals(gate.request, outcomes, 1000))]).toEqual(['requested', 'approving', 'approved']);
  });

  test('whatever eight clients of two processes do at random, what is written down is what a model allows', SLOW, async () => {
    const { cluster } = await seedMigration(fresh('random'), { rules: { DEV: { approvals: 2 } } });
    const dev = cluster('DEV');
    const evidence = await logEvidence(dev, 0, 'red');
    const people = APPROVERS.slice(0, 5);
    const gate = { url: database.url, cluster: dev, phase: 0, request: '', evidence, people } as const;
    const orders = [3, 4].map((seed) => ({ ...gate, mix: 'anything', attempts: 250, atOnce: 4, seed }) as const);
    const outcomes = (await Promise.all(orders.map(inProcess))).flat();
    const codes = new Set(outcomes.map(({ outcome }) => outcome));
    expect(
      [...codes].filter((code) => !['done', 'conflict', 'forbidden', 'evidence-changed', 'bad-input'].includes(code)),
    ).toEqual([]);
    const states = await verifyGateHistory();
    // Chance decides where they went; it is only asked that they went about.
    expect(states.size).toBeGreaterThanOrEqual(6);
    expect(states).toContain('approved');
  });

  test('the clock of a process decides nothing', async () => {
    const gate = await waiting('clock');
    const real = Date.now;
    try {
      for (const days of [100, -100]) {
        Date.now = () => real() + days * 86_400_000;
        const [row] = await sql<{ version: number }>('SELECT version FROM gate_request WHERE id = $1', gate.request);
        const person = aCall(gate.cluster, `approver ${days}`, ['approver']);
        const order = {
          command: 'approve',
          expectedVersion: row?.version ?? 0,
          evidenceHash: gate.evidence,
          comment: '',
        } as const;
        expect(await giveCommand(person, gate.request, order)).toMatchObject({ state: 'approving' });
      }
    } finally {
      Date.now = real;
    }
  });
});

describe.skipIf(realPostgres().length === 0)('a PostgreSQL that goes away while people decide', () => {
  let database: TestPostgres;
  beforeAll(async () => {
    database = await startPostgres();
    await migrate(database.url, readMigrations('prisma/migrations'));
    (globalThis as { causewayDatabase?: ReturnType<typeof openDatabase> }).causewayDatabase = openDatabase(database.url, 8);
  });
  afterAll(async () => {
    await closeDatabase();
    await database.close();
  });

  test('leaves no half of a decision, and goes on when it is back', async () => {
    const { cluster } = await seedMigration(fresh('away'), { rules: { DEV: { approvals: 6 } } });
    const dev = cluster('DEV');
    const evidence = await writeEvidence(dev, 0, 'a');
    const { id } = await requestGate(aCall(dev, 'rita', ['operator']), 0, { evidenceHash: evidence, comment: '' });
    const approve = async (person: string): Promise<string> => {
      const [row] = await sql<{ version: number }>('SELECT version FROM gate_request WHERE id = $1', id);
      const order = { command: 'approve', expectedVersion: row?.version ?? 0, evidenceHash: evidence, comment: '' } as const;
      const outcome = await outcomeOf(giveCommand(aCall(dev, person, ['approver']), id, order));
      return 'code' in outcome ? outcome.code : outcome.state;
    };
    expect(await approve('approver 0')).toBe('approving');
    const busy = Promise.allSettled(APPROVERS.slice(1, 9).map(approve));
    const restarted = database.restart();
    await busy;
    await restarted;
    await verifyGateHistory();

    await database.stop();
    await expect(approve('approver 10')).rejects.toMatchObject({ code: 'database-unreachable' });
    await database.start();
    await until(
      async () => (await approve('approver 11').catch(() => 'away')) !== 'away',
      'the database to be used again',
      10_000,
    );
    for (const person of APPROVERS) await approve(person);
    expect(await sql('SELECT state FROM gate_request WHERE id = $1', id)).toEqual([{ state: 'approved' }]);
    await verifyGateHistory();
  });
});

describe.each(databaseKinds())('on $name', (backend) => {
  let database: OpenedDatabase;
  beforeAll(async () => {
    database = await openGateBackend(backend);
    await createEvidenceLog();
  });
  afterAll(() => database.close());

  test('of 100 decisions of one process at once exactly those count that may', async () => {
    const gate = await waiting('hundred');
    const order = { url: database.url, ...gate, mix: 'approve', attempts: 100, atOnce: 20, seed: 7 } as const;
    expect([...(await expectThreeApprovals(gate.request, await decideMany(order), 100))]).toEqual([
      'requested',
      'approving',
      'approved',
    ]);
  });

  test('an approval that races a change of evidence never leaves a gate approved on the old', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { cluster } = await seedMigration(fresh('race'));
      const dev = cluster('DEV');
      const evidence = await writeEvidence(dev, 0, 'old');
      const { id } = await requestGate(aCall(dev, 'rita', ['operator']), 0, { evidenceHash: evidence, comment: '' });
      const order = { command: 'approve', expectedVersion: 1, evidenceHash: evidence, comment: '' } as const;
      const [approved] = await Promise.all([
        outcomeOf(giveCommand(aCall(dev, 'axel', ['approver']), id, order)),
        writeEvidence(dev, 0, 'new'),
      ]);
      expect(['approved', 'conflict', 'evidence-changed']).toContain('state' in approved ? approved.state : approved.code);
      expect(await sql('SELECT state FROM gate_request WHERE id = $1', id)).toEqual([{ state: 'stale' }]);
      const passed = await outcomeOf(
        giveCommand(aCall(dev, 'rita', ['operator']), id, { command: 'execute', expectedVersion: 2, comment: '' }),
      );
      expect(passed).toMatchObject({ code: 'conflict' });
    }
  });

  test('of ten requests for one gate at once one is made', async () => {
    const { cluster } = await seedMigration(fresh('once'));
    const dev = cluster('DEV');
    const evidence = await writeEvidence(dev, 0, 'a');
    const asked = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        outcomeOf(requestGate(aCall(dev, `p${index}`, ['operator']), 0, { evidenceHash: evidence, comment: '' })),
      ),
    );
    expect(asked.filter((each) => 'state' in each)).toHaveLength(1);
    expect(asked.filter((each) => 'code' in each && each.code === 'conflict')).toHaveLength(9);
  });
});
