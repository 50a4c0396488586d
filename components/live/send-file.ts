import { Problem } from '#lib/api/common.ts';
import { ApiFailure, type Schema } from './api.ts';

export interface SendProgress {
  readonly sentBytes: number;
  readonly totalBytes: number;
}

/**
 * Sends a file as it lies on disk, telling how much of it is on its way: `XMLHttpRequest`, since `fetch` tells nothing of what was sent.
 * Resolves to the answer read by `schema`; throws `ApiFailure`, or an `AbortError` when `signal` stopped it.
 */
export function sendFile<T>(url: string, schema: Schema<T>, request: SendRequest): Promise<T> {
  const { method, body, headers, signal, onProgress } = request;
  return new Promise((resolve, reject) => {
    const http = new XMLHttpRequest();
    http.open(method, url);
    for (const [name, value] of Object.entries(headers)) http.setRequestHeader(name, value);
    http.upload.addEventListener('progress', ({ loaded, total }) =>
      onProgress({ sentBytes: loaded, totalBytes: total || body.size }),
    );
    http.addEventListener('load', () => {
      const answer = parseJson(http.responseText);
      const parsed = schema.safeParse(answer);
      if (http.status < 400 && parsed.success) return resolve(parsed.data);
      const problem = Problem.safeParse(answer);
      return reject(new ApiFailure(problem.success ? problem.data : unreadable(http.status)));
    });
    http.addEventListener('error', () => reject(new ApiFailure(CUT_OFF)));
    const stop = () => {
      http.abort();
      reject(new DOMException('Upload stopped', 'AbortError'));
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    http.send(body);
  });
}
interface SendRequest {
  readonly method: 'POST' | 'PUT';
  readonly body: Blob;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: SendProgress) => void;
}

/** Whether a file is compressed, by its type or its name. */
export const isGzip = ({ name, type }: Pick<File, 'name' | 'type'>): boolean =>
  /^application\/(x-)?gzip$/.test(type) || /\.(gz|gzip)$/i.test(name);

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
