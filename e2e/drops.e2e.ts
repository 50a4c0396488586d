import { type Page, expect } from '@playwright/test';
import { PRD, expectAccessible, signIn, test } from './support/test.ts';

const reasons = (page: Page) => page.getByRole('list', { name: 'Drop reasons' });
const pairs = (page: Page) => page.getByRole('table', { name: /^Dropped pairs/ });
const drawer = (page: Page) => page.getByRole('complementary');

test.beforeEach(async ({ page }) => {
  await signIn(page, 'Vera Viewer', `${PRD}/drops?range=1h`);
  await expect(pairs(page)).toBeVisible();
});

test('a person sees how much is dropped and why, and narrows to one reason', async ({ page }) => {
  await expect(page.getByText(/^of [\d,]+ flows, last 1/)).toBeVisible();
  const denied = reasons(page).getByRole('button', { name: /Policy denied/ });
  await denied.click();
  await expect(page).toHaveURL(/filter=reason(:|%3A)POLICY_DENIED/);
  await expect(denied).toHaveAttribute('aria-pressed', 'true');
  await expect(reasons(page).getByRole('listitem')).toHaveCount(1);
  await denied.click();
  await expect(reasons(page).getByRole('listitem')).not.toHaveCount(1);
});

test('a pair explains itself: why, what to weigh before it is allowed, and the flows behind the count', async ({ page }) => {
  test.setTimeout(180_000);
  // So lately that the ring still holds the flows.
  await page.goto(`${PRD}/drops?range=5m`);
  const row = pairs(page)
    .getByRole('row', { name: /gateway\/debug-shell to spire-server\/spire-server TCP\/8081/ })
    .first();
  await expect(row).toBeVisible({ timeout: 120_000 });
  await row.getByRole('button').click();
  await expect(page).toHaveURL(/selected=/);
  await expect(drawer(page).getByRole('heading', { level: 2 })).toHaveText(/debug-shell.*spire-server/);
  await expect(drawer(page).getByRole('heading', { name: 'Why' })).toBeVisible();
  await expect(drawer(page).getByRole('heading', { name: 'Drops over time' })).toBeVisible();

  await page.reload();
  await expect(drawer(page).getByRole('heading', { level: 2 })).toHaveText(/debug-shell.*spire-server/);
  await drawer(page).getByRole('link', { name: 'Open in Flows' }).first().click();
  await expect(page).toHaveURL(/\/flows\?.*filter=/);
  await expect(
    page
      .getByRole('table', { name: 'Flows, newest first' })
      .getByRole('button', { name: /DROPPED.*debug-shell/ })
      .first(),
  ).toBeVisible();
});

test('a drop that is no policy matter says what the reason means and where to look', async ({ page }) => {
  await pairs(page)
    .getByRole('row', { name: /Invalid source address/ })
    .first()
    .getByRole('button')
    .click();
  await expect(drawer(page).getByText('INVALID_SOURCE_IP').first()).toBeVisible();
  await expect(
    drawer(page)
      .getByText(/no policy/i)
      .first(),
  ).toBeVisible();
  await drawer(page).getByRole('link', { name: 'Show on map' }).click();
  await expect(page).toHaveURL(/\/map\?.*selected=/);
  await expect(drawer(page)).toBeVisible();
});

test('drops are counted by pair, namespace, policy and node, and each narrows the filter', async ({ page }) => {
  await page.getByRole('radio', { name: 'Node' }).click();
  await expect(page).toHaveURL(/by=node/);
  const nodes = page.getByRole('table', { name: /^Drops by node/ });
  await expect(nodes.getByRole('row')).not.toHaveCount(1);
  await page.getByRole('radio', { name: 'Policy' }).click();
  await expect(page.getByRole('table', { name: /^Drops by policy/ })).toBeVisible();
  await page.getByRole('radio', { name: 'Namespace' }).click();
  await page
    .getByRole('table', { name: /^Drops by namespace/ })
    .getByRole('button', { name: 'monitoring' })
    .click();
  await expect(page.getByRole('combobox', { name: 'Filter' })).toHaveValue('ns:monitoring');
  await page.getByRole('radio', { name: 'Pair' }).click();
  for (const row of await pairs(page).getByRole('button').filter({ hasText: 'to' }).allInnerTexts())
    expect(row).toContain('monitoring/');
});

test('pairs sort by drops and by change, and the link carries it', async ({ page }) => {
  await pairs(page).getByRole('button', { name: 'Drops' }).click();
  await expect(page).toHaveURL(/sort=drops/);
  await expect(pairs(page).getByRole('columnheader', { name: 'Drops' })).toHaveAttribute('aria-sort', 'descending');
  const counts = await pairs(page)
    .getByRole('row')
    .evaluateAll((rows) => rows.slice(1).map((row) => Number(row.querySelectorAll('td')[3]?.textContent.replaceAll(',', ''))));
  expect(counts).toEqual(counts.toSorted((a, b) => b - a));
});

test('a filter that no flow matches says so and how much was seen', async ({ page }) => {
  await page.getByRole('combobox', { name: 'Filter' }).fill('port:1');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^No drops match the filter/)).toBeVisible();
  await expect(page.getByText(/^No flow matches it in this time, dropped or not. [34] of 4 nodes report/)).toBeVisible();
  await page.getByRole('button', { name: 'Clear the filter' }).last().click();
  await expect(pairs(page)).toBeVisible();
});

test('the same is a hubble observe command of dropped flows', async ({ page }) => {
  const filter = page.getByRole('combobox', { name: 'Filter' });
  await filter.fill('ns:gateway');
  await filter.press('Enter');
  await page.getByRole('button', { name: 'Copy as' }).first().click();
  await filter.fill('');
  await filter.press('ControlOrMeta+V');
  expect(await filter.inputValue()).toMatch(
    /^hubble observe .*--verdict DROPPED.*--namespace gateway|^hubble observe .*--namespace gateway.*--verdict DROPPED/,
  );
});

test('the drops page is accessible, with and without its drawer', async ({ page }) => {
  await expectAccessible(page);
  await pairs(page).getByRole('row').nth(1).getByRole('button').click();
  await expect(drawer(page)).toBeVisible();
  await expectAccessible(page);
});
