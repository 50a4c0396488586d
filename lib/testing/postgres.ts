import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

/** A throwaway PostgreSQL server of Debian's package, on a Unix socket in a folder of its own. */
export interface TestPostgres {
  readonly url: string;
  /** Stops it as an operator would (fast shutdown) and starts it again on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  /** `mostFileKb`: no file may grow larger until the next start, as if there were no room. */
  start(limits?: { readonly mostFileKb?: number }): Promise<void>;
  /** Ends it as kill -9 of its first process does; its other processes notice and go. */
  kill(): Promise<void>;
  /** Stops it and deletes its data. */
  close(): Promise<void>;
}

const ROOT = '/usr/lib/postgresql';

/** Folder of the newest PostgreSQL's programs, or undefined where none is installed. With `CI=true` none is an error: nothing is skipped there unsaid. */
export function postgresPrograms(): string | undefined {
  const versions = existsSync(ROOT) ? readdirSync(ROOT).filter((name) => existsSync(join(ROOT, name, 'bin', 'initdb'))) : [];
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  if (newest) return join(ROOT, newest, 'bin');
  const sentence = `no PostgreSQL below ${ROOT} (Debian's package postgresql)`;
  if (process.env['CI'] === 'true') throw new Error(sentence);
  console.warn(`skipped: tests against a real PostgreSQL: ${sentence}`);
  return undefined;
}

/** Starts a server with an empty database `causeway`. It refuses to run as root, so root starts it as the user `postgres`. */
export async function startPostgres({ walSegmentMb = 16 }: { readonly walSegmentMb?: number } = {}): Promise<TestPostgres> {
  const programs = postgresPrograms();
  if (!programs) throw new Error('no PostgreSQL installed');
  const dir = mkdtempSync(join(tmpdir(), 'cwpg-'));
  const data = join(dir, 'data');
  const asRoot = userInfo().uid === 0;
  const command = (program: string, args: readonly string[]): [string, string[]] =>
    asRoot ? ['runuser', ['-u', 'postgres', '--', join(programs, program), ...args]] : [join(programs, program), [...args]];
  if (asRoot) execFileSync('chown', ['postgres', dir]);
  chmodSync(dir, 0o711);
  const run = (program: string, ...args: string[]): void => {
    execFileSync(...command(program, args), { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'], timeout: 60_000 });
  };
  run(
    'initdb',
    '-D',
    data,
    '-U',
    'causeway',
    '-A',
    'trust',
    '--no-sync',
    `--wal-segsize=${walSegmentMb}`,
    '-E',
    'UTF8',
    '--locale=C',
  );
  const url = (database: string): string => `postgresql://causeway@localhost/${database}?host=${encodeURIComponent(dir)}`;

  let child: ReturnType<typeof spawn> | undefined;
  const server: TestPostgres = {
    url: url('causeway'),
    async start({ mostFileKb } = {}) {
      const options = ['-D', data, '-k', dir, '-c', 'listen_addresses=', '-c', 'unix_socket_permissions=0777', '-c', 'fsync=off'];
      const [program, args] = command('postgres', options);
      const limited =
        mostFileKb === undefined ? [program, ...args] : ['prlimit', `--fsize=${mostFileKb * 1024}`, program, ...args];
      child = spawn(limited[0] as string, limited.slice(1), { cwd: dir, stdio: 'ignore' });
      await until(() => canConnect(url('postgres')), 'PostgreSQL to answer');
    },
    async stop() {
      run('pg_ctl', 'stop', '-D', data, '-m', 'fast', '-w');
      const { exitCode } = child ?? {};
      if (exitCode === null) await new Promise((resolve) => child?.once('exit', resolve));
    },
    async kill() {
      const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
      process.kill(pid, 'SIGKILL');
      await until(() => noneBelow(data), 'PostgreSQL to be gone');
      rmSync(join(data, 'postmaster.pid'), { force: true });
    },
    async restart() {
      await server.stop();
      await server.start();
    },
    async close() {
      await server.stop().catch(() => {});
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await server.start();
  run('createdb', '-h', dir, '-U', 'causeway', 'causeway');
  return server;
}

/** Whether no process works in a folder any more. */
function noneBelow(folder: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .every((pid) => {
      try {
        return readlinkSync(join('/proc', pid, 'cwd')) !== folder;
      } catch {
        return true; // it ended meanwhile
      }
    });
}

async function canConnect(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/** Waits until `condition` holds, looking often; fails with a sentence after `timeoutMs`. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, timeoutMs = 20_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await sleep(20);
  }
}
