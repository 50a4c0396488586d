'use client';
import { Upload } from 'lucide-react';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import type { Capture } from '#lib/api/captures.ts';
import type { Problem } from '#lib/api/common.ts';
import { visibleText } from '#lib/flow/text.ts';
import { problemOf } from '#components/live/api.ts';
import type { SendProgress } from '#components/live/send-file.ts';
import { Button, ButtonLink } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { bytes, exact, percent } from '#components/ui/format.ts';
import { cx } from '#components/ui/cx.ts';
import { uploadCapture } from './capture-api.ts';
import { BadLines } from './BadLines.tsx';

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'sending'; readonly file: File; readonly progress: SendProgress; readonly stop: () => void }
  | { readonly kind: 'done'; readonly capture: Capture }
  | { readonly kind: 'failed'; readonly file: File; readonly problem: Problem };

/** Imports a file of exporter or `hubble observe -o jsonpb` lines, plain or gzip. */
export function ImportFile({ cluster, onImported }: { cluster: string; onImported: () => void }) {
  const [state, setState] = useState<State>({ kind: 'idle' });
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const stopOnLeave = useRef<() => void>(undefined);
  useEffect(() => () => stopOnLeave.current?.(), []);

  const send = async (file: File) => {
    const abort = new AbortController();
    const stop = () => abort.abort();
    stopOnLeave.current = stop;
    const show = (progress: SendProgress) => setState({ kind: 'sending', file, progress, stop });
    show({ sentBytes: 0, totalBytes: file.size });
    try {
      const capture = await uploadCapture(cluster, file, abort.signal, show);
      setState({ kind: 'done', capture });
      onImported();
    } catch (error) {
      if (abort.signal.aborted) setState({ kind: 'idle' });
      else setState({ kind: 'failed', file, problem: problemOf(error) });
    }
  };
  const take = (files: FileList | null) => {
    const [file] = files ?? [];
    if (file && state.kind !== 'sending') void send(file);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  return (
    <Card title="Import flows">
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
        className={cx(
          'flex flex-col gap-3 rounded-md border border-dashed p-4',
          over ? 'border-accent bg-accent-tint' : 'border-line-strong',
        )}
      >
        <div className="flex flex-wrap items-center gap-3">
          <Button look="primary" disabled={state.kind === 'sending'} onClick={() => input.current?.click()}>
            <Upload size={14} aria-hidden="true" />
            Choose a file
          </Button>
          <p className="min-w-0 flex-1 text-12 text-ink-3 max-md:basis-full">
            or drop it here: lines of the flow exporter or of <code className="font-mono">hubble observe -o jsonpb</code>, plain
            or gzip, at most 2,000,000 flows. Headers and query strings with secrets are taken out.
          </p>
          <input
            ref={input}
            type="file"
            className="sr-only"
            tabIndex={-1}
            aria-label="File of flows"
            accept=".json,.jsonl,.ndjson,.log,.gz"
            onChange={(event) => {
              take(event.target.files);
              event.target.value = '';
            }}
          />
        </div>
        <Progress state={state} cluster={cluster} onRetry={(file) => void send(file)} />
      </div>
    </Card>
  );
}

function Progress({ state, cluster, onRetry }: { state: State; cluster: string; onRetry: (file: File) => void }) {
  switch (state.kind) {
    case 'idle':
      return null;
    case 'sending': {
      const { file, progress, stop } = state;
      const sent = progress.sentBytes >= progress.totalBytes;
      return (
        <div className="flex flex-wrap items-center gap-3 text-12">
          <span className="font-mono wrap-anywhere">{file.name}</span>
          <progress
            aria-label={`Sending ${file.name}`}
            value={sent ? undefined : progress.sentBytes}
            max={progress.totalBytes}
            className="h-2 min-w-40 flex-1 accent-(--accent)"
          />
          <span className="num">
            {sent
              ? 'reading the last lines'
              : `${bytes(progress.sentBytes)} of ${bytes(progress.totalBytes)}, ${percent(progress.sentBytes, progress.totalBytes) ?? '0 %'}`}
          </span>
          <Button size="sm" onClick={stop}>
            Stop
          </Button>
        </div>
      );
    }
    case 'done': {
      const { capture } = state;
      return (
        <div className="flex flex-col items-start gap-2 text-13">
          <output className="flex items-center gap-2">
            <Mark name={capture.state === 'failed' ? 'error' : 'pass'} />
            {capture.state === 'failed'
              ? visibleText(capture.note)
              : `${exact(capture.flows)} flows of ${visibleText(capture.name)} are kept.`}
          </output>
          <BadLines capture={capture} />
          {capture.state === 'complete' && (
            <ButtonLink size="sm" href={`/c/${encodeURIComponent(cluster)}/flows?capture=${encodeURIComponent(capture.id)}`}>
              Open
            </ButtonLink>
          )}
        </div>
      );
    }
    case 'failed':
      return <Failed problem={state.problem} onRetry={() => onRetry(state.file)} className="p-0" />;
  }
}
