import 'server-only';
import type { IngestClient } from '#lib/bus/ingest-client.ts';
import { pingDatabase } from '#lib/db/client.ts';

export interface Readiness {
  readonly ready: boolean;
  /** `ok`, or `does not answer`. */
  readonly database: string;
  readonly ingest: string;
}

/** Whether what the console needs answers. Says which does not, and no more: anybody may ask. */
export async function checkReadiness(ingest: IngestClient): Promise<Readiness> {
  const [database, pipeline] = await Promise.all([
    pingDatabase().then(() => true, no),
    ingest.ask('/clusters', '', { timeoutMs: 3000 }).then(({ status }) => status === 200, no),
  ]);
  const word = (answers: boolean) => (answers ? 'ok' : 'does not answer');
  return { ready: database && pipeline, database: word(database), ingest: word(pipeline) };
}

const no = () => false;
