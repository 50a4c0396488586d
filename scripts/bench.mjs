// `npm run bench [-- --only SECTION,... --quick --soak --write]`: bundles bench/ and runs it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { FOR_NODE, root } from './bundle.mjs';

await build({
  ...FOR_NODE,
  entryPoints: {
    run: 'bench/run.ts',
    'support/sse-clients': 'bench/support/sse-clients.ts',
    'receipt-signer': 'lib/ingest/receipts/sign-worker.ts',
  },
  outdir: 'dist/bench',
  outExtension: { '.js': '.mjs' },
});
const { status } = spawnSync(process.execPath, ['--expose-gc', join(root, 'dist/bench/run.mjs'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
