import { PRD, TST, expect, expectAccessible, signIn, test } from './support/test.ts';

const PEOPLE = [
  { name: 'Vera Viewer', manages: false, oversees: false, captures: false },
  { name: 'Olga Operator', manages: false, oversees: false, captures: true },
  { name: 'Axel Approver', manages: false, oversees: false, captures: true },
  { name: 'Bea Approver', manages: false, oversees: false, captures: true },
  { name: 'Ada Admin', manages: true, oversees: true, captures: false },
  { name: 'Auri Auditor', manages: false, oversees: true, captures: false },
  { name: 'Gus Glassbreaker', manages: false, oversees: false, captures: false },
];

for (const { name, manages, oversees, captures } of PEOPLE) {
  test(`${name} comes in and is offered what the role may do, and nothing else`, async ({ page }) => {
    await signIn(page, name, `${PRD}/flows`);
    await expect(page.getByRole('table', { name: 'Flows, newest first' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Save as capture' })).toBeVisible({ visible: captures });

    await page.getByRole('link', { name: 'Settings' }).click();
    await expect(page.getByRole('table', { name: 'Clusters' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Add cluster' })).toBeVisible({ visible: manages });
    const settings = page.getByRole('navigation', { name: 'Settings' });
    await expect(settings.getByRole('link', { name: 'Members' })).toBeVisible({ visible: oversees });
    await expect(settings.getByRole('link', { name: 'API tokens' })).toBeVisible({ visible: oversees });

    await settings.getByRole('link', { name: 'Sessions' }).click();
    await expect(page.getByRole('table', { name: 'Sessions' }).getByText('this one')).toBeVisible();
    const everybody = page.getByRole('radio', { name: 'All' });
    await expect(everybody).toBeVisible({ visible: oversees });
    if (oversees) {
      await everybody.click();
      await expect(page.getByRole('columnheader', { name: 'Member' })).toBeVisible();
    }
  });
}

test.describe('without the rights', () => {
  test.use({ mayComplain: /status of 403/ });

  test('a viewer who follows a link to the members is told what is missing', async ({ page }) => {
    await signIn(page, 'Vera Viewer', '/settings/members');
    await expect(page.getByRole('alert').filter({ hasText: 'You may not see this' })).toBeVisible();
    await expect(page.getByRole('alert')).toContainText(['admin or auditor']);
  });
});

test('a link from a colleague leads through sign-in to the very view', async ({ page }) => {
  await page.goto(`${TST}/drops?range=1h&by=node`);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByRole('button', { name: /Vera Viewer/ }).click();
  await expect(page).toHaveURL(/\/c\/aegis-test\/drops\?range=1h&by=node$/);
  await expect(page.getByRole('radio', { name: 'Node' })).toBeChecked();
});

test('a link that would lead away after sign-in does not', async ({ page }) => {
  await page.goto('/sign-in?next=https%3A%2F%2Fevil.invalid%2F');
  await page.getByRole('button', { name: /Vera Viewer/ }).click();
  await expect(page.getByRole('button', { name: 'Signed in as Vera Viewer' })).toBeVisible();
  expect(new URL(page.url()).hostname).toBe('127.0.0.1');
});

test('signing in works with the keyboard alone', async ({ page }) => {
  await page.goto('/sign-in');
  const viewer = page.getByRole('button', { name: /Vera Viewer/ });
  for (let presses = 0; presses < 5 && !(await viewer.evaluate((button) => button === document.activeElement)); presses += 1)
    await page.keyboard.press('Tab');
  await expect(viewer).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Signed in as Vera Viewer' })).toBeVisible();
});

test.describe('after signing out', () => {
  // What the page was reading at that moment is refused.
  test.use({ mayComplain: /status of 401/ });

  test('signing out ends the session on the server too: the cookie kept by someone is worth nothing', async ({
    signedIn,
    elsewhere,
  }) => {
    const cookies = await signedIn.context().cookies();
    await signedIn.getByRole('button', { name: 'Signed in as Ada Admin' }).click();
    await signedIn.getByRole('dialog', { name: 'Signed in' }).getByRole('button', { name: 'Sign out' }).click();
    await expect(signedIn.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    await signedIn.goto(`${PRD}/map`);
    await expect(signedIn).toHaveURL(/\/sign-in/);

    const thief = await elsewhere();
    await thief.context().addCookies(cookies);
    expect((await thief.request.get('/api/v1/me')).status()).toBe(401);
  });
});

test('the session of another browser is ended, and that browser says so by itself', async ({ signedIn, elsewhere }) => {
  const other = await elsewhere();
  await signIn(other, 'Axel Approver', `${PRD}/overview`);
  await expect(other.getByRole('table', { name: 'Nodes behind the relay' })).toBeVisible();

  await signedIn.goto('/settings/sessions?all=true');
  const row = signedIn.getByRole('row', { name: /Axel Approver/ }).first();
  await row.getByRole('button', { name: 'End session' }).click();
  const question = signedIn.getByRole('group', { name: /End .*Axel Approver/ });
  await question.getByRole('button', { name: 'End session' }).click();
  await expect(question).toBeHidden();

  await expect(other.getByText('Your session has ended.')).toBeVisible();
  await other.getByRole('link', { name: 'Sign in again' }).click();
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('the sign-in page is accessible', async ({ page }) => {
  await page.goto('/sign-in');
  await expect(page.getByRole('button', { name: /Vera Viewer/ })).toBeVisible();
  await expectAccessible(page);
});
