import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildMissing, freePort, type Installed, installed, type Program } from '#lib/testing/installed.ts';

/** Every page and route of `app/` with its methods, from the files themselves: what the build left out must be missed. */
function filesOfApp(): { path: string; methods: string[] }[] {
  return readdirSync('app', { recursive: true, encoding: 'utf8' })
    .filter((file) => /(^|\/)(page\.tsx|route\.ts)$/.test(file))
    .map((file) => {
      const exported = [...readFileSync(join('app', file), 'utf8').matchAll(/^export (?:const|\{) ?([A-Z, ]+)/gm)];
      const isPage = file.endsWith('page.tsx');
      return {
        path: `/${file}`.replace(/\/(page\.tsx|route\.ts)$/, '').replaceAll(/\/\([^)]+\)/g, '') || '/',
        methods: isPage
          ? ['GET']
          : exported.flatMap(([, names]) =>
              (names ?? '')
                .split(',')
                .map((name) => name.trim())
                .filter(Boolean),
            ),
      };
    });
}

const SAMPLES: Readonly<Record<string, string>> = {
  '[cluster]': 'aegis-dev',
  '[capture]': '00000000-0000-4000-8000-000000000000',
  '[session]': 'x',
  '[token]': 'x',
  '[kind]': 'cnp',
  '[namespace]': 'payments',
  '[name]': 'ledger-from-checkout',
  '[hash]': '0'.repeat(64),
  '[set]': 'x',
  '[phase]': '0',
  '[step]': '0.kernels',
  '[check]': '0.tag',
  '[risk]': 'connectivity',
  '[request]': 'x',
  '[review]': 'x',
  '[elevation]': 'x',
  '[receipt]': `rcpt_${'a'.repeat(26)}`,
  '[kid]': 'x',
  '[finding]': 'x',
  '[code]': 'bad-request',
  '[...nextauth]': 'providers',
};
const addressOf = (path: string): string => path.replaceAll(/\[[^\]]+\]/g, (part) => SAMPLES[part] ?? `no-sample-for-${part}`);

describe.skipIf(buildMissing())('the console as it is installed: without sources, from a read-only folder', () => {
  let console_: Installed;
  let program: Program;
  let base: string;
  const data = mkdtempSync(join(tmpdir(), 'cw-data-'));
  const setModes = (mode: number): void => {
    for (const folder of ['.next/standalone', 'dist', 'prisma', 'proto', 'bin', '.'])
      chmodSync(join(console_.root, folder), mode);
  };

  beforeAll(async () => {
    console_ = installed();
    setModes(0o555);
    const port = await freePort();
    base = `http://127.0.0.1:${port}`;
    program = console_.run(['up', '--port', String(port), '--data', data]);
    await program.says('Causeway is ready');
  });
  afterAll(async () => {
    await program?.stop();
    setModes(0o755);
    console_.remove();
    rmSync(data, { recursive: true, force: true });
  });

  const ask = (path: string, method = 'GET', cookie = '') =>
    fetch(base + path, {
      method,
      redirect: 'manual',
      headers: { origin: base, 'sec-fetch-site': 'same-origin', ...(cookie && { cookie }) },
    });

  test('every route of app/ answers by itself, none was left out of the build', async () => {
    const routes = filesOfApp().filter(({ path }) => /^\/(api|metrics|problems|\.well-known)/.test(path));
    expect(routes.length).toBeGreaterThan(20);
    const wrong: string[] = [];
    for (const { path, methods } of routes) {
      expect([path, methods.length > 0]).toEqual([path, true]);
      for (const method of methods) {
        const answer = await ask(addressOf(path), method);
        const type = answer.headers.get('content-type') ?? '';
        await answer.body?.cancel();
        const byItself =
          [200, 400, 401].includes(answer.status) && !type.startsWith('text/html') && answer.headers.has('x-request-id');
        if (!byItself && !path.includes('nextauth')) wrong.push(`${method} ${path}: ${answer.status} ${type}`);
        if (path.includes('nextauth') && answer.status >= 404) wrong.push(`${method} ${path}: ${answer.status}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('every page of app/ sends strangers to sign in, and answers those who did', async () => {
    const pages = filesOfApp().filter(({ path }) => !/^\/(api|metrics|problems|\.well-known)/.test(path));
    expect(pages.length).toBeGreaterThan(10);
    const cookie = await signIn();
    const wrong: string[] = [];
    for (const { path } of pages) {
      const stranger = await ask(addressOf(path));
      if (path !== '/sign-in' && !(stranger.headers.get('location') ?? '').startsWith('/sign-in'))
        wrong.push(`${path} to a stranger: ${stranger.status}`);
      let member = await ask(addressOf(path), 'GET', cookie);
      for (let hops = 0; hops < 3 && member.headers.has('location'); hops += 1) {
        member = await ask(new URL(member.headers.get('location') ?? '/', base).pathname, 'GET', cookie);
      }
      if (member.status !== 200) wrong.push(`${path} to a member: ${member.status}`);
    }
    expect(wrong).toEqual([]);
  });

  test('a page finds everything it loads', async () => {
    const html = await (await ask('/sign-in')).text();
    const assets = new Set(
      [...html.matchAll(/(?:src|href)="(\/_next\/static\/[^"]+|\/icon[^"]*)"/g)].map(([, path]) => path ?? ''),
    );
    expect(assets.size).toBeGreaterThan(3);
    for (const path of assets) expect([path, (await ask(path)).status]).toEqual([path, 200]);
  });

  test('is ready by its own health check, and logs nothing that went wrong', async () => {
    expect(await (await ask('/api/health/ready')).json()).toEqual({ ready: true, database: 'ok', ingest: 'ok' });
    const lines = readdirSync(join(data, 'logs')).flatMap((name) => readFileSync(join(data, 'logs', name), 'utf8').split('\n'));
    expect(lines.filter((line) => /EROFS|EACCES|MODULE_NOT_FOUND|"level":[56]0/.test(line))).toEqual([]);
  });

  /** Signs in as the demo administrator, as the form does. */
  async function signIn(): Promise<string> {
    const csrf = await ask('/api/auth/csrf');
    const { csrfToken } = (await csrf.json()) as { csrfToken: string };
    const jar = csrf.headers.getSetCookie().map((line) => line.split(';')[0]);
    const answer = await fetch(`${base}/api/auth/callback/demo`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: jar.join('; '), origin: base, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ csrfToken, user: 'ada' }),
    });
    return [...jar, ...answer.headers.getSetCookie().map((line) => line.split(';')[0])].join('; ');
  }
});
