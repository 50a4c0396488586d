import type { FlowLogsImport } from '#lib/api/flow-logs.ts';
import { visibleText } from '#lib/flow/text.ts';
import { exact } from '#components/ui/format.ts';

/** The first lines that could not be read, with their places and reasons. */
export function BrokenLines({ broken, total }: { broken: FlowLogsImport['broken']; total: number }) {
  if (broken.length === 0) return null;
  return (
    <ul aria-label="Broken lines" className="flex flex-col gap-1 text-12">
      {broken.map(({ line, reason }) => (
        <li key={`${line} ${reason}`} className="wrap-anywhere text-ink-2">
          <span className="num font-label text-ink">line {exact(line)}</span> {visibleText(reason)}
        </li>
      ))}
      {total > broken.length && <li className="text-ink-3">and {exact(total - broken.length)} more</li>}
    </ul>
  );
}
