import { type Page, expect } from '@playwright/test';
import { PRD, TST, expectAccessible, expectNoSidewaysScroll, openNavigation, signIn, test } from './support/test.ts';

const PAGES = [
  `${PRD}/overview`,
  `${PRD}/map`,
  `${PRD}/map?view=table`,
  `${PRD}/flows`,
  `${PRD}/flows?totals=true`,
  `${PRD}/drops?range=1h`,
  `${PRD}/flows/captures`,
  `${PRD}/policies`,
  `${PRD}/policies/cnp/payments/ledger-from-checkout`,
  `${PRD}/policies/audit`,
  `${PRD}/policies/lint`,
  `${PRD}/migration`,
  `${PRD}/receipts`,
  `${PRD}/receipts/batches`,
  `${PRD}/receipts/pipeline`,
  '/receipts/verify',
  '/approvals',
  '/settings/clusters',
  '/settings/members',
  '/settings/sessions?all=true',
  '/settings/tokens',
  '/settings/about',
];

const palette = (page: Page) => page.getByRole('dialog', { name: 'Search and commands' });

async function search(page: Page, text: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+K');
  await expect(palette(page)).toBeVisible();
  await page.keyboard.type(text);
}

test.describe('the frame', () => {
  test.beforeEach(async ({ page }) => {
    await signIn(page, 'Ada Admin', `${PRD}/overview`);
    await expect(page.getByRole('button', { name: 'Live' })).toBeVisible();
  });

  test('the palette finds pages, workloads and actions by typing', async ({ page }) => {
    await search(page, 'payments-db');
    await palette(page).getByRole('option', { name: 'payments/payments-db' }).click();
    await expect(page).toHaveURL(/\/map\?selected=payments/);
    await expect(page.getByRole('complementary').getByRole('heading', { name: 'Called by', exact: true })).toBeVisible();

    await search(page, 'drops');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Drops', level: 1 })).toBeVisible();

    await search(page, 'no such thing at all');
    await expect(palette(page).getByText(/Nothing by that name/)).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(palette(page)).toBeHidden();
  });

  test('the theme is switched by the button and by the palette, and stays', async ({ page }) => {
    const theme = () => page.evaluate(() => document.documentElement.dataset['theme']);
    expect(await theme()).toBe('light');
    await page.getByRole('button', { name: 'Switch between light and dark' }).click();
    expect(await theme()).toBe('dark');
    await page.reload();
    expect(await theme()).toBe('dark');
    await search(page, 'switch between');
    await page.keyboard.press('Enter');
    await expect.poll(theme).toBe('light');
  });

  test('the time range is one for all pages and lives in their links', async ({ page }) => {
    await page.getByRole('button', { name: /^Time range: / }).click();
    await page.getByRole('button', { name: /^Last 1.h$/ }).click();
    await expect(page).toHaveURL(/range=1h/);
    await page
      .getByRole('navigation', { name: 'Pages' })
      .getByRole('link', { name: /^Drops/ })
      .click();
    await expect(page).toHaveURL(/\/drops\?range=1h/);

    await page.getByRole('button', { name: /^Time range: / }).click();
    await page.getByLabel('From (UTC)').fill('2026-03-02T15:00');
    await page.getByLabel('To (UTC)').fill('2026-03-02T14:00');
    await page.getByRole('button', { name: 'Show this time' }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'The first time must be before the second.' })).toBeVisible();
    await page.getByLabel('To (UTC)').fill('2026-03-02T16:00');
    await page.getByRole('button', { name: 'Show this time' }).click();
    await expect(page).toHaveURL(/from=\d+&to=\d+/);
    await page.getByRole('button', { name: 'Back to live' }).first().click();
    await expect(page.getByRole('button', { name: 'Live' })).toBeVisible();
  });

  test('the navigation folds, remembers it, and can be skipped', async ({ page }) => {
    await page.getByRole('button', { name: 'Fold navigation' }).click();
    await page.reload();
    await expect(page.getByRole('button', { name: 'Unfold navigation' })).toBeVisible();
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Map' }).click();
    await expect(page.getByRole('heading', { name: 'Map', level: 1 })).toBeVisible();
    await page.reload();
    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('main')).toBeFocused();
  });

  test('the start page leads to the cluster looked at last', async ({ page }) => {
    await page.goto(`${TST}/flows`);
    await expect(page.getByRole('table', { name: 'Flows, newest first' })).toBeVisible();
    await page.goto('/');
    await expect(page).toHaveURL(/\/c\/aegis-test\/overview/);
  });
});

test.describe('nothing there', () => {
  test.use({ mayComplain: /status of 404/ });

  test('an address of nothing and a cluster that is none say so in one way, with a way on', async ({ page }) => {
    await signIn(page, 'Vera Viewer');
    for (const path of ['/nothing', '/c/none/map', '/settings/nothing']) {
      await page.goto(path);
      await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible();
    }
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Go to the start page' }).click();
    await expect(page).toHaveURL(/\/overview/);
  });
});

test('every page answers with its security headers and lets no inline script run', async ({ page }) => {
  await signIn(page, 'Ada Admin');
  for (const path of [...PAGES, '/sign-in']) {
    const headers = (await page.request.get(path)).headers();
    expect(headers['content-security-policy'], path).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic';/);
    expect(headers['content-security-policy'], path).toContain("frame-ancestors 'none'");
    expect(headers, path).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin' });
  }
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('no page has to be scrolled sideways', async ({ page }) => {
    await page.goto('/sign-in');
    await expectNoSidewaysScroll(page);
    await signIn(page, 'Ada Admin');
    for (const path of PAGES) {
      await page.goto(path);
      await expect(page.getByRole('main').getByRole('heading').first()).toBeAttached();
      await expect(page.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
      await expectNoSidewaysScroll(page);
    }
  });

  test('the pages are reached by the sheet of the navigation, and details rise as a sheet from below', async ({ page }) => {
    await signIn(page, 'Vera Viewer', `${PRD}/overview`);
    await openNavigation(page).tap();
    const sheet = page.getByRole('dialog', { name: 'Navigation' });
    await expect(sheet.getByText('Vera Viewer')).toBeVisible();
    await sheet.getByRole('link', { name: /^Flows/ }).tap();
    await expect(sheet).toBeHidden();

    await page
      .getByRole('button', { name: /: open$/ })
      .first()
      .tap();
    const drawer = page.getByRole('complementary');
    await expect(drawer.getByRole('heading', { name: 'Verdict and why' })).toBeVisible();
    const box = await drawer.boundingBox();
    expect(box).toMatchObject({ x: 0, width: 390 });
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeCloseTo(844, 0);
    await drawer.getByRole('button', { name: 'Close' }).tap();
    await expect(drawer).toBeHidden();
  });

  test('the map folds to namespaces and answers to a tap', async ({ page }) => {
    await signIn(page, 'Vera Viewer', `${PRD}/map`);
    const map = page.getByRole('application', { name: /^Service map/ });
    await map.getByText('payments', { exact: true }).tap();
    await expect(page.getByRole('complementary').getByRole('heading', { level: 2 })).toHaveText(/payments/);
    await expectAccessible(page);
  });
});
