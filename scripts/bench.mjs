// `npm run bench [-- --only SECTION,... --quick --soak --write]`: bundles bench/ and runs it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './bundle.mjs';

await build({
  absWorkingDir: root,
  entryPoints: ['bench/run.ts', 'bench/support/sse-clients.ts'],
  outdir: 'dist/bench',
  outbase: 'bench',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  alias: { 'server-only': './lib/testing/server-only.ts' },
  logLevel: 'error',
});
const { status } = spawnSync(process.execPath, ['--expose-gc', join(root, 'dist/bench/run.mjs'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
