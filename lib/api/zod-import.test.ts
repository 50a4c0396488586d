import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

// Browsers load these. `import { z }` takes the whole library with its forty languages along (64 kB compressed); the namespace does not.
const files = ['lib/api', 'components'].flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).map((file) => join(root, file)),
);

test('what browsers load imports zod as a namespace, so that a bundler leaves out what is not used', () => {
  const sources = files.filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file));
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.filter((file) => /import \{[^}]*\bz\b[^}]*\} from 'zod'/.test(readFileSync(file, 'utf8')))).toEqual([]);
});
