import 'server-only';
import type { IngestClient } from '#lib/bus/ingest-client.ts';

/** Has ingest read the table of clusters now. Where it cannot be told, it finds the change by itself within seconds. */
export async function tellIngest(ingest: IngestClient): Promise<void> {
  await ingest.ask('/reload', '', { method: 'POST', timeoutMs: 2000 }).catch(() => {});
}
