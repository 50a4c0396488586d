import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { isLoopback } from '#lib/config/config.ts';
import { configOf } from '#lib/kubernetes/connection.ts';
import { readTlsMaterial } from '#lib/relay/credentials.ts';
import { checkRelay } from '#lib/usecases/check-relay.ts';
import { clusterOf, type DemoCluster, recordClusters } from './clusters.ts';
import { type DataDir, openDataDir } from './data-dir.ts';
import { type ObjectsOptions, objectsTarget } from './objects-options.ts';
import { checkPort } from './port.ts';
import type { RelayOptions } from './relay-options.ts';
import { type Part, type RunningPart, startPart } from './supervise.ts';

export interface UpOptions extends RelayOptions, ObjectsOptions {
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly databaseUrl?: string;
  /** In the demo clusters nothing goes wrong. */
  readonly calm?: boolean;
  /** Serve the pages with hot reload, for those who work on them. */
  readonly dev?: boolean;
}

/** Says things to the person at the terminal. */
type Say = (line: string) => void;

/**
 * `causeway up`: database, demo relays (unless a relay is given), ingest and web, each a process of its own, until Ctrl-C.
 * Everything that can be found wrong is found before the first part starts.
 */
export async function up(options: UpOptions, root: string, say: Say): Promise<void> {
  const oidc = Boolean(process.env['OIDC_ISSUER']);
  const loopback = isLoopback(options.host);
  if (!oidc && !loopback) {
    throw new CausewayError(
      'not-configured',
      `--host ${options.host} is reachable by others, so sign-in must be configured: set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET (demo users exist on loopback only)`,
    );
  }
  const relay = options.relay ? clusterOf({ ...options, relay: options.relay }).relay : undefined;
  if (relay) readTlsMaterial(relay);
  checkObjects(options);
  await checkPort(options.host, options.port);
  const data = openDataDir(options.data);
  if (!options.dev) buildWhenMissing(root, say);
  const supervisor = new Supervisor(data, process.argv[1] ?? join(root, 'bin/causeway.mjs'), say);
  const stopped = supervisor.untilSignal();
  try {
    const checked = relay && checkRelay(relay);
    await startAll(supervisor, options, data, oidc);
    const answer = await checked;
    announce(options, oidc, data, say, answer?.ok === false ? answer.detail : undefined);
    await stopped;
    say('Stopping ...');
  } finally {
    await supervisor.stop();
  }
}

/** Throws for a place of objects that cannot be used; an API server that does not answer may come later. */
function checkObjects(options: UpOptions): void {
  const target = objectsTarget(options);
  if (!target) return;
  if (!options.relay)
    throw new CausewayError(
      'bad-input',
      '--kubeconfig and --objects belong to the cluster of --relay; the demo clusters have their own',
    );
  if (target.from === 'kubernetes') configOf(target);
  else if (!statSync(target.path, { throwIfNoEntry: false })?.isDirectory())
    throw new CausewayError('bad-input', `--objects ${options.objects}: there is no such folder`);
}

async function startAll(supervisor: Supervisor, options: UpOptions, data: DataDir, oidc: boolean): Promise<void> {
  const databaseUrl = options.databaseUrl ?? data.embeddedUrl;
  const shared = {
    DATABASE_URL: databaseUrl,
    // The embedded database is one backend: a short queue at each client is better than a long one before it.
    DATABASE_POOL: options.databaseUrl ? '10' : '4',
    INGEST_URL: data.ingestUrl,
    INGEST_TOKEN: data.ingestToken,
    NEXTAUTH_SECRET: data.sessionSecret,
    CAUSEWAY_DEMO: oidc ? '0' : '1',
    CAUSEWAY_KEY_DIRECTORY: process.env['CAUSEWAY_KEY_DIRECTORY'] ?? join(data.path, 'keys'),
  };
  if (options.databaseUrl) await supervisor.once('db', ['db', 'migrate', '--database-url', options.databaseUrl]);
  else await supervisor.start({ name: 'db', args: ['db', 'serve', '--data', data.path], env: {}, readyWithinMs: 60_000 });
  const demo = options.relay
    ? undefined
    : await supervisor.start({
        name: 'demo',
        args: ['demo', '--objects', join(data.path, 'demo'), ...(options.calm ? ['--calm'] : [])],
        env: {},
        readyWithinMs: 30_000,
      });
  await recordClusters(data, databaseUrl, (demo?.said['clusters'] ?? []) as DemoCluster[], options);
  await supervisor.start({ name: 'ingest', args: ['ingest', '--listen', data.ingestUrl], env: shared, readyWithinMs: 60_000 });
  await supervisor.start({
    name: 'web',
    args: ['web', '--host', options.host, '--port', String(options.port), ...(options.dev ? ['--dev'] : [])],
    env: shared,
    readyWithinMs: 60_000,
  });
}

/** Keeps the parts running: one that ends unexpectedly is started again, with a growing pause; one that keeps ending ends the console. */
class Supervisor {
  readonly #data: DataDir;
  readonly #entry: string;
  readonly #say: Say;
  readonly #running: RunningPart[] = [];
  #stopping = false;
  #wake: () => void = () => {};
  #failure: Error | undefined;

  constructor(data: DataDir, entry: string, say: Say) {
    this.#data = data;
    this.#entry = entry;
    this.#say = say;
  }

  /** Resolves at the first Ctrl-C or SIGTERM; rejects when a part could not be kept running. */
  untilSignal(): Promise<void> {
    const waiting = new Promise<void>((resolve) => {
      this.#wake = resolve;
    }).then(() => {
      if (this.#failure) throw this.#failure;
    });
    process.once('SIGINT', () => this.#wake());
    process.once('SIGTERM', () => this.#wake());
    waiting.catch(() => {}); // reported by whoever awaits it
    return waiting;
  }

  async start(part: Part): Promise<RunningPart> {
    const running = await startPart(part, this.#data.logs, this.#entry);
    this.#running.push(running);
    void this.#keep(part, running);
    return running;
  }

  /** Runs a part that ends by itself. */
  async once(name: Part['name'], args: readonly string[]): Promise<void> {
    const running = await startPart({ name, args, env: {}, readyWithinMs: 120_000 }, this.#data.logs, this.#entry);
    const code = await running.exited;
    if (code !== 0) throw new CausewayError('not-configured', `${name} ended with ${code}; see ${this.#data.logs}`);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    // Last started first stopped: the web lets go before what it reads from, the database is the last.
    for (const part of this.#running.toReversed()) await part.stop();
  }

  async #keep(part: Part, first: RunningPart): Promise<void> {
    let current = first;
    for (let attempt = 1; ; attempt += 1) {
      const began = Date.now();
      const code = await current.exited;
      if (this.#stopping) return;
      if (Date.now() - began > 60_000) attempt = 1;
      if (attempt > 5)
        return this.#giveUp(new CausewayError('not-configured', `${part.name} keeps ending (${code}); see ${this.#data.logs}`));
      this.#say(`${part.name} ended with ${code}; starting it again (log: ${join(this.#data.logs, `${part.name}.log.1`)})`);
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
      if (this.#stopping) return;
      try {
        current = await startPart(part, this.#data.logs, this.#entry);
        this.#running[this.#running.findIndex(({ name }) => name === part.name)] = current;
      } catch (error) {
        // It ended before it was ready: that counts as one more ending.
        this.#say(messageOf(error));
        current = { ...current, exited: Promise.resolve('an error at its start') };
      }
    }
  }

  #giveUp(error: Error): void {
    this.#failure = error;
    this.#wake();
  }
}

/** `trouble`: why the relay does not answer. It is no reason to end: it may come later, and the pages say the same. */
function announce(options: UpOptions, oidc: boolean, data: DataDir, say: Say, trouble: string | undefined): void {
  say('');
  say(`  Causeway is ready:  ${baseUrl(options)}`);
  say(
    oidc
      ? `  Sign in with:       ${process.env['OIDC_ISSUER']}`
      : '  Sign in as:         one of the demo users, there is one for every role; no password on this machine',
  );
  say(
    `  Traffic from:       ${options.relay ? `the relay at ${options.relay}` : 'the demo clusters aegis-production, aegis-test and aegis-dev'}`,
  );
  if (trouble !== undefined) say(`  NOT THERE YET:      ${trouble} It is tried again and again.`);
  say(`  Objects from:       ${objectsFrom(options)}`);
  say(`  Data and logs:      ${data.path}`);
  say('  Stop with Ctrl-C.');
  say('');
}

function objectsFrom(options: UpOptions): string {
  if (!options.relay) return 'the demo clusters’ own Kubernetes objects';
  if (options.objects !== undefined) return `the folder ${options.objects}`;
  if (options.kubeconfig !== undefined) return `the API server of ${options.kubeconfig}`;
  return 'nowhere yet: add --kubeconfig FILE or --objects DIR, or upload them on the page Policies';
}

const baseUrl = ({ host, port }: { host: string; port: number }) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** In a checkout the web is built when its sources are not those of the last build; an installation ships it built. */
function buildWhenMissing(root: string, say: Say): void {
  const standalone = join(root, '.next/standalone');
  if (!existsSync(join(root, 'app'))) {
    if (!existsSync(join(standalone, 'server.js')))
      throw new CausewayError('not-configured', `the web build is missing below ${root}`);
    return;
  }
  const hash = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { sourceHash } from ${JSON.stringify(pathToFileURL(join(root, 'scripts/source-hash.mjs')).href)}; console.log(sourceHash(${JSON.stringify(root)}))`,
    ],
    { encoding: 'utf8' },
  ).stdout.trim();
  const stamp = join(standalone, 'causeway-build.json');
  if (existsSync(stamp) && (JSON.parse(readFileSync(stamp, 'utf8')) as { sources?: string }).sources === hash) return;
  say('Building the web console (once; about a minute) ...');
  const { status } = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CAUSEWAY_QUIET_BUILD: '1' },
  });
  if (status !== 0) throw new CausewayError('not-configured', 'the web build failed; run `npm run build` to see why');
}
