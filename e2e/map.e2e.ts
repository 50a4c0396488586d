import { stat } from 'node:fs/promises';
import { type Page, expect } from '@playwright/test';
import { PRD, expectAccessible, signIn, test } from './support/test.ts';

const map = (page: Page) => page.getByRole('application', { name: /^Service map/ });
const drawer = (page: Page) => page.getByRole('complementary');
const card = (page: Page, name: string) => map(page).getByText(name, { exact: true });
/** What the walk says to a screen reader. */
const spoken = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text });

/** How many lines the map says it draws. */
const lineCount = async (page: Page) => Number(/(\d+) lines/.exec((await map(page).getAttribute('aria-label')) ?? '')?.[1]);

async function openMap(page: Page, query = ''): Promise<void> {
  await page.goto(`${PRD}/map${query}`);
  await expect(card(page, 'debug-shell')).toBeVisible();
}

/** A point on the line between two cards, in the window. Lines are drawn for the eye and the pointer: keys and screen readers walk. */
async function pointOnLine(page: Page, from: string, to: string): Promise<{ x: number; y: number }> {
  return map(page)
    .locator(`[data-line="${from}->${to}"]`)
    .evaluate((path: SVGPathElement) => {
      const point = path.getPointAtLength(path.getTotalLength() / 3).matrixTransform(path.getScreenCTM() ?? undefined);
      return { x: point.x, y: point.y };
    });
}

test.beforeEach(async ({ page }) => {
  await signIn(page, 'Vera Viewer', `${PRD}/map`);
  await expect(card(page, 'debug-shell')).toBeVisible();
});

test('a line pointed at opens its edge: ports, verdicts, rate, policies, flows; the link to it survives a reload', async ({
  page,
}) => {
  const { x, y } = await pointOnLine(page, 'payments/ledger', 'payments/payments-db');
  await page.mouse.click(x, y);
  await expect(drawer(page).getByRole('heading', { level: 2 })).toHaveText(/payments\/ledger.*payments\/payments-db/);
  await expect(page).toHaveURL(/selected=payments/);
  for (const section of ['Verdicts', 'Rate', 'Decided by', 'Flows'])
    await expect(drawer(page).getByRole('heading', { name: section, exact: true })).toBeVisible();
  await expect(drawer(page).getByText('TCP/5432').first()).toBeVisible();
  await expect(drawer(page).getByRole('row', { name: /FORWARDED/ })).toBeVisible();

  await page.reload();
  await expect(drawer(page).getByRole('heading', { level: 2 })).toHaveText(/payments\/ledger.*payments\/payments-db/);
  await drawer(page).getByRole('link', { name: 'Open in Flows' }).first().click();
  await expect(page).toHaveURL(/\/flows\?.*filter=.*payments/);
  await expect(page.getByRole('table', { name: 'Flows, newest first' })).toBeVisible();
});

test('a drop on the map leads to its reason', async ({ page }) => {
  const { x, y } = await pointOnLine(page, 'gateway/debug-shell', 'spire-server/spire-server');
  await page.mouse.click(x, y);
  await expect(drawer(page).getByRole('heading', { name: 'Drops by reason' })).toBeVisible();
  await drawer(page).getByRole('link', { name: 'Open in Drops' }).click();
  await expect(page).toHaveURL(/\/drops\?filter=/);
  await expect(page.getByRole('list', { name: 'Drop reasons' })).toBeVisible();
});

test('the whole map can be walked, selected and left with the keyboard', async ({ page }) => {
  await map(page).focus();
  await page.keyboard.press('ArrowRight');
  await expect(spoken(page, /out, \d+ in/)).toBeAttached();
  const first = await spoken(page, /out, \d+ in/).textContent();
  await page.keyboard.press('ArrowRight');
  await expect(spoken(page, /out, \d+ in/)).not.toHaveText(first ?? '');
  await page.keyboard.press('l');
  await expect(spoken(page, /; line .* to /)).toBeAttached();
  await page.keyboard.press('Enter');
  await expect(drawer(page).getByRole('heading', { level: 2 })).toBeVisible();
  await expect(page).toHaveURL(/selected=/);
  await page.keyboard.press('Escape');
  await expect(drawer(page)).toBeHidden();

  await map(page).focus();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys of the map' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'Keys of the map' })).toBeHidden();
});

test('a workload tells whom it calls and who calls it, and its neighbourhood can stand alone', async ({ page }) => {
  await card(page, 'ledger').click();
  await expect(drawer(page).getByRole('heading', { name: 'Calls', exact: true })).toBeVisible();
  await expect(drawer(page).getByRole('heading', { name: 'Called by', exact: true })).toBeVisible();
  await drawer(page).getByRole('button', { name: 'Neighbourhood' }).click();
  await expect(card(page, 'metrics-server')).toBeHidden();
  await expect(card(page, 'payments-db')).toBeVisible();
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(card(page, 'metrics-server')).toBeVisible();
});

test('what changes on the wire moves no card', async ({ page }) => {
  const places = () => Promise.all(['debug-shell', 'payments-db', 'coredns'].map((name) => card(page, name).boundingBox()));
  const before = await places();
  const status = page.getByRole('button', { name: /Coverage: / });
  for (let deltas = 0; deltas < 3; deltas += 1) {
    const text = await status.innerText();
    await expect.poll(() => status.innerText()).not.toBe(text);
  }
  expect(await places()).toEqual(before);
});

test('namespaces fold and unfold, and the link carries it', async ({ page }) => {
  await page.getByRole('button', { name: 'More for this map' }).click();
  await page.getByRole('menuitem', { name: 'Fold all namespaces' }).click();
  await expect(page).toHaveURL(/all=folded/);
  await expect(card(page, 'debug-shell')).toBeHidden();
  await card(page, 'gateway').dblclick();
  await expect(card(page, 'debug-shell')).toBeVisible();
  await expect(card(page, 'coredns')).toBeHidden();
  await page.reload();
  await expect(card(page, 'debug-shell')).toBeVisible();
  await expect(card(page, 'coredns')).toBeHidden();
});

test('levels go from namespaces to pods', async ({ page }) => {
  await page.getByRole('button', { name: 'Level: Workload' }).click();
  await page.getByRole('menuitemradio', { name: 'Namespace' }).click();
  await expect(page).toHaveURL(/level=namespace/);
  await expect(card(page, 'payments')).toBeVisible();
  await expect(card(page, 'debug-shell')).toBeHidden();
  await page.getByRole('button', { name: 'Level: Namespace' }).click();
  await page.getByRole('menuitemradio', { name: 'Pod' }).click();
  await expect(
    map(page)
      .getByText(/^ledger-/)
      .first(),
  ).toBeVisible();
});

test('find dims the rest and counts, hide takes away, and what a map cannot know is said', async ({ page }) => {
  await page.getByRole('searchbox', { name: 'Find on the map' }).fill('ns:spire-server');
  await expect(page.getByText(/^\d+ of \d+ edges$/).first()).toBeVisible();
  await expect(page).toHaveURL(/find=/);
  await page.getByRole('searchbox', { name: 'Find on the map' }).fill('path:/login');
  await expect(page.getByText(/A map does not keep/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Clear find on the map' }).click();

  const before = await lineCount(page);
  await page.getByRole('button', { name: 'Hide edges' }).click();
  await page.getByRole('searchbox', { name: 'Hide' }).fill('ns:monitoring');
  await expect(page.getByText(/\d+ hidden/)).toBeVisible();
  expect(await lineCount(page)).toBeLessThan(before);
});

for (const [overlay, legend] of [
  ['Encryption', 'plaintext across nodes'],
  ['Auth', 'authenticated'],
  ['Policy', 'policy named'],
] as const) {
  test(`the overlay of ${overlay.toLowerCase()} has its legend and its link`, async ({ page }) => {
    await page.getByRole('radio', { name: overlay }).click();
    await expect(page.getByRole('list', { name: 'Legend' }).getByText(legend)).toBeVisible();
    await expect(page).toHaveURL(new RegExp(`overlay=${overlay.toLowerCase()}`));
  });
}

test('the table says the same as the map, sorts, and selects the same edges', async ({ page }) => {
  await page.getByRole('button', { name: 'Table', exact: true }).click();
  const table = page.getByRole('table', { name: /^Edges of the map/ });
  await expect(table).toBeVisible();
  await table.getByRole('button', { name: 'Flows' }).click();
  await expect(table.getByRole('columnheader', { name: 'Flows' })).toHaveAttribute('aria-sort', 'descending');
  const row = table.getByRole('row', { name: /payments\/ledger.*payments\/payments-db.*TCP\/5432/ });
  await row.getByRole('button').click();
  await expect(drawer(page).getByRole('heading', { level: 2 })).toHaveText(/payments\/ledger.*payments\/payments-db/);
  await page.getByRole('button', { name: 'Map', exact: true }).click();
  await expect(card(page, 'payments-db')).toBeVisible();
  await expect(drawer(page).getByRole('heading', { level: 2 })).toHaveText(/payments\/ledger.*payments\/payments-db/);
});

test('the platform traffic is folded into marks and unfolds into lines', async ({ page }) => {
  const folded = page.getByRole('button', { name: /^folded:/ });
  await expect(folded).toContainText(/DNS \d+/);
  const before = await lineCount(page);
  await folded.click();
  await expect.poll(() => lineCount(page)).toBeGreaterThan(before);
});

test('the strip of time shows the past, by keys and by pointer, and leads back to now', async ({ page }) => {
  const brush = page.getByRole('slider', { name: 'Window shown' });
  await brush.focus();
  await page.keyboard.press('ArrowLeft');
  await expect(page).toHaveURL(/from=\d+.*to=\d+/);
  await expect(page.getByText(/^The past: \d\d:\d\d to \d\d:\d\d UTC/)).toBeVisible();
  await page.getByRole('button', { name: 'Back to live' }).first().click();
  await expect(page).not.toHaveURL(/from=/);
  await expect(page.getByRole('button', { name: 'Live' })).toBeVisible();
});

test('two times can be compared', async ({ page }) => {
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(page.getByText(/^Against .* new, \d+ gone, \d+ changed/)).toBeVisible();
  await expect(page).toHaveURL(/compare=\d+-\d+/);
  await expect(page.getByRole('radio', { name: 'Change' })).toBeChecked();
  await page.getByRole('button', { name: 'Stop comparing' }).click();
  await expect(page.getByRole('radio', { name: 'Verdict' })).toBeChecked();
});

for (const kind of ['PNG', 'SVG', 'JSON']) {
  test(`the map can be taken along as ${kind}`, async ({ page }) => {
    await page.getByRole('button', { name: 'More for this map' }).click();
    const coming = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: kind }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toMatch(new RegExp(`^map-aegis-production-workload-.*\\.${kind.toLowerCase()}$`));
    const { size } = await stat(await download.path());
    expect(size).toBeGreaterThan(5_000);
  });
}

test('the map is accessible, with its drawer and as a table', async ({ page }) => {
  await openMap(page, '?selected=payments%2Fledger');
  await expect(drawer(page)).toBeVisible();
  await expectAccessible(page);
  await page.goto(`${PRD}/map?view=table`);
  await expect(page.getByRole('table', { name: /^Edges of the map/ })).toBeVisible();
  await expectAccessible(page);
});
