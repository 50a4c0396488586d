import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GATE_EDGES } from '#lib/migration/gate/edges.ts';
import { databaseKinds, type OpenedDatabase } from '#lib/testing/databases.ts';
import {
  aCall,
  fresh,
  hashOf,
  openGateBackend,
  outcomeOf,
  seedMigration,
  sql,
  withStepUp,
  writeEvidence,
} from '#lib/testing/gates.ts';
import { breakGlass, requestGate } from '#lib/usecases/gates/begin-request.ts';
import { askElevation } from '#lib/usecases/gates/elevations.ts';
import { giveCommand } from '#lib/usecases/gates/give-command.ts';
import { withDatabase } from '../client.ts';

/** Statements of one transaction, as somebody with a client of the database would run them. */
const byHand = (...statements: readonly string[]): Promise<void> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      for (const statement of statements) await tx.$executeRawUnsafe(statement);
    }),
  );

describe.each(databaseKinds())('by hand on $name', (backend) => {
  let database: OpenedDatabase;
  let id: string;
  let dev: string;
  const hash = hashOf('a');
  beforeAll(async () => {
    database = await openGateBackend(backend);
    const { cluster } = await seedMigration(fresh('hand'), {
      rules: { DEV: { approvals: 2, teams: ['security'], elevation: true } },
    });
    dev = cluster('DEV');
    await writeEvidence(dev, 0, 'a', { contributors: ['demo|ulla'] });
    const rita = aCall(dev, 'rita', ['operator']);
    const { id: elevation } = await askElevation(rita, 0, { reason: 'for the test', minutes: 60 });
    await sql(
      `UPDATE gate_elevation SET state = 'running', granted_by = 'demo|ada', granted_name = 'ada', granted_at = now(), ends_at = now(), auth = '{}' WHERE id = $1`,
      elevation,
    );
    ({ id } = await requestGate(rita, 0, { evidenceHash: hash, comment: '' }));
    await giveCommand(aCall(dev, 'axel', ['approver']), id, {
      command: 'approve',
      expectedVersion: 1,
      evidenceHash: hash,
      comment: '',
    });
  });
  afterAll(() => database.close());

  const move = (state: string, by: string, version = 3) =>
    `UPDATE gate_request SET state = '${state}', moved_by = '${by}', moved_subject = 'demo|eve', version = ${version} WHERE id = '${id}'`;
  const decide = (decision: string, subject: string, evidence = hash) =>
    `INSERT INTO gate_decision (id, request_id, version, decision, by_subject, by_name, evidence_hash, auth, at)
     VALUES ('${fresh('d')}', '${id}', 0, '${decision}', '${subject}', 'eve', '${evidence}', '{}', now())`;
  const request = (state: string, by: string, more = '') =>
    `INSERT INTO gate_request (id, migration_id, number, cluster_id, environment, phase, state, state_since, moved_by, moved_subject, moved_name,
       evidence_hash, plan_version, plan_revision, needed, ttl_minutes, requested_by, requested_name, requested_at, expires_at${more ? ', broken_glass' : ''})
     VALUES ('${fresh('r')}', 'm', 0, '${dev}', 'DEV', 1, '${state}', now(), '${by}', 'demo|eve', 'eve', '${hash}', 'v', 1, 1, 60, 'demo|eve', 'eve', now(), now()${more})`;

  test('the table of edges is that of the code', async () => {
    const rows = await sql<{ from: string; to: string; by: string }>(
      'SELECT from_state AS from, to_state AS to, command AS by FROM gate_edge',
    );
    const text = ({ from, to, by }: { from: string; to: string; by: string }) => `${from} ${by} ${to}`;
    expect(rows.map(text).toSorted()).toEqual(GATE_EDGES.map(text).toSorted());
  });

  test.each([
    ['a jump to a state', () => [move('completed', 'complete')], /does not go from approving to completed/],
    ['a step by another command', () => [move('executing', 'execute')], /does not go from approving to executing/],
    ['approved with too few approvals', () => [decide('approve', 'demo|eve'), move('approved', 'approve')], /too few approvals/],
    ['a step that skips a version', () => [move('withdrawn', 'withdraw', 7)], /is at version 2, not 6/],
    ['a step without its decision', () => [move('rejected', 'reject')], /has no record/],
    [
      'a step of broken glass without its record',
      () => [move('executing', 'break-glass').replace('state =', 'broken_glass = true, state =')],
      /has no record/,
    ],
    [
      'glass that breaks by itself',
      () => [move('withdrawn', 'withdraw').replace('state =', 'broken_glass = true, state =')],
      /glass breaks by its own command/,
    ],
    ['a decision without its step', () => [decide('approve', 'demo|eve')], /foreign key|ForeignKeyConstraint/i],
    ['an approval of whoever asked', () => [decide('approve', 'demo|rita')], /whoever requests a gate does not decide/],
    ['an approval of whoever made the evidence', () => [decide('approve', 'demo|ulla')], /made the evidence/],
    ['a second approval', () => [decide('approve', 'demo|axel'), move('approving', 'approve')], /unique|duplicate/i],
    ['an approval on other evidence', () => [decide('approve', 'demo|eve', hashOf('b'))], /bound to the evidence/],
    ['a revocation of what is not approved', () => [decide('revoke', 'demo|eve')], /takes no revoke/],
    [
      'a change of a decision',
      () => [`UPDATE gate_decision SET by_subject = 'demo|eve' WHERE request_id = '${id}'`],
      /UPDATE of gate_decision is refused/,
    ],
    [
      'a decision taken away',
      () => [`DELETE FROM gate_decision WHERE request_id = '${id}'`],
      /DELETE of gate_decision is refused/,
    ],
    [
      'a step that nobody took',
      () => [`INSERT INTO gate_transition VALUES ('${id}', 9, 'approving', 'approved', 'approve', 'x', 'x', '', now())`],
      /INSERT of gate_transition is refused/,
    ],
    [
      'a change of a step',
      () => [`UPDATE gate_transition SET by_name = 'x' WHERE request_id = '${id}'`],
      /UPDATE of gate_transition is refused/,
    ],
    ['a request taken away', () => [`DELETE FROM gate_request WHERE id = '${id}'`], /DELETE of gate_request is refused/],
    ['the table of decisions emptied', () => ['TRUNCATE gate_decision'], /TRUNCATE of gate_decision is refused/],
    ['all tables emptied', () => ['TRUNCATE gate_request CASCADE'], /TRUNCATE of gate_\w+ is refused/],
    [
      'an edge more',
      () => [`INSERT INTO gate_edge VALUES ('requested', 'completed', 'complete')`],
      /INSERT of gate_edge is refused/,
    ],
    [
      'other evidence under a request',
      () => [move('withdrawn', 'withdraw').replace('state =', `evidence_hash = '${hashOf('b')}', state =`)],
      /stays as it was requested/,
    ],
    [
      'another requester',
      () => [move('withdrawn', 'withdraw').replace('state =', `requested_by = 'demo|eve', state =`)],
      /stays as it was requested/,
    ],
    [
      'contributors forgotten',
      () => [move('withdrawn', 'withdraw').replace('state =', `contributors = '{}', state =`)],
      /stays as it was requested/,
    ],
    [
      'fewer approvals needed',
      () => [move('withdrawn', 'withdraw').replace('state =', 'needed = 1, state =')],
      /stays as it was requested/,
    ],
    [
      'more time',
      () => [move('withdrawn', 'withdraw').replace('state =', `expires_at = now() + interval '9 days', state =`)],
      /stays as it was requested/,
    ],
    ['a request that begins approved', () => [request('approved', 'approve')], /cannot begin as approved/],
    ['a request without evidence', () => [request('requested', 'request')], /current and met/],
    ['a rollback of what was never completed', () => [request('rolling-back', 'roll-back')], /was completed before/],
    ['broken glass without its record', () => [request('executing', 'break-glass', ', true')], /has no record/],
    ['passing without breaking glass', () => [request('executing', 'break-glass')], /only broken glass/],
    [
      'a longer elevation',
      () => [`UPDATE gate_elevation SET ends_at = now() + interval '9 days' WHERE cluster_id = '${dev}'`],
      /does not go from running to running/,
    ],
    [
      'an elevation that grants itself',
      () => [
        `INSERT INTO gate_elevation (id, cluster_id, environment, phase, subject, name, session_id, reason, minutes, asked_at, state, granted_by)
      VALUES ('${fresh('e')}', '${dev}', 'DEV', 0, 'demo|eve', 'eve', 's', 'r', 60, now(), 'running', 'demo|eve')`,
      ],
      /asked for before it runs/,
    ],
    [
      'a second elevation at a time',
      () => [
        `INSERT INTO gate_elevation (id, cluster_id, environment, phase, subject, name, session_id, reason, minutes, asked_at)
      VALUES ('${fresh('e')}', '${dev}', 'DEV', 0, 'demo|rita', 'rita', 's', 'r', 60, now())`,
      ],
      /unique|duplicate/i,
    ],
    [
      'an elevation for a day',
      () => [
        `INSERT INTO gate_elevation (id, cluster_id, environment, phase, subject, name, session_id, reason, minutes, asked_at)
      VALUES ('${fresh('e')}', '${dev}', 'DEV', 0, 'demo|eve', 'eve', 's', 'r', 1440, now())`,
      ],
      /check|violates/i,
    ],
    ['an elevation taken away', () => ['DELETE FROM gate_elevation'], /DELETE of gate_elevation is refused/],
  ])('the database refuses %s', async (_, statements, problem) => {
    const before = await everything();
    await expect(byHand(...statements())).rejects.toThrow(problem);
    expect(await everything()).toEqual(before);
  });

  test('an elevation is granted by another person', async () => {
    const olaf = await askElevation(aCall(dev, 'olaf', ['operator']), 0, { reason: 'for the test', minutes: 5 });
    const grant = (by: string) =>
      byHand(
        `UPDATE gate_elevation SET state = 'running', granted_by = '${by}', granted_name = 'x', granted_at = now(), ends_at = now(), auth = '{}' WHERE id = '${olaf.id}'`,
      );
    await expect(grant('demo|olaf')).rejects.toThrow(/granted_by_another/);
    await grant('demo|ada');
    const [row] = await sql<{ minutes: number }>(
      `SELECT extract(epoch FROM ends_at - granted_at)::int / 60 AS minutes FROM gate_elevation WHERE id = $1`,
      olaf.id,
    );
    expect(row).toEqual({ minutes: 5 });
  });

  test('approved needs each team, even with enough approvals', async () => {
    await byHand(decide('approve', 'demo|bea'), move('approving', 'approve').replace('demo|eve', 'demo|bea'));
    const approved = `UPDATE gate_request SET state = 'approved', moved_by = 'approve', moved_subject = 'demo|sue', version = 4 WHERE id = '${id}'`;
    const secure = decide('approve', 'demo|sue').replace('by_name,', 'by_name, team,').replace("'eve',", "'sue', 'security',");
    await expect(byHand(decide('approve', 'demo|sue'), approved)).rejects.toThrow(/too few approvals/);
    await byHand(secure, approved);
    expect(await sql('SELECT state FROM gate_request WHERE id = $1', id)).toEqual([{ state: 'approved' }]);
  });

  test('nothing is passed on evidence that changed, whoever says so', async () => {
    await sql('UPDATE phase_evidence SET inputs_version = inputs_version + 1 WHERE cluster_id = $1 AND phase = 0', dev);
    await expect(byHand(move('executing', 'execute', 5))).rejects.toThrow(/is not what holds now/);
    await sql('UPDATE phase_evidence SET inputs_version = inputs_version - 1 WHERE cluster_id = $1 AND phase = 0', dev);
  });

  test('a crash between a decision and its audit row leaves neither', async () => {
    const { cluster } = await seedMigration(fresh('crash'));
    const evidence = await writeEvidence(cluster('DEV'), 0, 'a');
    const asked = await requestGate(aCall(cluster('DEV'), 'rita', ['operator']), 0, { evidenceHash: evidence, comment: '' });
    const before = await everything();
    await sql(`CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$`);
    await sql('CREATE TRIGGER crash BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION crash()');
    const approve = { command: 'approve', expectedVersion: 1, evidenceHash: evidence, comment: '' } as const;
    const call = aCall(cluster('DEV'), 'axel', ['approver']);
    await expect(giveCommand(call, asked.id, approve)).rejects.toThrow(/disk is full/);
    await sql('DROP TRIGGER crash ON audit_event');
    await sql('DROP FUNCTION crash()');
    expect(await everything()).toEqual(before);
    expect(await giveCommand(call, asked.id, approve)).toMatchObject({ state: 'approved' });
  });

  test('who broke the glass does not review it, and a review is written once', async () => {
    const { cluster } = await seedMigration(fresh('review'));
    const broken = await withStepUp((stepUp) =>
      breakGlass(aCall(cluster('DEV'), 'gus', ['breakglass']), 0, {
        reason: 'everything is down, nobody answers',
        ticket: 'INC-1',
        ...(stepUp !== undefined && { stepUp }),
      }),
    );
    const close = (by: string) =>
      byHand(
        `UPDATE gate_glass SET closed_by = '${by}', closed_name = 'x', closed_at = now(), finding = 'it was needed, it was right' WHERE request_id = '${broken.id}'`,
      );
    await expect(close('demo|gus')).rejects.toThrow(/reviewed_by_another/);
    await close('demo|bea');
    await expect(close('demo|axel')).rejects.toThrow(/reviewed once/);
    await expect(byHand(`DELETE FROM gate_glass WHERE request_id = '${broken.id}'`)).rejects.toThrow(/is refused/);
  });

  test('an unknown request is refused as such', async () => {
    expect(
      await outcomeOf(
        giveCommand(aCall(dev, 'axel', ['approver']), 'x', { command: 'revoke', expectedVersion: 1, comment: 'why' }),
      ),
    ).toMatchObject({ code: 'not-found' });
  });

  /** All that gates have written down. */
  const everything = async () => [
    await sql('SELECT * FROM gate_request ORDER BY id'),
    await sql('SELECT * FROM gate_transition ORDER BY request_id, version'),
    await sql('SELECT * FROM gate_decision ORDER BY id'),
    await sql('SELECT * FROM gate_elevation ORDER BY id'),
    await sql('SELECT * FROM gate_glass ORDER BY request_id'),
    await sql('SELECT * FROM gate_edge ORDER BY 1, 2, 3'),
    await sql('SELECT count(*)::int AS n FROM audit_event'),
    await sql('SELECT count(*)::int AS n FROM migration_change'),
  ];
});
