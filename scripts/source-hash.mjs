// Identifies what the web build was made from, so that `causeway up` knows whether it has to build.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const INPUTS = [
  'app',
  'components',
  'lib',
  'prisma/schema',
  'public',
  'package-lock.json',
  'next.config.mjs',
  'postcss.config.mjs',
  'proxy.ts',
  'instrumentation.ts',
  'tsconfig.json',
];

export function sourceHash(root) {
  const hash = createHash('sha256');
  const files = INPUTS.flatMap((input) => {
    const path = join(root, input);
    if (!existsSync(path)) return [];
    if (/\.[a-z]+$/.test(input)) return [path];
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name) && !/generated|lib\/cli/.test(entry.parentPath))
      .map((entry) => join(entry.parentPath, entry.name));
  });
  for (const file of files.toSorted((a, b) => (a < b ? -1 : 1)))
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file));
  return hash.digest('hex');
}
