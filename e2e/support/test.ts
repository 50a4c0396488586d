import AxeBuilder from '@axe-core/playwright';
import { type Page, expect, test as base } from '@playwright/test';

export { expect };

/** Journeys on the shared demo console: relative addresses lead there. */
export const test = base.extend<{ signedIn: Page }>({
  baseURL: async ({}, use) => use(process.env['CAUSEWAY_E2E_URL']),
  signedIn: async ({ page }, use) => {
    await signIn(page, 'Ada Admin');
    await use(page);
  },
});

/** Signs in as a demo user, by the page a person would use. */
export async function signIn(page: Page, name: string, next = '/'): Promise<void> {
  await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
  await page.getByRole('button', { name: new RegExp(name) }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
}

/** Fails on what axe calls serious or critical. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(
    bad.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ target }) => target.join(' '))
          .slice(0, 3)
          .join(' | ')}`,
    ),
  ).toEqual([]);
}
