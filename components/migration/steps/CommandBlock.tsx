'use client';
import type { PhaseStep } from '#lib/api/migration.ts';
import { PLACEHOLDERS } from '#lib/migration/plan/commands.ts';
import { visibleLines } from '../visible-lines.ts';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { Mark } from '#components/ui/Mark.tsx';

const WORDS: Readonly<Record<string, string>> = PLACEHOLDERS;

/** Lines for a shell with the cluster's values filled in, and what is still missing in them. */
export function CommandBlock({ command }: { command: PhaseStep['commands'][number] }) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <div className="flex min-h-6 items-center justify-between gap-2">
        <span className="min-w-0 text-12 text-ink-3">{visibleLines(command.title)}</span>
        <CopyButton text={command.text} label={`Copy command: ${command.title}`} look="quiet" size="icon" />
      </div>
      <pre className="rounded-md border border-line bg-sunken px-2.5 py-2 font-mono text-12 wrap-anywhere whitespace-pre-wrap">
        <code>{visibleLines(command.text)}</code>
      </pre>
      {command.missing.length > 0 && (
        <p className="flex items-baseline gap-1.5 text-12 text-ink-2">
          <Mark name="advice" className="translate-y-0.5" />
          <span>
            The console does not know of this cluster:{' '}
            {command.missing.map((name, index) => (
              <span key={name}>
                {index > 0 && '; '}
                <code className="font-mono">{`<${visibleLines(name)}>`}</code>
                {Object.hasOwn(WORDS, name) && `, ${WORDS[name]}`}
              </span>
            ))}
            . Fill it in.
          </span>
        </p>
      )}
    </div>
  );
}
