import 'server-only';
import { parentPort, workerData } from 'node:worker_threads';
import { readDocuments } from './documents.ts';

// The thread of `readDocumentsAside`: reads one text and ends.
parentPort?.postMessage(readDocuments(workerData as string));
