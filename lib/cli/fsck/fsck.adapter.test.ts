import fc from 'fast-check';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Statements } from '#lib/db/traffic/connection.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { databaseKinds, type OpenedDatabase } from '#lib/testing/databases.ts';
import { StoredLog } from '#lib/testing/receipt-log.ts';
import { type Checked, checkLogs, type CheckOptions, fsck } from './fsck.ts';

const CLUSTER = 'aegis-production';
const BATCHES = 21;
const AN_EVENT = '{"action":"x","actor":{"subject":"me"},"object":{"id":"1","type":"t"},"outcome":"ok"}';

/** Every column that is evidence, or says where evidence is found; with the columns that name a row. */
const EVIDENCE: Readonly<Record<string, { readonly key: readonly string[]; readonly columns: readonly string[] }>> = {
  receipt_log: { key: ['cluster'], columns: ['cluster', 'next_seq', 'header_hash'] },
  receipt_batch: {
    key: ['cluster', 'seq'],
    columns: ['cluster', 'seq', 'batch_id', 'header', 'header_hash', 'leaf_count', 'leaves', 'window_start_ms', 'window_end_ms'],
  },
  receipt: {
    key: ['id'],
    columns:
      'id cluster seq leaf body sig class verdict observed_at_ms flow_uuid source destination port protocol reason policies rule search'.split(
        ' ',
      ),
  },
  log_node: { key: ['cluster', 'level', 'index'], columns: ['cluster', 'level', 'index', 'hash'] },
  checkpoint: { key: ['cluster', 'size'], columns: ['cluster', 'size', 'root', 'note', 'kid'] },
  cosignature: { key: ['cluster', 'size', 'witness'], columns: ['cluster', 'size', 'witness', 'line', 'at_ms'] },
  signing_key: { key: ['kid'], columns: ['kid', 'role', 'x'] },
  key_event: { key: ['id'], columns: ['kid', 'event', 'at_ms', 'body'] },
  key_event_entry: { key: ['cluster', 'event_id'], columns: ['cluster', 'event_id', 'seq', 'carried'] },
  audit_event: { key: ['seq'], columns: ['seq', 'hash'] },
};
const COLUMNS = Object.entries(EVIDENCE).flatMap(([table, { columns }]) => columns.map((column) => ({ table, column })));

const told = ({ findings }: Checked): string[] => findings.told.map(({ table, row, problem }) => `${table} ${row}: ${problem}`);

describe.each(databaseKinds())('fsck of $name', ({ open }) => {
  let database: OpenedDatabase;
  let db: TrafficDb;
  let log: StoredLog;

  beforeAll(async () => {
    database = await open();
    await migrate(database.url, readMigrations('prisma/migrations'));
    db = openTrafficDb(database.url, 1);
    log = new StoredLog(db, CLUSTER);
    await log.begin();
    await db.rows('INSERT INTO audit_event (body) VALUES ($1)', [AN_EVENT]);
    for (let seq = 0; seq < BATCHES; seq += 1) {
      await log.append(log.evidence(1 + ((seq * 5) % 9)));
      if (seq % 4 === 3) await log.sign(seq + 1);
    }
  });
  afterAll(async () => {
    await db.close();
    await database.close();
  });

  /** What `work` finds as a superuser with the triggers off; all it changes is taken back afterwards. */
  async function tampering<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query('BEGIN');
      await client.query(`SET LOCAL session_replication_role = 'replica'`);
      return await work({ rows: async (text, values) => (await client.query(text, [...(values ?? [])])).rows });
    } finally {
      await client.query('ROLLBACK');
      await client.end();
    }
  }
  const after = (changes: readonly string[], options: CheckOptions = {}): Promise<string[]> =>
    tampering(async (statements) => {
      for (const change of changes) await statements.rows(change);
      return told(await checkLogs(statements, options));
    });

  test('a log that was written by the console is clean, and is counted', async () => {
    const checked = await checkLogs(db, {});
    expect(told(checked)).toEqual([]);
    expect(checked.logs).toMatchObject([
      { cluster: CLUSTER, batches: BATCHES, gone: 0, heads: 5, cosignatures: 5, unknownWitnesses: 0 },
    ]);
    expect(checked.logs[0]?.keyEvents.size).toBe(4);
  });

  test('one bit changed in any column is found at its row, and no other row is accused', async () => {
    const runs = Number(process.env['CAUSEWAY_FLIPS'] ?? 150);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...COLUMNS), fc.nat(), fc.nat(), async ({ table, column }, nth, bit) => {
        const outcome = await tampering((statements) => flip(statements, table, column, nth, bit));
        if (outcome === undefined) return; // the table itself refuses such a value
        const { rows, findings } = outcome;
        const others = findings.filter((finding) => !rows.some((row) => finding.startsWith(`${row}:`)));
        expect([findings.length > 0, others], `${table}.${column} of ${rows.join(' or ')}`).toEqual([true, []]);
      }),
      { numRuns: runs, endOnFailure: true },
    );
  });

  test.each([
    {
      what: 'a receipt of a drop is deleted',
      changes: [`DELETE FROM receipt WHERE seq = 4 AND class = 'dropped' AND leaf = 0`],
      found: [/^receipt rcpt_[a-z2-7]{26}: it is missing: leaf 0 of batch 4$/],
    },
    {
      what: 'summaries are gone and a receipt that is kept with them',
      changes: [`DELETE FROM receipt WHERE seq = 4 AND (class = 'aggregate' OR leaf = 0)`],
      found: [/^receipt_batch aegis-production\/4: 1 of its receipts that are kept for good is missing: among rcpt_/],
    },
    {
      what: 'batches are deleted with all that is in them',
      changes: ['DELETE FROM receipt WHERE seq IN (6, 7)', 'DELETE FROM receipt_batch WHERE seq IN (6, 7)'],
      found: [/^receipt_batch aegis-production\/6: batches 6 to 7 are missing$/],
    },
    {
      what: 'a header is written anew together with its hash',
      changes: [
        `UPDATE receipt_batch SET header = replace(header, '"nodes_connected":4', '"nodes_connected":3') WHERE seq = 9`,
        `UPDATE receipt_batch SET header_hash = encode(sha256(convert_to(header, 'UTF8')), 'hex') WHERE seq = 9`,
      ],
      found: [/^receipt_batch aegis-production\/9: its header is not the one that the log holds$/],
    },
    {
      what: 'a header is written anew with its hash and its node',
      changes: [
        `UPDATE receipt_batch SET header = replace(header, '"nodes_connected":4', '"nodes_connected":3') WHERE seq = 20`,
        `UPDATE receipt_batch SET header_hash = encode(sha256(convert_to(header, 'UTF8')), 'hex') WHERE seq = 20`,
        `UPDATE log_node SET hash = (SELECT sha256('\\x00'::bytea || convert_to(header, 'UTF8')) FROM receipt_batch WHERE seq = 20) WHERE level = 0 AND "index" = 20`,
      ],
      found: [/^receipt_log aegis-production: header_hash is not the hash of the last batch$/],
    },
    {
      what: 'the end is cut off, and the log set back to where it is then',
      changes: [
        'DELETE FROM receipt WHERE seq >= 19',
        'DELETE FROM receipt_batch WHERE seq >= 19',
        'DELETE FROM log_node WHERE (("index" + 1) << level) > 19',
        'UPDATE receipt_log SET next_seq = 19, header_hash = (SELECT header_hash FROM receipt_batch WHERE seq = 18)',
      ],
      found: [
        /^checkpoint aegis-production\/20: it is of 20 batches, the log has 19: the end of the log was cut off, or it was set back$/,
        /^cosignature/,
      ],
    },
    {
      what: 'the audit log lost its row',
      changes: ['DELETE FROM audit_event WHERE seq = 1'],
      found: [/^audit_event 1: it is missing: batch 20 of aegis-production noted it as the head of the audit log$/],
    },
    {
      what: 'what brings a key in is gone from the table',
      changes: ['DELETE FROM key_event_entry WHERE event_id = 1'],
      found: [/^key_event_entry aegis-production\/1: it is missing: batch 0 carries that change$/],
    },
  ])('$what: the row is named', async ({ changes, found }) => {
    const lines = await after(changes);
    expect(lines).toEqual(found.map((line) => expect.stringMatching(line) as string));
  });

  test('summaries that are gone by their retention are counted and are no finding', async () => {
    await tampering(async (statements) => {
      const deleted = await statements.rows(`DELETE FROM receipt WHERE class = 'aggregate' AND seq < 10 RETURNING id`);
      const checked = await checkLogs(statements, {});
      expect(told(checked)).toEqual([]);
      expect(checked.logs[0]?.gone).toBe(deleted.length);
      expect(deleted.length).toBeGreaterThan(10);
    });
  });

  test('an end that was cut off without a trace is found by a head that was kept elsewhere, and so is a log written anew', async () => {
    const [head] = await db.rows<{ root: string }>('SELECT root FROM checkpoint WHERE size = 20');
    const kept = { origin: log.origin, size: 20, root: head?.root ?? '' };
    expect(await after([], { noted: [kept] })).toEqual([]);
    const cut = [
      'DELETE FROM receipt WHERE seq >= 19',
      'DELETE FROM receipt_batch WHERE seq >= 19',
      'DELETE FROM log_node WHERE (("index" + 1) << level) > 19',
      'DELETE FROM cosignature WHERE size > 19',
      'DELETE FROM checkpoint WHERE size > 19',
      'UPDATE receipt_log SET next_seq = 19, header_hash = (SELECT header_hash FROM receipt_batch WHERE seq = 18)',
    ];
    expect(await after(cut)).toEqual([]); // nothing in the database can tell
    expect(await after(cut, { noted: [kept] })).toEqual([
      `receipt_log ${CLUSTER}: a head of 20 batches was kept elsewhere, the log has 19`,
    ]);
    expect(await after([], { noted: [{ ...kept, root: '0'.repeat(64) }] })).toEqual([
      `receipt_log ${CLUSTER}: its first 20 batches are not those of the head that was kept elsewhere`,
    ]);
  });

  test('one log can be asked for, and one that nothing speaks of is said', async () => {
    expect((await checkLogs(db, { cluster: CLUSTER })).logs).toHaveLength(1);
    await expect(checkLogs(db, { cluster: 'nowhere' })).rejects.toThrow(/no log of a cluster nowhere/);
  });

  test('the command says what is there, ends with 0, and with 1 and the rows when something is broken', async () => {
    const lines: string[] = [];
    const options = { data: '', databaseUrl: database.url };
    expect(await fsck(options, process.cwd(), (line) => lines.push(line))).toBe(0);
    expect(lines[0]).toMatch(/^aegis-production: 21 batches, \d+ receipts, 5 signed heads, 5 cosignatures, 4 changes of keys$/);
    expect(lines[1]).toBe('every row is what was written');

    await db.rows(`ALTER TABLE checkpoint DISABLE TRIGGER ALL`);
    await db.rows(`UPDATE checkpoint SET root = $1 || substr(root, 2) WHERE size = 8 RETURNING size`, ['x']);
    const said: string[] = [];
    expect(await fsck(options, process.cwd(), (line) => said.push(line))).toBe(1);
    expect(said.slice(1)).toEqual(['1 row not what was written:', `  checkpoint ${CLUSTER}/8: root is not the one of its note`]);
    const json: string[] = [];
    expect(await fsck({ ...options, json: true }, process.cwd(), (line) => json.push(line))).toBe(1);
    expect(JSON.parse(json[0] ?? '')).toMatchObject({
      ok: false,
      broken: 1,
      findings: [{ table: 'checkpoint', row: `${CLUSTER}/8` }],
    });
    await db.rows(`UPDATE checkpoint SET root = encode(decode(split_part(note, E'\\n', 3), 'base64'), 'hex') WHERE size = 8`);
    await db.rows(`ALTER TABLE checkpoint ENABLE TRIGGER ALL`);
  });

  test('what cannot be read is said', async () => {
    const options = { data: '', databaseUrl: database.url };
    await expect(fsck({ ...options, trust: '/nowhere' }, process.cwd(), () => {})).rejects.toThrow(/cannot be read: ENOENT/);
    await expect(fsck({ ...options, checkpoint: ['package.json'] }, process.cwd(), () => {})).rejects.toThrow(/is no/);
  });

  test('much that is broken is counted in whole and told in part', async () => {
    await tampering(async (statements) => {
      await statements.rows(`UPDATE receipt SET sig = 'A' || substr(sig, 2) || 'x'`);
      await statements.rows('UPDATE log_node SET hash = sha256(hash)');
      const { findings } = await checkLogs(statements, {});
      expect(findings.told).toHaveLength(100);
      expect(findings.count).toBeGreaterThan(130);
    });
  });
});

/** Changes one bit of the nth row's column; gives the names of the row, before and after, and what is found. */
async function flip(
  statements: Statements,
  table: string,
  column: string,
  nth: number,
  bit: number,
): Promise<{ rows: string[]; findings: string[] } | undefined> {
  const { key = [] } = EVIDENCE[table] ?? {};
  const name = key.map((each) => `"${each}"`).join(` || '/' || `);
  const [counted] = await statements.rows<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
  const count = counted?.count ?? 1;
  const [row] = await statements.rows<{ at: string; name: string; value: unknown }>(
    `SELECT ctid::text AS at, ${name}::text AS name, "${column}" AS value FROM ${table} ORDER BY ctid LIMIT 1 OFFSET ${nth % count}`,
  );
  const value = row && flipped(row.value, bit);
  if (!row || value === undefined) return undefined;
  let now: { name: string } | undefined;
  try {
    [now] = await statements.rows<{ name: string }>(
      `UPDATE ${table} SET "${column}" = $1 WHERE ctid = $2::tid RETURNING ${name}::text AS name`,
      [value, row.at],
    );
  } catch {
    return undefined; // the table itself refuses such a value
  }
  const names = [row.name, ...(now ? [now.name] : [])];
  return { rows: names.map((each) => `${table} ${each}`), findings: told(await checkLogs(statements, {})) };
}

function flipped(value: unknown, bit: number): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number')
    return Number.isInteger(value) && value < 2 ** 31 ? value ^ (1 << (bit % 31)) : value + 1 + (bit % 100_000);
  if (typeof value === 'string' && value !== '') {
    const bytes = flipped(Buffer.from(value), bit) as Buffer;
    const text = bytes.toString('utf8');
    return bytes.includes(0) || !Buffer.from(text).equals(bytes) ? undefined : text;
  }
  if (value === '') return 'x';
  if (Array.isArray(value)) return [...value, 'x'];
  if (!(value instanceof Uint8Array) || value.length === 0) return undefined;
  const bytes = Buffer.from(value);
  const at = Math.floor(bit / 8) % bytes.length;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8));
  return bytes;
}
