import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { findingId } from '#lib/receipts/rules/finding-id.ts';
import { databaseKinds, type OpenedDatabase } from '#lib/testing/databases.ts';
import { aReport, aSighting, SIGHTED_AT } from '#lib/testing/sightings.ts';
import { openTrafficDb, type TrafficDb } from '../traffic/connection.ts';
import { readChangeRecord, readPolicyStretches } from './changes.ts';
import { noteSightings } from './note.ts';
import { countFindings, findFinding, listFindings, readStandings } from './read.ts';

const CLUSTER = 'aegis-production';
const ID = findingId(CLUSTER, 'R1', 'grafana-ledger');
const WINDOW = { cluster: CLUSTER, from: SIGHTED_AT - 10_000, to: SIGHTED_AT, reports: [aReport()] };

describe.each(databaseKinds())('findings in $name', ({ open }) => {
  let database: OpenedDatabase;
  let db: TrafficDb;
  beforeAll(async () => {
    database = await open();
    await migrate(database.url, readMigrations('prisma/migrations'));
    db = openTrafficDb(database.url);
  });
  afterAll(async () => {
    await db?.close();
    await database?.close();
  });
  beforeEach(() => db.rows('DELETE FROM finding'));

  const note = (sighting = aSighting(), receipts: readonly string[] = [], now = SIGHTED_AT) =>
    noteSightings(db, WINDOW, [{ sighting, receipts }], now);
  const triage = (state: string, at: number) =>
    db.rows('UPDATE finding SET state = $2, changed_by = $3, changed_at_ms = $4, version = version + 1 WHERE id = $1', [
      ID,
      state,
      'Ada',
      at,
    ]);

  test('a finding is one row however often it is seen, counted, with the times of all sightings', async () => {
    expect(await note()).toEqual([ID]);
    expect(await note(aSighting({ count: 5, first: SIGHTED_AT + 1, last: SIGHTED_AT + 9 }))).toEqual([]);
    expect(await findFinding(db, ID)).toMatchObject({
      count: 7,
      firstAt: SIGHTED_AT - 1000,
      lastAt: SIGHTED_AT + 9,
      state: 'open',
      version: 0,
      about: { source: { workload: 'grafana' }, nodes: ['ip-10-20-1-11'] },
    });
  });

  test('it keeps its gravest severity with the reasons for it', async () => {
    await note(aSighting({ severity: 'suspected', reasons: ['once'] }));
    await note(aSighting({ reasons: ['twice'] }));
    await note(aSighting({ severity: 'suspected', reasons: ['once more'] }));
    expect(await findFinding(db, ID)).toMatchObject({ severity: 'confirmed', reasons: ['twice'] });
  });

  test('a fixed one that is seen again is open again, with a line in the audit log; older flows leave it fixed', async () => {
    await note();
    await triage('fixed', SIGHTED_AT + 50);
    await note(aSighting({ last: SIGHTED_AT + 40 }));
    expect(await findFinding(db, ID)).toMatchObject({ state: 'fixed', version: 1 });
    expect(await note(aSighting({ severity: 'suspected', last: SIGHTED_AT + 60 }), [], SIGHTED_AT + 70)).toEqual([ID]);
    expect(await findFinding(db, ID)).toMatchObject({
      state: 'open',
      severity: 'suspected',
      version: 2,
      reopenedAt: SIGHTED_AT + 70,
      changedBy: 'Ada',
    });
    const audited = await db.rows<{ body: string }>("SELECT body FROM audit_event WHERE body LIKE '%finding.reopen%'");
    expect(audited).toHaveLength(1);
    expect(audited[0]?.body).toContain(ID);
  });

  test.each(['acknowledged', 'expected'])('one that is %s stays so when it is seen again', async (state) => {
    await note();
    await triage(state, SIGHTED_AT);
    await note(aSighting({ last: SIGHTED_AT + 1000 }));
    expect(await findFinding(db, ID)).toMatchObject({ state, count: 4 });
  });

  test('its newest receipts are kept, each once', async () => {
    for (let batch = 0; batch < 8; batch += 1) {
      const receipts = Array.from({ length: 10 }, (_, at) => `rcpt_${batch}${at}`);
      await note(aSighting({ count: 1 }), [...receipts, 'rcpt_always'], SIGHTED_AT + batch);
    }
    const finding = await findFinding(db, ID);
    expect(finding?.receipts).toHaveLength(20);
    expect(finding?.receipts[0]).toBe('rcpt_70');
    const [kept] = await db.rows<{ n: number }>('SELECT count(*)::int AS n FROM finding_receipt');
    expect(kept?.n).toBe(50);
  });

  test('text that no database can hold, or that is too long, is made safe', async () => {
    await note(aSighting({ subject: `\0${'x'.repeat(9000)}`, reasons: ['half \ud800 a character'] }));
    const finding = await findFinding(db, ID);
    expect(finding?.subject).toHaveLength(512);
    expect(finding?.reasons).toEqual(['half \ufffd a character']);
  });

  test('open and grave ones come first, then those seen last; filters and the limit hold', async () => {
    const seen = [
      aSighting({ key: 'a', severity: 'suspected', last: SIGHTED_AT + 900 }),
      aSighting({ key: 'b', last: SIGHTED_AT + 1 }),
      aSighting({ key: 'c', last: SIGHTED_AT + 2 }),
      aSighting({ rule: 'R5', key: 'd' }),
    ].map((sighting) => ({ sighting, receipts: [] }));
    await noteSightings(db, WINDOW, seen, SIGHTED_AT);
    await db.rows(`UPDATE finding SET state = 'fixed' WHERE id = $1`, [findingId(CLUSTER, 'R1', 'c')]);
    const keys = new Map(seen.map(({ sighting: { rule, key } }) => [findingId(CLUSTER, rule, key), key]));
    const listed = async (more: object) => {
      const { findings, more: rest } = await listFindings(db, { cluster: CLUSTER, limit: 10, ...more });
      return `${findings.map(({ id }) => keys.get(id)).join('')}${rest ? '+' : ''}`;
    };
    expect(await listed({})).toBe('bdac');
    expect(await listed({ limit: 2 })).toBe('bd+');
    expect(await listed({ rule: 'R5' })).toBe('d');
    expect(await listed({ state: 'fixed' })).toBe('c');
    expect(await listed({ severity: 'suspected' })).toBe('a');
    expect(await listed({ range: { from: SIGHTED_AT + 2, to: SIGHTED_AT + 5000 } })).toBe('ac');
    expect(await countFindings(db, CLUSTER)).toContainEqual({ rule: 'R1', open: 2, total: 3 });
  });

  test('how far a rule can speak is what its last window says', async () => {
    const other = { ...WINDOW, cluster: 'aegis-dev' };
    await noteSightings(db, { ...other, reports: [aReport({ notEvaluable: ['1 node does not report.'] })] }, [], SIGHTED_AT);
    expect(await readStandings(db, 'aegis-dev')).toEqual({
      windows: [{ rule: 'R1', from: other.from, to: other.to, looked: 40 }],
      notEvaluable: [{ rule: 'R1', reason: '1 node does not report.' }],
    });
    await noteSightings(db, { ...other, to: SIGHTED_AT + 5 }, [], SIGHTED_AT);
    await noteSightings(db, { ...other, reports: [aReport({ notEvaluable: ['late'] })] }, [], SIGHTED_AT);
    expect(await readStandings(db, 'aegis-dev')).toMatchObject({ windows: [{ to: SIGHTED_AT + 5 }], notEvaluable: [] });
  });

  test('two writers of the same findings wait for each other and lose nothing', async () => {
    const both = [aSighting({ key: 'x', count: 1 }), aSighting({ key: 'y', count: 1 })].map((sighting) => ({
      sighting,
      receipts: ['rcpt_1'],
    }));
    await Promise.all(
      Array.from({ length: 8 }, (_, at) => noteSightings(db, WINDOW, at % 2 ? both : both.toReversed(), SIGHTED_AT)),
    );
    expect(await findFinding(db, findingId(CLUSTER, 'R1', 'x'))).toMatchObject({ count: 8 });
  });

  test('stretches of policies are those that changed, with the one before', async () => {
    const rows = [
      ['cnp:a/changed', 0, 500, 'h1'],
      ['cnp:a/changed', 500, null, 'h2'],
      ['cnp:a/same', 0, null, 'h1'],
      ['cnp:a/gone', 0, 600, 'h1'],
    ];
    for (const row of rows)
      await db.rows('INSERT INTO policy_presence (cluster, ref, from_ms, to_ms, hash) VALUES ($1, $2, $3, $4, $5)', [
        CLUSTER,
        ...row,
      ]);
    const stretches = await readPolicyStretches(db, CLUSTER, 400);
    expect(stretches.map(({ ref, hash, to }) => `${ref} ${hash} ${to ?? 'now'}`)).toEqual([
      'cnp:a/changed h1 500',
      'cnp:a/changed h2 now',
      'cnp:a/gone h1 600',
    ]);
    expect(await readPolicyStretches(db, CLUSTER, 600)).toEqual([]);
  });

  test('a cluster that belongs to no migration has no phase that could be open', async () =>
    expect(await readChangeRecord(db, CLUSTER, 0, SIGHTED_AT)).toEqual({ inMigration: false, openPhase: undefined }));
});
