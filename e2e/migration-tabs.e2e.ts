import { readFile } from 'node:fs/promises';
import { type Page, expect } from '@playwright/test';
import { flowLogsFile } from './support/flow-logs.ts';
import { PRD, TST, expectAccessible, expectNoSidewaysScroll, signIn, test } from './support/test.ts';

const PREFLIGHT = `${PRD}/migration/preflight`;
const VALUES = `${PRD}/migration/values`;
const BASELINE = `${TST}/migration/baseline`;
const RISKS = `${PRD}/migration/risks`;
const AUDIT_LOG = '/settings/audit-log';

const drawer = (page: Page) => page.getByRole('complementary');
const checks = (page: Page) => page.getByRole('heading', { level: 3 });
/** What failed, not the announcer of pages. */
const problem = (page: Page) => page.getByRole('alert').filter({ hasText: /\w/ });
const auditLog = (page: Page) => page.getByRole('table', { name: 'Audit log' });

test.describe('preflight', () => {
  test.beforeEach(async ({ page }) => {
    await signIn(page, 'Olga Operator', PREFLIGHT);
    await expect(page.getByText(/^33 checks on Cilium/)).toBeVisible();
  });

  test('checks stand by subsystem, each with what it found or lacks, and a link opens one', async ({ page }) => {
    await expect(page).toHaveTitle(/^Preflight/);
    const list = page.getByRole('navigation', { name: 'Subsystems' });
    await list.getByRole('button', { name: /^Hubble/ }).click();
    await expect(page.getByRole('region', { name: 'Hubble' })).toBeVisible();
    await list.getByRole('button', { name: /^All checks/ }).click();
    await expect(checks(page)).toHaveCount(33);
    await checks(page).getByRole('button').first().click();
    await expect(page).toHaveURL(/check=\d+/);
    await page.reload();
    const opened = page.getByRole('listitem').filter({ has: page.locator('[aria-expanded=true]') });
    await expect(opened.getByText('Why:')).toBeVisible();
    await expect(opened.getByRole('list', { name: 'Behind it' }).getByRole('link').first()).toHaveAttribute('rel', /noopener/);
    await expectAccessible(page);
  });

  test('a phase narrows the checks, and what is left is exported as the command line prints it', async ({ page }) => {
    await page.getByRole('radio', { name: 'Phase 3' }).click();
    await expect(page).toHaveURL(/phase=3/);
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export JSON' }).click();
    const report = JSON.parse(await readFile(await (await coming).path(), 'utf8')) as { check: number; status: string }[];
    expect(report.length).toBeGreaterThan(0);
    expect(report.length).toBeLessThan(33);
    expect(report.every(({ status }) => ['pass', 'fail', 'unknown'].includes(status))).toBe(true);
  });

  test('inputs say where they are from, and the missing ones how to get them', async ({ page }) => {
    await page.getByRole('button', { name: 'Show inputs' }).click();
    const inputs = page.getByRole('table', { name: 'Inputs of preflight' });
    await expect(inputs.getByRole('row', { name: /^pods / })).not.toContainText('missing');
    await expect(page.getByRole('button', { name: 'Choose files' }).first()).toBeVisible();
    await expectAccessible(page);
  });
});

test('values are generated for a phase, each with its reason, and against what runs', async ({ page }) => {
  await signIn(page, 'Vera Viewer', VALUES);
  const lines = page.getByRole('list', { name: 'Text of the Helm values' }).getByRole('listitem');
  await expect(lines.filter({ hasText: 'chainingMode: aws-cni' })).toHaveCount(1);
  await expect(page.getByRole('region', { name: 'Why' })).toContainText('cni.chainingMode');
  await page.getByRole('radio', { name: 'Application' }).click();
  await expect(page.getByRole('list', { name: /Argo CD Application/ })).toContainText('kind: Application');
  await page.getByRole('radio', { name: 'Phase 3' }).click();
  await page.getByRole('radio', { name: /^Changes/ }).click();
  await expect(page).toHaveURL(/phase=3/);
  await expect(page).toHaveURL(/show=changes/);
  await expect(page.getByRole('table', { name: 'Values that change' }).or(page.getByText('Nothing differs'))).toBeVisible();
  await expectAccessible(page);
});

test.describe('the baseline', () => {
  // A file with a broken line is refused, which browsers write to their console.
  test.use({ mayComplain: /status of 4\d\d/ });

  test('flow logs are imported whole or not at all, and show pairs, rejects and whom nobody knows', async ({ page }) => {
    await signIn(page, 'Olga Operator', BASELINE);
    const file = page.getByLabel('File of VPC Flow Logs');
    await file.setInputFiles(flowLogsFile(20, { broken: true }));
    await expect(problem(page)).toContainText(/line|field/i);
    await file.setInputFiles(flowLogsFile(20));
    await expect(page.getByText(/^20 records of monday\.log are kept/)).toBeVisible();
    const pairs = page.getByRole('table', { name: 'Pairs of the baseline' });
    await expect(pairs.getByRole('row', { name: /REJECT/ })).toHaveCount(1);
    await expect(page.getByRole('table', { name: 'Addresses not known' })).toContainText('198.51.100.7');
    await page.getByRole('radio', { name: 'REJECT' }).click();
    await expect(page).toHaveURL(/action=REJECT/);
    await expectAccessible(page);
    const row = page.getByRole('table', { name: 'Imports of VPC Flow Logs' }).getByRole('row', { name: /monday\.log/ });
    await row.getByRole('button', { name: 'Delete' }).click();
    await page
      .getByRole('group', { name: /^Delete monday\.log/ })
      .getByRole('button', { name: 'Delete' })
      .click();
    await expect(row).toBeHidden();
  });
});

test('a risk gets an owner, whoever looks at it sees that, and the audit log says who it was', async ({ page, elsewhere }) => {
  await signIn(page, 'Olga Operator', RISKS);
  const other = await elsewhere();
  await signIn(other, 'Vera Viewer', RISKS);
  const register = (at: Page) => at.getByRole('table', { name: 'Risk register' });
  await register(page).getByRole('button').first().click();
  const title = await drawer(page).getByRole('heading', { level: 2 }).innerText();
  const owner = `team ${Date.now()}`;
  await drawer(page).getByRole('textbox', { name: 'Owner' }).fill(owner);
  await drawer(page).getByRole('button', { name: 'Save' }).click();
  await expect(register(page).getByRole('row', { name: owner })).toContainText(title);
  await expect(register(other).getByRole('row', { name: owner })).toContainText(title);
  await expectAccessible(page);
  await page.getByRole('radio', { name: 'Phase 4' }).click();
  await expect(page.getByRole('table', { name: /^Impact/ })).toContainText('Phase 4');

  const auditor = await elsewhere();
  await signIn(auditor, 'Auri Auditor', `${AUDIT_LOG}?action=risk.change`);
  await auditLog(auditor).getByRole('button').first().click();
  await expect(drawer(auditor)).toContainText('Olga Operator');
});

test.describe('the audit log', () => {
  test('an auditor finds an event, opens it by its link, and verifies the chain', async ({ page }) => {
    await signIn(page, 'Auri Auditor', AUDIT_LOG);
    await page.getByRole('searchbox', { name: 'Find an event' }).fill('auri');
    await expect(page).toHaveURL(/q=auri/);
    const event = auditLog(page)
      .getByRole('button', { name: /^session\.sign-in/ })
      .first();
    await event.click();
    await expect(drawer(page)).toContainText('Auri Auditor');
    await expect(page).toHaveURL(/event=\d+/);
    await expectAccessible(page);
    // The filter does not hold for the event any more; the link does.
    await page.goto(page.url().replace('q=auri', 'q=nobody-of-this-name'));
    await expect(drawer(page)).toContainText('Auri Auditor');
    await expect(page.getByText('No event matches')).toBeVisible();
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await expect(page.getByText('The chain holds')).toBeVisible();
  });

  test('it is exported as the filter has it', async ({ page }) => {
    await signIn(page, 'Auri Auditor', `${AUDIT_LOG}?action=session.sign-in`);
    await page.getByRole('button', { name: 'Export' }).click();
    const coming = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: /CSV/ }).click();
    expect((await coming).suggestedFilename()).toMatch(/\.csv$/);
  });

  test.describe('for others', () => {
    test.use({ mayComplain: /status of 403/ });
    test('whoever may not read it is told so, and is not offered it', async ({ page }) => {
      await signIn(page, 'Vera Viewer', AUDIT_LOG);
      await expect(problem(page)).toContainText('You may not see this');
      await expect(page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Audit log' })).toHaveCount(0);
    });
  });
});

test.describe('what is not there', () => {
  test.use({ mayComplain: /status of 404/ });
  test('a step-up of somebody else looks like none', async ({ page }) => {
    await signIn(page, 'Axel Approver');
    await page.goto('/step-up/AAAAAAAAAAAAAAAAAAAAAAAA');
    await expect(page.getByText('No decision of yours waits here')).toBeVisible();
    await expectAccessible(page);
  });
});

test('webhooks say where they may go, or which setting allows it', async ({ page }) => {
  await signIn(page, 'Ada Admin', '/settings/webhooks');
  await expect(page.getByText('No target is allowed').or(page.getByRole('button', { name: 'Add webhook' }))).toBeVisible();
  await expectAccessible(page);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 } });
  for (const path of [`${PREFLIGHT}?check=7&inputs=true`, VALUES, `${VALUES}?show=changes`, BASELINE, RISKS, AUDIT_LOG])
    test(`${path} fits`, async ({ page }) => {
      await signIn(page, 'Ada Admin', path);
      await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
      await expect(page.getByRole('status', { name: /^(Loading|Generating)/ })).toHaveCount(0);
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
    });
});
