import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

/** Flags for a browser that asks nobody outside; as root it cannot have its sandbox. */
export const CHROMIUM_ARGS = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

const SYSTEM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Where a Chromium is: the one named by PLAYWRIGHT_CHROMIUM_EXECUTABLE, Playwright's own, the system's, or the one that a package brings (Linux x64).
 * Throws with all four ways when there is none: journeys are never skipped silently.
 */
export async function chromiumPath(): Promise<string> {
  const named = process.env['PLAYWRIGHT_CHROMIUM_EXECUTABLE'];
  if (named) return named;
  const found = [chromium.executablePath(), ...SYSTEM].find((path) => existsSync(path));
  if (found) return found;
  if (process.platform === 'linux' && process.arch === 'x64') {
    const { default: packaged } = await import('@sparticuz/chromium');
    return packaged.executablePath();
  }
  throw new Error(
    'no Chromium: set PLAYWRIGHT_CHROMIUM_EXECUTABLE, run `npx playwright install chromium`, install your system’s chromium, or use Linux x64 where a package brings one',
  );
}
