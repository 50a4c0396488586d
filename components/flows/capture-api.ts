import { Capture, type CaptureInput } from '#lib/api/captures.ts';
import { Problem } from '#lib/api/common.ts';
import { ApiFailure, NO_BODY, callApi } from '#components/live/api.ts';

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

export interface UploadProgress {
  readonly sentBytes: number;
  readonly totalBytes: number;
}

/**
 * Sends a file of exporter lines, plain or gzip, as it lies on disk. `XMLHttpRequest`, since `fetch` tells nothing of what was sent.
 * Aborting `signal` stops it; the server keeps nothing of a file that did not arrive whole.
 */
export function uploadCapture(
  cluster: string,
  file: File,
  signal: AbortSignal,
  onProgress: (progress: UploadProgress) => void,
): Promise<Capture> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const name = file.name.slice(0, 100) || 'import';
    request.open('POST', `${capturesUrl(cluster)}?${new URLSearchParams({ name })}`);
    request.setRequestHeader('content-type', isGzip(file) ? 'application/gzip' : 'application/x-ndjson');
    request.setRequestHeader('idempotency-key', crypto.randomUUID());
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      onProgress({ sentBytes: loaded, totalBytes: total || file.size }),
    );
    request.addEventListener('load', () => {
      const body = parseJson(request.responseText);
      const capture = Capture.safeParse(body);
      if (request.status < 400 && capture.success) return resolve(capture.data);
      const problem = Problem.safeParse(body);
      return reject(new ApiFailure(problem.success ? problem.data : unreadable(request.status)));
    });
    request.addEventListener('error', () => reject(new ApiFailure(CUT_OFF)));
    const stop = () => {
      request.abort();
      reject(new DOMException('Upload stopped', 'AbortError'));
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    request.send(file);
  });
}

const isGzip = ({ name, type }: File) => /^application\/(x-)?gzip$/.test(type) || /\.(gz|gzip)$/i.test(name);

const CUT_OFF: Problem = {
  type: '/problems/offline',
  title: 'the connection was lost while the file was sent',
  status: 0,
  detail: 'Nothing of the file was kept. Send it again.',
};

const unreadable = (status: number): Problem => ({
  type: '/problems/unexpected-answer',
  title: `the console answered with status ${status}`,
  status,
  detail: 'Page and server may be of different versions. Reload the page.',
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
