import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BY_CONSOLE } from '#lib/audit-log/event.ts';
import { appendAudit } from '#lib/db/audit-log/append.ts';
import { openDatabase } from '#lib/db/client.ts';
import { openEmbedded } from '#lib/db/embedded.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { programOf } from '#lib/testing/installed.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cw-audit-'));
const data = join(scratch, 'data');
const file = join(scratch, 'log.jsonl');
let database: Awaited<ReturnType<typeof openEmbedded>>;
let db: ReturnType<typeof openDatabase>;

beforeAll(async () => {
  database = await openEmbedded(data);
  await migrate(database.url, readMigrations('prisma/migrations'));
  db = openDatabase(database.url, 1);
  for (const id of ['r1', '=r2\u202e', 'r3']) {
    await appendAudit(db, {
      ...BY_CONSOLE,
      action: 'gate.approve',
      object: { type: 'gate-request', id },
      outcome: 'ok',
      cluster: 'prd',
    });
  }
});
afterAll(async () => {
  await db.$disconnect();
  await database.close();
  rmSync(scratch, { recursive: true, force: true });
});

async function run(...args: string[]) {
  const { PATH = '' } = process.env;
  const program = programOf(
    spawn(process.execPath, ['bin/causeway.mjs', 'audit', ...args], {
      env: { PATH, HOME: scratch, NODE_ENV: 'production', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  const code = await program.exited;
  return { code, lines: program.output().trimEnd().split('\n') };
}

describe('causeway audit', () => {
  test('verifies the log of a console that runs, and says where it ends', async () => {
    const { code, lines } = await run('verify', '--data', data);
    expect(lines[0]).toBe('the audit log is what was written: 3 events, each follows the one before');
    expect(lines[1]).toMatch(/^head 3:[0-9a-f]{64}$/);
    expect(code).toBe(0);
    const head = lines[1]?.slice('head '.length) ?? '';
    expect((await run('verify', '--data', data, '--head', head)).lines[0]).toContain('row 3 is the one that was noted');
    const other = await run('verify', '--data', data, '--head', `2:${'0'.repeat(64)}`, '--json');
    expect([other.code, JSON.parse(other.lines[0] ?? '')]).toMatchObject([1, { ok: false, broken: [{ seq: 2 }] }]);
  });

  test('exports it, and the file verifies by itself until a byte of it is changed or a line is gone', async () => {
    const { code, lines } = await run('export', '--data', data);
    expect(code).toBe(0);
    writeFileSync(file, `${lines.join('\n')}\n`);
    expect((await run('verify', '--file', file)).code).toBe(0);

    writeFileSync(file, `${lines.join('\n').replace('r1', 'r9')}\n`);
    const changed = await run('verify', '--file', file);
    expect(changed.code).toBe(1);
    expect(changed.lines[1]).toMatch(/^ {2}row 1: its hash does not fit/);

    writeFileSync(file, `${lines.toSpliced(1, 1).join('\n')}\n`);
    expect((await run('verify', '--file', file)).lines[1]).toBe('  row 2: row 2 is missing');

    writeFileSync(file, `${readFileSync(file, 'utf8')}{"not": "a row"}\n`);
    const unreadable = await run('verify', '--file', file);
    expect(unreadable).toMatchObject({
      code: 2,
      lines: [expect.stringMatching(/, line \d+: not a row of an exported audit log$/)],
    });
  });

  test('exports CSV, filtered, in which nothing runs', async () => {
    const { lines } = await run('export', '--data', data, '--format', 'csv', '--action', 'gate.approve');
    expect(lines).toHaveLength(4);
    expect(lines[2]).toContain("'=r2\\u{202e}");
  });

  test.each([
    { args: ['verify', '--file', '/nowhere'], code: 2, says: 'cannot be read' },
    { args: ['verify', '--head', 'x'], code: 1, says: 'SEQ:HASH' },
    { args: [], code: 1, says: "required option '--flows' not specified" },
    { args: ['--flows', 'x'], code: 1, says: "required option '--objects' not specified" },
  ])('$args ends with $code and says $says', async ({ args, code, says }) => {
    const result = await run(...args);
    expect(result.code).toBe(code);
    expect(result.lines.join('\n')).toContain(says);
  });
});
