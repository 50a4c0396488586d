'use client';
import { useEffect, useRef, useState } from 'react';
import type { Problem } from '#lib/api/common.ts';
import { EvidenceUpload } from '#lib/api/migration.ts';
import { visibleText } from '#lib/flow/text.ts';
import { problemOf } from '#components/live/api.ts';
import { Sending } from '#components/live/Sending.tsx';
import { type SendProgress, isGzip, sendFile } from '#components/live/send-file.ts';
import { DropFiles } from '#components/ui/DropFiles.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'sending'; readonly file: File; readonly progress: SendProgress; readonly stop: () => void }
  | { readonly kind: 'done'; readonly upload: EvidenceUpload }
  | { readonly kind: 'failed'; readonly file: File; readonly problem: Problem };

/** Takes a file that is missing: what it is, the console finds out from its content. It replaces the one of its kind before. */
export function UploadInput({ api, onUploaded }: { api: string; onUploaded: () => void }) {
  const [state, setState] = useState<State>({ kind: 'idle' });
  const stopOnLeave = useRef<() => void>(undefined);
  useEffect(() => () => stopOnLeave.current?.(), []);

  const send = async (file: File) => {
    const abort = new AbortController();
    const stop = () => abort.abort();
    stopOnLeave.current = stop;
    const show = (progress: SendProgress) => setState({ kind: 'sending', file, progress, stop });
    show({ sentBytes: 0, totalBytes: file.size });
    try {
      const url = `${api}/migration/uploads?name=${encodeURIComponent(visibleText(file.name).slice(0, 100))}`;
      const headers = { 'content-type': typeOf(file) };
      const upload = await sendFile(url, EvidenceUpload, {
        method: 'POST',
        body: file,
        headers,
        signal: abort.signal,
        onProgress: show,
      });
      setState({ kind: 'done', upload });
      onUploaded();
    } catch (error) {
      setState(abort.signal.aborted ? { kind: 'idle' } : { kind: 'failed', file, problem: problemOf(error) });
    }
  };
  return (
    <DropFiles
      action="Upload a file"
      label="File of evidence"
      note="or drop it here, plain or gzip, at most 30 MB. What it is the console finds out; it replaces the one of its kind before."
      accept=".yaml,.yml,.json,.xml,.conf,.txt,.gz"
      busy={state.kind === 'sending'}
      onFiles={([file]) => file && void send(file)}
      className="p-3"
    >
      <Outcome state={state} onRetry={(file) => void send(file)} />
    </DropFiles>
  );
}

function Outcome({ state, onRetry }: { state: State; onRetry: (file: File) => void }) {
  switch (state.kind) {
    case 'idle':
      return null;
    case 'sending':
      return <Sending name={state.file.name} progress={state.progress} reading="reading the file" stop={state.stop} />;
    case 'done':
      return (
        <output className="flex items-baseline gap-2 text-13">
          <Mark name="pass" />
          <span className="wrap-anywhere">
            {visibleText(state.upload.fileName)} is kept as {state.upload.kind}: {visibleText(state.upload.summary)}
          </span>
        </output>
      );
    case 'failed':
      return <Failed problem={state.problem} onRetry={() => onRetry(state.file)} className="p-0" />;
  }
}

/** By the name, so that the console need not guess; it looks at the content all the same. */
function typeOf(file: File): string {
  if (isGzip(file)) return 'application/gzip';
  if (/\.json$/i.test(file.name)) return 'application/json';
  if (/\.ya?ml$/i.test(file.name)) return 'application/yaml';
  return /\.xml$/i.test(file.name) ? 'application/xml' : 'text/plain';
}
