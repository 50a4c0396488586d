import 'server-only';
import { errorOfAnswer, type IngestClient } from '#lib/bus/ingest-client.ts';
import type { Phase } from '#lib/migration/model.ts';

/** A large cluster takes seconds; other clusters may be read before it. */
const TIMEOUT_MS = 60_000;
/** An edit does not wait longer for what it changes: it is told when it is there. */
const SOON_MS = 2000;

/**
 * Has ingest read the evidence of a phase (of all, without one) anew and write it; resolves once it is written. What it found is read from the
 * database then. Throws `ingest-unreachable` when it does not answer, `not-found` for a cluster without a migration, and what ingest says when the
 * reading failed.
 */
export async function evaluateNow(ingest: IngestClient, cluster: string, phase?: Phase, timeoutMs = TIMEOUT_MS): Promise<void> {
  const path = `/clusters/${encodeURIComponent(cluster)}/migration/evaluate`;
  const { status, body } = await ingest.ask(path, phase === undefined ? '' : `?phase=${phase}`, { method: 'POST', timeoutMs });
  if (status >= 400) throw errorOfAnswer(status, body);
}

/** As `evaluateNow` for what may wait: an edit is stored whether or not ingest is there to read it at once, and whoever edits waits `ms` at most. */
export async function evaluateSoon(ingest: IngestClient, cluster: string, phase?: Phase, ms = SOON_MS): Promise<void> {
  await evaluateNow(ingest, cluster, phase, ms).catch(() => {});
}
