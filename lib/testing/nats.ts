import { execFile, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { PEERS_CACHE } from './peers-cache.ts';
import { until } from './postgres.ts';

/** Real nats-servers with JetStream; see `../shared/peers/README.md`. */
export interface Nats {
  /** `nats://host:port` of each server. */
  readonly servers: readonly string[];
  /** `user:password` of an account that may use JetStream. */
  readonly credentials: string;
  /** Name of each server, in the order of `servers`. */
  readonly names: readonly string[];
  /** Kills a server; the function that is returned starts it again at the same port, with what it had stored or, `emptied`, with nothing. */
  kill(server: number): Promise<(options?: { readonly emptied?: boolean }) => Promise<void>>;
  stop(): Promise<void>;
}

const peers = resolve('../shared/peers/nats');
const out = join(PEERS_CACHE, 'nats');
const binary = join(out, 'bin/nats-server');

/** Why a real server cannot be used here; undefined when it can. With CI=true that is an error, not a reason to skip. */
export function natsMissing(): string | undefined {
  const reason = !existsSync(join(peers, 'up.sh'))
    ? 'the folder ../shared/peers is not here'
    : existsSync(binary)
      ? undefined
      : 'the peers are not built: run `node scripts/peers.mjs` (needs Go)';
  if (!reason) return undefined;
  if (process.env['CI'] === 'true') throw new Error(`tests against a real nats-server cannot run: ${reason}`);
  console.log(`skipped: tests against a real nats-server: ${reason}`);
  return reason;
}

const run = promisify(execFile);
const isRunning = (pid: number): boolean => existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';

/** Starts one server, or a cluster of three. */
export async function startNats(nodes: 1 | 3 = 1): Promise<Nats> {
  const state = mkdtempSync(join(tmpdir(), 'nats-'));
  rmSync(state, { recursive: true });
  // The servers keep the pipes open: take the line it prints from its file, not from a pipe that never ends.
  await run(
    'bash',
    ['-c', `bash "${join(peers, 'up.sh')}" "${out}" "${state}" > "${state}.json" 2> "${state}.log" < /dev/null`],
    { env: { ...process.env, FORCE_COLOR: '0', NODES: String(nodes) } },
  );
  const peer = JSON.parse(readFileSync(`${state}.json`, 'utf8')) as {
    readonly pids: { readonly nats: number[] };
    readonly servers: string[];
    readonly monitor: string[];
    readonly configs: string[];
    readonly credentials: string;
  };
  const { user, pass } = JSON.parse(readFileSync(peer.credentials, 'utf8')) as { readonly user: string; readonly pass: string };
  const pids = [...peer.pids.nats];
  return {
    servers: peer.servers,
    credentials: `${user}:${pass}`,
    names: peer.servers.map((_, index) => `n${index}`),
    async kill(server) {
      const pid = pids[server] ?? 0;
      process.kill(pid, 'SIGKILL');
      await until(() => !isRunning(pid), 'the server to be gone');
      return async ({ emptied = false } = {}) => {
        if (emptied) rmSync(join(state, `js${server}`), { recursive: true, force: true });
        const log = openSync(`${state}/n${server}.log`, 'a');
        const child = spawn(binary, ['-c', peer.configs[server] ?? ''], { stdio: ['ignore', log, log], detached: true });
        closeSync(log);
        child.unref();
        pids[server] = child.pid ?? 0;
        const healthy = (): Promise<boolean> =>
          fetch(`${peer.monitor[server]}/healthz`).then(
            ({ ok }) => ok,
            () => false,
          );
        await until(healthy, 'the server to be well again', 60_000);
      };
    },
    async stop() {
      for (const pid of pids) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
      await until(() => !pids.some(isRunning), 'the servers to be gone');
      for (const rest of [state, `${state}.json`, `${state}.log`]) rmSync(rest, { recursive: true, force: true });
    },
  };
}

/** One server that speaks TLS only, asks for a client certificate of `ca`, and lets in who has `token`. */
export async function startTlsNats(files: {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly token: string;
}): Promise<{ readonly server: string; stop(): Promise<void> }> {
  const state = mkdtempSync(join(tmpdir(), 'nats-'));
  const port = await freePort();
  writeFileSync(
    join(state, 'nats.conf'),
    [
      `listen: 127.0.0.1:${port}`,
      `jetstream { store_dir: "${state}/js" }`,
      `authorization { token: "${files.token}" }`,
      `tls { cert_file: "${files.cert}", key_file: "${files.key}", ca_file: "${files.ca}", verify: true }`,
    ].join('\n'),
  );
  const log = openSync(join(state, 'nats.log'), 'a');
  const child = spawn(binary, ['-c', join(state, 'nats.conf')], { stdio: ['ignore', log, log] });
  closeSync(log);
  await until(() => readFileSync(join(state, 'nats.log'), 'utf8').includes('Server is ready'), 'the server to be ready');
  return {
    server: `tls://localhost:${port}`,
    async stop() {
      child.kill('SIGKILL');
      await until(() => child.signalCode !== null, 'the server to be gone');
      rmSync(state, { recursive: true, force: true });
    },
  };
}

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
