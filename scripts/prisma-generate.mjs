// Generates the Prisma client. The CLI insists on a schema engine binary that `generate` never runs, and would download
// one; any existing executable satisfies the check, so this works behind a firewall too.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

let cli;
try {
  cli = createRequire(import.meta.url).resolve('prisma/build/index.js');
} catch {
  process.exit(0); // without development dependencies nothing is built here: the bundle brings the client
}
const { status } = spawnSync(process.execPath, [cli, 'generate', '--no-hints'], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
});
process.exit(status ?? 1);
