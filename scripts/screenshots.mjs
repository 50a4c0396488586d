// `npm run screenshots`: pictures of every page, light and dark, 1440 and 390 wide, into docs/images. CAUSEWAY_E2E_URL names a running demo console,
// CAUSEWAY_PICTURES (names with commas) takes only these.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './bundle.mjs';

const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/@playwright/test/cli.js'), 'test', '-c', 'e2e/pictures.config.ts'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
process.exit(status ?? 1);
