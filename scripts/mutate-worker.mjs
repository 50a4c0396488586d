// Runs the vectors against one bundled engine after another; says whether one of them disagrees.
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/** The smaller files first: most mutants are noticed by them. */
const files = workerData.vectorFiles
  .map((file) => readFileSync(file, 'utf8'))
  .toSorted((a, b) => a.length - b.length)
  .map((text) => JSON.parse(text));

parentPort.on('message', async (bundle) => {
  try {
    const { compareVectorFile } = await import(bundle);
    parentPort.postMessage(files.some((file) => compareVectorFile(file).disagreements.length > 0));
  } catch {
    parentPort.postMessage(true);
  }
});
