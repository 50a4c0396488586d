import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Page, expect } from '@playwright/test';
import { freePort, type RunningConsole, startConsole } from './support/console.ts';
import { downloaded, openLoggedDrop } from './support/receipts.ts';
import { expectAccessible, expectNoSidewaysScroll, PRD, signIn, test } from './support/test.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const KEYS = `${PRD}/receipts/keys`;

/** How a command of the console's program ends, and what it prints. */
function causeway(...args: string[]): { readonly exit: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/causeway.mjs', ...args], { cwd: root, encoding: 'utf8' });
  return { exit: status, output: stdout + stderr };
}

const table = (page: Page) => page.getByRole('table', { name: 'Keys', exact: true });
const drawer = (page: Page) => page.getByRole('complementary');
const changes = (page: Page) => page.getByRole('table', { name: 'Changes of keys, newest first' });

const port = await freePort();

// Each goes on from what the one before has made of the keys.
test.describe.serial('the keys of a console', () => {
  // What nobody has brought in yet is answered with 4xx, which browsers write to their console.
  test.use({ baseURL: `http://127.0.0.1:${port}`, mayComplain: /status of 4(04|22)/ });
  const dir = mkdtempSync(join(tmpdir(), 'cw-root-'));
  const at = (name: string) => join(dir, name);
  let running: RunningConsole;
  let rootKey = '';

  test.beforeAll(async () => {
    test.setTimeout(300_000);
    running = await startConsole({ port, env: { CAUSEWAY_KEY_OVERLAP_SECONDS: '5' } });
  });
  test.afterAll(async () => {
    await running.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test('are made at the first start, and the log introduces them', async ({ page }) => {
    await signIn(page, 'Ada Admin', KEYS);
    const receipt = table(page).getByRole('row', { name: /Receipt key/ });
    await expect(receipt).toContainText('It signs receipts now.');
    await expect(table(page).getByRole('row', { name: /Checkpoint key/ })).toContainText('It signs heads of the logs now.');
    await expect(receipt.getByRole('link', { name: 'batch 0' })).toBeVisible({ timeout: 60_000 });
    const files = readdirSync(join(running.data, 'keys'));
    expect(files).toHaveLength(2);
    for (const file of files) expect(statSync(join(running.data, 'keys', file)).mode & 0o777).toBe(0o400);
    await expectAccessible(page);
    await receipt.getByRole('link', { name: 'batch 0' }).click();
    await expect(drawer(page).getByRole('heading', { name: /0/ })).toBeVisible();
  });

  test('a root signs the trust bundle on another machine, and receipts verify under that root', async ({ page }) => {
    expect(causeway('keys', 'root', 'new', '--out', at('root.pem')).exit).toBe(0);
    const twice = causeway('keys', 'root', 'new', '--out', at('root.pem'));
    expect(twice.exit).toBe(2);
    await signIn(page, 'Ada Admin', KEYS);
    await page.getByRole('button', { name: 'Have a root sign it' }).click();
    const { text } = await downloaded(page, () => drawer(page).getByRole('link', { name: 'Download to be signed' }).click());
    writeFileSync(at('trust.json'), text);
    const signed = causeway('keys', 'root', 'sign', at('trust.json'), '--key', at('root.pem'), '--out', at('signed.json'));
    expect(signed.output).toMatch(/key +\S+ receipt, active/);
    await drawer(page).getByLabel('Signed trust bundle').setInputFiles(at('trust.json'));
    await expect(drawer(page).getByRole('alert')).toContainText('carries no signature of a root');
    await drawer(page).getByLabel('Signed trust bundle').setInputFiles(at('signed.json'));
    // The public key of the root comes by a way of its own: here from its file.
    rootKey = /public key +(\S+)/.exec(causeway('keys', 'root', 'new', '--out', at('other.pem')).output)?.[1] ?? '';
    await drawer(page).getByLabel('Public key of the root').fill(rootKey);
    await expectAccessible(page);
    await drawer(page).getByRole('button', { name: 'Take over' }).click();
    await expect(drawer(page).getByRole('alert').last()).toContainText('not signed by the root');
    rmSync(at('signed.json'));
    expect(causeway('keys', 'root', 'sign', at('trust.json'), '--key', at('other.pem'), '--out', at('signed.json')).exit).toBe(0);
    await drawer(page).getByLabel('Signed trust bundle').setInputFiles(at('signed.json'));
    await drawer(page).getByRole('button', { name: 'Take over' }).click();
    await expect(page.getByText(/Signed by root .*taken over by Ada Admin/)).toBeVisible();

    await openLoggedDrop(page);
    const { text: receipt } = await downloaded(page, () => page.getByRole('link', { name: 'Download receipt' }).click());
    writeFileSync(at('receipt.json'), receipt);
    const handedOut = await (await page.request.get('/.well-known/causeway/trust.json')).text();
    writeFileSync(at('handed.json'), handedOut);
    const verify = (...more: string[]) => causeway('verify', at('receipt.json'), '--trust', at('handed.json'), ...more).exit;
    expect([0, 5]).toContain(verify('--root', rootKey));
    expect(verify('--root', 'A'.repeat(43))).toBe(2);
  });

  test('a rotation is asked for with a reason, and a little later the new key signs', async ({ page }) => {
    test.setTimeout(150_000);
    await signIn(page, 'Ada Admin', KEYS);
    const before = await table(page)
      .getByRole('row', { name: /Receipt key/ })
      .innerText();
    await page.getByRole('button', { name: 'Rotate receipt key' }).press('Enter');
    await expect(drawer(page).getByText(/The root has to sign the trust bundle anew/)).toBeVisible();
    await drawer(page).getByRole('textbox', { name: 'Reason' }).fill('yearly');
    await drawer(page).getByRole('textbox', { name: 'Reason' }).press('Enter');
    await expect(changes(page).getByRole('row', { name: /introduced.*itself and the other key of its role/ })).toBeVisible();
    await expect(page.getByText(/have changed since/)).toBeVisible();
    await expect(changes(page).getByRole('row', { name: /Receipt key .* came into force itself and the other/ })).toBeVisible({
      timeout: 90_000,
    });
    const now = table(page).getByRole('row', { name: /It signs receipts now/ });
    await expect(now).toBeVisible();
    expect(await now.innerText()).not.toBe(before);
    await expect(table(page).getByRole('row', { name: /in force beside its successor/ })).toBeVisible();

    await page.getByRole('button', { name: 'Take over a newly signed bundle' }).click();
    const { text } = await downloaded(page, () => drawer(page).getByRole('link', { name: 'Download to be signed' }).click());
    writeFileSync(at('trust.json'), text);
    const again = ['--before', at('handed.json'), '--out', at('again.json')];
    expect(causeway('keys', 'root', 'sign', at('trust.json'), '--key', at('other.pem'), ...again).output).toMatch(
      /^\+ key +\S+ receipt, active/m,
    );
    await drawer(page).getByLabel('Signed trust bundle').setInputFiles(at('again.json'));
    await expect(drawer(page).getByLabel('Public key of the root')).toHaveValue(rootKey);
    await drawer(page).getByRole('button', { name: 'Take over' }).click();
    await expect(page.getByText(/have changed since/)).toBeHidden();
  });

  test('a key that is lost is given up: the loss is said first, and another one signs at once', async ({ page }) => {
    test.setTimeout(200_000);
    await signIn(page, 'Ada Admin', KEYS);
    await table(page)
      .getByRole('row', { name: /It signs receipts now/ })
      .getByRole('button')
      .click();
    await drawer(page)
      .getByLabel('Since when, UTC')
      .fill(new Date(Date.now() - 3_600_000).toISOString().slice(0, 16));
    await drawer(page).getByRole('textbox', { name: 'What happened' }).fill('seen on a paste site');
    await drawer(page).getByRole('button', { name: 'Mark as compromised' }).click();
    const question = drawer(page).getByRole('group', { name: /Give up receipt key/ });
    await expect(question).toContainText('no receipt that this key signed will verify any more');
    await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await expectAccessible(page);
    const letters = /Type (\S+) to confirm/.exec(await question.innerText())?.[1] ?? '';
    await question.getByRole('textbox').fill(letters);
    await question.getByRole('button', { name: 'Mark as compromised' }).click();
    await expect(table(page).getByRole('row', { name: /compromised/ })).toBeVisible();
    await expect(table(page).getByRole('row', { name: /It signs receipts now/ })).toBeVisible();
    // Signed before by the root, it vouches for the lost key: it is not handed out any more.
    const handedOut = (await (await page.request.get('/.well-known/causeway/trust.json')).json()) as { signature?: unknown };
    expect(handedOut.signature).toBeUndefined();
    const log = running.log('ingest') + running.log('web');
    expect(log).not.toContain('PRIVATE KEY');

    // The log carries it all, and is whole.
    const told = changes(page).getByRole('row', { name: /marked as compromised/ });
    await expect(told.getByRole('link', { name: /^batch/ })).toBeVisible({ timeout: 90_000 });
    const { exit, output } = causeway('fsck', '--data', running.data);
    expect([exit, output]).toEqual([0, expect.any(String)]);
  });

  test('who may only look is offered nothing, and on a phone nothing is cut off', async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await signIn(page, 'Vera Viewer', KEYS);
    await expect(table(page)).toBeVisible();
    for (const name of [/Rotate/, /root sign|Take over/]) await expect(page.getByRole('button', { name })).toHaveCount(0);
    await expectNoSidewaysScroll(page);
    await table(page).getByRole('button').first().click();
    await expect(drawer(page).getByRole('button', { name: 'Copy public key' })).toBeVisible();
    await expect(drawer(page).getByRole('button', { name: 'Mark as compromised' })).toHaveCount(0);
    await page.keyboard.press('Escape');
    await expect(drawer(page)).toHaveCount(0);
    await expectAccessible(page);
    expect(readFileSync(join(running.data, 'logs', 'ingest.log'), 'utf8')).toContain('a key is compromised');
  });
});
