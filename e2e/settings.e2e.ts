import { type Page, expect } from '@playwright/test';
import { expectAccessible, signIn, test } from './support/test.ts';

const clusters = (page: Page) => page.getByRole('table', { name: 'Clusters' });
const drawer = (page: Page) => page.getByRole('complementary');

test.beforeEach(async ({ page }) => signIn(page, 'Ada Admin', '/settings/clusters'));

test.describe('clusters', () => {
  // A conflict and a name that is gone are answered with 4xx, which browsers write to their console.
  test.use({ mayComplain: /status of 4(04|12)/ });

  test('a cluster is tested, added, changed by two people at once, and removed', async ({ page, elsewhere }) => {
    await page.getByRole('button', { name: 'Add cluster' }).click();
    await expect(drawer(page).getByRole('heading', { name: 'Add a cluster' })).toBeVisible();
    await drawer(page).getByRole('textbox', { name: 'Id' }).fill('Not An Id');
    await drawer(page).getByRole('textbox', { name: 'Address' }).fill('127.0.0.1:1');
    await drawer(page).getByRole('button', { name: 'Add cluster' }).click();
    await expect(drawer(page).getByRole('textbox', { name: 'Id' })).toHaveAttribute('aria-invalid', 'true');

    await drawer(page).getByRole('textbox', { name: 'Id' }).fill('spare');
    await drawer(page).getByRole('textbox', { name: 'Name' }).fill('Spare');
    await drawer(page).getByRole('button', { name: 'Test connection' }).click();
    await expect(drawer(page).getByRole('status').filter({ hasText: '127.0.0.1:1' })).toContainText(
      /refused|cannot be reached|not reachable|unreachable/i,
    );
    await drawer(page).getByRole('button', { name: 'Add cluster' }).click();
    const row = clusters(page).getByRole('row', { name: /Spare/ });
    await expect(row).toContainText(/connecting|reconnecting|failed/);

    // Someone else changes it while it is open here: their change is not overwritten.
    const other = await elsewhere();
    await signIn(other, 'Ada Admin', '/settings/clusters?edit=spare');
    await expect(drawer(other).getByRole('textbox', { name: 'Name' })).toHaveValue('Spare');
    await row.getByRole('button', { name: 'Edit' }).click();
    await drawer(page).getByRole('textbox', { name: 'Name' }).fill('Spare one');
    await drawer(page).getByRole('button', { name: 'Save' }).click();
    await expect(clusters(page).getByRole('row', { name: /Spare one/ })).toBeVisible();
    await drawer(other).getByRole('textbox', { name: 'Name' }).fill('Spare two');
    await drawer(other).getByRole('button', { name: 'Save' }).click();
    await expect(drawer(other).getByRole('alert')).toContainText(/changed/i);
    await expect(clusters(page).getByRole('row', { name: /Spare one/ })).toBeVisible();

    await clusters(page)
      .getByRole('row', { name: /Spare one/ })
      .getByRole('button', { name: 'Remove' })
      .click();
    const question = page.getByRole('group', { name: 'Remove Spare one?' });
    await expect(question).toContainText('The cluster itself is not touched.');
    await question.getByRole('button', { name: 'Remove' }).click();
    await expect(clusters(page).getByText('Spare one', { exact: true })).toBeHidden();
  });
});

test('a relay that answers is told with its version and nodes before it is added', async ({ page }) => {
  const address = await clusters(page)
    .getByRole('row', { name: /aegis-test/ })
    .getByText(/^127\.0\.0\.1:\d+/)
    .innerText();
  await page.getByRole('button', { name: 'Add cluster' }).click();
  await drawer(page)
    .getByRole('textbox', { name: 'Address' })
    .fill(address.split('\n')[0] ?? '');
  await drawer(page).getByRole('button', { name: 'Test connection' }).click();
  await expect(drawer(page).getByText(/^A relay answers \(.*\): \d+ nodes connected/)).toBeVisible();
  await drawer(page).getByRole('button', { name: 'Close' }).click();
  await expect(page).not.toHaveURL(/edit=/);
});

test.describe('tokens', () => {
  test('a token is shown once, works as a bearer within its role, and stops when it is revoked', async ({
    page,
    playwright,
    baseURL,
  }) => {
    await page.goto('/settings/tokens');
    await page.getByRole('button', { name: 'Create token' }).click();
    await drawer(page).getByRole('textbox', { name: 'Name' }).fill('journey');
    await drawer(page).getByRole('combobox', { name: 'Where' }).selectOption({ label: 'all TST clusters' });
    await drawer(page).getByRole('button', { name: 'Create token' }).click();
    const secret = await page
      .getByRole('region', { name: 'The secret of journey' })
      .getByText(/^\S{24,}$/)
      .innerText();

    const program = await playwright.request.newContext({
      ...(baseURL === undefined ? {} : { baseURL }),
      extraHTTPHeaders: { authorization: `Bearer ${secret}` },
    });
    const topology = await program.get('/api/v1/clusters/aegis-test/topology?level=workload');
    expect(topology.status()).toBe(200);
    expect(((await topology.json()) as { edges: unknown[] }).edges.length).toBeGreaterThan(0);
    expect([403, 404]).toContain((await program.get('/api/v1/clusters/aegis-production/status')).status());
    expect(
      (await program.post('/api/v1/tokens', { data: { name: 'more', grants: [{ role: 'admin', scope: '*' }] } })).status(),
    ).toBe(403);

    await page.getByRole('button', { name: 'I have stored it' }).click();
    await expect(page.getByText(secret)).toBeHidden();
    await page.reload();
    const row = page.getByRole('row', { name: /journey/ });
    await expect(row).toContainText('viewer');
    await expect(page.getByText(secret)).toBeHidden();

    await row.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('group', { name: 'Revoke journey?' }).getByRole('button', { name: 'Revoke' }).click();
    await expect(row).toContainText('revoked');
    expect((await program.get('/api/v1/clusters/aegis-test/status')).status()).toBe(401);
    await program.dispose();
  });
});

test('members are listed with where their roles come from', async ({ page }) => {
  await page.goto('/settings/members');
  const row = page.getByRole('table', { name: 'Members' }).getByRole('row', { name: /Ada Admin/ });
  await expect(row).toContainText('admin everywhere');
  await page.getByRole('searchbox', { name: 'Find a member' }).fill('nobody at all');
  await expect(row).toBeHidden();
});

for (const page of ['clusters', 'members', 'sessions', 'tokens', 'about']) {
  test(`the settings page of ${page} is accessible`, async ({ page: tab }) => {
    await tab.goto(`/settings/${page}`);
    await expect(tab.getByRole('navigation', { name: 'Settings' })).toBeVisible();
    await expect(tab.getByRole('main').getByRole('status', { name: /^Loading/ })).toBeHidden();
    await expectAccessible(tab);
  });
}

test('the form of a cluster is accessible', async ({ page }) => {
  await page.goto('/settings/clusters?edit=%2B');
  await expect(drawer(page).getByRole('textbox', { name: 'Id' })).toBeVisible();
  await expectAccessible(page);
});
