'use client';
import { useEffect, useRef, useState } from 'react';
import type { Problem } from '#lib/api/common.ts';
import type { UploadReport } from '#lib/api/policies.ts';
import { visibleText } from '#lib/flow/text.ts';
import { problemOf } from '#components/live/api.ts';
import { Sending } from '#components/live/Sending.tsx';
import type { SendProgress } from '#components/live/send-file.ts';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { DropFiles } from '#components/ui/DropFiles.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { chosenFiles, uploadObjects } from './upload-objects.ts';

const PRINT =
  'kubectl get ns,nodes,pods,svc,endpointslices,networkpolicies,cnp,ccnp,ciliumidentities,ciliumendpoints,ciliumcidrgroups -A -o yaml > objects.yaml';

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'sending'; readonly name: string; readonly progress: SendProgress; readonly stop: () => void }
  | { readonly kind: 'done'; readonly name: string; readonly report: UploadReport }
  | { readonly kind: 'refused'; readonly problem: Problem; readonly files: readonly File[] };

/** Takes what `kubectl get` printed, by choosing or dropping files. All of it is taken or none. */
export function UploadObjects({ api, onUploaded }: { api: string; onUploaded: () => void }) {
  const [state, setState] = useState<State>({ kind: 'idle' });
  const stopOnLeave = useRef<() => void>(undefined);
  useEffect(() => () => stopOnLeave.current?.(), []);

  const send = async (files: readonly File[]) => {
    const chosen = chosenFiles(files);
    if (!chosen.ok) {
      const problem = {
        type: '/problems/bad-file',
        title: 'these files cannot be sent together',
        status: 0,
        detail: chosen.problem,
      };
      return setState({ kind: 'refused', problem, files });
    }
    const abort = new AbortController();
    const stop = () => abort.abort();
    stopOnLeave.current = stop;
    const show = (progress: SendProgress) => setState({ kind: 'sending', name: chosen.name, progress, stop });
    show({ sentBytes: 0, totalBytes: chosen.body.size });
    try {
      const report = await uploadObjects(api, chosen, abort.signal, show);
      setState({ kind: 'done', name: chosen.name, report });
      onUploaded();
    } catch (error) {
      if (abort.signal.aborted) setState({ kind: 'idle' });
      else setState({ kind: 'refused', problem: problemOf(error), files });
    }
  };
  return (
    <DropFiles
      action="Choose files"
      label="Files of objects"
      note="or drop them here: YAML or JSON as kubectl prints it, plain or gzip. They replace what was uploaded before. Secrets are not needed."
      accept=".yaml,.yml,.json,.gz"
      multiple
      busy={state.kind === 'sending'}
      onFiles={(files) => void send(files)}
      className="p-3"
    >
      <div className="flex items-start gap-2">
        <CopyButton text={PRINT} label="Copy the kubectl command that prints them" look="quiet" />
        <code className="min-w-0 font-mono text-12 wrap-anywhere text-ink-2">{PRINT}</code>
      </div>
      <Outcome state={state} onRetry={(files) => void send(files)} />
    </DropFiles>
  );
}

function Outcome({ state, onRetry }: { state: State; onRetry: (files: readonly File[]) => void }) {
  switch (state.kind) {
    case 'idle':
      return null;
    case 'sending':
      return <Sending name={state.name} progress={state.progress} reading="reading the objects" stop={state.stop} />;
    case 'done':
      return <Taken name={state.name} report={state.report} />;
    case 'refused':
      return <Failed problem={state.problem} onRetry={() => onRetry(state.files)} className="p-0" />;
  }
}

/** What was taken, and which policies of it have something wrong: those are shown among the others as not in force. */
function Taken({ name, report }: { name: string; report: UploadReport }) {
  const objects = Object.entries(report.objects).filter(([, count]) => count > 0);
  return (
    <div className="flex flex-col gap-2 text-13">
      <output className="flex items-baseline gap-2">
        <Mark name="pass" />
        <span>
          {exact(report.policies)} {report.policies === 1 ? 'policy' : 'policies'} of {visibleText(name)} taken
          {objects.length > 0 && (
            <span className="block text-12 text-ink-3">
              {objects.map(([kind, count]) => `${exact(count)} ${visibleText(kind)}`).join(', ')}
            </span>
          )}
        </span>
      </output>
      {report.problems.length > 0 && (
        <ul className="flex flex-col gap-1.5 text-12" aria-label="Problems of the upload">
          {report.problems.slice(0, 20).map(({ policy, message, line }) => (
            <li key={`${policy} ${message} ${line ?? ''}`} className="grid grid-cols-[12px_minmax(0,1fr)] items-baseline gap-x-2">
              <Mark name="advice" />
              <span className="wrap-anywhere">
                {policy !== '' && <span className="font-mono">{visibleText(policy)} </span>}
                {visibleText(message)}
                {line !== undefined && <span className="text-ink-3"> (line {exact(line)})</span>}
              </span>
            </li>
          ))}
          {report.problems.length > 20 && <li className="text-ink-3">and {exact(report.problems.length - 20)} more</li>}
        </ul>
      )}
    </div>
  );
}
