import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Page, expect } from '@playwright/test';
import { Client } from 'pg';
import { type RunningConsole, freePort, startConsole } from './support/console.ts';
import { exporterFile } from './support/exporter-file.ts';
import { killPart, processesOf, survivors } from './support/processes.ts';
import { PRD, signIn, test } from './support/test.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a command of the console's program prints, while the console runs. */
const causeway = (...args: string[]): string =>
  spawnSync(process.execPath, ['bin/causeway.mjs', ...args], { cwd: root, encoding: 'utf8' }).stdout.trim();

/** Starts a console that cannot start and gives what it says. */
async function refusal(options: Parameters<typeof startConsole>[0]): Promise<string> {
  try {
    const started = await startConsole(options);
    await started.stop();
    return 'it started';
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split('\n').slice(1).join('\n').trim();
  }
}

const port = await freePort();

// Each breaks what the one before left running: one console, in this order.
test.describe.serial('when parts fail', () => {
  // A lost connection is what these journeys are about; browsers write it to their console.
  test.use({
    baseURL: `http://127.0.0.1:${port}`,
    mayComplain: /Failed to load resource|ERR_|status of 50\d/,
  });
  let running: RunningConsole;

  test.beforeAll(async () => {
    test.setTimeout(300_000);
    running = await startConsole({ port });
  });
  test.afterAll(() => running.stop());

  test('ingest is killed: a bar says so, what is shown stays, and all goes on by itself', async ({ page }) => {
    await signIn(page, 'Vera Viewer', `${PRD}/flows`);
    const rows = page.getByRole('button', { name: /: open$/ });
    await expect(rows.first()).toBeVisible();
    // A first restart may be so quick that nothing is to be told; after the second the supervisor waits longer.
    const first = killPart(running, 'ingest');
    await expect.poll(() => processesOf(running).get('ingest') ?? first, { timeout: 30_000 }).not.toBe(first);
    await expect
      .poll(async () => (await page.request.get(`/api/v1${PRD.replace('/c/', '/clusters/')}/status`)).status())
      .toBe(200);
    killPart(running, 'ingest');
    await expect(page.getByText(/^Connection lost|^The ingest process does not answer/).first()).toBeVisible();
    await expect(rows.first()).toBeVisible();

    await expect(page.getByText(/flows\/s, (all shown|showing the newest)/)).toBeVisible({ timeout: 45_000 });
    await expect(page.getByText(/^Connection lost|^The ingest process/)).toHaveCount(0);
    const newest = await rows.first().getAttribute('aria-label');
    await expect.poll(() => rows.first().getAttribute('aria-label')).not.toBe(newest);
    expect(running.output()).toContain('ingest ended with SIGKILL; starting it again');
  });

  test('the database is killed: flows go on, and whoever is signed in stays signed in', async ({ page }) => {
    await signIn(page, 'Vera Viewer', `${PRD}/flows`);
    await expect(page.getByRole('button', { name: /: open$/ }).first()).toBeVisible();
    killPart(running, 'db');
    const newest = await page
      .getByRole('button', { name: /: open$/ })
      .first()
      .getAttribute('aria-label');
    await expect
      .poll(() =>
        page
          .getByRole('button', { name: /: open$/ })
          .first()
          .getAttribute('aria-label'),
      )
      .not.toBe(newest);
    await expect.poll(async () => (await page.request.get('/api/health/ready')).status(), { timeout: 45_000 }).toBe(200);
    await page.reload();
    await expect(page.getByRole('button', { name: 'Signed in as Vera Viewer' })).toBeVisible();
  });

  test('a second console on the same port, or on the same data, says what is wrong in one line', async () => {
    expect(await refusal({ port: running.port })).toBe(
      `causeway: port ${running.port} on 127.0.0.1 is in use; stop what listens there or pass --port`,
    );
    const locked = await refusal({ data: running.data, port: await freePort() });
    expect(locked).toMatch(/^causeway: another Causeway uses this data directory/);
    expect(locked.split('\n')).toHaveLength(1);
  });

  test('what was kept survives kill -9 of the whole console: a capture, a token, counts', async ({ page, playwright }) => {
    test.setTimeout(240_000);
    const token = causeway('token', 'create', '--name', 'faults', '--role', 'viewer', '--data', running.data);
    expect(token).toMatch(/\S{24,}/);
    await signIn(page, 'Olga Operator', `${PRD}/flows/captures`);
    await expect(page.getByText(/^\d+ captures?$/)).toBeVisible();
    await page.getByLabel('File of flows').setInputFiles(exporterFile(30));
    await expect(page.getByText('30 flows of exported.jsonl are kept.')).toBeVisible();
    // Minutes that ended a while ago are stored: their counts must neither shrink nor grow.
    const to = Math.floor(Date.now() / 60_000) * 60_000 - 120_000;
    const before = await countsOf(page, to);
    expect(before).toBeGreaterThan(100);

    const pids = processesOf(running);
    expect([...pids.keys()].toSorted()).toEqual(['db', 'demo', 'ingest', 'up', 'web']);
    for (const pid of pids.values()) process.kill(pid, 'SIGKILL');
    expect(await survivors(pids.values())).toEqual([]);
    running = await startConsole({ data: running.data, port: running.port });

    await page.goto(`${PRD}/flows/captures`);
    await expect(page.getByRole('region', { name: 'Kept flows' }).getByRole('link', { name: 'exported.jsonl' })).toBeVisible();
    expect(await countsOf(page, to)).toBe(before);
    const program = await playwright.request.newContext({
      baseURL: running.url,
      extraHTTPHeaders: { authorization: `Bearer ${/\S{24,}$/.exec(token)?.[0] ?? ''}` },
    });
    expect((await program.get('/api/v1/clusters')).status()).toBe(200);
    await program.dispose();
  });

  test('Ctrl-C ends every process, and a database of a newer version is told in one line', async () => {
    const newer = new Client({ host: join(running.data, 'run'), user: 'causeway', database: 'causeway' });
    await newer.connect();
    await newer.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('newer', 'newer', '9999_from_tomorrow', now())`,
    );
    await newer.end();
    const pids = processesOf(running);
    expect(await running.stop({ keepData: true })).toBe(0);
    expect(await survivors(pids.values())).toEqual([]);

    const said = await refusal({ data: running.data, port: await freePort() });
    expect(said).toMatch(/^causeway: .*9999_from_tomorrow/);
    expect(said.split('\n')).toHaveLength(1);
  });
});

test('a relay that is not there shows in the status, with its address and why', async ({ page }) => {
  test.setTimeout(240_000);
  const lonely = await startConsole({ args: ['--relay', '127.0.0.1:1', '--cluster-name', 'lonely', '--environment', 'TST'] });
  try {
    await page.goto(`${lonely.url}/sign-in?next=/c/lonely/flows`);
    await page.getByRole('button', { name: /Ada Admin/ }).click();
    await expect(page.getByText('The relay does not send flows')).toBeVisible();
    await expect(page.getByText(/127\.0\.0\.1:1\b/).first()).toBeVisible();
    await page.getByRole('link', { name: 'Open cluster settings' }).click();
    await expect(page.getByRole('row', { name: /lonely/ })).toContainText(/reconnecting|failed|connecting/);
  } finally {
    await page.goto('about:blank');
    await lonely.stop();
  }
});

/** Flows that the console counted in the eight minutes before `to`. */
async function countsOf(page: Page, to: number): Promise<number> {
  const answer = await page.request.get(`/api/v1/clusters/aegis-production/timeline?from=${to - 480_000}&to=${to}`);
  expect(answer.status()).toBe(200);
  return ((await answer.json()) as { totals: { flows: number } }).totals.flows;
}
