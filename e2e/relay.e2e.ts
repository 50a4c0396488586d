import { hubbleMissing, startHubble, type Hubble } from '#lib/testing/hubble.ts';
import { type Page, expect, test as base } from '@playwright/test';
import { type RunningConsole, startConsole } from './support/console.ts';
import { signIn } from './support/test.ts';

/** The real hubble-relay before four emulated agents, a console that reads it, and a person who compares its counts with the hubble client's. */
const test = base.extend<{ world: { hubble: Hubble; console: RunningConsole } }>({
  world: async ({}, use) => {
    const hubble = await startHubble({ rate: 0, nodes: 4 });
    const console = await startConsole({ args: ['--relay', hubble.relay, '--cluster-name', 'real', '--environment', 'PRD'] });
    await use({ hubble, console });
    await console.stop();
    hubble.stop();
  },
  baseURL: async ({ world }, use) => use(world.console.url),
});

test.skip(Boolean(hubbleMissing()), 'the real hubble-relay is not here');

interface Counts {
  verdicts: Record<string, number>;
  namespaces: Record<string, number>;
  nodes: Record<string, number>;
}

test('counts in the browser equal those of the hubble client, before and after relay and agent were away', async ({
  world,
  page,
}) => {
  test.setTimeout(240_000);
  const { hubble } = world;
  await play(hubble, 200, 8_000);
  await signIn(page, 'Vera Viewer', '/c/real/flows');
  await page.goto('/c/real/flows?range=1h');
  await showTotals(page);
  await expectSame(page, hubble);

  // The relay dies and comes back: what flowed in between is in the agents' rings, and nothing of it may be missing or doubled.
  const restart = await hubble.killRelay();
  await expect(page.getByText(/reconnecting|not reachable|cannot be reached|refused/i).first()).toBeVisible();
  await play(hubble, 200, 4_000);
  await restart();
  await play(hubble, 100, 6_000);
  await expectSame(page, hubble);

  // An agent goes: the coverage chip says so. It comes back with an empty ring, and the others were not disturbed.
  const before = await clientCounts(hubble);
  await hubble.control('down?node=ip-10-20-2-11');
  await expect(page.getByRole('button', { name: /3\s*(\/|of)\s*4 nodes/ })).toBeVisible({ timeout: 30_000 });
  await hubble.control('up?node=ip-10-20-2-11');
  await expect(page.getByRole('button', { name: /4\s*(\/|of)\s*4 nodes/ })).toBeVisible({ timeout: 40_000 });
  await play(hubble, 200, 6_000);
  const after = await clientCounts(hubble);
  const shown = await untilSettled(page);
  for (const node of Object.keys(after.nodes).filter((name) => name !== 'ip-10-20-2-11'))
    expect(shown.nodes[node]).toBe(after.nodes[node]);
  expect(shown.nodes['ip-10-20-2-11']).toBeGreaterThanOrEqual(before.nodes['ip-10-20-2-11'] ?? 0);
});

/** Lets the agents make flows for a while, then stops them, so that both sides look at the same finished set. */
async function play(hubble: Hubble, rate: number, ms: number): Promise<void> {
  await hubble.control(`rate?n=${rate}`);
  await new Promise((resolve) => setTimeout(resolve, ms));
  await hubble.control('rate?n=0');
}

async function expectSame(page: Page, hubble: Hubble): Promise<void> {
  const expected = await clientCounts(hubble);
  expect(expected.verdicts['FORWARDED']).toBeGreaterThan(100);
  await expect.poll(() => shownCounts(page), { timeout: 60_000, intervals: [1_000] }).toEqual(expected);
}

/** What the real client prints for every flow that the relay has, counted as `--verdict`, `--namespace` and `--node-name` would count. */
async function clientCounts(hubble: Hubble): Promise<Counts> {
  const counts: Counts = { verdicts: {}, namespaces: {}, nodes: {} };
  const add = (table: Record<string, number>, key: string) => (table[key] = (table[key] ?? 0) + 1);
  for (const line of (await hubble.observe('--all', '-o', 'jsonpb')).trim().split('\n')) {
    const { flow } = JSON.parse(line) as {
      flow?: { verdict: string; node_name: string; source?: { namespace?: string }; destination?: { namespace?: string } };
    };
    if (!flow) continue;
    add(counts.verdicts, flow.verdict);
    add(counts.nodes, flow.node_name.slice(flow.node_name.indexOf('/') + 1));
    for (const namespace of new Set([flow.source?.namespace, flow.destination?.namespace]))
      if (namespace) add(counts.namespaces, namespace);
  }
  return counts;
}

async function showTotals(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Exact totals' }).click();
  await expect(page.getByRole('table', { name: 'Flows by verdict' })).toBeVisible();
}

async function shownCounts(page: Page): Promise<Counts> {
  return {
    verdicts: await tableCounts(page, 'verdict'),
    namespaces: await tableCounts(page, 'namespace'),
    nodes: await tableCounts(page, 'node'),
  };
}

/** The rows of a table of the totals panel: name and exact number. */
async function tableCounts(page: Page, caption: string): Promise<Record<string, number>> {
  const rows = page.getByRole('table', { name: `Flows by ${caption}` }).locator('tbody tr');
  const cells = await rows.evaluateAll((elements) =>
    elements.map((row) => [...row.querySelectorAll('th,td')].map((cell) => cell.textContent.trim())),
  );
  return Object.fromEntries(
    cells
      .filter(([name, count]) => name && /^[\d,. ]+$/.test(count ?? ''))
      .map(([name = '', count = '']) => [name, Number(count.replaceAll(/[^\d]/g, ''))]),
  );
}

/** Counts once they no longer change. */
async function untilSettled(page: Page): Promise<Counts> {
  let last = '';
  await expect
    .poll(
      async () => {
        const now = JSON.stringify(await shownCounts(page));
        const same = now === last;
        last = now;
        return same;
      },
      { timeout: 60_000, intervals: [6_000] },
    )
    .toBe(true);
  return JSON.parse(last) as Counts;
}
