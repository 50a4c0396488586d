import type { Capture } from '#lib/api/captures.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { exact } from '#components/ui/format.ts';

/** Lines of the file that could not be read, with place and reason. */
export function BadLines({ capture }: { capture: Capture }) {
  if (capture.badLines === 0) return null;
  const more = capture.badLines - capture.firstBadLines.length;
  return (
    <details className="text-12">
      <summary className="ring-focus flex min-h-6 w-fit items-center gap-2 rounded-sm text-ink-2">
        <Mark name="gap" />
        {exact(capture.badLines)} {capture.badLines === 1 ? 'line' : 'lines'} could not be read
      </summary>
      <ul className="mt-1 ml-5 flex flex-col gap-0.5">
        {capture.firstBadLines.map(({ line, reason }) => (
          <li key={line} className="flex gap-3">
            <span className="num w-20 shrink-0 text-right text-ink-3">line {exact(line)}</span>
            <span className="min-w-0 wrap-anywhere text-ink-2">{visibleText(reason)}</span>
          </li>
        ))}
        {more > 0 && <li className="text-ink-3">and {exact(more)} more</li>}
      </ul>
    </details>
  );
}
