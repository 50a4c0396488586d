import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { goVerifier, verifyByGo } from '#lib/testing/go-verifier.ts';
import { downloaded, openLoggedDrop, verifyByCommand, withOneByteChanged } from './support/receipts.ts';
import { PRD, expect, expectAccessible, expectNoSidewaysScroll, signIn, test } from './support/test.ts';

const folder = mkdtempSync(join(tmpdir(), 'cw-receipts-'));
const at = (name: string) => join(folder, name);
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Valid; or valid with gaps, where the demo cluster lost an event in that second. */
const VALID = [0, 5];

const drawer = (page: Page) => page.getByRole('complementary');
const sheet = (page: Page) => page.getByRole('article', { name: 'Receipt' });
const step = (page: Page, name: string) =>
  page.getByRole('list', { name: 'Steps of the verification' }).getByRole('listitem').filter({ hasText: name });
const passed = (page: Page, name: string) => step(page, name).getByRole('img', { name: 'pass', exact: true });
const verifyFile = (page: Page, name: string, text: string) =>
  page.getByLabel('Receipt files').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });

test('a drop leaves a receipt that browser, command line and a second verifier call valid, and refuse once a byte is changed', async ({
  page,
}) => {
  test.setTimeout(240_000);
  // The drop, as a person finds it.
  await signIn(page, 'Vera Viewer', `${PRD}/drops?range=5m`);
  const pair = page
    .getByRole('table', { name: /^Dropped pairs/ })
    .getByRole('row', { name: /Policy denied/ })
    .first();
  await expect(pair).toBeVisible({ timeout: 120_000 });
  await pair.getByRole('button').click();
  await drawer(page).getByRole('link', { name: /rcpt_/ }).first().click({ timeout: 60_000 });

  // Its receipt: the sentence, and every check made here.
  await expect(page).toHaveURL(/\/receipts\/rcpt_[a-z2-7]{26}/);
  await expect(sheet(page).getByText(/required checks pass.* here/)).toBeVisible();
  await expect(sheet(page)).toContainText(/recorded that Hubble on node \S+ reported the flow below with verdict\s+DROPPED/);
  await expect(sheet(page).getByRole('region', { name: 'What this receipt does not claim' }).getByRole('listitem')).toHaveCount(
    6,
  );
  await expect(passed(page, 'In the log')).toBeVisible({ timeout: 60_000 });
  for (const name of ['Signature', 'Leaf', 'In the batch', 'Checkpoint', 'Key validity'])
    await expect(passed(page, name)).toBeVisible();
  await expect(sheet(page)).toContainText('The record has been in an append-only log since checkpoint');

  // The files, handed to somebody else.
  const receipt = await downloaded(page, () => page.getByRole('link', { name: 'Download receipt' }).click());
  const trust = await downloaded(page, () => page.getByRole('link', { name: 'Download', exact: true }).click());
  expect(receipt.name).toMatch(/^rcpt_[a-z2-7]{26}\.json$/);
  expect(trust.name).toBe('trust.json');
  writeFileSync(at('receipt.json'), receipt.text);
  writeFileSync(at('changed.json'), withOneByteChanged(receipt.text));
  writeFileSync(at('trust.json'), trust.text);

  const byCommand = verifyByCommand(at('receipt.json'), at('trust.json'));
  expect(VALID, byCommand.output).toContain(byCommand.exit);
  const changed = verifyByCommand(at('changed.json'), at('trust.json'));
  expect(changed.exit, changed.output).toBe(1);
  expect(changed.output).toContain('NOT VALID');

  const program = goVerifier();
  if (program !== undefined) {
    const [good, bad] = verifyByGo(program, at('trust.json'), [receipt.text, withOneByteChanged(receipt.text)]);
    expect(good?.exit, good?.why).toBe(byCommand.exit);
    expect(bad?.exit, bad?.why).toBe(1);
  }

  await page.goto('/receipts/verify');
  await verifyFile(page, 'receipt.json', receipt.text);
  const file = page.getByRole('region', { name: 'receipt.json' });
  await expect(file.getByText(/^Valid/)).toBeVisible();
  await page.getByRole('button', { name: 'Clear' }).click();
  await verifyFile(page, 'changed.json', withOneByteChanged(receipt.text));
  await expect(page.getByRole('region', { name: 'changed.json' }).getByText(/^Not valid: signature/)).toBeVisible();
  await expect(page.getByText('recorded that Hubble')).toHaveCount(0);
});

test.describe('without a network', () => {
  test.use({ mayComplain: /ERR_INTERNET_DISCONNECTED/ });

  test('a file is verified by the page that is open, and nothing of it is sent', async ({ page, context }) => {
    await signIn(page, 'Vera Viewer');
    await openLoggedDrop(page);
    const { text } = await downloaded(page, () => page.getByRole('link', { name: 'Download receipt' }).click());
    await page.goto('/receipts/verify');
    await expect(page.getByText(/^Of this console, issued/)).toBeVisible();
    await page.waitForLoadState('networkidle');
    await context.setOffline(true);
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET' || request.url().includes('rcpt_')) sent.push(request.url());
    });
    await page.getByRole('textbox', { name: 'Receipt as text' }).fill(text);
    await page.getByRole('button', { name: 'Verify the text' }).press('Enter');
    await expect(page.getByRole('region', { name: 'Pasted text' }).getByText(/^Valid/)).toBeVisible();
    expect(sent).toEqual([]);
    await context.setOffline(false);
  });
});

test('the list is narrowed by the keyboard, its address says how, and what is found opens', async ({ page }) => {
  await signIn(page, 'Vera Viewer', `${PRD}/receipts?range=15m`);
  const rows = page.getByRole('table', { name: 'Receipts, newest first' }).getByRole('row');
  await expect(rows.nth(1)).toBeVisible({ timeout: 60_000 });
  await page.getByRole('searchbox', { name: 'Find a receipt' }).fill('policy_denied');
  await page.getByRole('radio', { name: 'DROPPED' }).press('Space');
  await expect(page).toHaveURL(/q=policy_denied.*verdict=DROPPED|verdict=DROPPED.*q=policy_denied/);
  await expect(rows.filter({ hasText: 'POLICY_DENIED' }).first()).toBeVisible();
  await page.reload();
  const link = rows.nth(1).getByRole('link').first();
  await link.focus();
  await page.keyboard.press('Enter');
  await expect(sheet(page)).toBeVisible();
});

test('an operator attests a forwarded flow, which gets a receipt of its own', async ({ page }) => {
  test.setTimeout(150_000);
  await signIn(page, 'Olga Operator', `${PRD}/flows?paused=true&filter=${encodeURIComponent('verdict:FORWARDED')}`);
  await page
    .getByRole('button', { name: /: open$/ })
    .first()
    .click();
  await drawer(page).getByRole('button', { name: 'Attest this flow' }).click();
  const form = page.getByRole('dialog', { name: 'Attest flows' });
  await form.getByLabel(/^Reason/).fill('journey of the receipts');
  await form.getByRole('button', { name: 'Attest', exact: true }).click();
  await form.getByRole('link', { name: 'Open the receipt' }).click({ timeout: 60_000 });
  await expect(sheet(page)).toContainText('asked to attest it, recorded that Hubble');
  await expect(sheet(page)).toContainText('FORWARDED');
});

test('the pages of receipts can be used by everybody, and fit a phone', async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, 'Vera Viewer');
  await openLoggedDrop(page);
  await expectAccessible(page);
  const receipt = page.url();
  const { text } = await downloaded(page, () => page.getByRole('link', { name: 'Download receipt' }).click());
  await page.goto(`${PRD}/receipts?range=15m`);
  await expect(page.getByRole('table', { name: 'Receipts, newest first' })).toBeVisible();
  await expectAccessible(page);
  await page.goto('/receipts/verify');
  await verifyFile(page, 'receipt.json', text);
  await expect(page.getByText(/^Valid/).first()).toBeVisible();
  await expectAccessible(page);

  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoSidewaysScroll(page);
  await page.goto(receipt);
  await expect(sheet(page).getByText(/required checks pass/)).toBeVisible();
  await expectNoSidewaysScroll(page);
  await page.goto(`${PRD}/receipts?range=15m`);
  await expect(page.getByRole('list', { name: 'Receipts, newest first' })).toBeVisible();
  await expectNoSidewaysScroll(page);
});
