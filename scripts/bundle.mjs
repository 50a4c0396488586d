// Bundles the command-line program (lib/cli/main.ts with all it imports of ours) into dist/causeway.mjs, and its threads beside it: the
// one that judges as dist/judge-worker.mjs, where lib/ingest/judge/judge.ts looks for it, the one that signs as dist/receipt-signer.mjs; packages stay in node_modules.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * How everything of ours is bundled for Node; packages stay in node_modules.
 * @type {import('esbuild').BuildOptions}
 */
export const FOR_NODE = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  alias: { 'server-only': './lib/testing/server-only.ts' },
  logLevel: 'error',
};

/** Newest modification below a folder, in milliseconds. */
export function newestBelow(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return newest;
}

export async function bundleCli() {
  await build({
    ...FOR_NODE,
    entryPoints: {
      causeway: 'lib/cli/main.ts',
      'judge-worker': 'lib/ingest/judge/worker.ts',
      'receipt-signer': 'lib/ingest/receipts/sign-worker.ts',
      'documents-worker': 'lib/kubernetes/documents-worker.ts',
    },
    outdir: 'dist',
    entryNames: '[name]',
    outExtension: { '.js': '.mjs' },
    splitting: true, // a part loads only what it needs
    sourcemap: 'linked',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleCli();
