import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GateRequest } from '#lib/api/migration.ts';
import { withDatabase } from '#lib/db/client.ts';
import type { Phase } from '#lib/migration/model.ts';
import { databaseKinds, type OpenedDatabase } from '#lib/testing/databases.ts';
import {
  aCall,
  anIngest,
  fresh,
  hashOf,
  openGateBackend,
  outcomeOf,
  seedMigration,
  sql,
  withStepUp,
  writeEvidence,
} from '#lib/testing/gates.ts';
import { breakGlass, requestGate } from './begin-request.ts';
import { closeReview } from './close-review.ts';
import { askElevation, commandElevation } from './elevations.ts';
import { giveCommand } from './give-command.ts';
import { readGatePanel, readGateRequest } from './read-gate.ts';
import { readGateOverview } from './overview.ts';
import { readMigrationOf } from '#lib/db/migration/migrations.ts';
import { readInbox } from './inbox.ts';

const REASON = 'nodes lose their network and the approvers are asleep';

describe.each(databaseKinds())('on $name', (backend) => {
  let database: OpenedDatabase;
  beforeAll(async () => {
    database = await openGateBackend(backend);
  });
  afterAll(() => database.close());

  /** Takes a phase through its gate in a cluster whose rules ask for one approval. */
  async function complete(cluster: string, phase: Phase): Promise<GateRequest> {
    const hash = await writeEvidence(cluster, phase, `${cluster} ${phase}`);
    const request = await requestGate(aCall(cluster, 'rita', ['operator']), phase, { evidenceHash: hash, comment: '' });
    const give = (name: string, command: 'approve' | 'execute' | 'complete', expectedVersion: number) =>
      giveCommand(aCall(cluster, name, ['approver']), request.id, { command, expectedVersion, evidenceHash: hash, comment: '' });
    await give('axel', 'approve', 1);
    await give('axel', 'execute', 2);
    return give('axel', 'complete', 3);
  }

  /** Axel approves a request that nobody has decided on yet. */
  const axelApproves = (cluster: string, id: string, evidenceHash: string) =>
    giveCommand(aCall(cluster, 'axel', ['approver']), id, { command: 'approve', expectedVersion: 1, evidenceHash, comment: '' });

  test('a phase goes from request to completed, and every step is written down', async () => {
    const { cluster } = await seedMigration(fresh('way'));
    const dev = cluster('DEV');
    const done = await complete(dev, 0);
    expect(done).toMatchObject({
      number: 1,
      state: 'completed',
      version: 5,
      approved: 1,
      needed: 1,
      requestedBy: { name: 'rita' },
    });
    expect(done.decisions).toMatchObject([
      { decision: 'approve', by: { name: 'axel' }, counts: true, evidenceHash: hashOf(`${dev} 0`) },
    ]);
    expect(
      await sql(
        'SELECT from_state, to_state, command, by_name FROM gate_transition WHERE request_id = $1 ORDER BY version',
        done.id,
      ),
    ).toEqual([
      { from_state: 'none', to_state: 'requested', command: 'request', by_name: 'rita' },
      { from_state: 'requested', to_state: 'approved', command: 'approve', by_name: 'axel' },
      { from_state: 'approved', to_state: 'executing', command: 'execute', by_name: 'axel' },
      { from_state: 'executing', to_state: 'verifying', command: 'complete', by_name: 'axel' },
      { from_state: 'verifying', to_state: 'completed', command: 'complete', by_name: 'axel' },
    ]);
    expect(await sql('SELECT action FROM audit_event WHERE object_id = $1 ORDER BY seq', done.id)).toEqual(
      ['gate.request', 'gate.approve', 'gate.execute', 'gate.complete', 'gate.complete'].map((action) => ({ action })),
    );
    expect(await sql('SELECT action, by_name FROM migration_change WHERE request = $1 ORDER BY seq', done.id)).toHaveLength(5);
  });

  test('who requested, who made the evidence, and who approved already cannot approve', async () => {
    const { cluster } = await seedMigration(fresh('sod'), { rules: { DEV: { approvals: 2 } } });
    const dev = cluster('DEV');
    const hash = await writeEvidence(dev, 0, 'a', { contributors: ['demo|ulla'] });
    const { id } = await requestGate(aCall(dev, 'rita', ['operator', 'approver']), 0, { evidenceHash: hash, comment: '' });
    const approve = (name: string, expectedVersion = 1, sessionId = 'another tab') =>
      outcomeOf(
        giveCommand(aCall(dev, name, ['approver'], { sessionId }), id, {
          command: 'approve',
          expectedVersion,
          evidenceHash: hash,
          comment: '',
        }),
      );
    expect(await approve('rita')).toMatchObject({ code: 'forbidden', message: expect.stringMatching(/You requested this gate/) });
    expect(await approve('ulla')).toMatchObject({ code: 'forbidden', message: expect.stringMatching(/made evidence/) });
    expect(await approve('axel')).toMatchObject({ state: 'approving', approved: 1, version: 2 });
    expect(await approve('axel', 2)).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/approved this request already/),
    });
    expect(await approve('bea', 1)).toMatchObject({ code: 'conflict', place: { state: 'approving', version: 2 } });
    expect(await approve('bea', 2)).toMatchObject({ state: 'approved', approved: 2, version: 3 });
  });

  test('an approval is bound to the evidence: other evidence makes it stale, and a new request takes it up', async () => {
    const { cluster } = await seedMigration(fresh('stale'));
    const dev = cluster('DEV');
    const first = await writeEvidence(dev, 0, 'first');
    const { id } = await requestGate(aCall(dev, 'rita', ['operator']), 0, { evidenceHash: first, comment: '' });
    const approve = { command: 'approve', expectedVersion: 1, evidenceHash: first, comment: '' } as const;
    await giveCommand(aCall(dev, 'axel', ['approver']), id, approve);
    const second = await writeEvidence(dev, 0, 'second');
    expect(await readGateRequest(dev, id)).toMatchObject({
      state: 'stale',
      stateReason: 'the evidence changed',
      approved: 0,
      decisions: [{ counts: false, void: expect.stringMatching(/evidence/) }],
    });
    expect(await outcomeOf(giveCommand(aCall(dev, 'bea', ['approver']), id, { ...approve, expectedVersion: 3 }))).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/is stale.*Request the gate again/),
    });
    const old = await outcomeOf(requestGate(aCall(dev, 'rita', ['operator']), 0, { evidenceHash: first, comment: '' }));
    expect(old).toMatchObject({ code: 'evidence-changed' });
    const again = await requestGate(aCall(dev, 'rita', ['operator']), 0, { evidenceHash: second, comment: '' });
    expect(again).toMatchObject({ number: 2, after: id, state: 'requested' });
  });

  test('evidence that somebody changed and nobody has read since opens nothing', async () => {
    const { cluster } = await seedMigration(fresh('unread'));
    const dev = cluster('DEV');
    const hash = await writeEvidence(dev, 0, 'a', { current: false });
    const ask = { evidenceHash: hash, comment: '' };
    expect(await outcomeOf(requestGate(aCall(dev, 'rita', ['operator']), 0, ask))).toMatchObject({ code: 'evidence-changed' });
    await writeEvidence(dev, 0, 'a', { met: false });
    expect(await outcomeOf(requestGate(aCall(dev, 'rita', ['operator']), 0, ask))).toMatchObject({
      code: 'conflict',
      message: 'The evidence is not met: 1 check fails.',
    });
  });

  test('the evidence is read anew before a gate is passed: what changed in the meantime stops it', async () => {
    const { cluster } = await seedMigration(fresh('anew'));
    const dev = cluster('DEV');
    const hash = await writeEvidence(dev, 0, 'a');
    const { id } = await requestGate(aCall(dev, 'rita', ['operator']), 0, { evidenceHash: hash, comment: '' });
    await axelApproves(dev, id, hash);
    const ingest = anIngest(async () => void (await writeEvidence(dev, 0, 'now red', { met: false })));
    const passed = await outcomeOf(
      giveCommand(aCall(dev, 'rita', ['operator'], { ingest }), id, { command: 'execute', expectedVersion: 2, comment: '' }),
    );
    expect(passed).toMatchObject({ code: 'conflict', place: { state: 'stale' } });
  });

  test('a phase is promoted once it has soaked in the environment before, within one revision of the plan', async () => {
    const { id, cluster } = await seedMigration(fresh('soak'), { rules: { TST: { soakMinutes: 60 } } });
    const tst = cluster('TST');
    const hash = await writeEvidence(tst, 0, 'tst');
    const ask = () => outcomeOf(requestGate(aCall(tst, 'rita', ['operator']), 0, { evidenceHash: hash, comment: '' }));
    expect(await ask()).toMatchObject({ code: 'conflict', message: expect.stringMatching(/Complete phase 0 in DEV first/) });
    await complete(cluster('DEV'), 0);
    expect(await ask()).toMatchObject({ code: 'conflict', message: expect.stringMatching(/Wait 1 h until it has soaked/) });
    await sql(`UPDATE migration SET rules = jsonb_set(rules, '{TST,soakMinutes}', '0') WHERE id = $1`, id);
    await sql('UPDATE migration SET revision = 2 WHERE id = $1', id);
    expect(await ask()).toMatchObject({ code: 'conflict', message: expect.stringMatching(/revision 2 now/) });
    await sql('UPDATE migration SET revision = 1 WHERE id = $1', id);
    expect(await ask()).toMatchObject({ state: 'requested' });
    const later = await writeEvidence(tst, 1, 'later');
    expect(await outcomeOf(requestGate(aCall(tst, 'rita', ['operator']), 1, { evidenceHash: later, comment: '' }))).toMatchObject(
      {
        code: 'conflict',
        message: 'Complete phase 0 in this cluster first.',
      },
    );
  });

  test('a request expires when it is read after its time, once and written down', async () => {
    const { cluster } = await seedMigration(fresh('ttl'));
    const dev = cluster('DEV');
    const hash = await writeEvidence(dev, 0, 'a');
    const { id } = await requestGate(aCall(dev, 'rita', ['operator']), 0, { evidenceHash: hash, comment: '' });
    await withClock("clock_timestamp() + interval '25 hours'", async () => {
      const [first, second] = await Promise.all([readGateRequest(dev, id), readGateRequest(dev, id)]);
      expect(first).toMatchObject({ state: 'expired', stateReason: 'it was not decided within 1 d', version: 2 });
      expect(second).toEqual(first);
      const late = { command: 'approve', expectedVersion: 2, evidenceHash: hash, comment: '' } as const;
      expect(await outcomeOf(giveCommand(aCall(dev, 'axel', ['approver']), id, late))).toMatchObject({ code: 'conflict' });
    });
    expect(await sql(`SELECT count(*)::int AS n FROM audit_event WHERE object_id = $1 AND action = 'gate.expire'`, id)).toEqual([
      { n: 1 },
    ]);
  });

  test('an approval that comes too late settles the request and is refused, whoever looked or not', async () => {
    const { cluster } = await seedMigration(fresh('late'));
    const dev = cluster('DEV');
    const hash = await writeEvidence(dev, 0, 'a');
    const { id } = await requestGate(aCall(dev, 'rita', ['operator']), 0, { evidenceHash: hash, comment: '' });
    await withClock("clock_timestamp() + interval '25 hours'", async () => {
      const late = { command: 'approve', expectedVersion: 1, evidenceHash: hash, comment: '' } as const;
      expect(await outcomeOf(giveCommand(aCall(dev, 'axel', ['approver']), id, late))).toMatchObject({
        code: 'conflict',
        place: { state: 'expired', version: 2 },
      });
    });
    expect(await sql('SELECT state FROM gate_request WHERE id = $1', id)).toEqual([{ state: 'expired' }]);
  });

  test('a clock that is set back lengthens nothing: what was written in its future is void', async () => {
    const { cluster } = await seedMigration(fresh('back'), { rules: { DEV: { elevation: true, approvals: 2 } } });
    const dev = cluster('DEV');
    const hash = await writeEvidence(dev, 0, 'a');
    const rita = aCall(dev, 'rita', ['operator']);
    const { id: elevation } = await askElevation(rita, 0, { reason: 'tonight', minutes: 60 });
    await withStepUp((stepUp) =>
      commandElevation(aCall(dev, 'ada', ['admin']), elevation, {
        command: 'grant',
        comment: '',
        ...(stepUp !== undefined && { stepUp }),
      }),
    );
    const { id } = await requestGate(rita, 0, { evidenceHash: hash, comment: '' });
    await axelApproves(dev, id, hash);
    await withClock("clock_timestamp() - interval '1 hour'", async () => {
      const late = { command: 'approve', expectedVersion: 2, evidenceHash: hash, comment: '' } as const;
      expect(await outcomeOf(giveCommand(aCall(dev, 'bea', ['approver']), id, late))).toMatchObject({
        code: 'conflict',
        place: { state: 'stale' },
      });
      expect(await readGateRequest(dev, id)).toMatchObject({
        state: 'stale',
        stateReason: expect.stringMatching(/clock of the database was set back/),
      });
      expect(await outcomeOf(requestGate(rita, 0, { evidenceHash: hash, comment: '' }))).toMatchObject({
        code: 'forbidden',
        message: expect.stringMatching(/elevation/),
      });
    });
  });

  test('in PRD a gate needs an elevation of another hand, two approvals after a fresh sign-in, and its window', async () => {
    const { cluster } = await seedMigration(fresh('prd'), { environments: ['PRD'] });
    const prd = cluster('PRD');
    const hash = await writeEvidence(prd, 0, 'a');
    const rita = aCall(prd, 'rita', ['operator']);
    const ask = () => requestGate(rita, 0, { evidenceHash: hash, comment: 'tonight' });
    expect(await outcomeOf(ask())).toMatchObject({ code: 'forbidden', message: expect.stringMatching(/Ask for an elevation/) });

    const asked = await askElevation(rita, 0, { reason: 'phase 0 tonight', minutes: 30 });
    expect(asked).toMatchObject({ state: 'asked', minutes: 30 });
    expect(await outcomeOf(askElevation(rita, 0, { reason: 'again', minutes: 30 }))).toMatchObject({ code: 'conflict' });
    const grant = (name: string, roles: ('admin' | 'approver' | 'operator')[]) => (stepUp?: string) =>
      commandElevation(aCall(prd, name, roles), asked.id, {
        command: 'grant',
        comment: '',
        ...(stepUp !== undefined && { stepUp }),
      });
    expect(await outcomeOf(grant('rita', ['approver'])())).toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(/somebody else has to grant/),
    });
    expect(await outcomeOf(grant('olaf', ['operator'])())).toMatchObject({ code: 'forbidden' });
    const running = await withStepUp(grant('ada', ['admin']));
    expect(running).toMatchObject({ state: 'running', grantedBy: { name: 'ada' } });
    expect((running.endsAt ?? 0) - (running.grantedAt ?? 0)).toBe(30 * 60_000);

    // It counts in the session it was asked from, and in no other.
    const elsewhere = aCall(prd, 'rita', ['operator'], { sessionId: 'another browser' });
    expect(await outcomeOf(requestGate(elsewhere, 0, { evidenceHash: hash, comment: '' }))).toMatchObject({ code: 'forbidden' });
    const { id } = await ask();
    const approve = (name: string, expectedVersion: number) => (stepUp?: string) =>
      giveCommand(aCall(prd, name, ['approver']), id, {
        command: 'approve',
        expectedVersion,
        evidenceHash: hash,
        comment: '',
        ...(stepUp !== undefined && { stepUp }),
      });
    const first = await withStepUp(approve('axel', 1));
    expect(first).toMatchObject({ state: 'approving', approved: 1, decisions: [{ auth: { amr: ['otp'], acr: 'gold' } }] });
    expect(await outcomeOf(approve('bea', 2)())).toMatchObject({ code: 'step-up-required' });
    expect(await sql('SELECT count(*)::int AS n FROM gate_decision WHERE request_id = $1', id)).toEqual([{ n: 1 }]);
    expect(await withStepUp(approve('bea', 2))).toMatchObject({ state: 'approved', approved: 2 });

    const execute = { command: 'execute', expectedVersion: 3, comment: '' } as const;
    await withClock("clock_timestamp() + interval '31 minutes'", async () => {
      expect(await outcomeOf(giveCommand(rita, id, execute))).toMatchObject({
        code: 'forbidden',
        message: expect.stringMatching(/Ask for an elevation/),
      });
    });
    expect(await giveCommand(rita, id, execute)).toMatchObject({ state: 'executing' });
  });

  test('an elevation that ends by itself is written down by whoever looks next, once', async () => {
    const { cluster } = await seedMigration(fresh('ends'), { environments: ['PRD'] });
    const prd = cluster('PRD');
    const rita = aCall(prd, 'rita', ['operator']);
    const { id } = await askElevation(rita, 0, { reason: 'tonight', minutes: 60 });
    await withClock("clock_timestamp() + interval '61 minutes'", async () => {
      await Promise.all([readGatePanel(rita, 0), readGatePanel(rita, 0)]);
      expect(await sql('SELECT state FROM gate_elevation WHERE id = $1', id)).toEqual([{ state: 'expired' }]);
      expect(await sql(`SELECT action FROM audit_event WHERE object_id = $1 ORDER BY seq`, id)).toEqual([
        { action: 'elevation.request' },
        { action: 'elevation.end' },
      ]);
      expect(await askElevation(rita, 0, { reason: 'again', minutes: 60 })).toMatchObject({ state: 'asked' });
    });
  });

  test('a gate is passed within its window', async () => {
    const today = new Date().getUTCDay() || 7;
    // Three days from now.
    const closed = [{ days: [((today + 2) % 7) + 1], from: '10:00', to: '11:00' }];
    const { cluster } = await seedMigration(fresh('window'), { rules: { DEV: { windows: closed } } });
    const dev = cluster('DEV');
    const hash = await writeEvidence(dev, 0, 'a');
    const { id } = await requestGate(aCall(dev, 'rita', ['operator']), 0, { evidenceHash: hash, comment: '' });
    await axelApproves(dev, id, hash);
    const passed = await outcomeOf(
      giveCommand(aCall(dev, 'rita', ['operator']), id, { command: 'execute', expectedVersion: 2, comment: '' }),
    );
    expect(passed).toMatchObject({ code: 'conflict', message: expect.stringMatching(/next one opens/) });
  });

  test('verifying ends when the evidence is met, and says until then what is missing', async () => {
    const { cluster } = await seedMigration(fresh('verify'));
    const dev = cluster('DEV');
    const hash = await writeEvidence(dev, 0, 'a');
    const call = aCall(dev, 'rita', ['operator']);
    const { id } = await requestGate(call, 0, { evidenceHash: hash, comment: '' });
    await axelApproves(dev, id, hash);
    await giveCommand(call, id, { command: 'execute', expectedVersion: 2, comment: '' });
    await writeEvidence(dev, 0, 'broken now', { met: false });
    expect(await giveCommand(call, id, { command: 'complete', expectedVersion: 3, comment: '' })).toMatchObject({
      state: 'verifying',
      stateReason: 'The evidence is not met: 1 check fails.',
    });
    expect(await outcomeOf(giveCommand(call, id, { command: 'complete', expectedVersion: 4, comment: '' }))).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/1 check fails/),
    });
    await writeEvidence(dev, 0, 'mended');
    expect(await giveCommand(call, id, { command: 'complete', expectedVersion: 4, comment: '' })).toMatchObject({
      state: 'completed',
    });
  });

  test('a rollback while it is under way is recorded with what was observed, and the phase can be requested again', async () => {
    const { cluster } = await seedMigration(fresh('undo'));
    const dev = cluster('DEV');
    const hash = await writeEvidence(dev, 0, 'a');
    const call = aCall(dev, 'rita', ['operator']);
    const { id } = await requestGate(call, 0, { evidenceHash: hash, comment: '' });
    await axelApproves(dev, id, hash);
    await giveCommand(call, id, { command: 'execute', expectedVersion: 2, comment: '' });
    await giveCommand(call, id, { command: 'roll-back', expectedVersion: 3, comment: 'pods lose DNS' });
    expect((await readGatePanel(call, 0)).rollbacks).toMatchObject([
      { trigger: 'pods lose DNS', outcome: 'running', by: { name: 'rita' } },
    ]);
    expect(
      await outcomeOf(giveCommand(call, id, { command: 'finish-roll-back', expectedVersion: 4, comment: '' })),
    ).toMatchObject({
      code: 'bad-input',
    });
    await giveCommand(call, id, { command: 'finish-roll-back', expectedVersion: 4, comment: 'DNS answers again' });
    const { panel, rollbacks } = await readGatePanel(call, 0);
    expect(rollbacks).toMatchObject([
      {
        outcome: 'rolled-back',
        observed: 'DNS answers again',
        endedBy: { name: 'rita' },
        checksAfter: [{ check: '0.rollback', status: 'pass' }],
      },
    ]);
    expect(panel.request?.state).toBe('rolled-back');
    expect(panel.choices.find(({ command }) => command === 'request')).toMatchObject({ allowed: true });
    expect(await requestGate(call, 0, { evidenceHash: hash, comment: '' })).toMatchObject({ after: id });
  });

  test('a completed phase is rolled back by a request of its own: what was completed is never reopened', async () => {
    const { id: migration, cluster } = await seedMigration(fresh('reopen'), { rules: { TST: { soakMinutes: 0 } } });
    const dev = cluster('DEV');
    const done = await complete(dev, 0);
    const next = await complete(dev, 1);
    const tst = await writeEvidence(cluster('TST'), 0, 't');
    const promoted = await requestGate(aCall(cluster('TST'), 'rita', ['operator']), 0, { evidenceHash: tst, comment: '' });
    const back = (id: string, expectedVersion: number) =>
      outcomeOf(
        giveCommand(aCall(dev, 'rita', ['operator']), id, { command: 'roll-back', expectedVersion, comment: 'too slow' }),
      );
    expect(await back(done.id, done.version)).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/Phase 1 builds on this one/),
    });
    for (const completed of [next, done]) {
      const rollback = (await back(completed.id, completed.version)) as GateRequest;
      expect(rollback).toMatchObject({ state: 'rolling-back', after: completed.id, version: 1 });
      const end = { command: 'finish-roll-back', expectedVersion: 1, comment: 'as before' } as const;
      await giveCommand(aCall(dev, 'rita', ['operator']), rollback.id, end);
    }
    expect(await readGateRequest(dev, done.id)).toMatchObject({ state: 'completed' });
    const row = await readMigrationOf(dev);
    expect(row?.id).toBe(migration);
    const overview = row && (await readGateOverview(row));
    expect(overview?.of(dev, 0)).toMatchObject({ completion: undefined, request: { state: 'rolled-back' } });
    // What rested on it elsewhere does not stand any more.
    expect(await readGateRequest(cluster('TST'), promoted.id)).toMatchObject({
      state: 'stale',
      stateReason: expect.stringMatching(/not completed in DEV any more/),
    });
  });

  test('a completed phase that is being passed once more is not rolled back underneath', async () => {
    const { id: migration, cluster } = await seedMigration(fresh('again'));
    const dev = cluster('DEV');
    const done = await complete(dev, 0);
    await sql('UPDATE migration SET revision = 2 WHERE id = $1', migration);
    const again = await requestGate(aCall(dev, 'rita', ['operator']), 0, { evidenceHash: done.evidenceHash, comment: '' });
    expect(again).toMatchObject({ number: 2, planRevision: 2 });
    expect(again.after).toBeUndefined();
    const back = { command: 'roll-back', expectedVersion: done.version, comment: 'too slow' } as const;
    expect(await outcomeOf(giveCommand(aCall(dev, 'rita', ['operator']), done.id, back))).toMatchObject({
      code: 'conflict',
      message: 'Request 2 is requested still: it comes first.',
    });
  });

  test('a cluster that took another place begins anew: what was completed or asked elsewhere counts for nothing', async () => {
    const { id: migration, cluster } = await seedMigration(fresh('moved'), { environments: ['DEV'] });
    const dev = cluster('DEV');
    await complete(dev, 0);
    const hash = await writeEvidence(dev, 1, 'b');
    const { id } = await requestGate(aCall(dev, 'rita', ['operator']), 1, { evidenceHash: hash, comment: '' });
    await sql(`UPDATE migration_cluster SET environment = 'TST' WHERE migration_id = $1`, migration);
    const { panel } = await readGatePanel(aCall(dev, 'rita', ['operator']), 1);
    expect(panel.request).toMatchObject({ id, state: 'stale', stateReason: 'the cluster took another place after the request' });
    expect(panel.conditions.find((condition) => condition.id === 'order')).toMatchObject({ met: false });
    const row = await readMigrationOf(dev);
    expect(row && (await readGateOverview(row)).of(dev, 0)).toEqual({ request: undefined, completion: undefined });
  });

  test('broken glass counts as no approval, stays red, and blocks the next request until another person has reviewed it', async () => {
    const { cluster } = await seedMigration(fresh('glass'), { rules: { DEV: { approvals: 2 } } });
    const dev = cluster('DEV');
    const hash = await writeEvidence(dev, 0, 'a');
    const { id } = await requestGate(aCall(dev, 'rita', ['operator']), 0, { evidenceHash: hash, comment: '' });
    await axelApproves(dev, id, hash);
    const broke =
      (name: string, roles: ('breakglass' | 'approver')[], reason = REASON) =>
      (stepUp?: string) =>
        breakGlass(aCall(dev, name, roles), 0, { reason, ticket: 'INC-4711', ...(stepUp !== undefined && { stepUp }) });
    expect(await outcomeOf(broke('axel', ['approver'])())).toMatchObject({ code: 'forbidden' });
    expect(await outcomeOf(broke('gus', ['breakglass'], 'short')())).toMatchObject({ code: 'bad-input' });
    const broken = await withStepUp(broke('gus', ['breakglass', 'approver']));
    expect(broken).toMatchObject({ id, state: 'executing', brokenGlass: true, approved: 1, needed: 2 });
    const rita = aCall(dev, 'rita', ['operator']);
    await giveCommand(rita, id, { command: 'complete', expectedVersion: 3, comment: '' });

    const other = await writeEvidence(dev, 1, 'b');
    const next = () => outcomeOf(requestGate(rita, 1, { evidenceHash: other, comment: '' }));
    expect(await next()).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/Glass was broken for phase 0 in DEV/),
    });
    const finding = { finding: 'it was needed: the approvers are on call now' };
    expect(await outcomeOf(closeReview(aCall(dev, 'gus', ['approver']), id, finding))).toMatchObject({ code: 'forbidden' });
    await closeReview(aCall(dev, 'bea', ['approver']), id, finding);
    expect(await outcomeOf(closeReview(aCall(dev, 'axel', ['approver']), id, finding))).toMatchObject({ code: 'conflict' });
    expect(await next()).toMatchObject({ state: 'requested' });
    const row = await readMigrationOf(dev);
    expect(row && (await readGateOverview(row)).brokenGlass).toMatchObject([
      { request: id, by: { name: 'gus' }, ticket: 'INC-4711', review: { closedBy: { name: 'bea' } } },
    ]);
    await expect(
      sql(`UPDATE gate_glass SET reason = 'nothing happened, really nothing' WHERE request_id = $1`, id),
    ).rejects.toThrow(/stays as it was/);
  });

  test('glass can be broken without any request or evidence, and carries for thirty minutes', async () => {
    const { cluster } = await seedMigration(fresh('alone'));
    const dev = cluster('DEV');
    const ingest = anIngest(() => Promise.reject(new Error('ingest is down')));
    const broken = await withStepUp((stepUp) =>
      breakGlass(aCall(dev, 'gus', ['breakglass'], { ingest }), 2, {
        reason: REASON,
        ticket: 'INC-1',
        ...(stepUp !== undefined && { stepUp }),
      }),
    );
    expect(broken).toMatchObject({ state: 'executing', brokenGlass: true, evidenceHash: hashOf('') });
    await withClock("clock_timestamp() + interval '31 minutes'", async () => {
      expect(await readGateRequest(dev, broken.id)).toMatchObject({
        state: 'failed',
        brokenGlass: true,
        stateReason: expect.stringMatching(/30 min/),
      });
    });
  });

  test('the inbox shows what waits for someone, what they may not decide and why, and what they asked for', async () => {
    const { cluster } = await seedMigration(fresh('inbox'));
    const dev = cluster('DEV');
    const hash = await writeEvidence(dev, 0, 'a', { contributors: ['demo|ulla'] });
    await requestGate(aCall(dev, 'rita', ['operator']), 0, { evidenceHash: hash, comment: '' });
    const of = async (name: string, roles: ('operator' | 'approver')[]) => {
      const on = ({ id }: { id: string }) => (id === dev ? aCall(dev, name, roles).caller : undefined);
      return (await readInbox({ subject: `demo|${name}`, sessionId: 's', on })).items;
    };
    expect(await of('axel', ['approver'])).toMatchObject([
      { kind: 'gate', mine: true, text: '0 of 1 approved', phaseName: 'Prepare' },
    ]);
    expect(await of('ulla', ['approver'])).toMatchObject([
      { kind: 'gate', mine: false, reason: expect.stringMatching(/made evidence/) },
    ]);
    expect(await of('rita', ['operator'])).toMatchObject([{ kind: 'own', mine: false, reason: 'It waits for 1 more approval.' }]);
    expect(await of('olaf', ['operator'])).toEqual([]);
  });

  test('a plan that this console does not have takes no new decision, and can still be read', async () => {
    const { id: migration, cluster } = await seedMigration(fresh('gone'));
    const dev = cluster('DEV');
    const hash = await writeEvidence(dev, 0, 'a');
    const rita = aCall(dev, 'rita', ['operator']);
    const { id } = await requestGate(rita, 0, { evidenceHash: hash, comment: '' });
    await sql(`UPDATE migration SET plan_version = '2020.1', revision = 2 WHERE id = $1`, migration);
    const approve = { command: 'approve', expectedVersion: 1, evidenceHash: hash, comment: '' } as const;
    expect(await outcomeOf(giveCommand(aCall(dev, 'axel', ['approver']), id, approve))).toMatchObject({
      code: 'conflict',
      place: { state: 'stale' },
    });
    expect(await outcomeOf(requestGate(rita, 0, { evidenceHash: hash, comment: '' }))).toMatchObject({
      code: 'conflict',
      message: 'This console has no plan 2020.1 any more: an admin has to move the migration on to one it has.',
    });
    const { panel } = await readGatePanel(rita, 0);
    expect(panel.request).toMatchObject({ id, state: 'stale', planVersion: '2026.2' });
    expect(panel.choices.filter(({ allowed }) => allowed)).toEqual([]);
  });

  test('a request of another cluster, or none at all, is not found', async () => {
    const { cluster } = await seedMigration(fresh('edited'));
    const hash = await writeEvidence(cluster('DEV'), 0, 'a');
    const { id } = await requestGate(aCall(cluster('DEV'), 'rita', ['operator']), 0, { evidenceHash: hash, comment: '' });
    const order = { command: 'approve', expectedVersion: 1, evidenceHash: hash, comment: '' } as const;
    expect(await outcomeOf(giveCommand(aCall(cluster('PRD'), 'axel', ['approver']), id, order))).toMatchObject({
      code: 'not-found',
    });
    expect(await outcomeOf(giveCommand(aCall(cluster('DEV'), 'axel', ['approver']), 'nothing', order))).toMatchObject({
      code: 'not-found',
    });
    expect(await outcomeOf(readGateRequest(cluster('TST'), id))).toMatchObject({ code: 'not-found' });
  });

  /** Runs `work` while the clock of the database says something else, as a clock that is set does. */
  async function withClock(expression: string, work: () => Promise<void>): Promise<void> {
    const set = (text: string) =>
      withDatabase((db) =>
        db.$executeRawUnsafe(
          `CREATE OR REPLACE FUNCTION gate_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ SELECT date_trunc('milliseconds', ${text}) $$`,
        ),
      );
    await set(expression);
    try {
      await work();
    } finally {
      await set('clock_timestamp()');
    }
  }
});
