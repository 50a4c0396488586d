import { sign } from 'node:crypto';
import { chownSync, copyFileSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { BY_CONSOLE } from '#lib/audit-log/event.ts';
import { noteKeyEventsLogged, pendingKeyEvents, readIntroductions, readKeyRecords } from '#lib/db/receipts/keys.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { KeyHistory } from '#lib/receipts/key-event.ts';
import { databaseKinds } from '#lib/testing/databases.ts';
import { HOUR_MS, type KeyBench, NOON, openKeyBench, writeKey } from '#lib/testing/keys.ts';
import { verifyByNode } from '#lib/testing/receipts.ts';
import { readKeyFile } from './key-file.ts';
import type { ActiveKey } from './signing-keys.ts';
import { keyStates } from './states.ts';

describe.each(databaseKinds())('keys on $name', (kind) => {
  let bench: KeyBench;
  beforeAll(async () => {
    bench = await openKeyBench(kind);
  });
  afterEach(() => bench.reset());
  afterAll(() => bench.close());

  const states = async () => {
    const { keys, changes } = await readKeyRecords(bench.db);
    return keyStates(keys, changes);
  };
  /** State of each key of a role, in the order in which they came. */
  const ofRole = async (role: string) => (await states()).filter((key) => key.role === role).map(({ state }) => state);
  /** What an auditor finds wrong with the changes as a log carries them. */
  const faults = async (): Promise<string[]> => {
    const history = new KeyHistory();
    const said: string[] = [];
    for (const { event } of await pendingKeyEvents(bench.db, 'a-cluster')) {
      const fault = await history.add(event, verifyByNode);
      if (fault) said.push(fault.problem);
    }
    return said;
  };

  test('the first start makes a key for each role, in files of mode 0400, and both sign at once', async () => {
    const directory = join(bench.folder(), 'keys');
    const keys = await bench.open({ directory });
    expect(keys.problem).toBe('');
    expect(readdirSync(directory)).toEqual([
      expect.stringMatching(/^checkpoint-20260302T120000-/),
      expect.stringMatching(/^receipt-/),
    ]);
    for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o400);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    const { privateKey, publicKey, kid } = keys.active('receipt') as ActiveKey;
    const signature = sign(null, Buffer.from('x'), privateKey);
    expect(await verifyByNode(publicKey, Buffer.from('x'), signature)).toBe(true);
    expect(kid).not.toBe(keys.active('checkpoint')?.kid);
    expect(await faults()).toEqual([]);
  });

  test('a restart finds the keys again and makes no others', async () => {
    const directory = bench.folder();
    const first = await bench.open({ directory });
    const second = await bench.open({ directory, now: () => NOON + HOUR_MS });
    expect(second.active('receipt')?.kid).toBe(first.active('receipt')?.kid);
    expect((await states()).length).toBe(2);
  });

  test('a rotation introduces a key at once, which signs a day later; the old one retires and its file goes', async () => {
    const directory = bench.folder();
    let now = NOON;
    const keys = await bench.open({ directory, now: () => now });
    const old = keys.active('receipt')?.kid;
    await keys.rotate('receipt', 'yearly', BY_CONSOLE);
    expect(await ofRole('receipt')).toEqual(['active', 'pending']);
    expect(keys.active('receipt')?.kid).toBe(old);
    now += 24 * HOUR_MS - 1;
    await keys.refresh();
    expect(keys.active('receipt')?.kid).toBe(old);
    now += 1;
    await keys.refresh();
    expect(await ofRole('receipt')).toEqual(['active', 'active']);
    expect(keys.active('receipt')?.kid).not.toBe(old);
    now += 600_000;
    await keys.refresh();
    expect(await ofRole('receipt')).toEqual(['retired', 'active']);
    expect(readdirSync(directory).filter((name) => name.startsWith('receipt-'))).toHaveLength(1);
    expect(await ofRole('checkpoint')).toEqual(['active']);
  });

  test('every change of a rotation is signed by the old key and the new one', async () => {
    let now = NOON;
    const keys = await bench.open({ directory: bench.folder(), now: () => now });
    await keys.rotate('checkpoint', 'for the test', BY_CONSOLE);
    now += 25 * HOUR_MS;
    await keys.refresh();
    now += HOUR_MS;
    await keys.refresh();
    const { changes } = await readKeyRecords(bench.db);
    const [first, second] = [...new Set(changes.filter(({ signed }) => signed.role === 'checkpoint').map(({ kid }) => kid))];
    const signed = changes
      .filter((change) => change.signed.role === 'checkpoint')
      .map(({ event, kid, signed: { signatures } }) => [event, kid === first ? 1 : 2, signatures.map(({ kid: by }) => by)]);
    expect(signed).toEqual([
      ['introduced', 1, [first]],
      ['activated', 1, [first]],
      ['introduced', 2, [second, first]],
      ['activated', 2, [second, first]],
      ['retired', 1, [second, first]],
    ]);
    const history = new KeyHistory();
    for (const { signed: event } of changes) expect(await history.add(event, verifyByNode)).toBeUndefined();
  });

  test('a second rotation of a role waits for the first', async () => {
    const directory = bench.folder();
    const keys = await bench.open({ directory });
    await keys.rotate('receipt', 'for the test', BY_CONSOLE);
    await expect(keys.rotate('receipt', 'once more', BY_CONSOLE)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/under way.*2026-03-03T12:00:00/) as string,
    });
    expect(readdirSync(directory)).toHaveLength(3);
  });

  test('a restart in the middle of a rotation goes on with it, wherever it was stopped', async () => {
    const directory = bench.folder();
    const first = await bench.open({ directory });
    // Stopped after the file was made, before it was introduced.
    writeKey(join(directory, 'receipt-20260302T130000-abcdefgh.pem'));
    first.close();
    const second = await bench.open({ directory, now: () => NOON + HOUR_MS });
    expect(await ofRole('receipt')).toEqual(['active', 'pending']);
    second.close();
    const third = await bench.open({ directory, now: () => NOON + 25 * HOUR_MS });
    expect(await ofRole('receipt')).toEqual(['active', 'active']);
    third.close();
    await bench.open({ directory, now: () => NOON + 26 * HOUR_MS });
    expect(await ofRole('receipt')).toEqual(['retired', 'active']);
    expect(await faults()).toEqual([]);
  });

  test('a file that is added beside the old one is a rotation; two consoles that see it make one of it', async () => {
    const folder = bench.folder();
    const [a, b, c] = [writeKey(join(folder, 'a')), writeKey(join(folder, 'b')), writeKey(join(folder, 'c'))];
    const one = await bench.open({ receiptKeyFile: a, checkpointKeyFile: c });
    expect(one.makesKeys).toBe(false);
    await Promise.all([
      bench.open({ receiptKeyFile: `${a}, ${b}`, checkpointKeyFile: c }),
      bench.open({ receiptKeyFile: `${a},${b}`, checkpointKeyFile: c }),
    ]);
    expect(await ofRole('receipt')).toEqual(['active', 'pending']);
    await expect(one.rotate('receipt', 'for the test', BY_CONSOLE)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('CAUSEWAY_RECEIPT_KEY_FILE') as string,
    });
  });

  test('a file replaced by another key signs nothing, and says what mends it; the old file beside it does', async () => {
    const folder = bench.folder();
    const [a, b, c] = [writeKey(join(folder, 'a')), writeKey(join(folder, 'b')), writeKey(join(folder, 'c'))];
    await bench.open({ receiptKeyFile: a, checkpointKeyFile: c });
    const replaced = await bench.open({ receiptKeyFile: b, checkpointKeyFile: c });
    expect(replaced.active('receipt')).toBeUndefined();
    expect(replaced.problem).toMatch(
      /^Receipts are not signed: key .+ is in force and its file \(a\) is not here.*name both, old,new/,
    );
    expect(replaced.active('checkpoint')).toBeDefined();
    expect(await ofRole('receipt')).toEqual(['active']);
    const mended = await bench.open({ receiptKeyFile: `${a},${b}`, checkpointKeyFile: c });
    expect(mended.problem).toBe('');
    expect(await ofRole('receipt')).toEqual(['active', 'pending']);
  });

  test('a key that is gone for good is given up by an admin: the file that is there takes over, and the log shows the break', async () => {
    const folder = bench.folder();
    const [a, b, c] = [writeKey(join(folder, 'a')), writeKey(join(folder, 'b')), writeKey(join(folder, 'c'))];
    const old = (await bench.open({ receiptKeyFile: a, checkpointKeyFile: c })).active('receipt')?.kid ?? '';
    const replaced = await bench.open({ receiptKeyFile: b, checkpointKeyFile: c });
    await replaced.compromise(old, NOON, 'the disk is gone', BY_CONSOLE);
    expect(replaced.active('receipt')?.kid).toBe(readKeyFile(b).kid);
    expect(await ofRole('receipt')).toEqual(['compromised', 'active']);
    const history = new KeyHistory();
    const { changes } = await readKeyRecords(bench.db);
    const wrong = await Promise.all(changes.map(({ signed }) => history.add(signed, verifyByNode)));
    expect(wrong.filter(Boolean).length).toBeGreaterThan(0);
  });

  test('a compromised key signs no more: another one takes over at once, and its file goes', async () => {
    const directory = bench.folder();
    const keys = await bench.open({ directory });
    const old = keys.active('receipt')?.kid ?? '';
    await keys.compromise(old, NOON - HOUR_MS, 'it was seen on a paste site', BY_CONSOLE);
    expect(keys.active('receipt')?.kid).not.toBe(old);
    expect(keys.active('receipt')).toBeDefined();
    expect(await ofRole('receipt')).toEqual(['compromised', 'active']);
    expect(readdirSync(directory).filter((name) => name.startsWith('receipt-'))).toHaveLength(1);
    const history = new KeyHistory();
    for (const { signed } of (await readKeyRecords(bench.db)).changes)
      expect(await history.add(signed, verifyByNode)).toBeUndefined();
    await expect(keys.compromise(old, NOON, 'said once more', BY_CONSOLE)).rejects.toMatchObject({ code: 'conflict' });
    await expect(keys.compromise('none', NOON, 'not there at all', BY_CONSOLE)).rejects.toMatchObject({ code: 'not-found' });
    await expect(keys.compromise(old, NOON + 1, 'in the future', BY_CONSOLE)).rejects.toMatchObject({ code: 'bad-input' });
  });

  test('a pending key takes over when the one in force is compromised', async () => {
    const keys = await bench.open({ directory: bench.folder() });
    const old = keys.active('receipt')?.kid ?? '';
    await keys.rotate('receipt', 'for the test', BY_CONSOLE);
    await keys.compromise(old, NOON, 'it was seen elsewhere', BY_CONSOLE);
    expect(await ofRole('receipt')).toEqual(['compromised', 'active']);
    expect(keys.active('receipt')).toBeDefined();
  });

  test('where files are put by others a compromised key has no successor until one is put there', async () => {
    const folder = bench.folder();
    const [a, b, c] = [writeKey(join(folder, 'a')), writeKey(join(folder, 'b')), writeKey(join(folder, 'c'))];
    const keys = await bench.open({ receiptKeyFile: a, checkpointKeyFile: c });
    await keys.compromise(keys.active('receipt')?.kid ?? '', NOON, 'it was seen elsewhere', BY_CONSOLE);
    expect(keys.active('receipt')).toBeUndefined();
    expect(keys.problem).toMatch(/signs no more: it is compromised/);
    const next = await bench.open({ receiptKeyFile: b, checkpointKeyFile: c });
    expect(next.active('receipt')).toBeDefined();
    expect(await faults()).toEqual([]);
  });

  test('with the clock set back to before a key was in force nothing is signed', async () => {
    const directory = bench.folder();
    let now = NOON;
    const keys = await bench.open({ directory, now: () => now });
    now -= HOUR_MS;
    await keys.refresh();
    expect(keys.active('receipt')).toBeUndefined();
    expect(keys.problem).toMatch(
      /by the clock of this machine it is 2026-03-02T11:00:00Z, before key .+ came into force at 2026-03-02T12:00:00Z/,
    );
    now += HOUR_MS;
    expect(keys.active('receipt')).toBeDefined();
  });

  test('each log carries every change once; one that begins later is told of the keys in force alone', async () => {
    let now = NOON;
    const keys = await bench.open({ directory: bench.folder(), now: () => now });
    const carry = async (cluster: string, seq: number): Promise<string[]> => {
      const due = await pendingKeyEvents(bench.db, cluster);
      await noteKeyEventsLogged(
        bench.db,
        cluster,
        seq,
        due.map(({ id }) => id),
      );
      return due.map(({ event: { role, event } }) => `${role} ${event}`);
    };
    expect(await carry('first', 0)).toEqual([
      'receipt introduced',
      'receipt activated',
      'checkpoint introduced',
      'checkpoint activated',
    ]);
    expect(await carry('first', 1)).toEqual([]);
    await keys.rotate('receipt', 'for the test', BY_CONSOLE);
    for (const wait of [25 * HOUR_MS, HOUR_MS]) {
      now += wait;
      await keys.refresh();
    }
    expect(await faults()).toEqual([]);
    expect((await carry('late', 0)).toSorted()).toEqual([
      'checkpoint activated',
      'checkpoint introduced',
      'receipt activated',
      'receipt introduced',
    ]);
    expect(await carry('late', 1)).toEqual([]);
    expect(await carry('first', 2)).toEqual(['receipt introduced', 'receipt activated', 'receipt retired']);
    const current = keys.active('receipt')?.kid ?? '';
    expect((await readIntroductions(bench.db, 'first')).get(current)).toBe(2);
    expect((await readIntroductions(bench.db, 'late')).get(current)).toBe(0);
    expect((await readIntroductions(bench.db, 'late')).size).toBe(2);
  });

  test('who has the keys of neither role says so, and goes on when the database comes back', async () => {
    const keys = await bench.open({});
    expect(keys.problem).toBe(
      'Receipts are not signed: there is no key; name its file in CAUSEWAY_RECEIPT_KEY_FILE. Heads of the logs are not signed: there is no key; name its file in CAUSEWAY_CHECKPOINT_KEY_FILE.',
    );
    let isAway = true;
    const db: TrafficDb = {
      ...bench.db,
      transaction: (work) => (isAway ? Promise.reject(new Error('away')) : bench.db.transaction(work)),
    };
    const later = await bench.open({ directory: bench.folder(), db });
    expect(later.problem).toMatch(/cannot be read: away/);
    isAway = false;
    await later.refresh();
    expect(later.problem).toBe('');
  });

  test('no private part is in the database, a log line, or what is shown of the keys', async () => {
    const directory = bench.folder();
    const keys = await bench.open({ directory });
    const seeds = readdirSync(directory).map((name) => {
      const { d = '' } = readKeyFile(join(directory, name)).privateKey.export({ format: 'jwk' });
      return d;
    });
    await keys.rotate('receipt', 'for the test', BY_CONSOLE);
    await keys.compromise(keys.active('checkpoint')?.kid ?? '', NOON, 'it was seen elsewhere', BY_CONSOLE);
    const tables = await bench.db.rows<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()`,
    );
    const dumps: string[] = [
      bench.logged.join(''),
      JSON.stringify(keys),
      inspect(keys, { depth: 9, showHidden: true }),
      keys.problem,
    ];
    for (const { name } of tables)
      dumps.push(JSON.stringify(await bench.db.rows(`SELECT row_to_json(t)::text AS row FROM "${name}" t`)));
    expect(dumps.join('')).toContain(keys.active('receipt')?.kid);
    expect(seeds).toHaveLength(2);
    for (const seed of seeds) {
      const forms = [
        seed,
        Buffer.from(seed, 'base64url').toString('base64').replace(/=+$/, ''),
        Buffer.from(seed, 'base64url').toString('hex'),
      ];
      for (const form of forms) for (const dump of dumps) expect(dump.includes(form)).toBe(false);
      for (const dump of dumps) expect(dump).not.toContain('PRIVATE KEY');
    }
  });

  test('each refused file says why and what mends it, and the other role signs on', async () => {
    const folder = bench.folder();
    const good = writeKey(join(folder, 'good'));
    const cases: [string, RegExp][] = [
      [writeKey(join(folder, 'open'), 0o644), /has mode 0644, so that others may read or change it; run: chmod 0400 .*open/],
      [writeKey(join(folder, 'writable'), 0o600), /has mode 0600.*chmod 0400/],
      [
        writeKey(join(folder, 'ed448'), 0o400, 'ed448'),
        /holds a key of ed448, not of Ed25519; run: openssl genpkey -algorithm ed25519/,
      ],
      [join(folder, 'nowhere'), /cannot be read: ENOENT/],
      [folder, /is no file/],
    ];
    writeFileSync(join(folder, 'text'), '-----BEGIN PRIVATE KEY-----\nc2VjcmV0IHRoaW5n\n-----END PRIVATE KEY-----\n', {
      mode: 0o400,
    });
    cases.push([join(folder, 'text'), /holds no private key that can be read/]);
    writeFileSync(join(folder, 'public'), '-----BEGIN PUBLIC KEY-----\n', { mode: 0o400 });
    cases.push([join(folder, 'public'), /holds no private key in PKCS#8 PEM/]);
    writeFileSync(join(folder, 'sec1'), '-----BEGIN ENCRYPTED PRIVATE KEY-----\n', { mode: 0o400 });
    cases.push([join(folder, 'sec1'), /is encrypted/]);
    for (const [path, says] of cases) {
      const keys = await bench.open({ receiptKeyFile: path, checkpointKeyFile: good });
      expect(keys.active('receipt')).toBeUndefined();
      expect(keys.problem).toMatch(says);
      expect(keys.problem).not.toContain('c2VjcmV0');
      expect(keys.active('checkpoint')).toBeDefined();
    }
  });

  test('the same key for both roles is refused for both, as a copy too', async () => {
    const folder = bench.folder();
    const a = writeKey(join(folder, 'a'));
    copyFileSync(a, join(folder, 'b'));
    symlinkSync(a, join(folder, 'link'));
    for (const other of ['b', 'link']) {
      const keys = await bench.open({ receiptKeyFile: a, checkpointKeyFile: join(folder, other) });
      expect(keys.active('receipt') ?? keys.active('checkpoint')).toBeUndefined();
      expect(keys.problem).toMatch(/must not share one.*must not share one/);
    }
    expect(await states()).toEqual([]);
  });

  test('a file of another user is refused, and the command that mends it is said', () => {
    const path = writeKey(join(bench.folder(), 'a'));
    const me = process.getuid?.() ?? 0;
    if (me === 0) chownSync(path, 4242, 4242);
    const other = vi.spyOn(process, 'getuid').mockReturnValue(me === 0 ? 0 : 4242);
    expect(() => readKeyFile(path)).toThrow(/belongs to user \d+, neither to this process nor to root; run: chown \d+ /);
    other.mockRestore();
  });

  test('a mounted link to a file is read, as a Secret of Kubernetes is', () => {
    const folder = bench.folder();
    mkdirSync(join(folder, '..data'));
    const path = writeKey(join(folder, '..data', 'key.pem'));
    symlinkSync(join('..data', 'key.pem'), join(folder, 'key.pem'));
    expect(readKeyFile(join(folder, 'key.pem')).kid).toBe(readKeyFile(path).kid);
  });
});
