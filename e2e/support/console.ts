import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A console started by its own command, with a data directory of its own. */
export interface RunningConsole {
  readonly url: string;
  readonly port: number;
  readonly data: string;
  readonly pid: number;
  /** What it printed so far. */
  output(): string;
  /** Log of a part (`db`, `demo`, `ingest`, `web`). */
  log(part: string): string;
  /** Ends it as Ctrl-C does; resolves to the exit code. */
  stop(options?: { readonly keepData?: boolean; readonly signal?: NodeJS.Signals }): Promise<number | null>;
}

export interface ConsoleOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly data?: string;
  readonly port?: number;
}

/** Starts `causeway up` on a free port and waits until it says that it is ready. */
export async function startConsole({ args = [], env = {}, data, port }: ConsoleOptions = {}): Promise<RunningConsole> {
  const dir = data ?? mkdtempSync(join(tmpdir(), 'cw-e2e-'));
  const at = port ?? (await freePort());
  const child = spawn(process.execPath, ['bin/causeway.mjs', 'up', '--port', String(at), '--data', dir, ...args], {
    cwd: root,
    env: { ...process.env, CAUSEWAY_RATE_LIMIT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await untilReady(child, () => output);
  return {
    url: `http://127.0.0.1:${at}`,
    port: at,
    data: dir,
    pid: child.pid ?? 0,
    output: () => output,
    log: (part) => readFileSync(join(dir, 'logs', `${part}.log`), 'utf8'),
    async stop({ keepData = false, signal = 'SIGINT' } = {}) {
      if (child.exitCode === null) {
        const exit = new Promise((resolve) => child.once('exit', resolve));
        child.kill(signal);
        await exit;
      }
      if (!keepData) rmSync(dir, { recursive: true, force: true });
      return child.exitCode;
    },
  };
}

function untilReady(child: ChildProcess, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the console was not ready after 240 s:\n${output()}`));
    }, 240_000);
    const look = setInterval(() => {
      if (!output().includes('Causeway is ready')) return;
      clearTimeout(late);
      clearInterval(look);
      resolve();
    }, 50);
    child.once('exit', (code) => {
      clearTimeout(late);
      clearInterval(look);
      reject(new Error(`the console ended with ${code}:\n${output()}`));
    });
  });
}

/** A loopback port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address && typeof address === 'object' ? address.port : 0));
    });
  });
}
