import { defineConfig } from '@playwright/test';
import journeys from '../playwright.config.ts';

/** `npm run screenshots`: the same browser and demo console as the journeys, but what comes out are pictures for `docs/images`. */
export default defineConfig({
  ...journeys,
  testDir: '.',
  testMatch: 'pictures.ts',
  globalSetup: './support/global-setup.ts',
  outputDir: '../test-results/pictures',
  timeout: 300_000,
});
