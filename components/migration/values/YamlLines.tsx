'use client';
import { ScrollArea } from '#components/ui/ScrollArea.tsx';
import { YamlLine } from '#components/policies/YamlLine.tsx';
import { cx } from '#components/ui/cx.ts';
import { linesOf } from '#components/policies/policy/policy-lines.ts';
import { placeholderLines } from './values-view.ts';

/** YAML to read and copy, numbered; lines that still lack a fact of the cluster are marked. */
export function YamlLines({ yaml, label, missing }: { yaml: string; label: string; missing: readonly string[] }) {
  const lines = linesOf(yaml);
  const lacking = placeholderLines(lines, missing);
  return (
    <ScrollArea label={label}>
      <ol aria-label={label} className="w-max min-w-full py-1.5 font-mono text-12 leading-4.5 text-code-str">
        {lines.map((line, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- a line is its place
          <li key={index} className={cx('flex h-4.5', lacking.has(index) && 'bg-audit-tint')}>
            <span aria-hidden="true" className="w-10 shrink-0 pr-2 text-right text-ink-3 select-none">
              {index + 1}
            </span>
            <code className="flex-1 pr-4 whitespace-pre">
              <YamlLine line={line} />
              {lacking.has(index) && <span className="sr-only"> (a fact is missing)</span>}
            </code>
          </li>
        ))}
      </ol>
    </ScrollArea>
  );
}
