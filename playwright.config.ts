import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGS, chromiumPath } from './e2e/support/chromium.ts';

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.e2e.ts',
  globalSetup: './e2e/support/global-setup.ts',
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  // CI's machines are small and noisy: a journey that fails once and then passes is told as flaky, one that fails twice has failed.
  retries: process.env['CI'] === 'true' ? 1 : 0,
  forbidOnly: true,
  reporter: 'list',
  outputDir: 'test-results',
  use: {
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    // A button that never comes is said at once, not when the whole journey's time is over.
    actionTimeout: 30_000,
    launchOptions: { executablePath: await chromiumPath(), args: CHROMIUM_ARGS },
  },
});
