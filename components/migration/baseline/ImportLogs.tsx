'use client';
import { useEffect, useId, useRef, useState } from 'react';
import type { Problem } from '#lib/api/common.ts';
import { FlowLogsImport, FlowLogsQuery } from '#lib/api/flow-logs.ts';
import { visibleText } from '#lib/flow/text.ts';
import { problemOf } from '#components/live/api.ts';
import { Sending } from '#components/live/Sending.tsx';
import { type SendProgress, isGzip, sendFile } from '#components/live/send-file.ts';
import { Card } from '#components/ui/Card.tsx';
import { cx } from '#components/ui/cx.ts';
import { DropFiles } from '#components/ui/DropFiles.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { importUrl } from './baseline-view.ts';
import { BrokenLines } from './BrokenLines.tsx';

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'sending'; readonly file: File; readonly progress: SendProgress; readonly stop: () => void }
  | { readonly kind: 'done'; readonly made: FlowLogsImport }
  | { readonly kind: 'failed'; readonly file: File; readonly problem: Problem };

/** Takes a file of AWS VPC Flow Logs, in the default format, with a line of field names, or in a format that is told. */
export function ImportLogs({ api, onImported }: { api: string; onImported: (made: FlowLogsImport | undefined) => void }) {
  const [state, setState] = useState<State>({ kind: 'idle' });
  const [format, setFormat] = useState('');
  const id = useId();
  const stopOnLeave = useRef<() => void>(undefined);
  useEffect(() => () => stopOnLeave.current?.(), []);
  const formatFine = FlowLogsQuery.safeParse({ format }).success;

  const send = async (file: File) => {
    const abort = new AbortController();
    const stop = () => abort.abort();
    stopOnLeave.current = stop;
    const show = (progress: SendProgress) => setState({ kind: 'sending', file, progress, stop });
    show({ sentBytes: 0, totalBytes: file.size });
    try {
      const made = await sendFile(importUrl(api, visibleText(file.name), format), FlowLogsImport, {
        method: 'POST',
        body: file,
        headers: { 'content-type': isGzip(file) ? 'application/gzip' : 'text/plain' },
        signal: abort.signal,
        onProgress: show,
      });
      setState({ kind: 'done', made });
      onImported(made);
    } catch (error) {
      setState(abort.signal.aborted ? { kind: 'idle' } : { kind: 'failed', file, problem: problemOf(error) });
      // It may stand in the list as failed.
      onImported(undefined);
    }
  };
  return (
    <Card title="Import VPC Flow Logs">
      <DropFiles
        action="Choose a file"
        look="primary"
        label="File of VPC Flow Logs"
        note="or drop it here: text or gzip, with or without its line of field names. A file with a broken line is refused as a whole, so that a baseline has no holes."
        accept=".log,.txt,.gz,.csv"
        busy={state.kind === 'sending'}
        onFiles={([file]) => file && formatFine && void send(file)}
        className="p-4"
      >
        <details className="flex flex-col gap-1">
          <summary className="ring-focus min-h-6 w-max max-w-full cursor-pointer rounded-sm text-12 text-ink-2">
            The file has a format of its own and no line of names
          </summary>
          <label htmlFor={id} className="text-12 font-label text-ink-2">
            Fields in their order
          </label>
          <input
            id={id}
            value={format}
            onChange={(event) => setFormat(event.target.value)}
            placeholder="${version} ${srcaddr} ${dstaddr} ${srcport} …"
            autoComplete="off"
            spellCheck={false}
            aria-invalid={!formatFine || undefined}
            aria-describedby={formatFine ? undefined : `${id}-problem`}
            className={cx(inputClass, 'w-full font-mono text-12')}
          />
          {!formatFine && (
            <p id={`${id}-problem`} role="alert" className="text-12 text-drop-text">
              At most 2,000 characters: the names of the fields in their order.
            </p>
          )}
        </details>
        <Outcome state={state} onRetry={(file) => void send(file)} />
      </DropFiles>
    </Card>
  );
}

function Outcome({ state, onRetry }: { state: State; onRetry: (file: File) => void }) {
  switch (state.kind) {
    case 'idle':
      return null;
    case 'sending':
      return <Sending name={state.file.name} progress={state.progress} reading="reading the last lines" stop={state.stop} />;
    case 'done':
      return <Made made={state.made} />;
    case 'failed':
      return <Refused problem={state.problem} onRetry={() => onRetry(state.file)} />;
  }
}

function Made({ made }: { made: FlowLogsImport }) {
  return (
    <div className="flex flex-col gap-2 text-13">
      <output className="flex items-baseline gap-2">
        <Mark name={made.state === 'failed' ? 'fail' : 'pass'} className="translate-y-0.5" />
        <span className="wrap-anywhere">
          {made.state === 'failed'
            ? `${visibleText(made.name)} was not taken: ${visibleText(made.problem)}`
            : `${exact(made.lines.taken)} records of ${visibleText(made.name)} are kept as ${exact(made.tuples)} tuples.`}
        </span>
      </output>
      <BrokenLines broken={made.broken} total={made.lines.broken} />
    </div>
  );
}

/** A refusal names the first line that is wrong, where one is. */
function Refused({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  const line = problem.place?.['line'];
  return (
    <div className="flex flex-col gap-1">
      {line !== undefined && (
        <p className="text-13">
          <span className="font-label">Line {exact(Number(line))}</span>{' '}
          <span className="text-ink-3">is the first that is wrong</span>
        </p>
      )}
      <Failed problem={problem} onRetry={onRetry} className="p-0" />
    </div>
  );
}
