import { gzipSync } from 'node:zlib';
import { chromium } from '@playwright/test';
import { CHROMIUM_ARGS, chromiumPath } from '../e2e/support/chromium.ts';
import { startConsole } from '../e2e/support/console.ts';
import type { Report } from './support/report.ts';

const PAGES = [
  '/sign-in',
  '/c/aegis-production/overview',
  '/c/aegis-production/flows',
  '/c/aegis-production/drops',
  '/c/aegis-production/map',
  '/settings/clusters',
];

/** JavaScript that each page loads on a first visit, as gzip makes it; time from opening a page to its first live flow; and the start of the console itself. */
export async function pages(report: Report): Promise<void> {
  report.section('pages');
  const began = Date.now();
  const console = await startConsole();
  report.add({ name: '`up` to ready, built', value: (Date.now() - began) / 1000, unit: 's', bound: { op: '<=', value: 20 } });
  const browser = await chromium.launch({ executablePath: await chromiumPath(), args: CHROMIUM_ARGS });
  try {
    for (const path of PAGES) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      const page = await context.newPage();
      if (path !== '/sign-in') {
        await page.goto(`${console.url}/sign-in`);
        await page.getByRole('button', { name: /Ada Admin/ }).click();
        await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
      }
      let bytes = 0;
      const client = await context.newCDPSession(page);
      await client.send('Network.setCacheDisabled', { cacheDisabled: true });
      page.on('response', (response) => {
        if (!/\.js(\?|$)/.test(response.url())) return;
        void response.body().then(
          (body) => (bytes += gzipSync(body).length),
          () => {},
        );
      });
      await page.goto(`${console.url}${path}`);
      await page.waitForTimeout(2_500);
      report.add({
        name: `JavaScript of ${path}`,
        value: bytes / 1000,
        unit: 'kB gzip',
        ...(path.endsWith('overview') ? { bound: { op: '<=', value: 250 } as const } : {}),
      });
      await context.close();
    }
  } finally {
    await browser.close();
    await console.stop();
  }
}
