import { UploadReport } from '#lib/api/policies.ts';
import { type SendProgress, isGzip, sendFile } from '#components/live/send-file.ts';

/** What a person chose, made one body: what `kubectl get -o yaml` or `-o json` printed, in one file or many. */
export type Chosen =
  | { readonly ok: true; readonly body: Blob; readonly type: string; readonly name: string }
  | { readonly ok: false; readonly problem: string };

/** Many files are sent as the documents of one; a compressed file cannot be joined to others. */
export function chosenFiles(files: readonly File[]): Chosen {
  const [first] = files;
  if (!first) return { ok: false, problem: 'No file was chosen.' };
  if (files.length === 1) return { ok: true, body: first, type: typeOf(first), name: first.name };
  const packed = files.find(isGzip);
  if (packed) return { ok: false, problem: `${packed.name} is compressed: send it alone, or the files of it unpacked.` };
  // JSON is YAML, so that documents of both can stand in one text.
  const body = new Blob(files.flatMap((file) => [file, '\n---\n']));
  return { ok: true, body, type: 'application/yaml', name: `${files.length} files` };
}

const typeOf = (file: File) =>
  isGzip(file) ? 'application/gzip' : /\.json$/i.test(file.name) ? 'application/json' : 'application/yaml';

/** Puts the objects of a cluster in the place of those uploaded before. Throws `ApiFailure`; then nothing of them is taken. */
export const uploadObjects = (
  api: string,
  { body, type }: { body: Blob; type: string },
  signal: AbortSignal,
  onProgress: (progress: SendProgress) => void,
): Promise<UploadReport> =>
  sendFile(`${api}/policies/source`, UploadReport, {
    method: 'PUT',
    body,
    headers: { 'content-type': type },
    signal,
    onProgress,
  });
