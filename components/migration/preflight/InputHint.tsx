import type { PreflightReport } from '#lib/api/preflight.ts';
import { visibleText } from '#lib/flow/text.ts';
import { CopyButton } from '#components/ui/CopyButton.tsx';

/** The command that provides an input, to copy. */
export function InputHint({ input }: { input: Pick<PreflightReport['inputs'][number], 'name' | 'hint'> }) {
  if (input.hint === '')
    return input.name === 'target-version' ? <span className="text-12 text-ink-3">the field above</span> : null;
  return (
    <span className="flex min-w-0 items-center gap-1">
      <code className="min-w-0 font-mono text-12 wrap-anywhere text-ink-2">{visibleText(input.hint)}</code>
      <CopyButton look="quiet" size="icon" text={input.hint} label={`Copy the command for ${input.name}`} />
    </span>
  );
}
