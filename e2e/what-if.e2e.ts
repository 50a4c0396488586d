import { type Page, expect } from '@playwright/test';
import { PRD, expectAccessible, expectNoSidewaysScroll, signIn, test } from './support/test.ts';

const WHAT_IF = `${PRD}/policies/what-if`;
const LEDGER = `${WHAT_IF}?range=1h&policy=cnp:payments/ledger-from-checkout`;

const drawer = (page: Page) => page.getByRole('complementary');
const effect = (page: Page) => page.getByRole('region', { name: 'Effect' });
const editor = (page: Page) => page.getByRole('textbox', { name: 'Candidate policies, YAML' });

test('from a drop to why, to the rule that would allow it and what else that lets in, to a suggestion that denies nothing', async ({
  page,
}) => {
  // A drop, and why.
  await signIn(page, 'Vera Viewer', `${PRD}/drops?range=1h&filter=reason:POLICY_DENIED`);
  await page
    .getByRole('table', { name: /^Dropped pairs/ })
    .getByRole('row', { name: /monitoring\/grafana to payments\/ledger TCP\/9090/ })
    .first()
    .getByRole('button')
    .click();
  const ingress = drawer(page).getByRole('region', { name: /^Ingress at payments\/ledger/ });
  await expect(ingress).toContainText('denied');
  await expect(ingress.getByRole('link', { name: /ingress\[\d\]/ }).first()).toBeVisible();
  await expect(drawer(page).getByText(/The policies in force agree with what was seen/)).toBeVisible();

  // What else the rule would let in, before the rule.
  await expect(drawer(page).getByRole('heading', { name: 'Before you allow it' })).toBeVisible();
  await expect(
    drawer(page)
      .getByText(/Its peer selector matches \d+ endpoint/)
      .first(),
  ).toBeVisible();
  await expect(drawer(page).getByLabel(/^Policy with the change/)).toContainText('grafana');
  await expectAccessible(page);

  // The rule, tried.
  await drawer(page).getByRole('link', { name: 'Try in what-if' }).click();
  await expect(page).toHaveURL(/what-if\?.*load=allow/);
  await expect(editor(page)).toContainText('grafana');
  const allowed = effect(page).getByRole('list', { name: 'Newly allowed' });
  await expect(allowed.getByRole('button', { name: /grafana.*to.*ledger/ }).first()).toBeVisible();
  await expect(effect(page).getByRole('region', { name: 'Newly denied' })).toHaveCount(0);

  // A set for the namespace that denies nothing of what was seen.
  await page.getByRole('navigation', { name: 'Policies' }).getByRole('link', { name: 'Suggest' }).click();
  await page.getByLabel('Namespace').selectOption('payments');
  await expect(page.getByText(/^0 newly denied/)).toBeVisible({ timeout: 20_000 });
  await page.getByRole('link', { name: 'Open in what-if' }).click();
  await expect(effect(page).getByText(/distinct tuples/)).toBeVisible();
  await expect(effect(page).getByRole('region', { name: 'Newly denied' })).toHaveCount(0);
});

test.describe('the editor', () => {
  test.beforeEach(async ({ page }) => {
    await signIn(page, 'Olga Operator', LEDGER);
    await expect(effect(page).getByText(/distinct tuples.*judged in/)).toBeVisible();
  });

  test('answers as one types: what is newly denied, with both sides, and back by undo', async ({ page }) => {
    await expect(effect(page).getByText(/No traffic that was seen is newly denied/)).toBeVisible();
    await editor(page).getByText('checkout-api').first().dblclick();
    await page.keyboard.type('nobody');
    const denied = effect(page).getByRole('list', { name: 'Newly denied' });
    const row = denied.getByRole('button', { name: /checkout-api.*to.*ledger/ }).first();
    await row.click();
    await expect(denied.getByText('In force')).toBeVisible();
    await expect(denied.getByText('Candidate', { exact: true })).toBeVisible();
    await expect(page).toHaveURL(/selected=/);
    await page.getByRole('radio', { name: 'Diff' }).click();
    await expect(page).toHaveURL(/show=diff/);
    await expectAccessible(page);
    await page.getByRole('radio', { name: 'YAML' }).click();
    await page.getByRole('button', { name: 'Discard edits' }).click();
    await expect(effect(page).getByText(/No traffic that was seen is newly denied/)).toBeVisible();
  });

  test('completes from what is really there, and says what Cilium would refuse at its line', async ({ page }) => {
    await editor(page).click();
    await page.keyboard.press('ControlOrMeta+End');
    await page.keyboard.type('\n---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nspec:\nendpoint');
    await page.getByRole('option', { name: /^endpointSelector/ }).click();
    await expect(editor(page)).toContainText('endpointSelector:');
    const lint = page.getByRole('region', { name: 'Lint' });
    await expect(lint.getByRole('button', { name: /Line \d+/ }).first()).toBeVisible();
    await expect(lint.getByText(/^[1-9]\d* error/)).toBeVisible();
  });

  test('edits are there again after a look at another page, and on the map', async ({ page }) => {
    await editor(page).getByText('checkout-api').first().dblclick();
    await page.keyboard.type('nobody');
    await expect(effect(page).getByRole('list', { name: 'Newly denied' })).toBeVisible();
    await effect(page).getByRole('link', { name: 'Show on map' }).click();
    await expect(page.getByText(/With the candidate, of the edges shown: [1-9]\d* newly denied/)).toBeVisible();
    await page.getByRole('link', { name: 'Open in What-if' }).click();
    await expect(page.getByText(/Edits of this tab that were not saved/)).toBeVisible();
    await expect(editor(page)).toContainText('nobody');
  });

  test('a candidate is stored, has a link of its own, is watched and goes again', async ({ page }) => {
    await page.getByRole('button', { name: 'Save as candidate' }).click();
    const form = page.getByRole('dialog', { name: 'Save as candidate' });
    const name = `ledger-lockdown-${Date.now()}`;
    await form.getByLabel('Name').fill(name);
    await form.getByRole('checkbox').check();
    await form.getByRole('button', { name: 'Save candidate' }).click();
    await expect(page).toHaveURL(/set=/);
    await expect(effect(page).getByRole('region', { name: 'Would deny' })).toBeVisible();
    await page.reload();
    await expect(page.getByRole('button', { name: new RegExp(name) })).toBeVisible();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page
      .getByRole('group', { name: `Delete ${name}?` })
      .getByRole('button', { name: 'Delete' })
      .click();
    await expect(page).not.toHaveURL(/set=/);
  });
});

test('why: a question typed in has a link, an answer by direction, and what would allow it', async ({ page }) => {
  await signIn(page, 'Vera Viewer', `${PRD}/policies/why`);
  await page.getByLabel('From').fill('gateway/web-bff');
  await page.getByLabel('To', { exact: true }).fill('payments/payments-db');
  await page.getByLabel('Port').fill('5432');
  await page.getByRole('button', { name: 'Ask why' }).click();
  await page.mouse.move(0, 0);
  await expect(page).toHaveURL(/src=gateway\/web-bff&dst=payments\/payments-db&port=5432/);
  await expect(page.getByRole('region', { name: 'Verdict' })).toContainText('denied');
  await expect(page.getByRole('region', { name: /^Egress at/ })).toBeVisible();
  await expect(page.getByRole('region', { name: /^Ingress at/ })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Smallest change to allow it' })).toBeVisible();
  await expectAccessible(page);
  await page.reload();
  await expect(page.getByRole('region', { name: 'Verdict' })).toContainText('denied');
});

test('reach: states in words, arrows walk the matrix, a namespace unfolds, the table has the same', async ({ page }) => {
  await signIn(page, 'Vera Viewer', `${PRD}/policies/reach?range=1h`);
  const grid = page.getByRole('grid');
  await expect(grid.getByRole('button', { name: /gateway to payments: allowed|gateway to payments: conditional/ })).toBeVisible();
  await grid
    .getByRole('button', { name: /^[^ ]+ to / })
    .first()
    .focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(drawer(page)).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Unfold payments' }).first().click();
  await expect(page).toHaveURL(/ns=payments/);
  await expect(page.getByRole('grid').getByRole('button', { name: /payments\/checkout-api to payments\/ledger/ })).toBeVisible();
  await page.getByRole('radio', { name: 'Table' }).click();
  await expect(page.getByRole('table', { name: 'Reachability by pair' })).toBeVisible();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 } });
  for (const path of [
    'what-if?range=1h&policy=cnp:payments/ledger-from-checkout',
    'why',
    'suggest?ns=payments&range=1h',
    'reach?range=1h',
  ]) {
    test(`nothing scrolls sideways: ${path}`, async ({ page }) => {
      await signIn(page, 'Vera Viewer', `${PRD}/policies/${path}`);
      await expect(page.getByRole('navigation', { name: 'Policies' })).toBeVisible();
      await expect(page.getByRole('status', { name: /Loading|Judging|Making/ })).toHaveCount(0);
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
    });
  }
});
