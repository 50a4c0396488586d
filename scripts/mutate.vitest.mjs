// The unit tests of the engine with one file replaced by a mutant.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      load: (id) => (id.endsWith(`/${process.env.MUTATED_FILE}`) ? readFileSync(process.env.MUTANT, 'utf8') : undefined),
    },
  ],
  test: { include: ['lib/policy/*.test.ts'], testTimeout: 20_000 },
});
