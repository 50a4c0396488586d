import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { openSigningKeys, type SigningKeys } from '#lib/keys/signing-keys.ts';
import { fromBase64Url } from '#lib/receipts/base64.ts';
import { databaseKinds, type OpenedDatabase } from '#lib/testing/databases.ts';
import { StoredLog } from '#lib/testing/receipt-log.ts';
import type { Witness } from '#lib/witness/client.ts';
import { HeadStore } from '#lib/witness/head-store.ts';
import { witnessServer } from '#lib/witness/server.ts';
import { WitnessService } from '#lib/witness/witness.ts';
import { Checkpointer, type CommittedHead } from './checkpointer.ts';
import { Meter } from './meter.ts';

const silent = pino({ level: 'silent' });

describe.each(databaseKinds())('heads in $name', ({ open }) => {
  const dir = mkdtempSync(join(tmpdir(), 'cw-'));
  let database: OpenedDatabase;
  let db: TrafficDb;
  let keys: SigningKeys;
  let log: StoredLog;
  let clusters = 0;
  const servers: Server[] = [];

  beforeAll(async () => {
    database = await open();
    await migrate(database.url, readMigrations('prisma/migrations'));
    db = openTrafficDb(database.url, 4);
    keys = await openSigningKeys({ directory: join(dir, 'keys'), db, log: silent });
  });
  afterAll(async () => {
    keys.close();
    await db.close();
    await database.close();
    rmSync(dir, { recursive: true, force: true });
  });
  beforeEach(() => {
    log = new StoredLog(db, `c${(clusters += 1)}`);
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  /** A real witness of this log, on loopback. `at` is a folder of another one's past. */
  async function aWitness(name = 'security-witness'): Promise<Witness & { stop: () => Promise<unknown> }> {
    const pair = generateKeyPairSync('ed25519');
    const publicKey = fromBase64Url(pair.publicKey.export({ format: 'jwk' }).x ?? '') ?? new Uint8Array();
    const checkpointKey = keys.active('checkpoint')?.publicKey ?? new Uint8Array();
    const options = {
      name,
      key: { publicKey, privateKey: pair.privateKey },
      logs: new Map([[log.origin, [checkpointKey]]]),
      heads: HeadStore.open(mkdtempSync(join(dir, 'w-')), name, publicKey),
    };
    const server = witnessServer(new WitnessService(options), options, () => {});
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const stop = () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    };
    return { name, url: `http://127.0.0.1:${port}`, key: publicKey, stop };
  }

  function aCheckpointer(witnesses: readonly Witness[] = [], quorum = witnesses.length) {
    const clock = { now: Date.now() };
    const signed: CommittedHead[] = [];
    const checkpointer = new Checkpointer({
      cluster: log.cluster,
      origin: log.origin,
      db,
      keys,
      witnesses,
      quorum,
      meter: new Meter(),
      log: silent,
      told: () => {},
      now: () => clock.now,
    });
    checkpointer.onSigned((head) => signed.push(head));
    return { checkpointer, clock, signed };
  }
  const heads = async (): Promise<number[]> =>
    (await db.rows<{ size: number }>('SELECT size FROM checkpoint WHERE cluster = $1 ORDER BY size', [log.cluster])).map(
      ({ size }) => size,
    );
  const cosigned = async (): Promise<{ witness: string; size: number }[]> =>
    db.rows('SELECT witness, size FROM cosignature WHERE cluster = $1 ORDER BY size, witness', [log.cluster]);
  /** What a superuser could do behind the console's back. */
  const tampered = async (table: string, statement: string): Promise<void> => {
    await db.rows(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    await db.rows(statement, [log.cluster]);
    await db.rows(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
  };

  test('a head is signed where the log has grown, and no second time', async () => {
    const { checkpointer, signed } = aCheckpointer();
    await checkpointer.run();
    expect(await heads()).toEqual([]); // an empty log has no head
    await log.append(log.evidence(3));
    await log.append(log.evidence(2));
    await checkpointer.run();
    await checkpointer.run();
    await log.append(log.evidence(1));
    await checkpointer.run();
    expect(await heads()).toEqual([2, 3]);
    expect(signed.map(({ size }) => size)).toEqual([2, 3]);
    expect(checkpointer.problem).toBe('');
  });

  test('two who sign at once sign one head', async () => {
    await log.append(log.evidence(3));
    const both = [aCheckpointer(), aCheckpointer()];
    await Promise.all(both.map(({ checkpointer }) => checkpointer.run()));
    expect(await heads()).toEqual([1]);
    expect(both.map(({ checkpointer }) => checkpointer.problem)).toEqual(['', '']);
  });

  test.each([
    {
      name: 'a node of the tree',
      table: 'log_node',
      statement: `UPDATE log_node SET hash = sha256('x') WHERE cluster = $1 AND level = 1 AND "index" = 0`,
    },
    { name: 'a node that is gone', table: 'log_node', statement: `DELETE FROM log_node WHERE cluster = $1 AND level = 1` },
    {
      name: 'the last header',
      table: 'receipt_batch',
      statement: `UPDATE receipt_batch SET header = header || ' ' WHERE cluster = $1 AND seq = 4`,
    },
    { name: 'the last head', table: 'checkpoint', statement: `UPDATE checkpoint SET root = repeat('ab', 32) WHERE cluster = $1` },
    {
      name: 'the note of it',
      table: 'checkpoint',
      statement: `UPDATE checkpoint SET note = replace(note, E'\\n3\\n', E'\\n2\\n') WHERE cluster = $1`,
    },
    { name: 'the end of the log', table: 'receipt_log', statement: `UPDATE receipt_log SET next_seq = 2 WHERE cluster = $1` },
  ])('nothing is signed where $name was changed', async ({ table, statement }) => {
    const { checkpointer } = aCheckpointer();
    for (let n = 0; n < 3; n += 1) await log.append(log.evidence(2));
    await checkpointer.run();
    for (let n = 0; n < 2; n += 1) await log.append(log.evidence(2));
    await tampered(table, statement);
    const other = aCheckpointer();
    for (const each of [checkpointer, other.checkpointer]) {
      await each.run();
      expect(each.problem).toMatch(/not consistent/);
      expect(each.isRefusing).toBe(true);
    }
    expect((await heads()).filter((size) => size > 3)).toEqual([]);
  });

  test('a head that was signed and is not there any more is missed by who signed it', async () => {
    const { checkpointer } = aCheckpointer();
    await log.append(log.evidence(2));
    await log.append(log.evidence(2));
    await checkpointer.run();
    await tampered('checkpoint', 'DELETE FROM checkpoint WHERE cluster = $1');
    await tampered('receipt_log', 'UPDATE receipt_log SET next_seq = 1 WHERE cluster = $1');
    await checkpointer.run();
    expect(checkpointer.problem).toMatch(/an older state of the database came back/);
    expect(await heads()).toEqual([]);
  });

  test('a key signs nothing before the log has told of it', async () => {
    const { checkpointer } = aCheckpointer();
    await log.append(log.evidence(1));
    await tampered('key_event_entry', 'DELETE FROM key_event_entry WHERE cluster = $1');
    await checkpointer.run();
    expect(checkpointer.problem).toMatch(/not introduced in the log yet/);
    expect(await heads()).toEqual([]);
  });

  test('witnesses sign what they see, and one that was away is shown the rest', async () => {
    const [one, two] = [await aWitness('one'), await aWitness('two')];
    const away = { ...two, url: 'http://127.0.0.1:9' };
    await log.append(log.evidence(2));
    const first = aCheckpointer([one, away]);
    await first.checkpointer.run();
    expect(await cosigned()).toEqual([{ witness: 'one', size: 1 }]);
    expect(first.checkpointer.problem).toMatch(/1 of 2 witnesses have seen the newest head/);
    for (let n = 0; n < 4; n += 1) await log.append(log.evidence(1));
    const second = aCheckpointer([one, two]);
    await second.checkpointer.run();
    expect(await cosigned()).toEqual([
      { witness: 'one', size: 1 },
      { witness: 'two', size: 1 },
      { witness: 'one', size: 5 },
      { witness: 'two', size: 5 },
    ]);
    expect(second.checkpointer.problem).toBe('');
    expect(second.signed.at(-1)?.size).toBe(5);
  });

  test('a witness that has seen more than the log has says that an older state came back, before anything is signed', async () => {
    const witness = await aWitness();
    await log.append(log.evidence(1));
    await aCheckpointer([witness]).checkpointer.run();
    for (let n = 0; n < 2; n += 1) await log.append(log.evidence(1));
    await aCheckpointer([witness]).checkpointer.run();
    // The backup knows of one batch, and the console has gone on from there.
    for (const table of ['cosignature', 'checkpoint'])
      await tampered(table, `DELETE FROM ${table} WHERE cluster = $1 AND size > 1`);
    await tampered('receipt', 'DELETE FROM receipt WHERE cluster = $1 AND seq > 0');
    await tampered('receipt_batch', 'DELETE FROM receipt_batch WHERE cluster = $1 AND seq > 0');
    await tampered('log_node', 'DELETE FROM log_node WHERE cluster = $1 AND (level > 0 OR "index" > 0)');
    await db.rows(
      `UPDATE receipt_log SET next_seq = 1, header_hash = (SELECT header_hash FROM receipt_batch WHERE cluster = $1 AND seq = 0) WHERE cluster = $1`,
      [log.cluster],
    );
    await log.append(log.evidence(5));
    const { checkpointer } = aCheckpointer([witness]);
    await checkpointer.run();
    expect(checkpointer.problem).toMatch(/has seen a head of 3 entries, but the log has only 1/);
    expect(checkpointer.isRefusing).toBe(true);
    expect(await heads()).toEqual([1]);
  });
});
