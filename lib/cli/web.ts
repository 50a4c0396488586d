import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CausewayError } from '#lib/errors/errors.ts';
import { checkPort } from './port.ts';

/** How long the started server may take to answer its first request. Milliseconds. */
const FIRST_ANSWER_MS = 60_000;

export interface WebOptions {
  readonly host: string;
  readonly port: number;
  /** With hot reload, from the sources. */
  readonly dev?: boolean;
}

/** `causeway web`: the Next standalone server in this process. It ends at once when told to: browsers of a stream reconnect by themselves. */
export async function runWeb({ host, port, dev = false }: WebOptions, root: string): Promise<void> {
  const server = join(root, '.next/standalone/server.js');
  if (!dev && !existsSync(server)) throw new CausewayError('not-configured', 'the web is not built; run `npm run build`');
  await checkPort(host, port);
  const base = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  Object.assign(process.env, {
    NODE_ENV: dev ? 'development' : 'production',
    HOSTNAME: host,
    PORT: String(port),
    CAUSEWAY_HOST: host,
    CAUSEWAY_PORT: String(port),
    NEXT_MANUAL_SIG_HANDLE: 'true',
    KEEP_ALIVE_TIMEOUT: '65000',
  });
  process.env['CAUSEWAY_PUBLIC_URL'] ??= base;
  process.env['NEXTAUTH_URL'] ??= process.env['CAUSEWAY_PUBLIC_URL'];
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
  if (process.channel) process.once('disconnect', () => process.exit(0));
  if (dev) serveSources(root, host, port);
  else await import(pathToFileURL(server).href);
  await firstAnswer(`${reachable(base)}/api/health/live`);
  process.send?.({ ready: { url: base } });
}

function serveSources(root: string, host: string, port: number): void {
  const next = createRequire(join(root, 'package.json')).resolve('next/dist/bin/next');
  const child = spawn(process.execPath, [next, 'dev', '--hostname', host, '--port', String(port)], {
    cwd: root,
    stdio: 'inherit',
  });
  process.once('exit', () => child.kill());
  child.once('exit', (code) => process.exit(code ?? 1));
}

/** An address that stands for "all" is reached by loopback. */
const reachable = (base: string): string => base.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');

async function firstAnswer(url: string): Promise<void> {
  const deadline = Date.now() + FIRST_ANSWER_MS;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() > deadline)
      throw new CausewayError('not-configured', `the web does not answer at ${url}${answer ? ` (status ${answer.status})` : ''}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
