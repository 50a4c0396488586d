import { Capture, type CaptureInput } from '#lib/api/captures.ts';
import { NO_BODY, callApi } from '#components/live/api.ts';
import { type SendProgress, isGzip, sendFile } from '#components/live/send-file.ts';

/** The writes of the Captures panel. Each resolves to what was made or throws `ApiFailure` with the server's own words. */

export const capturesUrl = (cluster: string) => `/api/v1/clusters/${encodeURIComponent(cluster)}/captures`;

export const captureUrl = (cluster: string, id: string) => `${capturesUrl(cluster)}/${encodeURIComponent(id)}`;

/** Records what matches `input.filter`: from the ring now, or live for `input.seconds`. */
export async function recordCapture(cluster: string, input: CaptureInput): Promise<Capture> {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const { body } = await callApi(capturesUrl(cluster), Capture, { method: 'POST', headers, json: input });
  return body;
}

export async function deleteCapture(cluster: string, id: string): Promise<void> {
  await callApi(captureUrl(cluster, id), NO_BODY, { method: 'DELETE' });
}

/**
 * Sends a file of exporter lines, plain or gzip, as it lies on disk. Aborting `signal` stops it; the server keeps nothing of a file that did
 * not arrive whole.
 */
export function uploadCapture(
  cluster: string,
  file: File,
  signal: AbortSignal,
  onProgress: (progress: SendProgress) => void,
): Promise<Capture> {
  const name = file.name.slice(0, 100) || 'import';
  return sendFile(`${capturesUrl(cluster)}?${new URLSearchParams({ name })}`, Capture, {
    method: 'POST',
    body: file,
    headers: {
      'content-type': isGzip(file) ? 'application/gzip' : 'application/x-ndjson',
      'idempotency-key': crypto.randomUUID(),
    },
    signal,
    onProgress,
  });
}
