import { AxeBuilder } from '@axe-core/playwright';
import { type BrowserContext, type Page, expect, test as base } from '@playwright/test';

export { expect };

/** The demo's three clusters, as their addresses begin. */
export const PRD = '/c/aegis-production';
export const TST = '/c/aegis-test';

interface Journey {
  /** Errors in the browser's console that a journey causes on purpose, such as a 404 it asks for. */
  mayComplain: RegExp | undefined;
  /** Ada Admin, signed in. */
  signedIn: Page;
  /** Another person's browser: no cookies shared with `page`. */
  elsewhere: () => Promise<Page>;
  watched: void;
}

/**
 * Journeys on the shared demo console: relative addresses lead there. Each fails when a page asks anything outside this machine, throws,
 * breaks its content security policy or writes an error to the browser's console.
 */
export const test = base.extend<Journey>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads from it which fixtures are wanted
  baseURL: async ({}, use) => use(process.env['CAUSEWAY_E2E_URL']),
  mayComplain: [undefined, { option: true }],
  watched: [
    async ({ context, mayComplain }, use) => {
      const complaints = watch(context);
      await use();
      expect(complaints().filter((complaint) => !mayComplain?.test(complaint))).toEqual([]);
    },
    { auto: true },
  ],
  signedIn: async ({ page }, use) => {
    await signIn(page, 'Ada Admin');
    await use(page);
  },
  elsewhere: async ({ browser, baseURL, viewport }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext({ viewport, ...(baseURL === undefined ? {} : { baseURL }) });
      contexts.push(context);
      return context.newPage();
    });
    await Promise.all(contexts.map((context) => context.close()));
  },
});

/** Collects what should not happen in a browser, whatever the page. */
function watch(context: BrowserContext): () => string[] {
  const complaints: string[] = [];
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') complaints.push(`asked ${request.url()}`);
  });
  context.on('weberror', (error) => complaints.push(`threw ${error.error().message}`));
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} (${message.page()?.url() ?? ''})`);
  });
  return () => complaints;
}

/** Signs in as a demo user, by the page a person would use. */
export async function signIn(page: Page, name: string, next = '/'): Promise<void> {
  await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
  await page.getByRole('button', { name: new RegExp(name) }).click();
  await page.waitForURL((url) => url.pathname !== '/sign-in');
  await expect(
    page
      .getByRole('button', { name: `Signed in as ${name}` })
      .or(openNavigation(page))
      .first(),
  ).toBeVisible();
  // The start page leads on to a cluster: whoever leaves before it did is taken back.
  await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
}

/** On phones the person's menu is behind this button. */
export const openNavigation = (page: Page) => page.getByRole('button', { name: 'Open navigation' });

/** Fails on what axe calls serious or critical, in the light and in the dark theme. */
export async function expectAccessible(page: Page): Promise<void> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const axe = new AxeBuilder({ page });
    // A theme changes colours and nothing else.
    const { violations } = await (colorScheme === 'dark' ? axe.withRules('color-contrast') : axe).analyze();
    for (const { id, impact, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue;
      const places = nodes.slice(0, 3).map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary ?? ''}`);
      found.push(`${colorScheme} ${id}: ${places.join(' | ')}`);
    }
  }
  await page.emulateMedia({ colorScheme: null });
  expect(found).toEqual([]);
}

/** Fails when the page can be scrolled sideways. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const overflow = await page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll('main')]
      .filter((element) => element.scrollWidth > element.clientWidth)
      .map((element) => `${element.tagName} is ${element.scrollWidth} wide in ${element.clientWidth}`),
  );
  expect(overflow, page.url()).toEqual([]);
}
