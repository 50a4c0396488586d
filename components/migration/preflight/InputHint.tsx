import type { PreflightReport } from '#lib/api/preflight.ts';
import { visibleText } from '#lib/flow/text.ts';
import { CopyButton } from '#components/ui/CopyButton.tsx';

/** What no file of a person provides here. */
const HERE: Readonly<Partial<Record<PreflightReport['inputs'][number]['name'], string>>> = {
  'target-version': 'the field above',
  version: 'DaemonSets, pods or cilium status tell it',
  relay: 'the relay of the cluster, in Settings',
  flows: 'comes by the relay of the cluster',
};

/** How an input is provided: a command to copy, or where else it comes from. */
export function InputHint({ input }: { input: Pick<PreflightReport['inputs'][number], 'name' | 'hint'> }) {
  const here = HERE[input.name];
  if (here !== undefined) return <span className="text-12 text-ink-3">{here}</span>;
  if (input.hint === '') return null;
  return (
    <span className="flex min-w-0 items-center gap-1">
      <code className="min-w-0 font-mono text-12 wrap-anywhere text-ink-2">{visibleText(input.hint)}</code>
      <CopyButton look="quiet" size="icon" text={input.hint} label={`Copy the command for ${input.name}`} />
    </span>
  );
}
