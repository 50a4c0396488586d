'use client';
import { useEffect, useRef, useState } from 'react';
import type { Capture } from '#lib/api/captures.ts';
import type { Problem } from '#lib/api/common.ts';
import { visibleText } from '#lib/flow/text.ts';
import { problemOf } from '#components/live/api.ts';
import { Sending } from '#components/live/Sending.tsx';
import type { SendProgress } from '#components/live/send-file.ts';
import { ButtonLink } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { DropFiles } from '#components/ui/DropFiles.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { exact } from '#components/ui/format.ts';
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
  return (
    <Card title="Import flows">
      <DropFiles
        action="Choose a file"
        look="primary"
        label="File of flows"
        note={
          <>
            or drop it here: lines of the flow exporter or of <code className="font-mono">hubble observe -o jsonpb</code>, plain
            or gzip, at most 2,000,000 flows. Headers and query strings with secrets are taken out.
          </>
        }
        accept=".json,.jsonl,.ndjson,.log,.gz"
        busy={state.kind === 'sending'}
        onFiles={([file]) => file && void send(file)}
        className="p-4"
      >
        <Progress state={state} cluster={cluster} onRetry={(file) => void send(file)} />
      </DropFiles>
    </Card>
  );
}

function Progress({ state, cluster, onRetry }: { state: State; cluster: string; onRetry: (file: File) => void }) {
  switch (state.kind) {
    case 'idle':
      return null;
    case 'sending':
      return <Sending name={state.file.name} progress={state.progress} reading="reading the last lines" stop={state.stop} />;
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
