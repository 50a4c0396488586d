// The production build: the Next standalone server with its static files, and the command-line bundle.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bundleCli, root } from './bundle.mjs';
import { sourceHash } from './source-hash.mjs';

const next = createRequire(import.meta.url).resolve('next/dist/bin/next');
const { status } = spawnSync(process.execPath, [next, 'build'], {
  cwd: root,
  stdio: ['ignore', process.env.CAUSEWAY_QUIET_BUILD ? 'ignore' : 'inherit', 'inherit'],
  env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
});
if (status !== 0) process.exit(status ?? 1);

// The standalone server does not copy what a CDN could serve: bring it along.
const standalone = join(root, '.next/standalone');
cpSync(join(root, '.next/static'), join(standalone, '.next/static'), { recursive: true });
if (existsSync(join(root, 'public'))) cpSync(join(root, 'public'), join(standalone, 'public'), { recursive: true });
mkdirSync(join(standalone, '.next'), { recursive: true });
writeFileSync(join(standalone, 'causeway-build.json'), JSON.stringify({ sources: sourceHash(root) }));
rmSync(join(root, 'dist'), { recursive: true, force: true });
await bundleCli();
