import { type Page, expect } from '@playwright/test';
import { PRD, expectAccessible, expectNoSidewaysScroll, signIn, test } from './support/test.ts';

const POLICIES = `${PRD}/policies`;
const LEDGER = `${POLICIES}/cnp/payments/ledger-from-checkout?range=1h`;

const inventory = (page: Page) => page.getByRole('table', { name: /^Policies, last/ });
const lines = (page: Page) => page.getByRole('list', { name: 'Lines of the policy' }).getByRole('listitem');
const drawer = (page: Page) => page.getByRole('complementary');

test.describe('the inventory', () => {
  test.beforeEach(async ({ page }) => {
    await signIn(page, 'Vera Viewer', `${POLICIES}?range=1h`);
    await expect(inventory(page)).toBeVisible();
  });

  test('a person sees how much is closed, what is not in force and which rules nobody used', async ({ page }) => {
    await expect(page).toHaveTitle(/^Policies/);
    const figures = page.getByRole('region', { name: 'Figures' });
    await expect(figures).toContainText(/30 in the set in force/);
    await expect(figures).toContainText(/egress [\d.]+\s%, of \d+ pods/);
    await expect(figures).toContainText(/Rules without traffic\d+ of \d+/);
    await expect(inventory(page).getByRole('row', { name: /^Clusterwide 7 policies/ })).toBeVisible();
    await expect(inventory(page).getByRole('row', { name: /^ledger-from-checkout CNP \d+ pods? of ledger/ })).toContainText(
      'in force',
    );
  });

  test('words and buttons narrow the list, columns sort it, and the link carries all of it', async ({ page }) => {
    await page.getByRole('searchbox', { name: 'Find a policy' }).fill('ledger');
    await expect(page).toHaveURL(/find=ledger/);
    await expect(inventory(page).getByRole('link', { name: /edge-from-world/ })).toHaveCount(0);
    await page.getByRole('searchbox', { name: 'Find a policy' }).fill('');
    await page.getByRole('radio', { name: 'List' }).click();
    await inventory(page).getByRole('button', { name: 'Hits' }).click();
    await expect(page).toHaveURL(/sort=hits/);
    await page.reload();
    await expect(inventory(page).getByRole('columnheader', { name: 'Hits' })).toHaveAttribute('aria-sort', 'descending');
    await page.getByRole('searchbox', { name: 'Find a policy' }).fill('nothing-is-called-so');
    await page.getByRole('button', { name: 'Show all policies' }).click();
    await expect(inventory(page)).toBeVisible();
  });

  test('the source says by kind what was read', async ({ page }) => {
    await page.getByRole('button', { name: 'Source' }).click();
    await expect(page).toHaveURL(/source=true/);
    const kinds = drawer(page).getByRole('table', { name: 'Kinds of objects' });
    await expect(kinds.getByRole('row', { name: /^CiliumNetworkPolicy 21 / })).toContainText('read');
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await expect(drawer(page)).toHaveCount(0);
  });

  test('a policy is found by name from anywhere', async ({ page }) => {
    await page.keyboard.press('ControlOrMeta+K');
    await expect(page.getByRole('dialog', { name: 'Search and commands' })).toBeVisible();
    await page.keyboard.type('policy ledger-from');
    await page.getByRole('option', { name: /payments\/ledger-from-checkout/ }).click();
    await expect(page).toHaveURL(/\/policies\/cnp\/payments\/ledger-from-checkout/);
    await expect(lines(page).first()).toBeVisible();
  });
});

test.describe('one policy', () => {
  test.beforeEach(async ({ page }) => {
    await signIn(page, 'Vera Viewer', LEDGER);
    await expect(lines(page).first()).toBeVisible();
  });

  test('its text says what each rule did, and a rule leads to its line', async ({ page }) => {
    await expect(
      lines(page)
        .filter({ hasText: /[\d,]+ flows?$/ })
        .first(),
    ).toBeVisible();
    await page
      .getByRole('table', { name: /^Rules/ })
      .getByRole('button', { name: /^ingress\[0\] allows ingress/ })
      .click();
    await expect(page).toHaveURL(/rule=spec\.ingress/);
    const marked = page.locator('[aria-current="location"]');
    await expect(marked).toContainText(/flows?$/);
    await page.reload();
    await expect(marked).toBeInViewport();
  });

  test('it says what it selects and what versions there were, and a change begins from it', async ({ page }) => {
    await page.getByRole('group').filter({ hasText: 'payments/ledger' }).first().click();
    await expect(page.getByText(/k8s:app=ledger/).first()).toBeVisible();
    await expect(page.getByRole('table', { name: 'Versions' })).toContainText('in force');
    await expect(page.getByRole('link', { name: 'Try a change' })).toHaveAttribute(
      'href',
      /what-if\?.*policy=cnp%3Apayments%2Fledger-from-checkout/,
    );
  });

  test('it is accessible', async ({ page }) => expectAccessible(page));
});

test.describe('a policy that is not there', () => {
  test.use({ mayComplain: /404/ });
  test('says so and leads back to all', async ({ page }) => {
    await signIn(page, 'Vera Viewer', `${POLICIES}/cnp/payments/gone`);
    await expect(page.getByText('No policy of this name is in force')).toBeVisible();
    await page.getByRole('link', { name: 'All policies' }).click();
    await expect(inventory(page)).toBeVisible();
  });
});

test('the audit says how far what was seen is what the policies say, and each finding shows its evidence', async ({ page }) => {
  await signIn(page, 'Vera Viewer', `${POLICIES}/audit?range=1h`);
  const figures = page.getByRole('region', { name: 'Figures' });
  await expect(figures).toContainText(/[\d,]+ of [\d,]+ tuples, last 1\sh/);
  await expect(figures).toContainText('never counted as agreeing');
  const finding = page.getByRole('main').getByRole('table').getByRole('button').first();
  await finding.click();
  await expect(page).toHaveURL(/selected=/);
  await expect(drawer(page).getByRole('heading', { name: 'Look at this first' })).toBeVisible();
  await expect(drawer(page).getByRole('heading', { name: 'Evidence' })).toBeVisible();
  await expectAccessible(page);
  await drawer(page).getByRole('link', { name: 'Open in Flows' }).click();
  await expect(page).toHaveURL(/\/flows\?.*filter=/);
});

test('lint says where, why and who says so, and leads to the line', async ({ page }) => {
  await signIn(page, 'Vera Viewer', `${POLICIES}/lint`);
  await expect(page.getByRole('radio', { name: /^All \d+/ })).toBeVisible();
  await expectAccessible(page);
  await page
    .getByRole('main')
    .getByRole('listitem')
    .getByRole('link', { name: /(in|e)gress|spec/ })
    .first()
    .click();
  await expect(page).toHaveURL(/\/policies\/(cnp|ccnp|knp)\//);
  await expect(lines(page).first()).toBeVisible();
});

test('all views of policies fit a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page, 'Vera Viewer', `${POLICIES}?range=1h`);
  await expect(page.getByRole('list', { name: /^Policies, last/ })).toBeVisible();
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
  for (const path of [`${POLICIES}?range=1h&source=true`, LEDGER, `${POLICIES}/audit?range=1h`, `${POLICIES}/lint`]) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
    await expectNoSidewaysScroll(page);
  }
});
