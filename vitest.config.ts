import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// `server-only` throws outside a React server build; in tests every module is a server module.
const alias = { 'server-only': fileURLToPath(new URL('./lib/testing/server-only.ts', import.meta.url)) };
// They wait for processes and sockets of a machine that may be small and noisy: in CI each has a second try.
const slow = { testTimeout: 60_000, hookTimeout: 120_000, retry: process.env['CI'] === 'true' ? 1 : 0 };

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      // Pure code and components: seconds, nothing running.
      {
        resolve: { alias },
        test: {
          name: 'unit',
          include: ['{lib,components}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.adapter.test.ts'],
          testTimeout: 20_000,
        },
      },
      // Contracts of the API and adapters against real peers: a database, a relay, files.
      {
        resolve: { alias },
        test: {
          name: 'adapters',
          include: ['{lib,app}/**/*.adapter.test.ts', 'app/**/route.test.ts', 'app/**/*.contract.test.ts'],
          ...slow,
        },
      },
    ],
  },
});
