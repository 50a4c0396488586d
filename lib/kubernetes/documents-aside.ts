import 'server-only';
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { messageOf } from '#lib/errors/errors.ts';
import { type ReadDocuments, readDocuments } from './documents.ts';

/** The bundled thread; beside the bundle. Where it is not (code that runs from its sources) texts are read in place. */
const WORKER_FILE = new URL('./documents-worker.mjs', import.meta.url);

/** Texts up to this size are read faster than a thread is started: JSON by the engine itself, YAML a thousand times slower. */
const SMALL = { json: 1_000_000, yaml: 32_000 };
const MOST_MEMORY_MB = 2048;
const TIMEOUT_MS = 180_000;

/** As `readDocuments`; what would take long is read in a thread of its own, so that flows go on meanwhile. */
export function readDocumentsAside(text: string, workerFile: URL = WORKER_FILE): Promise<ReadDocuments> {
  const small = /^\s*[{[]/.test(text) ? SMALL.json : SMALL.yaml;
  if (text.length <= small || !existsSync(workerFile)) return Promise.resolve(readDocuments(text));
  const worker = new Worker(workerFile, {
    workerData: text,
    name: 'documents',
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  });
  return new Promise((resolve) => {
    const failed = (message: string): void => {
      clearTimeout(timer);
      void worker.terminate();
      resolve({ objects: [], problems: [{ message }] });
    };
    const timer = setTimeout(
      () => failed(`it takes longer than ${TIMEOUT_MS / 1000} s to read; cut it into several files`),
      TIMEOUT_MS,
    );
    worker.once('message', (read: ReadDocuments) => {
      clearTimeout(timer);
      resolve(read);
    });
    worker.once('error', (error: unknown) => failed(`it cannot be read: ${messageOf(error)}`));
    worker.once('exit', () => failed('it cannot be read: the reader ended'));
  });
}
