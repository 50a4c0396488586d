import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { FOR_NODE } from '../../scripts/bundle.mjs';

const FOLDER = join('node_modules', '.cache', 'causeway-test');

/** A thread of ours as a file that `new Worker` takes: bundled, its packages left where they are. */
export async function bundledWorker(source = 'lib/ingest/judge/worker.ts'): Promise<URL> {
  mkdirSync(FOLDER, { recursive: true });
  const outfile = join(FOLDER, `${source.replaceAll(/[/.]/g, '-')}-${process.pid}.mjs`);
  await build({ ...FOR_NODE, entryPoints: [source], outfile });
  return pathToFileURL(outfile);
}
