#!/usr/bin/env node
// The command-line program. In a checkout it is bundled anew when a source file is newer than the bundle; an installation ships the bundle.
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundle = new URL('../dist/causeway.mjs', import.meta.url);

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`causeway needs Node 20.19 or newer; this is ${process.versions.node}`);
  process.exit(1);
}
if (existsSync(new URL('../lib/cli/main.ts', import.meta.url))) {
  const { bundleCli, newestBelow } = await import('../scripts/bundle.mjs');
  if (!existsSync(bundle) || statSync(bundle).mtimeMs < newestBelow(fileURLToPath(new URL('../lib', import.meta.url)))) {
    await bundleCli();
  }
}
process.env.CAUSEWAY_ROOT ??= root;
await import(bundle.href);
