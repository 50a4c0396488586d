import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const DOCKERFILE = 'Dockerfile';

/** Paths below the project that the image takes over from its build, as the Dockerfile names them. */
export const imagePaths = (): string[] =>
  [...readFileSync(DOCKERFILE, 'utf8').matchAll(/^COPY --from=build \/src\/(\S+) \.\/(\S+)$/gm)].map(([, from, to]) => {
    if (from !== to) throw new Error(`${from} is copied to another place, ${to}`);
    return from ?? '';
  });

/** Why nothing can be installed here; undefined when it can. With CI=true that is an error, not a reason to skip. */
export function buildMissing(): string | undefined {
  if (existsSync('.next/standalone/server.js')) return undefined;
  const reason = 'there is no production build (npm run build)';
  if (process.env['CI'] === 'true') throw new Error(`tests of the built console cannot run: ${reason}`);
  console.log(`skipped: tests of the built console: ${reason}`);
  return reason;
}

/** The console as the image has it: the files that the Dockerfile copies and no others, each a read-only copy; packages by a link. */
export interface Installed {
  readonly root: string;
  /** Runs `causeway ARGS` in an empty folder with a bare environment. */
  run(args: readonly string[], options?: RunOptions): Program;
  remove(): void;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
}

export interface Program {
  readonly child: ChildProcess;
  /** Standard output and error so far. */
  readonly output: () => string;
  /** Resolves when it has printed `text`; rejects when it ends before. */
  says(text: string, timeoutMs?: number): Promise<void>;
  /** Its exit code. */
  readonly exited: Promise<number | null>;
  /** Ends it as Ctrl-C does, and waits. */
  stop(): Promise<number | null>;
}

export function installed(): Installed {
  const root = mkdtempSync(join(tmpdir(), 'cw-installed-'));
  const empty = mkdtempSync(join(tmpdir(), 'cw-empty-'));
  for (const path of imagePaths()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (path === 'node_modules') symlinkSync(join(process.cwd(), path), join(root, path));
    else cpSync(path, join(root, path), { recursive: true, dereference: false, verbatimSymlinks: true });
  }
  return {
    root,
    run: (args, { env = {} } = {}) => {
      const { PATH = '' } = process.env;
      const child = spawn(process.execPath, [join(root, 'bin/causeway.mjs'), ...args], {
        cwd: empty,
        env: { PATH, HOME: empty, NODE_ENV: 'production', CAUSEWAY_ROOT: root, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return programOf(child);
    },
    remove() {
      for (const dir of [root, empty]) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A started program whose output is kept. */
export function programOf(child: ChildProcess): Program {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return {
    child,
    output: () => text,
    exited,
    says: (wanted, timeoutMs = 120_000) =>
      new Promise((resolve, reject) => {
        const fail = (why: string) => reject(new Error(`${why} before it said "${wanted}":\n${text}`));
        const late = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
        const look = () => {
          if (!text.includes(wanted)) return;
          clearTimeout(late);
          resolve();
        };
        child.stdout?.on('data', look);
        child.stderr?.on('data', look);
        void exited.then((code) => {
          clearTimeout(late);
          fail(`it ended with ${code}`);
        });
        look();
      }),
    async stop() {
      child.kill('SIGINT');
      return exited;
    },
  };
}

/** A loopback port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}
