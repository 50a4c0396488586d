import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type Page, expect } from '@playwright/test';
import { exporterFile } from './support/exporter-file.ts';
import { flowLogsFile } from './support/flow-logs.ts';
import { Person } from './support/people.ts';
import { openLoggedDrop } from './support/receipts.ts';
import { PRD, TST, signIn, test } from './support/test.ts';
import { Tracker, writeEvidence } from './support/tracker.ts';

const FOLDER = fileURLToPath(new URL('../docs/images', import.meta.url));
/** Rates over a minute, and no minute that only catches up. */
const SETTLED_MS = 75_000;
/** Names of pictures, where not all are wanted. */
const ONLY = process.env['CAUSEWAY_PICTURES']?.split(',');

interface Picture {
  readonly name: string;
  readonly path: string;
  /** Who looks, where it is not the administrator. */
  readonly who?: string;
  /** Makes the page show what the picture is about; resolves when it is there. */
  readonly ready: (page: Page) => Promise<void>;
}

const drawer = (page: Page) => page.getByRole('complementary');
const seen = (role: 'table' | 'list' | 'region', name: string | RegExp) => (page: Page) =>
  expect(page.getByRole(role, { name }).filter({ visible: true }).first()).toBeVisible();

const map = async (page: Page) => {
  await expect(
    page
      .getByRole('application', { name: /^Service map, [1-9]/ })
      .getByText(/^payments|ledger$/)
      .first(),
  ).toBeVisible();
};
const pairs = (page: Page) =>
  page
    .getByRole('table', { name: /^Dropped pairs/ })
    .or(page.getByRole('list', { name: /^Dropped pairs/ }))
    .filter({ visible: true });

const listed = (page: Page) =>
  expect(
    page
      .getByRole('table', { name: 'Receipts, newest first' })
      .or(page.getByRole('list', { name: 'Receipts, newest first' }))
      .filter({ visible: true }),
  ).toBeVisible();

/** The file of the newest receipt of a drop. */
async function aReceipt(page: Page): Promise<Buffer> {
  const { receipts } = (await (
    await page.request.get('/api/v1/receipts?cluster=aegis-production&class=dropped&limit=100')
  ).json()) as {
    receipts: { id: string; standing: string }[];
  };
  const logged = receipts.find(({ standing }) => standing !== 'sealed');
  if (!logged) throw new Error('no receipt is in a signed head yet');
  return (await page.request.get(`/api/v1/receipts/${logged.id}/bundle`)).body();
}

const PICTURES: readonly Picture[] = [
  { name: 'overview', path: `${PRD}/overview`, ready: seen('table', 'Nodes behind the relay') },
  { name: 'map', path: `${PRD}/map`, ready: map },
  {
    name: 'map-edge',
    path: `${PRD}/map?level=workload&selected=${encodeURIComponent('gateway/web-bff->payments/checkout-api:TCP/8080')}`,
    ready: async (page) => {
      await map(page);
      await expect(drawer(page).getByRole('row', { name: /FORWARDED/ })).toBeVisible();
    },
  },
  { name: 'map-table', path: `${PRD}/map?view=table`, ready: seen('table', /^Edges of the map/) },
  { name: 'flows', path: `${PRD}/flows?paused=true`, ready: seen('table', 'Flows, newest first') },
  {
    name: 'flow',
    path: `${PRD}/flows?paused=true&filter=${encodeURIComponent('verdict:DROPPED')}`,
    ready: async (page) => {
      await page
        .getByRole('button', { name: /: open$/ })
        .nth(3)
        .click();
      await expect(drawer(page).getByRole('heading', { name: 'Labels' })).toBeAttached();
    },
  },
  { name: 'drops', path: `${PRD}/drops?range=15m`, ready: (page) => expect(pairs(page).first()).toBeVisible() },
  {
    name: 'pair',
    path: `${PRD}/drops?range=15m`,
    ready: async (page) => {
      await pairs(page)
        .getByRole('button', { name: /grafana to .*ledger/ })
        .first()
        .click();
      await expect(drawer(page).getByRole('heading', { name: 'Drops over time' })).toBeAttached();
    },
  },
  {
    name: 'policies',
    path: `${PRD}/policies?range=1h`,
    ready: (page) => expect(page.getByText('ledger-from-checkout').filter({ visible: true }).first()).toBeVisible(),
  },
  {
    name: 'policy',
    path: `${PRD}/policies/cnp/payments/ledger-from-checkout?range=1h`,
    ready: (page) => expect(page.getByText(/allows ingress/).first()).toBeVisible(),
  },
  {
    name: 'policy-audit',
    path: `${PRD}/policies/audit?range=1h`,
    ready: (page) => expect(page.getByText('Let through what policy denies').first()).toBeVisible(),
  },
  {
    name: 'policy-lint',
    path: `${PRD}/policies/lint`,
    ready: (page) => expect(page.getByText(/^\d+ findings?/).first()).toBeVisible(),
  },
  {
    name: 'what-if',
    path: `${PRD}/policies/what-if?range=1h&load=allow&src=monitoring/grafana&dst=payments/ledger&port=9090`,
    ready: (page) => expect(page.getByRole('list', { name: 'Newly allowed' })).toBeAttached(),
  },
  {
    name: 'suggest',
    path: `${PRD}/policies/suggest?range=1h&ns=payments`,
    ready: (page) => expect(page.getByText(/^0 newly denied/)).toBeAttached(),
  },
  { name: 'reach', path: `${PRD}/policies/reach?range=1h`, ready: (page) => expect(page.getByRole('grid')).toBeVisible() },
  {
    name: 'why',
    path: `${PRD}/policies/why?src=gateway/web-bff&dst=payments/payments-db&port=5432`,
    ready: seen('region', 'Verdict'),
  },
  {
    name: 'migration',
    path: `${PRD}/migration?phase=3&env=PRD`,
    who: 'Olga Operator',
    ready: seen('table', 'Checks of the gate'),
  },
  {
    name: 'migration-check',
    path: `${PRD}/migration?phase=3&env=PRD&check=3.encrypted`,
    who: 'Olga Operator',
    ready: (page) => expect(drawer(page).getByRole('heading', { name: 'What it says' })).toBeAttached(),
  },
  {
    name: 'migration-rollback',
    path: `${PRD}/migration?phase=4&env=PRD&tab=rollback`,
    ready: (page) => expect(page.getByRole('heading', { name: 'Look at afterwards' })).toBeVisible(),
  },
  {
    name: 'migration-uploads',
    path: '/c/aegis-dev/migration?open=uploads',
    who: 'Olga Operator',
    ready: (page) => expect(drawer(page).getByRole('heading', { name: 'Uploaded so far' })).toBeAttached(),
  },
  {
    name: 'preflight',
    path: `${PRD}/migration/preflight?part=AWS&check=11`,
    who: 'Olga Operator',
    ready: seen('region', 'AWS'),
  },
  {
    name: 'preflight-inputs',
    path: `${PRD}/migration/preflight?inputs=true`,
    who: 'Olga Operator',
    ready: seen('table', 'Inputs of preflight'),
  },
  { name: 'values', path: `${PRD}/migration/values?phase=3`, ready: seen('list', 'Text of the Helm values') },
  {
    name: 'values-changes',
    path: `${PRD}/migration/values?phase=3&show=changes`,
    ready: seen('table', 'what runs against generated'),
  },
  {
    name: 'baseline',
    path: `${TST}/migration/baseline`,
    who: 'Olga Operator',
    ready: seen('table', 'Pairs of the baseline'),
  },
  { name: 'risks', path: `${PRD}/migration/risks`, ready: seen('table', 'Risk register') },
  {
    name: 'risk',
    path: `${PRD}/migration/risks?risk=connectivity`,
    who: 'Olga Operator',
    ready: (page) => expect(drawer(page).getByRole('heading', { name: 'What moves it' })).toBeAttached(),
  },
  {
    name: 'migration-gate',
    path: '/c/aegis-dev/migration?phase=1&env=DEV',
    who: 'Axel Approver',
    ready: (page) => expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeVisible(),
  },
  {
    name: 'migration-history',
    path: '/c/aegis-dev/migration?phase=0&env=DEV&tab=history',
    ready: (page) => expect(page.getByText(/request 1/i).first()).toBeVisible(),
  },
  { name: 'approvals', path: '/approvals', who: 'Axel Approver', ready: seen('region', 'Waits for you') },
  { name: 'clusters', path: '/settings/clusters', ready: seen('table', 'Clusters') },
  {
    name: 'cluster',
    path: '/settings/clusters?edit=%2B',
    ready: (page) => expect(drawer(page).getByRole('textbox', { name: 'Address' })).toBeAttached(),
  },
  { name: 'members', path: '/settings/members', ready: seen('table', 'Members') },
  { name: 'sessions', path: '/settings/sessions?all=true', ready: seen('table', 'Sessions') },
  { name: 'tokens', path: '/settings/tokens', ready: seen('table', 'API tokens') },
  { name: 'webhooks', path: '/settings/webhooks', ready: seen('region', 'Webhooks') },
  { name: 'audit-log', path: '/settings/audit-log', ready: seen('table', 'Audit log') },
  {
    name: 'audit-event',
    path: '/settings/audit-log?event=1',
    ready: (page) => expect(drawer(page).getByRole('heading', { name: 'In the chain' })).toBeAttached(),
  },
  { name: 'about', path: '/settings/about', ready: seen('region', 'What the marks mean') },
  {
    name: 'not-found',
    path: '/c/none/overview',
    ready: (page) => expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible(),
  },
  { name: 'receipts', path: `${PRD}/receipts?range=15m`, ready: listed },
  {
    name: 'receipt',
    path: `${PRD}/receipts?verdict=DROPPED&range=1h`,
    ready: openLoggedDrop,
  },
  { name: 'batches', path: `${PRD}/receipts/batches?batch=0`, ready: seen('table', 'Batches, newest first') },
  { name: 'pipeline', path: `${PRD}/receipts/pipeline`, ready: seen('region', 'From flow to witness') },
  {
    name: 'receipt-verify',
    path: '/receipts/verify',
    ready: async (page) => {
      await page
        .getByLabel('Receipt files')
        .setInputFiles({ name: 'receipt.json', mimeType: 'application/json', buffer: await aReceipt(page) });
      await expect(page.getByText(/^Valid/).first()).toBeVisible();
    },
  },
  { name: 'captures', path: `${PRD}/flows/captures`, who: 'Olga Operator', ready: seen('region', 'Import flows') },
];

test.use({ mayComplain: /status of 404/ });

test.beforeAll(async ({ browser }) => {
  const began = Date.now();
  await populate(browser);
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS - (Date.now() - began)));
});

for (const theme of ['light', 'dark'] as const)
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ] as const)
    test(`every page, ${theme}, ${width} wide`, async ({ browser, baseURL }) => {
      const phone = width < 768;
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: theme,
        reducedMotion: 'reduce',
        isMobile: phone,
        hasTouch: phone,
        ...(baseURL === undefined ? {} : { baseURL }),
      });
      const page = await context.newPage();
      await page.goto('/sign-in');
      await expect(page.getByRole('button', { name: /Vera Viewer/ })).toBeVisible();
      await shoot(page, `sign-in-${theme}-${width}`);
      let signedIn = '';
      for (const { name, path, who, ready } of PICTURES.filter((picture) => ONLY?.includes(picture.name) ?? true)) {
        const wanted = who ?? 'Ada Admin';
        if (wanted !== signedIn) {
          // Whoever is signed in is not asked again.
          await context.clearCookies();
          await signIn(page, wanted, '/settings/about');
          signedIn = wanted;
        }
        await page.goto(path);
        await ready(page);
        await settled(page);
        await shoot(page, `${name}-${theme}-${width}`);
      }
      await context.close();
    });

/** People, captures and tokens, so that no table is empty. */
async function populate(browser: Browser): Promise<void> {
  const baseURL = process.env['CAUSEWAY_E2E_URL'] ?? '';
  const someone = async (name: string, path: string) => {
    const page = await (await browser.newContext({ baseURL })).newPage();
    await signIn(page, name, path);
    return page;
  };
  const olga = await someone('Olga Operator', `${PRD}/flows/captures`);
  await expect(olga.getByText(/^\d+ captures?$/)).toBeVisible();
  await olga.getByLabel('File of flows').setInputFiles({ ...exporterFile(300), name: 'before-the-change.jsonl' });
  await expect(olga.getByText(/are kept/)).toBeVisible();
  await olga.goto(`${PRD}/flows?filter=${encodeURIComponent('verdict:DROPPED ns:payments')}`);
  await olga.getByRole('button', { name: 'Save as capture' }).click();
  await olga.getByRole('textbox', { name: 'Name' }).fill('drops of payments');
  await olga.getByRole('button', { name: 'Save capture' }).click();
  await expect(olga.getByText('Saved: drops of payments')).toBeVisible();
  await olga.goto(`${TST}/migration/baseline`);
  await olga.getByLabel('File of VPC Flow Logs').setInputFiles(flowLogsFile(120));
  await expect(olga.getByText(/are kept as/)).toBeVisible();
  await moveMigration(olga, await someone('Axel Approver', '/approvals'));
  await someone('Vera Viewer', `${TST}/map`);
  await someone('Auri Auditor', '/settings/sessions');
  const ada = await someone('Ada Admin', '/settings/tokens');
  for (const name of ['grafana', 'network-map']) {
    await ada.getByRole('button', { name: 'Create token' }).first().click();
    await drawer(ada).getByRole('textbox', { name: 'Name' }).fill(name);
    await drawer(ada).getByRole('button', { name: 'Create token' }).click();
    await ada.getByRole('button', { name: 'I have stored it' }).click();
  }
}

/** DEV has left phase 0, and asks for approval of phase 1. */
async function moveMigration(olga: Page, axel: Page): Promise<void> {
  const requester = Person.demo('Olga Operator', olga);
  const approver = Person.demo('Axel Approver', axel);
  const tracker = new Tracker(requester, writeEvidence());
  if ((await tracker.stateOf('DEV', 0)) !== 'completed') await tracker.cross('DEV', 0, [approver]);
  await tracker.provide('DEV', 1);
  if ((await tracker.stateOf('DEV', 1)) === 'ready') await tracker.request('DEV', 1);
}

/** Nothing loads any more and nothing moves. */
async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(1_200);
}

async function shoot(page: Page, name: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const picture = await page.screenshot({ animations: 'disabled' });
  await writeFile(join(FOLDER, `${name}.png`), await compressed(picture));
}

/** With a palette of 256 colours where Next brought its image library along; as it is where not. */
async function compressed(picture: Buffer): Promise<Buffer> {
  try {
    const next = createRequire(createRequire(import.meta.url).resolve('next/package.json'));
    const sharp = next('sharp') as (input: Buffer) => { png(options: object): { toBuffer(): Promise<Buffer> } };
    return await sharp(picture).png({ palette: true, quality: 95, effort: 10 }).toBuffer();
  } catch {
    return picture;
  }
}
