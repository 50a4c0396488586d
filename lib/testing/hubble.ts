import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { PEERS_CACHE } from './peers-cache.ts';

/** The real hubble-relay before emulated agents whose observer is Cilium's own code; see `../shared/peers/README.md`. */
export interface Hubble {
  /** HOST:PORT of the relay. */
  readonly relay: string;
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string; readonly serverName: string } | null;
  readonly pids: { readonly agents: number; readonly relay: number };
  /** Path of the real client. */
  readonly client: string;
  /** Runs the real client and gives its standard output. */
  observe(...args: string[]): Promise<string>;
  /** Asks the agents' control interface, e.g. `rate?n=0`, `down?node=ip-10-20-2-11`. */
  control(request: string): Promise<string>;
  /** Kills the relay (as the kubelet would at the end) and starts the same one again at the same port. */
  killRelay(): Promise<() => Promise<void>>;
  stop(): void;
}

export interface HubbleOptions {
  /** Flows per second over all nodes; -1 as fast as it goes. */
  readonly rate?: number;
  readonly nodes?: number;
  readonly engine?: 'real' | 'blast';
  readonly mtls?: boolean;
  /** A recording to put into the agents' rings. */
  readonly replay?: string;
  readonly seed?: number;
}

const peers = resolve('../shared/peers/hubble');
const out = join(PEERS_CACHE, 'hubble');
const binaries = ['hubble', 'hubble-relay', 'fakepeer'].map((name) => join(out, 'bin', name));

/** Why the real relay cannot be used here; undefined when it can. With CI=true that is an error, not a reason to skip. */
export function hubbleMissing(): string | undefined {
  const reason = !existsSync(join(peers, 'up.sh'))
    ? 'the folder ../shared/peers is not here'
    : binaries.every((path) => existsSync(path))
      ? undefined
      : 'the peers are not built: run `node scripts/peers.mjs` (needs Go)';
  if (!reason) return undefined;
  if (process.env['CI'] === 'true') throw new Error(`tests against the real hubble-relay cannot run: ${reason}`);
  console.log(`skipped: tests against the real hubble-relay: ${reason}`);
  return reason;
}

const run = promisify(execFile);

/** Starts relay and agents; stop them with `stop`. */
export async function startHubble(options: HubbleOptions = {}): Promise<Hubble> {
  const state = mkdtempSync(join(tmpdir(), 'hub-'));
  rmSync(state, { recursive: true });
  const env = {
    ...process.env,
    FORCE_COLOR: '0', // a test runner may ask for colours; the scripts read each other's output
    RATE: String(options.rate ?? 200),
    NODES: String(options.nodes ?? 4),
    ENGINE: options.engine ?? 'real',
    ...(options.mtls ? { MTLS: '1' } : {}),
    ...(options.replay ? { REPLAY: resolve(options.replay) } : {}),
    ...(options.seed === undefined ? {} : { SEED: String(options.seed) }),
  };
  // The agents keep the pipes open: take the line it prints from its file, not from a pipe that never ends.
  await run(
    'bash',
    ['-c', `bash "${join(peers, 'up.sh')}" "${out}" "${state}" > "${state}.json" 2> "${state}.log" < /dev/null`],
    { env },
  );
  const line = execFileSync('cat', [`${state}.json`], { encoding: 'utf8' });
  const peer = JSON.parse(line) as Pick<Hubble, 'relay' | 'tls' | 'pids'> & { control: string; hubble: string };
  const server = peer.tls
    ? [
        '--server',
        `tls://${peer.relay}`,
        '--tls-ca-cert-files',
        peer.tls.ca,
        '--tls-client-cert-file',
        peer.tls.cert,
        '--tls-client-key-file',
        peer.tls.key,
        '--tls-server-name',
        peer.tls.serverName,
      ]
    : ['--server', peer.relay];
  let relayPid = peer.pids.relay;
  return {
    relay: peer.relay,
    tls: peer.tls,
    pids: peer.pids,
    client: peer.hubble,
    observe: async (...args) => (await run(peer.hubble, ['observe', ...server, ...args], { maxBuffer: 1 << 30 })).stdout,
    control: async (request) =>
      (await fetch(`${peer.control}/${request}`, { method: /^(stats|nodes)/.test(request) ? 'GET' : 'POST' })).text(),
    async killRelay() {
      const command = execFileSync('cat', [`/proc/${relayPid}/cmdline`], { encoding: 'utf8' })
        .split('\0')
        .filter(Boolean);
      process.kill(relayPid, 'SIGKILL');
      return async () => {
        const quoted = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
        const { stdout } = await run('bash', ['-c', `${quoted} >> "${state}/relay.log" 2>&1 < /dev/null & echo $!`]);
        relayPid = Number(stdout.trim());
      };
    },
    stop() {
      if (relayPid !== peer.pids.relay) {
        try {
          process.kill(relayPid, 'SIGKILL');
        } catch {
          // it is gone already
        }
      }
      execFileSync('bash', [join(peers, 'down.sh'), out, state], { stdio: 'ignore', timeout: 60_000 });
      for (const rest of [`${state}.json`, `${state}.log`]) rmSync(rest, { force: true });
    },
  };
}
