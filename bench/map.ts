import { type Browser, chromium, type Page } from '@playwright/test';
import { CHROMIUM_ARGS, chromiumPath } from '../e2e/support/chromium.ts';
import { startConsole } from '../e2e/support/console.ts';
import { bigMap } from './support/big-map.ts';
import type { Report } from './support/report.ts';

/** Sizes: cards and edges. */
const SIZES = [
  [300, 1_000],
  [1_000, 3_000],
  [2_000, 10_000],
] as const;

/**
 * The map page as shipped, in headless Chromium without a GPU, fed a made-up topology at the API's border: time to the first folded picture, and frames per second
 * while a person drags and zooms the unfolded map, beside what an idle page reaches in the same run.
 */
export async function mapFrames(report: Report, { quick }: { readonly quick: boolean }): Promise<void> {
  report.section('map');
  const console = await startConsole();
  const browser = await chromium.launch({ executablePath: await chromiumPath(), args: CHROMIUM_ARGS });
  try {
    for (const [cards, edges] of SIZES) {
      const topology = JSON.stringify(bigMap(cards, edges));
      const folded = await open(browser, console.url, topology, 'folded');
      report.add({
        name: `${cards} cards, ${edges} edges: first picture, folded`,
        value: folded.firstMs,
        unit: 'ms',
        bound: { op: '<=', value: 1000 },
      });
      await folded.page.context().close();
      const { page } = await open(browser, console.url, topology, 'open');
      const seconds = quick ? 2 : 5;
      const idle = await framesDuring(page, seconds, async () => page.waitForTimeout(seconds * 1000));
      const pan = await framesDuring(page, seconds, () => drag(page, seconds));
      const zoom = await framesDuring(page, seconds, () => wheel(page, seconds));
      for (const [what, frames] of [
        ['pan', pan],
        ['zoom', zoom],
      ] as const) {
        report.add({
          name: `${cards} cards, ${edges} edges: ${what}, all open`,
          value: frames,
          unit: 'frames/s',
          ratio: `idle ${idle.toFixed(0)}`,
          bound: { op: '>=', value: 50 },
        });
      }
      await page.context().close();
    }
  } finally {
    await browser.close();
    await console.stop();
  }
}

async function open(
  browser: Browser,
  url: string,
  topology: string,
  all: 'folded' | 'open',
): Promise<{ page: Page; firstMs: number }> {
  // The page's own policy forbids evaluated text, which Playwright's waiting uses.
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, bypassCSP: true });
  const page = await context.newPage();
  await page.goto(`${url}/sign-in`);
  await page.getByRole('button', { name: /Ada Admin/ }).click();
  await page.waitForURL((at) => !at.pathname.startsWith('/sign-in'));
  await page.route('**/topology/stream**', (route) =>
    route.fulfill({ contentType: 'text/event-stream', body: `retry: 600000\nevent: snapshot\ndata: ${topology}\n\n` }),
  );
  await page.goto(`${url}/c/aegis-production/map?all=folded`); // code and styles are cached from here on, as for a person who comes again
  await page.getByRole('application').waitFor();
  const began = Date.now();
  await page.goto(`${url}/c/aegis-production/map?all=${all}`);
  await page.getByRole('application', { name: /\d+ cards/ }).waitFor();
  const firstMs = Date.now() - began;
  if (all === 'open') await page.waitForTimeout(8_000); // the layout of the open map settles in its worker
  return { page, firstMs };
}

async function framesDuring(page: Page, seconds: number, work: () => Promise<unknown>): Promise<number> {
  await page.evaluate(() => {
    const counter = { frames: 0, on: true };
    (globalThis as unknown as { counter: typeof counter }).counter = counter;
    const tick = () => {
      counter.frames += 1;
      if (counter.on) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  const began = Date.now();
  await work();
  const took = Math.max((Date.now() - began) / 1000, seconds * 0.5);
  const frames = await page.evaluate(() => {
    const { counter } = globalThis as unknown as { counter: { frames: number; on: boolean } };
    counter.on = false;
    return counter.frames;
  });
  return frames / took;
}

async function drag(page: Page, seconds: number): Promise<void> {
  await page.mouse.move(700, 450);
  await page.mouse.down();
  const until = Date.now() + seconds * 1000;
  for (let step = 0; Date.now() < until; step += 1) {
    await page.mouse.move(700 + 250 * Math.sin(step / 20), 450 + 150 * Math.cos(step / 25));
    await page.waitForTimeout(12);
  }
  await page.mouse.up();
}

async function wheel(page: Page, seconds: number): Promise<void> {
  await page.mouse.move(700, 450);
  const until = Date.now() + seconds * 1000;
  for (let step = 0; Date.now() < until; step += 1) {
    await page.mouse.wheel(0, Math.sin(step / 15) > 0 ? -60 : 60);
    await page.waitForTimeout(12);
  }
}
