import { type Page, expect } from '@playwright/test';
import { headOfNote } from '#lib/receipts/growth.ts';
import { downloaded } from './support/receipts.ts';
import { PRD, expectAccessible, expectNoSidewaysScroll, signIn, test } from './support/test.ts';

const BATCHES = `${PRD}/receipts/batches`;
const PIPELINE = `${PRD}/receipts/pipeline`;

const rows = (page: Page) => page.getByRole('table', { name: 'Batches, newest first' }).getByRole('row');
const drawer = (page: Page) => page.getByRole('complementary');
/** Opens the page once the log has a signed head. */
async function openLog(page: Page, name = 'Vera Viewer', path = BATCHES): Promise<void> {
  await signIn(page, name, path);
  await expect(page.getByRole('region', { name: 'Signed head' })).toBeVisible({ timeout: 60_000 });
}
const checkpoint = (page: Page) => downloaded(page, () => page.getByRole('link', { name: 'Download the checkpoint' }).click());
async function compareWith(page: Page, text: string): Promise<void> {
  const file = { name: 'kept.checkpoint', mimeType: 'text/plain', buffer: Buffer.from(text) };
  await page.getByLabel('A checkpoint of this log from earlier').setInputFiles(file);
}

test('a batch is opened by the keyboard, has its link, and leads to just its receipts', async ({ page }) => {
  await openLog(page);
  await expect(page.getByText('Their chain holds, computed in this browser')).toBeVisible();
  await rows(page).nth(2).getByRole('button').press('Enter');
  await expect(page).toHaveURL(/batch=\d+/);
  await expect(drawer(page).getByText('computed in this browser from the header')).toBeVisible();
  await page.reload();
  const link = drawer(page).getByRole('link', { name: /^Show its/ });
  await expect(link).toBeVisible();
  const [count = '1'] = /\d+/.exec((await link.textContent()) ?? '') ?? [];
  await link.click();
  await expect(page.getByText(`${count} shown, all there are`)).toBeVisible();
});

test('the drawer walks back along the chain and closes by Escape', async ({ page }) => {
  await openLog(page);
  const seq = Number(/\d+/.exec((await rows(page).nth(1).getByRole('button').textContent())?.replaceAll(',', '') ?? '')?.[0]);
  await rows(page).nth(1).getByRole('button').click();
  await drawer(page)
    .getByRole('button', { name: /^batch / })
    .click();
  await expect(page).toHaveURL(new RegExp(`batch=${seq - 1}`));
  await page.keyboard.press('Escape');
  await expect(drawer(page)).toBeHidden();
  await expect(page).not.toHaveURL(/batch=/);
});

test('a checkpoint that was kept proves later that the log only grew; one byte of it changed, and it does not', async ({
  page,
}) => {
  test.setTimeout(150_000);
  await openLog(page);
  const { name, text } = await checkpoint(page);
  expect(name).toBe(`aegis-production-${headOfNote(text).size}.checkpoint`);
  await expect
    .poll(async () => headOfNote(await (await page.request.get('/api/v1/checkpoint?cluster=aegis-production')).text()).size, {
      timeout: 60_000,
    })
    .toBeGreaterThan(headOfNote(text).size);
  await page.reload();
  await expect(page.getByText(/since this browser saw it .*(beginning of today’s|it is the same head)/)).toBeVisible();
  await compareWith(page, text);
  await expect(page.getByText(/since kept\.checkpoint: .*proved in this browser/)).toBeVisible();
  const root = text.split('\n')[2] ?? '';
  await compareWith(page, text.replace(root, (root.startsWith('A') ? 'B' : 'A') + root.slice(1)));
  await expect(page.getByText('This is not the log that was here before')).toBeVisible();
  await compareWith(page, 'nothing of the kind');
  await expect(page.getByText(/cannot be compared: this is no signed note/)).toBeVisible();
});

test('any batch is gone to by its number', async ({ page }) => {
  await openLog(page);
  await page.getByRole('textbox', { name: 'Batch' }).fill('1');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/upto=1/);
  await expect(page.getByText('2 batches shown, down to the first of the log')).toBeVisible();
  await page.getByRole('button', { name: 'Back to the newest' }).click();
  await expect(page).not.toHaveURL(/upto/);
});

test('the pipeline shows what comes through, and the keys that sign', async ({ page }) => {
  await openLog(page, 'Vera Viewer', BATCHES);
  await page.getByRole('link', { name: 'Pipeline' }).click();
  await expect(page).toHaveURL(new RegExp(PIPELINE));
  await expect(page.getByText('Receipts are made, signed and stored')).toBeVisible();
  const station = (name: string) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });
  await expect(station('Stored').getByRole('img', { name: /in time|late|has failed before/ })).toBeVisible();
  await expect(station('In a signed head')).toContainText('a minute');
  await expect(page.getByRole('region', { name: 'Keys and witnesses' }).getByText('signed by')).toHaveCount(2);
  await expect(page.getByRole('region', { name: 'NATS' })).toContainText('Not used');
});

test('batches and pipeline can be used by everybody, and fit a phone', async ({ page }) => {
  test.setTimeout(150_000);
  await openLog(page);
  await expect(rows(page).nth(1)).toBeVisible();
  await rows(page).nth(1).getByRole('button').click();
  await expect(drawer(page)).toBeVisible();
  await expectAccessible(page);
  await page.goto(PIPELINE);
  await expect(page.getByRole('region', { name: 'From flow to witness' })).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoSidewaysScroll(page);
  await page.goto(BATCHES);
  await expect(rows(page).nth(1)).toBeVisible();
  await expectNoSidewaysScroll(page);
});
