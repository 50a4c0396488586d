import { type Page, expect } from '@playwright/test';
import { exporterFile, exporterGzip } from './support/exporter-file.ts';
import { PRD, expectAccessible, signIn, test } from './support/test.ts';

const kept = (page: Page, name: string) =>
  page.getByRole('region', { name: 'Kept flows' }).getByRole('listitem').filter({ hasText: name }).first();

test.beforeEach(async ({ page }) => {
  await signIn(page, 'Olga Operator', `${PRD}/flows/captures`);
  await expect(page.getByText(/^\d+ captures?$/)).toBeVisible();
});

for (const [form, file] of [
  ['plain', exporterFile(30)],
  ['gzip', exporterGzip(30)],
] as const) {
  test(`an exporter file, ${form}, is read with its bad line shown, and opened in flows, map and drops`, async ({ page }) => {
    await page.getByLabel('File of flows').setInputFiles(file);
    const card = page.getByRole('region', { name: 'Import flows' });
    await expect(card.getByRole('status')).toHaveText(`30 flows of ${file.name} are kept.`);
    await card.getByText('1 line could not be read').click();
    await expect(card.getByText('line 16', { exact: true })).toBeVisible();

    await card.getByRole('link', { name: 'Open' }).click();
    await expect(page).toHaveURL(/capture=/);
    await expect(page.getByText(/not live: 30 flows/)).toBeVisible();
    const rows = page.getByRole('table', { name: 'Flows, newest first' }).getByRole('button', { name: /: open$/ });
    await expect(rows).not.toHaveCount(0);
    await expect(rows.first()).toHaveAccessibleName(/shop\/cart to data\/orders-db/);

    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Map' }).click();
    await expect(page.getByText(/not live: 30 flows/)).toBeVisible();
    await expect(page.getByRole('application', { name: /^Service map/ }).getByText('orders-db', { exact: true })).toBeVisible();

    await page
      .getByRole('navigation', { name: 'Pages' })
      .getByRole('link', { name: /^Drops/ })
      .click();
    await expect(page.getByText(/^of 30 flows, in this capture/)).toBeVisible();
    await expect(page.getByRole('row', { name: /shop\/cart to data\/orders-db TCP\/5432 Policy denied.* 10 / })).toBeVisible();

    await page.getByRole('button', { name: 'Back to live' }).first().click();
    await expect(page).not.toHaveURL(/capture=/);
  });
}

test.describe('a file that is none', () => {
  test.use({ mayComplain: /status of 4\d\d/ });

  test('a file without a single flow is refused in words', async ({ page }) => {
    await page.getByLabel('File of flows').setInputFiles({
      name: 'holiday.jsonl',
      mimeType: 'application/x-ndjson',
      buffer: Buffer.from('not a flow\nnor this\n'),
    });
    const card = page.getByRole('region', { name: 'Import flows' });
    await expect(card.getByRole('alert').or(card.getByRole('status')).first()).toContainText(/flow|line/i);
    await expect(card.getByText(/are kept/)).toBeHidden();
  });

  test('a gzip file that is cut off is refused and leaves nothing behind', async ({ page }) => {
    const whole = exporterGzip(3_000);
    await page
      .getByLabel('File of flows')
      .setInputFiles({ ...whole, name: 'cut.jsonl.gz', buffer: whole.buffer.subarray(0, 4_000) });
    const card = page.getByRole('region', { name: 'Import flows' });
    await expect(card.getByText(/gzip|cut|end/i).first()).toBeVisible();
    await expect(card.getByText(/are kept/)).toBeHidden();
  });
});

test('what is held now is saved with a filter, opened, and deleted for good', async ({ page }) => {
  await page.goto(`${PRD}/flows?filter=verdict:DROPPED`);
  await page.getByRole('button', { name: 'Save as capture' }).click();
  const form = page.getByRole('dialog', { name: 'Save as capture' });
  await form.getByRole('textbox', { name: 'Name' }).fill('drops of now');
  await form.getByRole('button', { name: 'Save capture' }).click();
  await expect(form.getByText('Saved: drops of now')).toBeVisible();
  await form.getByRole('link', { name: 'Open captures' }).click();

  const item = kept(page, 'drops of now');
  await expect(item).toContainText('from what was held');
  await expect(item).toContainText('verdict:DROPPED');
  const downloading = page.waitForEvent('download');
  await item.getByRole('link', { name: 'Download' }).click();
  expect((await downloading).suggestedFilename()).toMatch(/\.(jsonl|ndjson|gz)/);

  await item.getByRole('button', { name: 'Delete drops of now' }).click();
  await item.getByRole('button', { name: 'Keep' }).click();
  await item.getByRole('button', { name: 'Delete drops of now' }).click();
  await item.getByRole('button', { name: /^Delete [\d,]+ flows for good$/ }).click();
  await expect(page.getByText('drops of now')).toBeHidden();
});

test('a viewer sees captures and may not make, change or delete any', async ({ page, elsewhere }) => {
  await page.getByLabel('File of flows').setInputFiles(exporterFile(6));
  await expect(page.getByText('6 flows of exported.jsonl are kept.')).toBeVisible();

  const viewer = await elsewhere();
  await signIn(viewer, 'Vera Viewer', `${PRD}/flows/captures`);
  await expect(kept(viewer, 'exported.jsonl').getByRole('link', { name: 'Download' })).toBeVisible();
  await expect(viewer.getByRole('button', { name: /^Delete/ })).toBeHidden();
  await expect(viewer.getByRole('button', { name: 'Choose a file' })).toBeHidden();
});

test('the captures page is accessible', async ({ page }) => {
  await page.getByLabel('File of flows').setInputFiles(exporterFile(6));
  await expect(page.getByText('6 flows of exported.jsonl are kept.')).toBeVisible();
  await expectAccessible(page);
});
