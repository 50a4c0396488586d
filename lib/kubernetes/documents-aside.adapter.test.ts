import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { bundledWorker } from '#lib/testing/judge-worker.ts';
import { readDocumentsAside } from './documents-aside.ts';
import { readDocuments } from './documents.ts';

let worker: URL;
beforeAll(async () => {
  worker = await bundledWorker('lib/kubernetes/documents-worker.ts');
});

const one = readFileSync('deploy/ingest.yaml', 'utf8');
const big = Array.from({ length: 60 }, () => one).join('\n---\n');

test('a large text is read in a thread: the same objects, and this one goes on', async () => {
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 5);
  const read = await readDocumentsAside(big, worker);
  clearInterval(timer);
  expect(read).toEqual(readDocuments(big));
  expect(read.objects).toHaveLength(180);
  expect(ticks).toBeGreaterThan(10);
});

test('what is wrong in it is told as always', async () => {
  const { objects, problems } = await readDocumentsAside(`${big}\n---\nkind: [`, worker);
  expect(objects).toEqual([]);
  expect(problems[0]?.line).toBeGreaterThan(1000);
});

test('a reader that dies is a problem with a reason, not a silence', async () => {
  const file = join(tmpdir(), `dying-reader-${process.pid}.mjs`);
  writeFileSync(file, 'process.exit(3)');
  const { problems } = await readDocumentsAside(big, pathToFileURL(file));
  rmSync(file);
  expect(problems).toEqual([{ message: 'it cannot be read: the reader ended' }]);
});
