import { type Page, expect } from '@playwright/test';
import { PRD, expectAccessible, signIn, test } from './support/test.ts';

const table = (page: Page) => page.getByRole('table', { name: 'Flows, newest first' });
const openers = (page: Page) => table(page).getByRole('button', { name: /: open$/ });
const filterBox = (page: Page) => page.getByRole('combobox', { name: 'Filter' });

async function filterBy(page: Page, text: string): Promise<void> {
  await filterBox(page).fill(text);
  await filterBox(page).press('Enter');
}

test.beforeEach(async ({ page }) => {
  await signIn(page, 'Vera Viewer', `${PRD}/flows`);
  await expect(openers(page).first()).toBeVisible();
});

test('the first live flow is there in less than a second, and more follow', async ({ page }) => {
  await page.reload({ waitUntil: 'commit' });
  await page.waitForLoadState('domcontentloaded');
  const began = Date.now();
  await expect(openers(page).first()).toBeVisible();
  expect(Date.now() - began).toBeLessThan(1_000);

  const newest = () => openers(page).first().getAttribute('aria-label');
  const before = await newest();
  await expect.poll(newest).not.toBe(before);
  await expect(page.getByText(/flows\/s, (all shown|showing the newest)/)).toBeVisible();
});

test('a filter is completed from what is seen, applied, and lives in the link', async ({ page }) => {
  await filterBox(page).pressSequentially('verd');
  await page.getByRole('option', { name: /^verdict:/ }).click();
  await page.getByRole('option', { name: /^DROPPED/ }).click();
  await expect(page).toHaveURL(/filter=verdict(:|%3A)DROPPED/);
  await expect(page.getByRole('button', { name: 'DROPPED', pressed: true })).toBeVisible();
  await expect(openers(page).first()).toHaveAccessibleName(/DROPPED/);
  const names = await openers(page).evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label')));
  expect(names.filter((name) => !name?.includes('DROPPED'))).toEqual([]);

  await page.reload();
  await expect(filterBox(page)).toHaveValue('verdict:DROPPED');
  await expect(openers(page).first()).toHaveAccessibleName(/DROPPED/);
  await page.getByRole('button', { name: 'DROPPED', pressed: true }).click();
  await expect(filterBox(page)).toHaveValue('');
});

test('a filter that cannot be read says where and why, and shows no more than was asked for', async ({ page }) => {
  await filterBy(page, 'verdict:DROPED');
  await expect(page.getByRole('alert').filter({ hasText: /at \d+/ })).toContainText('DROPED');
  await expect(page).not.toHaveURL(/filter=/);

  await page.goto(`${PRD}/flows?filter=port:none`);
  await expect(page.getByText('The filter cannot be read')).toBeVisible();
  await expect(table(page)).toBeHidden();
  await page.getByRole('button', { name: 'Clear the filter' }).last().click();
  await expect(openers(page).first()).toBeVisible();
});

test('a filter that matches nothing says what it waits for', async ({ page }) => {
  await filterBy(page, 'port:1');
  await expect(page.getByText('No flow matches the filter')).toBeVisible();
  await expect(page.getByText(/[34] of 4 nodes report/)).toBeVisible();
});

test('nothing moves while a person reads: new rows wait, and come at a click', async ({ page }) => {
  await table(page).hover();
  await page.mouse.wheel(0, 400);
  const waiting = page.getByRole('button', { name: /^[\d,]+ new, waiting while you read$/ });
  await expect(waiting).toBeVisible();
  const still = await openers(page).first().getAttribute('aria-label');
  const count = await waiting.innerText();
  await expect.poll(() => waiting.innerText()).not.toBe(count);
  expect(await openers(page).first().getAttribute('aria-label')).toBe(still);
  await page.mouse.move(5, 5);
  await waiting.click();
  await expect(page.getByText(/flows\/s, (all shown|showing the newest)/)).toBeVisible();
});

test('the space bar pauses and goes on', async ({ page }) => {
  await page.getByRole('heading', { name: 'Flows' }).click();
  await page.keyboard.press('Space');
  await expect(page).toHaveURL(/paused=true/);
  await expect(page.getByRole('button', { name: /^[\d,]+ new, paused$/ })).toBeVisible();
  await page.keyboard.press('Space');
  await expect(page).not.toHaveURL(/paused=true/);
  await expect(page.getByText(/flows\/s, (all shown|showing the newest)/)).toBeVisible();
});

test('a flow explains itself, and the link to it survives a reload', async ({ page }) => {
  await filterBy(page, 'verdict:DROPPED');
  await openers(page).first().focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('complementary');
  await expect(drawer.getByRole('heading', { name: 'Verdict and why' })).toBeVisible();
  await expect(page).toHaveURL(/selected=/);
  const title = (await drawer.getByRole('heading', { level: 2 }).textContent()) ?? '';

  await page.reload();
  await expect(drawer.getByRole('heading', { level: 2 })).toHaveText(title);
  await drawer.getByRole('link', { name: 'Show on map' }).click();
  await expect(page).toHaveURL(/\/map\?.*selected=/);
  await expect(page.getByRole('complementary')).toBeVisible();

  await page.goBack();
  await drawer.getByRole('button', { name: 'Close' }).click();
  await expect(drawer).toBeHidden();
  await expect(page).not.toHaveURL(/selected=/);
});

test('j and k walk through the flows with the drawer following', async ({ page }) => {
  await page.getByRole('button', { name: 'Live' }).click();
  await openers(page).first().click();
  const heading = page.getByRole('complementary').getByText(/^Flow, /);
  const first = await heading.innerText();
  const url = page.url();
  await page.keyboard.press('j');
  await expect(page).not.toHaveURL(url);
  await page.keyboard.press('k');
  await expect(page).toHaveURL(url);
  await expect(heading).toHaveText(first);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('complementary')).toBeHidden();
});

test('the same filter is a hubble observe command to copy', async ({ page }) => {
  await filterBy(page, 'ns:payments verdict:DROPPED -port:53');
  await page.getByRole('button', { name: 'Copy as' }).first().click();
  // No page may read the clipboard: a person pastes it.
  await filterBox(page).fill('');
  await filterBox(page).press('ControlOrMeta+V');
  const command = await filterBox(page).inputValue();
  expect(command).toMatch(/^hubble observe /);
  expect(command).toContain('--verdict DROPPED');
  expect(command).toContain('--namespace payments');
  expect(command).toMatch(/--not --port 53/);
});

test('exact totals stand beside the rows and narrow the filter', async ({ page }) => {
  await page.getByRole('button', { name: 'Exact totals' }).click();
  const verdicts = page.getByRole('table', { name: 'Flows by verdict' });
  await expect(verdicts.getByRole('row', { name: /FORWARDED [\d,]+/ })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Flows by node' }).getByRole('row')).toHaveCount(5);
  await verdicts.getByRole('button', { name: 'DROPPED' }).click();
  await expect(filterBox(page)).toHaveValue('verdict:DROPPED');
  await expect(page.getByRole('complementary', { name: 'Exact totals' })).toBeVisible();
});

test('the rows shown can be taken along as CSV and as JSON lines', async ({ page }) => {
  for (const [choice, ending] of [
    ['CSV', '.csv'],
    ['JSON', '.jsonl'],
  ] as const) {
    await page.getByRole('button', { name: 'Download' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: new RegExp(choice) }).click();
    expect((await download).suggestedFilename()).toMatch(new RegExp(`aegis-production.*\\${ending}$`));
  }
});

test('a window of the past is shown as such, with the way back', async ({ page }) => {
  const to = Date.now() - 60_000;
  await page.goto(`${PRD}/flows?from=${to - 120_000}&to=${to}`);
  await expect(page.getByText(/flows shown, newest first/)).toBeVisible();
  await page.getByRole('button', { name: 'Back to live' }).click();
  await expect(page).not.toHaveURL(/from=/);
  await expect(page.getByText(/flows\/s, (all shown|showing the newest)/)).toBeVisible();
});

test('the flows page is accessible, with and without its drawer', async ({ page }) => {
  await page.getByRole('button', { name: 'Live' }).click();
  await expectAccessible(page);
  await openers(page).first().click();
  await expect(page.getByRole('heading', { name: 'Verdict and why' })).toBeVisible();
  await expectAccessible(page);
});
