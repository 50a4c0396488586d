import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Pool } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type EmbeddedDatabase, embeddedIsRunning, embeddedUrl, openEmbedded } from './embedded.ts';
import { migrate } from './migrate.ts';

const dirs: string[] = [];
const freshDir = () => {
  const dir = mkdtempSync(join(tmpdir(), 'cw-'));
  dirs.push(dir);
  return dir;
};
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

describe('the embedded database, by the ordinary client', () => {
  let database: EmbeddedDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await openEmbedded(freshDir());
    pool = new Pool({ connectionString: database.url, max: 8 });
    await pool.query('CREATE TABLE entry (id bigint PRIMARY KEY, note text)');
  });
  afterAll(async () => {
    await pool.end();
    await database.close();
  });

  test('statements with parameters of many connections never mix', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, id) => pool.query('SELECT $1::int AS id, $2::text AS note', [id, `n${id}`])),
    );
    expect(answers.map(({ rows }) => rows[0])).toEqual(Array.from({ length: 200 }, (_, id) => ({ id, note: `n${id}` })));
  });

  test('a transaction is not seen by others until it commits, and others wait for it', async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO entry VALUES (1, $1)', ['inside']);
    const outside = pool.query('SELECT count(*)::int AS n FROM entry WHERE id = 1');
    await client.query('UPDATE entry SET note = $1 WHERE id = 1', ['changed']);
    await client.query('ROLLBACK');
    client.release();
    expect((await outside).rows).toEqual([{ n: 0 }]);
  });

  test('a client that leaves inside a transaction leaves nothing behind and blocks nobody', async () => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO entry VALUES (2, NULL)');
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    client.on('error', () => {});
    expect((await pool.query('SELECT count(*)::int AS n FROM entry WHERE id = 2')).rows).toEqual([{ n: 0 }]);
  });

  test('an error is reported with its code and the connection goes on', async () => {
    const client = await pool.connect();
    await expect(client.query('SELECT $1::int / 0', [1])).rejects.toMatchObject({ code: '22012' });
    await expect(client.query('SELEC')).rejects.toMatchObject({ code: '42601' });
    expect((await client.query('SELECT $1::text AS ok', ['yes'])).rows).toEqual([{ ok: 'yes' }]);
    client.release();
  });

  test('a failed transaction rolls back whole', async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO entry VALUES (3, NULL)');
    await expect(client.query('INSERT INTO entry VALUES (3, NULL)')).rejects.toMatchObject({ code: '23505' });
    await client.query('ROLLBACK');
    client.release();
    expect((await pool.query('SELECT count(*)::int AS n FROM entry WHERE id = 3')).rows).toEqual([{ n: 0 }]);
  });

  test('several migrations at once apply each script once', async () => {
    const script = { name: '0001_a', sql: 'CREATE TABLE made_once (id int); INSERT INTO made_once VALUES (1);', checksum: 'c1' };
    const applied = await Promise.all(Array.from({ length: 4 }, () => migrate(database.url, [script])));
    expect(applied.flat()).toEqual(['0001_a']);
    await expect(migrate(database.url, [])).rejects.toMatchObject({ code: 'database-newer' });
    await expect(migrate(database.url, [{ ...script, checksum: 'c2' }])).rejects.toMatchObject({ code: 'database-newer' });
    const failing = { name: '0002_b', sql: 'CREATE TABLE half (id int); SELECT 1/0;', checksum: 'c3' };
    await expect(migrate(database.url, [script, failing])).rejects.toThrow('migration 0002_b failed');
    expect((await pool.query("SELECT to_regclass('half') AS half")).rows).toEqual([{ half: null }]);
  });
});

describe('one owner', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  test('a second owner is refused, and the next one takes over after the first is gone', async () => {
    const dir = freshDir();
    const first = await openEmbedded(dir);
    expect(await embeddedIsRunning(dir)).toBe(true);
    await expect(openEmbedded(dir)).rejects.toMatchObject({ code: 'database-locked' });
    await first.close();
    expect(await embeddedIsRunning(dir)).toBe(false);
    await (await openEmbedded(dir)).close();
  });

  test('of eight that start at once over the socket of a killed owner, exactly one gets the directory', async () => {
    const dir = freshDir();
    await (await openEmbedded(dir)).close();
    const child = ownerProcess(dir);
    children.push(child);
    await ready(child);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => openEmbedded(dir)));
    const owners = results.filter((result) => result.status === 'fulfilled');
    for (const { value } of owners) await value.close();
    expect(owners).toHaveLength(1);
  });

  test('kill -9 while rows are written loses none that was acknowledged', async () => {
    const dir = freshDir();
    const child = ownerProcess(dir);
    children.push(child);
    await ready(child);
    const client = new Client({ connectionString: embeddedUrl(dir) });
    client.on('error', () => {});
    await client.connect();
    await client.query('CREATE TABLE entry (id int PRIMARY KEY)');
    let acknowledged = 0;
    setTimeout(() => child.kill('SIGKILL'), 600);
    try {
      for (let id = 1; ; id += 1) {
        await client.query('INSERT INTO entry VALUES ($1)', [id]);
        acknowledged = id;
      }
    } catch {
      // the owner was killed
    }
    expect(acknowledged).toBeGreaterThan(10);
    if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('exit', resolve));
    const again = await openEmbedded(dir);
    const reader = new Client({ connectionString: again.url });
    await reader.connect();
    const { rows } = await reader.query<{ n: number }>('SELECT count(*)::int AS n FROM entry WHERE id <= $1', [acknowledged]);
    await reader.end();
    await again.close();
    expect(rows).toEqual([{ n: acknowledged }]);
  });
});

/** A process that owns `dir` until it is killed. */
const ownerProcess = (dir: string) =>
  spawn(process.execPath, ['bin/causeway.mjs', 'db', 'serve', '--data', dir], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

const ready = (child: ChildProcess) =>
  new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`the owner exited with ${code}`)));
  });
