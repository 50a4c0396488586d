import { PRD, expect, expectAccessible, signIn, test } from './support/test.ts';

test.beforeEach(async ({ page }) => {
  await signIn(page, 'Vera Viewer', `${PRD}/overview`);
  await expect(page.getByRole('table', { name: 'Drops by reason' })).toBeVisible();
});

test('a person who opens a cluster sees how much talks, what is dropped and whether all of it is seen', async ({ page }) => {
  await expect(page).toHaveTitle(/Overview/);
  const figures = page.getByRole('region', { name: 'Figures' });
  await expect(figures).toContainText(/[\d.,]+ flows\/s/);
  await expect(figures).toContainText(/[\d,]+ of [\d,]+, last 1/);
  await expect(figures).toContainText(/17 workloads/);
  await expect(page.getByRole('table', { name: 'Nodes behind the relay' }).getByRole('row')).toHaveCount(5);
  await expect(page.getByRole('button', { name: /Coverage: / })).toContainText(/[34]\/4 nodes/); // a node leaves and comes back
  await expect(page.getByRole('banner').getByText('Demo')).toBeVisible();
});

test('the numbers go on without a reload, and stand still while paused', async ({ page }) => {
  const newest = page.getByRole('table', { name: 'Nodes behind the relay' });
  const before = await newest.innerText();
  await expect.poll(() => newest.innerText()).not.toBe(before);

  await page.getByRole('button', { name: 'Live' }).click();
  await expect(page).toHaveURL(/paused=true/);
  await expect(page.getByRole('button', { name: 'Paused' })).toBeVisible();
});

test('every number leads to its evidence', async ({ page }) => {
  const reason = page.getByRole('table', { name: 'Drops by reason' }).getByRole('link').first();
  const name = await reason.innerText();
  await reason.click();
  await expect(page).toHaveURL(/\/drops\?range=1h&filter=reason/);
  await expect(page.getByRole('button', { name, pressed: true })).toBeVisible();

  await page.goBack();
  await page
    .getByRole('list', { name: /Edges with the most/ })
    .getByRole('link')
    .first()
    .click();
  await expect(page).toHaveURL(/\/map\?selected=/);
  await expect(page.getByRole('complementary').getByRole('link', { name: 'Open in Flows' }).first()).toBeVisible();
});

test('the chip of coverage explains what this view can and cannot know', async ({ page }) => {
  await page.getByRole('button', { name: /Coverage: / }).click();
  await expect(page.getByRole('dialog', { name: 'Coverage' })).toContainText(/(All|Not all) is seen.*Flows received/);
});

test('another cluster is one choice away, on the same page, with its environment told', async ({ page }) => {
  await page.getByRole('button', { name: /^Cluster: / }).click();
  await page
    .getByRole('dialog', { name: 'Clusters' })
    .getByRole('button', { name: /aegis-dev/ })
    .click();
  await expect(page).toHaveURL(/\/c\/aegis-dev\/overview/);
  await expect(page.getByRole('button', { name: 'Cluster: DEV aegis-dev Demo' })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Nodes behind the relay' })).toBeVisible();
});

test('the overview is accessible', async ({ page }) => {
  await expectAccessible(page);
});
