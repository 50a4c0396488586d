'use client';
import { useEffect, useRef, useState } from 'react';
import type { Problem } from '#lib/api/common.ts';
import { EvidenceUpload } from '#lib/api/migration.ts';
import type { UploadKind } from '#lib/migration/model.ts';
import { problemOf } from '#components/live/api.ts';
import { type SendProgress, sendFile } from '#components/live/send-file.ts';
import { Sending } from '#components/live/Sending.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { DropFiles } from '#components/ui/DropFiles.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { bytes } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { migrationApi } from '../use-migration.ts';
import { visibleLine } from '../visible-lines.ts';
import { MOST_BYTES, UPLOAD_WORDS, mediaTypeOf } from './upload-kinds.ts';

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'sending'; readonly name: string; readonly progress: SendProgress; readonly stop: () => void }
  | { readonly kind: 'done'; readonly uploads: readonly EvidenceUpload[] }
  | { readonly kind: 'refused'; readonly name: string; readonly problem: Problem; readonly files: readonly File[] };

/** Takes evidence files, one after the other; each is read whole or refused. With one kind the file is taken as that, else it is found out. */
export function UploadEvidence({ cluster, kinds, onUploaded }: UploadEvidenceProps) {
  const [state, setState] = useState<State>({ kind: 'idle' });
  const [chosen, setChosen] = useState<UploadKind | ''>(kinds.length === 1 ? (kinds[0] ?? '') : '');
  const leave = useRef<() => void>(undefined);
  useEffect(() => () => leave.current?.(), []);

  const send = async (files: readonly File[]) => {
    const abort = new AbortController();
    const stop = () => abort.abort();
    leave.current = stop;
    const done: EvidenceUpload[] = [];
    for (const file of files) {
      const show = (progress: SendProgress) => setState({ kind: 'sending', name: file.name, progress, stop });
      show({ sentBytes: 0, totalBytes: file.size });
      try {
        if (file.size > MOST_BYTES) {
          const detail = `It has ${bytes(file.size)}; a file may have ${bytes(MOST_BYTES)}, also packed with gzip.`;
          return setState({
            kind: 'refused',
            name: file.name,
            files: [],
            problem: { type: '/problems/too-large', title: 'the file is too large', status: 0, detail },
          });
        }
        const query = new URLSearchParams({ ...(chosen !== '' && { kind: chosen }), name: file.name.slice(0, 100) });
        done.push(
          await sendFile(`${migrationApi(cluster)}/uploads?${query}`, EvidenceUpload, {
            method: 'POST',
            body: file,
            headers: { 'content-type': mediaTypeOf(file.name) },
            signal: abort.signal,
            onProgress: show,
          }),
        );
      } catch (error) {
        if (abort.signal.aborted) return setState({ kind: 'idle' });
        const rest = files.slice(done.length);
        if (done.length > 0) onUploaded();
        return setState({ kind: 'refused', name: file.name, problem: problemOf(error), files: rest });
      }
    }
    setState({ kind: 'done', uploads: done });
    onUploaded();
  };
  const hinted = chosen === '' ? (kinds.length <= 2 ? kinds : []) : [chosen];
  return (
    <DropFiles
      action="Choose files"
      label="Evidence files"
      note="or drop them here, plain or gzip, up to 30 MB each. A newer file takes the place of the one of its kind."
      accept=".yaml,.yml,.json,.xml,.conf,.txt,.gz"
      multiple
      busy={state.kind === 'sending'}
      onFiles={(files) => void send(files)}
      className="p-3"
    >
      {kinds.length > 1 && (
        <label className="flex flex-wrap items-center gap-2 text-12 text-ink-2">
          What it is
          <select
            value={chosen}
            onChange={(event) => setChosen(kinds.find((kind) => kind === event.target.value) ?? '')}
            className={inputClass}
          >
            <option value="">found out from the content</option>
            {kinds.map((kind) => (
              <option key={kind} value={kind}>
                {UPLOAD_WORDS[kind].name}
              </option>
            ))}
          </select>
        </label>
      )}
      {hinted.map((kind) => (
        <div key={kind} className="flex items-start gap-2">
          <CopyButton
            text={UPLOAD_WORDS[kind].command}
            label={`Copy the command that makes it: ${UPLOAD_WORDS[kind].name}`}
            look="quiet"
          />
          <span className="min-w-0 text-12 text-ink-3">
            {UPLOAD_WORDS[kind].name}
            <code className="block font-mono wrap-anywhere text-ink-2">{UPLOAD_WORDS[kind].command}</code>
          </span>
        </div>
      ))}
      {state.kind === 'sending' && (
        <Sending name={state.name} progress={state.progress} reading="reading the file" stop={state.stop} />
      )}
      {state.kind === 'done' && (
        <output className="flex flex-col gap-1 text-13">
          {state.uploads.map((upload) => (
            <span key={upload.id} className="flex items-baseline gap-2">
              <Mark name="pass" className="translate-y-0.5" />
              <span className="min-w-0 wrap-anywhere">
                {visibleLine(upload.fileName)} taken as {UPLOAD_WORDS[upload.kind].name}: {visibleLine(upload.summary)}
              </span>
            </span>
          ))}
        </output>
      )}
      {state.kind === 'refused' && (
        <div className="flex flex-col gap-1">
          <p className="font-mono text-12 wrap-anywhere">{visibleLine(state.name)}</p>
          <Failed
            problem={state.problem}
            onRetry={state.files.length > 0 ? () => void send(state.files) : undefined}
            className="p-0"
          />
        </div>
      )}
    </DropFiles>
  );
}
interface UploadEvidenceProps {
  cluster: string;
  /** Kinds of which one is wanted. */
  kinds: readonly UploadKind[];
  onUploaded: () => void;
}
