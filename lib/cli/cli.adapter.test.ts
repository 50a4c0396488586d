import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerCredentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '#lib/db/client.ts';
import { openEmbedded } from '#lib/db/embedded.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { certificateAuthority } from '#lib/testing/certificates.ts';
import { type Program, programOf } from '#lib/testing/installed.ts';
import { writeKey } from '#lib/testing/keys.ts';
import { scriptedRelay } from '#lib/testing/scripted-relay.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cw-cli-'));
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const stops: (() => unknown)[] = [];
const MIGRATIONS = readMigrations('prisma/migrations')
  .map(({ name }) => name)
  .join(', ');
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
  rmSync(scratch, { recursive: true, force: true });
});

/** The program as a person at a terminal gets it, with nothing in its environment but what is given. */
function causeway(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  const { PATH = '' } = process.env;
  return programOf(
    spawn(process.execPath, ['bin/causeway.mjs', ...args], {
      env: { PATH, HOME: scratch, NODE_ENV: 'production', NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

/** Runs it to its end: exit code, and what it printed as lines. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const program = causeway(args, env);
  const code = await program.exited;
  return { code, lines: program.output().trimEnd().split('\n') };
}

describe('help', () => {
  test('names every command, its version, and exits with 0', async () => {
    const { code, lines } = await run(['--help']);
    const text = lines.join('\n');
    expect(code).toBe(0);
    for (const command of ['up', 'web', 'ingest', 'import', 'token', 'db', 'doctor'])
      expect(text).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
    expect(text).not.toMatch(/^ {2}(demo|serve)\b/m);
    expect(await run(['--version'])).toEqual({ code: 0, lines: [version] });
  });

  test.each([
    [
      ['up', '--help'],
      [
        '--relay <host:port>',
        '--tls-ca <file>',
        '--database-url <url>',
        '(default: 3000)',
        '--data <dir>',
        '--kubeconfig <file>',
        '--objects <dir>',
      ],
    ],
    [
      ['import', 'flows', '--help'],
      ['--cluster <id>', '--name <text>', 'gzip'],
    ],
    [
      ['token', 'create', '--help'],
      ['--name <name>', '--role <role>', '--expires <days>', '"viewer", "operator"'],
    ],
    [
      ['doctor', '--help'],
      ['--json', '--relay <host:port>'],
    ],
    [
      ['ingest', '--help'],
      ['--listen <where>', '127.0.0.1:4250'],
    ],
  ])('%j tells its options', async (args, parts) => {
    const { code, lines } = await run(args);
    expect(code).toBe(0);
    for (const part of parts) expect(lines.join('\n')).toContain(part);
  });
});

describe('what is wrong is one clear line and exit code 1', () => {
  test.each<[string, readonly string[], RegExp]>([
    ['an unknown command', ['fly'], /^error: unknown command 'fly'/],
    ['a misspelt option', ['up', '--prot', '80'], /^error: unknown option '--prot'\n\(Did you mean --port\?\)/],
    ['a port that is none', ['up', '--port', '70000'], /a number from 1 to 65535/],
    [
      'an address that others reach, without sign-in',
      ['up', '--host', '0.0.0.0'],
      /^causeway: --host 0\.0\.0\.0 is reachable by others, .*OIDC_ISSUER/,
    ],
    [
      'an address that this machine has not',
      ['up', '--host', '203.0.113.7'],
      /^causeway: --host 203\.0\.113\.7 is reachable by others/,
    ],
    [
      'a relay address without a port',
      ['up', '--relay', 'relay.example'],
      /^causeway: --relay relay\.example: expected HOST:PORT$/,
    ],
    [
      'a certificate that is not there',
      ['up', '--relay', 'a:1', '--tls-ca', '/nowhere/ca.crt'],
      /^causeway: The CA certificate \/nowhere\/ca\.crt cannot be read: ENOENT/,
    ],
    [
      'a certificate without its key',
      ['up', '--relay', 'a:1', '--tls-cert', 'x.crt'],
      /^causeway: A client certificate needs both/,
    ],
    [
      'a kubeconfig without the relay it belongs to',
      ['up', '--kubeconfig', '/nowhere/config'],
      /^causeway: --kubeconfig and --objects belong to the cluster of --relay/,
    ],
    [
      'a kubeconfig that is not there',
      ['up', '--relay', 'a:1', '--kubeconfig', '/nowhere/config'],
      /^causeway: the kubeconfig \/nowhere\/config cannot be read: ENOENT/,
    ],
    [
      'two places of objects',
      ['up', '--relay', 'a:1', '--kubeconfig', 'x', '--objects', 'y'],
      /^causeway: --kubeconfig and --objects are two places for the same/,
    ],
    [
      'a folder of objects that is not there',
      ['up', '--relay', 'a:1', '--objects', '/nowhere'],
      /^causeway: --objects \/nowhere: there is no such folder$/,
    ],
    ['a context without its kubeconfig', ['up', '--relay', 'a:1', '--kube-context', 'x'], /go with --kubeconfig FILE$/],
    ['an ingest without its database', ['ingest'], /^causeway: DATABASE_URL is not set$/],
    [
      'a place to listen that is none',
      ['ingest', '--listen', 'here'],
      /^causeway: --listen here: expected unix:\/PATH or HOST:PORT$/,
    ],
    [
      'a role that is none',
      ['token', 'create', '--name', 'x', '--role', 'god'],
      /Allowed choices are viewer, operator, auditor, admin/,
    ],
    ['a token without a name', ['token', 'create', '--role', 'viewer'], /required option '--name <name>' not specified/],
    [
      'a database that is away',
      ['db', 'migrate', '--database-url', 'postgresql://x@127.0.0.1:1/x'],
      /^causeway: cannot reach the database: connect ECONNREFUSED 127\.0\.0\.1:1$/,
    ],
    [
      'a file that is not there',
      ['import', 'flows', '/nowhere.jsonl', '--cluster', 'x'],
      /^causeway: cannot read \/nowhere\.jsonl: ENOENT/,
    ],
  ])('%s', async (_what, args, expected) => {
    const { code, lines } = await run(args);
    expect(lines.join('\n')).toMatch(expected);
    expect(lines.length).toBeLessThanOrEqual(3);
    expect(code).toBe(1);
  });

  test('a port in use', async () => {
    const other = createTcpServer();
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    stops.push(() => other.close());
    const { port } = other.address() as AddressInfo;
    const { code, lines } = await run(['up', '--port', String(port), '--data', join(scratch, 'unused')]);
    expect({ code, lines }).toEqual({
      code: 1,
      lines: [`causeway: port ${port} on 127.0.0.1 is in use; stop what listens there or pass --port`],
    });
  });
});

describe('with a database', () => {
  const data = join(scratch, 'data');
  let url: string;

  beforeAll(async () => {
    const database = await openEmbedded(data);
    stops.push(() => database.close());
    url = database.url;
    await migrate(url, readMigrations('prisma/migrations'));
    const db = openDatabase(url, 1);
    await db.cluster.create({
      data: { id: 'prd', name: 'Production', environment: 'PRD', relay: { address: '127.0.0.1:1', tls: false } },
    });
    await db.$disconnect();
  });

  test('a token is created: the secret alone on standard output, once', async () => {
    const program = causeway([
      'token',
      'create',
      '--name',
      'robot',
      '--role',
      'viewer',
      '--scope',
      'PRD',
      '--expires',
      '7',
      '--data',
      data,
    ]);
    let out = '';
    program.child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
    expect(await program.exited).toBe(0);
    expect(out).toMatch(/^cwy_[0-9a-z]{16}_[A-Za-z0-9_-]{43}\n$/);
    expect(program.output()).toContain('token "robot" (viewer on PRD), expires in 7 days');
    const db = openDatabase(url, 1);
    const [row] = await db.apiToken.findMany();
    await db.$disconnect();
    expect(row).toMatchObject({ name: 'robot', createdBy: 'console', grants: [{ role: 'viewer', scope: 'PRD' }] });
    expect(JSON.stringify(row)).not.toContain(out.trim());
  });

  test.each([
    [['--scope', 'everything'], /scope/],
    [['--expires', '0'], /expiresInDays/],
    [['--expires', 'soon'], /expiresInDays/],
  ])('a token with %j is refused', async (args, expected) => {
    const { code, lines } = await run(['token', 'create', '--name', 'x', '--role', 'viewer', '--data', data, ...args]);
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(expected);
  });

  test('migrations are applied once, by whoever asks', async () => {
    expect(await run(['db', 'migrate', '--data', data])).toEqual({ code: 0, lines: ['the database is up to date'] });
    expect(await run(['db', 'migrate', '--data', join(scratch, 'fresh')])).toEqual({
      code: 0,
      lines: [`applied ${MIGRATIONS}`],
    });
  });

  test('a data directory that is new gets its tables by whichever command comes first', async () => {
    const { code, lines } = await run(['token', 'create', '--name', 'x', '--role', 'viewer', '--data', join(scratch, 'new')]);
    expect([code, lines.length]).toEqual([0, 2]);
  });

  describe('doctor', () => {
    test('finds all well, and says what is not configured', async () => {
      const relay = await scriptedRelay({
        send: (call) => void call.end(),
        status: { version: 'v1.19.0', num_connected_nodes: { value: 0 } },
      });
      stops.push(() => relay.close());
      const { code, lines } = await run(['doctor', '--data', data, '--relay', relay.address]);
      expect(code).toBe(0);
      expect(lines.map((line) => line.replaceAll(/ {2,}/g, ' '))).toEqual([
        'ok database embedded, 1 cluster followed',
        `ok relay of ${relay.address} ${relay.address}, v1.19.0, 0 of 0 nodes, 0 flows/s`,
        expect.stringMatching(/^off NATS CAUSEWAY_NATS_URL is not set/),
        expect.stringMatching(/^off receipt key none yet/),
        expect.stringMatching(/^off checkpoint key none yet/),
        expect.stringMatching(/^off Kubernetes /),
        expect.stringMatching(/^off sign-in \(OIDC\) OIDC_ISSUER is not set/),
      ]);
    });

    test('says what is wrong with each, and exits with 1', async () => {
      const issuer = createServer((_request, response) => void response.end(JSON.stringify({ issuer: 'https://other.example' })));
      await new Promise<void>((resolve) => void issuer.listen(0, '127.0.0.1', resolve));
      stops.push(() => issuer.close());
      const oidc = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
      const [open, good] = [writeKey(join(scratch, 'open.pem'), 0o644), writeKey(join(scratch, 'good.pem'))];
      const env = {
        OIDC_ISSUER: oidc,
        CAUSEWAY_NATS_URL: 'nats://127.0.0.1:1',
        KUBECONFIG: join(scratch, 'no-kubeconfig'),
        CAUSEWAY_RECEIPT_KEY_FILE: open,
        CAUSEWAY_CHECKPOINT_KEY_FILE: good,
      };
      const { code, lines } = await run(['doctor', '--json', '--data', data], env);
      const found = JSON.parse(lines.join('\n')) as { check: string; state: string; detail: string }[];
      expect(code).toBe(1);
      expect(found.map(({ check, state }) => `${check}: ${state}`)).toEqual([
        'database: ok',
        'relay of prd: wrong',
        'NATS: wrong',
        'receipt key: wrong',
        'checkpoint key: ok',
        expect.stringMatching(/^Kubernetes: (wrong|off)$/),
        'sign-in (OIDC): wrong',
      ]);
      expect(found[1]?.detail).toBe('Nothing listens on 127.0.0.1:1 (connection refused).');
      expect(found[2]?.detail).toMatch(/127\.0\.0\.1:1|refused/i);
      expect(found[3]?.detail).toMatch(/open\.pem has mode 0644.*chmod 0400/);
      for (const path of [open, good]) expect(lines.join('')).not.toContain(readFileSync(path, 'utf8').split('\n')[1]);
      expect(found[6]?.detail).toContain('names the issuer https://other.example');
      for (const { detail } of found) expect(detail).not.toMatch(/\n/);
    });

    test('tells a certificate that is of another authority, and a database without tables', async () => {
      const [ours, theirs] = [certificateAuthority('ours'), certificateAuthority('theirs')];
      const { cert, key } = theirs.issue(['localhost']);
      const credentials = ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }]);
      const relay = await scriptedRelay({ send: (call) => void call.end(), credentials });
      stops.push(() => relay.close());
      const empty = await openEmbedded(join(scratch, 'empty'));
      stops.push(() => empty.close());
      const args = [
        '--relay',
        relay.address,
        '--tls-ca',
        ours.certFile,
        '--tls-server-name',
        'localhost',
        '--database-url',
        empty.url,
      ];
      const { code, lines } = await run(['doctor', '--data', data, ...args]);
      expect(code).toBe(1);
      expect(lines[0]).toMatch(/^WRONG {2}database /);
      expect(lines[0]).toContain(`lacks ${MIGRATIONS}; run causeway db migrate`);
      expect(lines[1]).toMatch(/^WRONG {2}relay of .*certificate/i);
    });
  });
});
