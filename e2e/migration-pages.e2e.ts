import { type Page, expect } from '@playwright/test';
import { ApprovalInbox, PhaseDetail } from '#lib/api/migration.ts';
import { PRD, expectAccessible, expectNoSidewaysScroll, signIn, test } from './support/test.ts';

const DEV = '/c/aegis-dev';
const PLAN = `${PRD}/migration`;

const matrix = (page: Page) => page.getByRole('grid', { name: 'Phases by environment' });
const cell = (page: Page, name: RegExp) => matrix(page).getByRole('button', { name });
const checks = (page: Page) => page.getByRole('table', { name: 'Checks of the gate' });
const drawer = (page: Page) => page.getByRole('complementary');
const gate = (page: Page) => page.getByRole('main').getByRole('region', { name: 'Gate', exact: true });

/** The phase as the API has it, read with the person's own session. */
async function phaseOf(page: Page, cluster: string, phase: number): Promise<PhaseDetail> {
  const answer = await page.request.get(`/api/v1/clusters/${cluster}/migration/phases/${phase}`);
  return PhaseDetail.parse(await answer.json());
}

test.describe('the plan', () => {
  test.beforeEach(async ({ page }) => {
    await signIn(page, 'Vera Viewer', `${PLAN}?phase=0&env=DEV`);
    await expect(checks(page)).toBeVisible();
  });

  test('a person walks the matrix by keyboard and opens a phase of any environment, each with its own link', async ({ page }) => {
    await expect(page).toHaveTitle(/^Migration/);
    await cell(page, /^Phase 0 in DEV/).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await expect(cell(page, /^Phase 1 in TST/)).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/phase=1&env=TST/);
    await expect(page.getByRole('region', { name: /^Phase 1 in TST/ })).toBeVisible();
    await page.keyboard.press('Control+End');
    await expect(cell(page, /^Phase 4 in PRD/)).toBeFocused();
    await page.reload();
    await expect(page.getByRole('region', { name: /^Phase 1 in TST/ })).toBeVisible();
    await expect(cell(page, /^Phase 1 in TST/)).toHaveAttribute('aria-current', 'true');
  });

  test('a check says why, what it needs and where that comes from; Esc closes it', async ({ page }) => {
    await checks(page).getByRole('button').first().click();
    await expect(page).toHaveURL(/check=/);
    await expect(drawer(page).getByRole('heading', { name: 'What it says' })).toBeVisible();
    await expect(drawer(page).getByRole('heading', { name: 'Why it stands before the gate' })).toBeVisible();
    await page.reload();
    await expect(drawer(page)).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await expect(drawer(page)).toHaveCount(0);
    await expect(page).not.toHaveURL(/check=/);
  });

  test('a step unfolds to its commands, how to undo them and the documentation', async ({ page }) => {
    const steps = page.getByRole('region', { name: /^Phase 0 in DEV/ });
    const { steps: known } = await phaseOf(page, 'aegis-dev', 0);
    const step = known.find(({ commands, undo }) => commands.length > 0 && undo.length > 0) ?? known[0];
    await steps.getByRole('button', { name: step?.title ?? '' }).click();
    await expect(page).toHaveURL(/step=0\./);
    await expect(steps.getByRole('button', { name: /^Copy command/ }).first()).toBeVisible();
    await steps.getByRole('button', { name: 'How to undo' }).click();
    await expect(steps.getByRole('button', { name: `Copy command: ${step?.undo[0]?.title}` })).toBeVisible();
    await expectAccessible(page);
  });

  test('rollback and history stand beside the checks, and the link carries which is shown', async ({ page }) => {
    await page.getByRole('radio', { name: 'Rollback' }).click();
    await expect(page).toHaveURL(/tab=rollback/);
    await expect(page.getByRole('heading', { name: 'Look at afterwards' })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('radio', { name: 'History' }).click();
    await page.reload();
    await expect(page.getByRole('radio', { name: 'History' })).toBeChecked();
  });

  test('what may not be done says why, and what nobody may do here is not offered', async ({ page }) => {
    await page.goto(`${PLAN}?phase=4&env=PRD`);
    await expect(gate(page).getByRole('button', { name: 'Request gate' })).toBeDisabled();
    await expect(gate(page)).toContainText(/role operator/);
    await expect(page.getByRole('button', { name: 'Break glass' })).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Settings', exact: true })).toHaveCount(0);
    await expectAccessible(page);
  });

  test('on paper it is a document: all of it open, nothing to press', async ({ page }) => {
    await page.emulateMedia({ media: 'print' });
    await expect(page.getByRole('heading', { name: /^Phase 0 Prepare, DEV/ })).toBeVisible();
    await expect(page.getByRole('heading', { name: /^Checks: \d+ of \d+ pass/ })).toBeVisible();
    await expect(page.getByRole('navigation', { name: 'Pages' })).toBeHidden();
    await expect(page.getByRole('button', { name: 'Request gate' })).toBeHidden();
    await page.emulateMedia({ media: null });
    await expect(page.getByRole('heading', { name: /^Checks: / })).toHaveCount(0);
  });

  test('the whole of it is exported as Markdown and as JSON', async ({ page }) => {
    await page.getByRole('button', { name: 'Export' }).click();
    for (const name of ['Markdown', 'JSON']) {
      const href = await page.getByRole('menuitem', { name }).getAttribute('href');
      const answer = await page.request.get(href ?? '');
      expect(answer.status(), name).toBe(200);
      expect(await answer.text()).toContain('Prepare');
    }
  });
});

test('two people see each other: a tick is there without a reload, with the name to it', async ({ page, elsewhere }) => {
  const there = `${DEV}/migration?phase=0&env=DEV`;
  const other = await elsewhere();
  await signIn(other, 'Vera Viewer', there);
  await expect(checks(other)).toBeVisible();
  await signIn(page, 'Olga Operator', there);
  const { steps } = await phaseOf(page, 'aegis-dev', 0);
  const open = steps.find(({ done }) => !done) ?? steps[0];
  await page.goto(`${there}&step=${open?.id}`);
  const button = page.getByRole('button', { name: open?.done ? 'Take back' : 'Tick as done' });
  await expect(button).toBeEnabled();
  await button.click();
  await expect(other.getByText(/^Olga Operator (ticked|took back the tick)/).first()).toBeAttached();
  await expect(page.getByRole('button', { name: open?.done ? 'Tick as done' : 'Take back' })).toBeVisible();
  // As it was.
  await page.getByRole('button', { name: open?.done ? 'Tick as done' : 'Take back' }).click();
  await expect(button).toBeVisible();
});

test('evidence is uploaded where a check waits for it, and a file that is none says so', async ({ page }) => {
  await signIn(page, 'Olga Operator', `${DEV}/migration?open=uploads`);
  const files = drawer(page).getByLabel('Evidence files', { exact: true });
  await files.setInputFiles({
    name: 'values.yaml',
    mimeType: 'application/yaml',
    buffer: Buffer.from('cni:\n  chainingMode: aws-cni\n  exclusive: false\n'),
  });
  await expect(drawer(page).getByText(/values\.yaml taken as Helm values/)).toBeVisible();
  await expect(drawer(page).getByRole('listitem').filter({ hasText: 'values.yaml' }).first()).toContainText('Olga Operator');
  await expectAccessible(page);
});

test.describe('a file that cannot be read', () => {
  test.use({ mayComplain: /40[0-9]|413|415|422/ });
  test('is refused whole, with what is wrong', async ({ page }) => {
    await signIn(page, 'Olga Operator', `${DEV}/migration?open=uploads`);
    const files = drawer(page).getByLabel('Evidence files', { exact: true });
    await files.setInputFiles({ name: 'picture.json', mimeType: 'application/json', buffer: Buffer.from('{"a": ') });
    await expect(drawer(page).getByRole('alert')).toBeVisible();
    await expect(drawer(page).getByText('picture.json')).toBeVisible();
  });
});

test('an admin finds the settings of the migration, and what is not changed is not sent', async ({ page }) => {
  await signIn(page, 'Ada Admin', `${PLAN}?open=settings`);
  await expect(drawer(page).getByRole('textbox', { name: 'Name' })).toHaveValue(/\S/);
  await expect(drawer(page).getByRole('heading', { name: 'Gates in PRD' })).toBeVisible();
  await expectAccessible(page);
  await drawer(page).getByRole('button', { name: 'Save' }).click();
  await expect(drawer(page)).toHaveCount(0);
});

test('Overview says what the gate waits for, the rail where the cluster stands, and the palette leads to any phase', async ({
  page,
}) => {
  await signIn(page, 'Vera Viewer', `${PRD}/overview`);
  const card = page.getByRole('region', { name: /gate waits for$/ });
  await expect(card.getByText(/of \d+ checks/)).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: /^Migration \d · PRD/ })).toBeVisible();
  await card.getByRole('link', { name: 'Open gate' }).click();
  await expect(matrix(page)).toBeVisible();
  await page.keyboard.press('ControlOrMeta+K');
  await expect(page.getByRole('dialog', { name: 'Search and commands' })).toBeVisible();
  await page.keyboard.type('phase 2 tst');
  await page.getByRole('option', { name: /Phase 2/ }).click();
  await expect(page).toHaveURL(/phase=2&env=TST/);
});

test('the inbox says what waits for whoever looks, over all clusters', async ({ page }) => {
  await signIn(page, 'Axel Approver', '/approvals');
  const inbox = ApprovalInbox.parse(await (await page.request.get('/api/v1/approvals')).json());
  await expect(page.getByRole('region', { name: 'Waits for you' })).toContainText(
    inbox.items.some(({ mine }) => mine) ? /phase \d/ : 'Nothing waits for you',
  );
  await expect(page).toHaveTitle(/^Approvals/);
  await expectAccessible(page);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('the matrix is a card for each phase, the gate comes first, and nothing is wider than the screen', async ({ page }) => {
    await signIn(page, 'Vera Viewer', `${PLAN}?phase=0&env=DEV`);
    await expect(checks(page)).toBeVisible();
    await expectNoSidewaysScroll(page);
    const [first, second] = await Promise.all(
      [/^Phase 0 in DEV/, /^Phase 0 in TST/].map((name) => cell(page, name).boundingBox()),
    );
    expect(second?.y ?? 0).toBeGreaterThan(first?.y ?? 0);
    expect((await gate(page).boundingBox())?.y).toBeLessThan((await checks(page).boundingBox())?.y ?? 0);
    await expectAccessible(page);
    await checks(page).getByRole('button').first().tap();
    await expect(drawer(page)).toBeVisible();
    await expectNoSidewaysScroll(page);
    await page.goto('/approvals');
    await expect(page.getByRole('heading', { name: 'Approvals' })).toBeVisible();
    await expectNoSidewaysScroll(page);
  });
});

test.describe('breaking glass', () => {
  // The refusal that asks for a fresh sign-in.
  test.use({ mayComplain: /403/ });
  test('is asked for in a panel of its own and signed in for anew; it stands in red for all, and another person reviews it', async ({
    page,
    elsewhere,
  }) => {
    const there = `${DEV}/migration?phase=0&env=DEV`;
    const reviewer = await elsewhere();
    await signIn(reviewer, 'Axel Approver', there);
    await expect(checks(reviewer)).toBeVisible();
    await signIn(page, 'Gus Glassbreaker', there);
    await page.getByRole('button', { name: 'Break glass' }).click();
    const done = page.getByRole('button', { name: 'Break glass: phase 0 in DEV' });
    await page.getByRole('textbox', { name: /cannot wait/ }).fill('too short');
    await page.getByRole('textbox', { name: 'Incident or ticket' }).fill('INC-2291');
    await expect(done).toBeDisabled();
    await page.getByRole('textbox', { name: /cannot wait/ }).fill('Payments are down and nobody who may approve answers.');
    await expectAccessible(page);
    await done.click();
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await page.getByRole('button', { name: /^Break the glass: phase 0/ }).click();
    await expect(page).toHaveURL(/\/migration\?/);

    const banner = (of: Page) => of.getByRole('region', { name: 'Broken glass' });
    await expect(banner(page)).toContainText('Gus Glassbreaker went on without approval');
    await expect(cell(page, /^Phase 0 in DEV: .*glass broken/)).toBeVisible();
    // Nobody reviews what they did themselves.
    await expect(gate(page).getByRole('button', { name: 'Review' })).toHaveCount(0);
    await expect(banner(reviewer)).toContainText('Its review is open');
    await expectAccessible(reviewer);

    await reviewer.goto('/approvals');
    await reviewer.getByRole('link', { name: /Review of broken glass: phase 0/ }).click();
    await gate(reviewer).getByRole('button', { name: 'Review' }).click();
    await gate(reviewer).getByRole('textbox', { name: 'What you found' }).fill('The incident was real, and the phase is undone.');
    await gate(reviewer).getByRole('button', { name: 'Close the review' }).click();
    await expect(banner(reviewer)).toContainText('Reviewed by Axel Approver');
    await expect(banner(page)).toContainText('Reviewed by Axel Approver');
  });
});
