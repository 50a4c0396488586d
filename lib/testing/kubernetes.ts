import { execFile, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { PEERS_CACHE } from './peers-cache.ts';
import { until } from './postgres.ts';

/** A real etcd and kube-apiserver with RBAC and Cilium's definitions, and no controllers; see `../shared/peers/README.md`. */
export interface Kubernetes {
  readonly server: string;
  /** Paths of kubeconfigs: all rights; the console's own (`causeway:readers`); two namespaces only. */
  readonly admin: string;
  readonly reader: string;
  readonly limited: string;
  /** Runs the real kubectl with all rights; `input` goes to its standard input. Gives its standard output. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Loads the small invented world; `scale`: 500 nodes, 10,000 pods and 2,000 policies more (minutes). */
  seed(...args: readonly string[]): Promise<void>;
  /** Loads the cluster that the recorded flows speak of; the hubble peer must be built too. */
  seedRecordedWorld(): Promise<void>;
  /** Requests in the audit log by `user`: verb and resource of each, once. */
  requestsOf(user: string): { readonly verb: string; readonly resource: string }[];
  /** Kills the API server; the function that is returned starts the same one again at the same port. */
  killServer(): Promise<() => Promise<void>>;
  stop(): void;
}

const peers = resolve('../shared/peers');
const out = join(PEERS_CACHE, 'k8s');
const binaries = ['etcd', 'kube-apiserver', 'kubectl', 'cilium-crds'].map((name) => join(out, 'bin', name));

/** Why a real API server cannot be used here; undefined when it can. With CI=true that is an error, not a reason to skip. */
export function kubernetesMissing(): string | undefined {
  const reason = !existsSync(join(peers, 'k8s/up.sh'))
    ? 'the folder ../shared/peers is not here'
    : binaries.every((path) => existsSync(path))
      ? undefined
      : 'the peers are not built: run `node scripts/peers.mjs` (needs Go)';
  if (!reason) return undefined;
  if (process.env['CI'] === 'true') throw new Error(`tests against a real kube-apiserver cannot run: ${reason}`);
  console.log(`skipped: tests against a real kube-apiserver: ${reason}`);
  return reason;
}

const run = promisify(execFile);
/** A process that has ended and was not yet asked for has no command line any more. */
const isRunning = (pid: number): boolean => existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';

/** Starts etcd and the API server; stop them with `stop`. `crds: false`: a cluster without Cilium. */
export async function startKubernetes({ crds = true }: { readonly crds?: boolean } = {}): Promise<Kubernetes> {
  const state = mkdtempSync(join(tmpdir(), 'k8s-'));
  rmSync(state, { recursive: true });
  const env = { ...process.env, FORCE_COLOR: '0', CRDS: crds ? '1' : '0' };
  // The servers keep the pipes open: take the line it prints from its file, not from a pipe that never ends.
  await run(
    'bash',
    ['-c', `bash "${join(peers, 'k8s/up.sh')}" "${out}" "${state}" > "${state}.json" 2> "${state}.log" < /dev/null`],
    { env },
  );
  const peer = JSON.parse(readFileSync(`${state}.json`, 'utf8')) as {
    readonly pids: { readonly etcd: number; readonly apiserver: number };
    readonly server: string;
    readonly kubeconfig: string;
    readonly reader: string;
    readonly limited: string;
    readonly audit: string;
  };
  let serverPid = peer.pids.apiserver;
  const kubectl = (args: readonly string[], input?: string): Promise<string> =>
    new Promise((done, failed) => {
      const child = execFile(
        join(out, 'bin/kubectl'),
        ['--kubeconfig', peer.kubeconfig, ...args],
        { maxBuffer: 1 << 30 },
        (error, stdout, stderr) => (error ? failed(new Error(`kubectl ${args.join(' ')}: ${stderr}`)) : done(stdout)),
      );
      child.stdin?.end(input ?? '');
    });
  const seed = async (script: string, ...args: readonly string[]): Promise<void> => {
    await run(process.execPath, [join(peers, 'k8s', script), '--kubeconfig', peer.kubeconfig, ...args], { env });
  };
  return {
    server: peer.server,
    admin: peer.kubeconfig,
    reader: peer.reader,
    limited: peer.limited,
    kubectl,
    seed: (...args) => seed('seed.mjs', ...args),
    async seedRecordedWorld() {
      const tables = `${state}.tables`;
      const fakepeer = join(PEERS_CACHE, 'hubble/bin/fakepeer');
      await run('bash', ['-c', `"${fakepeer}" world > "${tables}"`]);
      await seed('seed-hubble.mjs', '--tables', tables);
      rmSync(tables);
    },
    requestsOf(user) {
      const seen = new Map<string, { verb: string; resource: string }>();
      for (const line of readFileSync(peer.audit, 'utf8').split('\n').filter(Boolean)) {
        const event = JSON.parse(line) as {
          readonly user: { readonly username: string };
          readonly verb: string;
          readonly objectRef?: { readonly resource?: string; readonly apiGroup?: string };
        };
        if (event.user.username !== user) continue;
        const { resource = '', apiGroup } = event.objectRef ?? {};
        const request = { verb: event.verb, resource: apiGroup ? `${resource}.${apiGroup}` : resource };
        seen.set(JSON.stringify(request), request);
      }
      return [...seen.values()];
    },
    async killServer() {
      const command = execFileSync('cat', [`/proc/${serverPid}/cmdline`], { encoding: 'utf8' })
        .split('\0')
        .filter(Boolean);
      process.kill(serverPid, 'SIGKILL');
      await until(() => !isRunning(serverPid), 'the API server to be gone');
      return async () => {
        const log = openSync(`${state}/apiserver.log`, 'a');
        const [program = '', ...args] = command;
        const child = spawn(program, args, { stdio: ['ignore', log, log], detached: true });
        closeSync(log);
        child.unref();
        serverPid = child.pid ?? 0;
        await until(
          () =>
            kubectl(['get', '--raw', '/readyz']).then(
              () => true,
              () => false,
            ),
          'the API server to answer again',
          60_000,
        );
      };
    },
    stop() {
      if (serverPid !== peer.pids.apiserver && isRunning(serverPid)) process.kill(serverPid, 'SIGKILL');
      execFileSync('bash', [join(peers, 'k8s/down.sh'), out, state], { stdio: 'ignore', timeout: 60_000 });
      for (const rest of [`${state}.json`, `${state}.log`]) rmSync(rest, { force: true });
    },
  };
}
