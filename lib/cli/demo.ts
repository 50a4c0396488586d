import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDemo } from '#lib/demo/demo.ts';
import { runPart } from './supervise.ts';

/**
 * The demo relays as a part of `up`: says their addresses, serves until told to stop. With `objects`, a folder, each cluster's Kubernetes objects are
 * written into a folder of its own there, as kubectl would print them.
 */
export function serveDemo({ seed, objects, calm = false }: DemoPartOptions): Promise<void> {
  return runPart(async () => {
    const demo = await startDemo({ calm, ...(seed !== undefined && { seed }) });
    const clusters = demo.clusters.map(({ objects: items, ...cluster }) => ({
      ...cluster,
      ...(objects !== undefined && { objects: writeObjects(join(objects, cluster.id), items) }),
    }));
    return { said: { clusters }, close: () => demo.close() };
  });
}

interface DemoPartOptions {
  readonly seed?: number;
  readonly objects?: string;
  readonly calm?: boolean;
}

/** Written aside and moved into place: whoever reads the folder never sees half a file. */
function writeObjects(folder: string, items: readonly object[]): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'objects.json');
  writeFileSync(`${file}.part`, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  renameSync(`${file}.part`, file);
  return folder;
}
