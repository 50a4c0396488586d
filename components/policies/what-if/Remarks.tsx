'use client';
import { visibleText } from '#lib/flow/text.ts';
import { Mark, type MarkName } from '#components/ui/Mark.tsx';
import { Skeleton } from '#components/ui/Skeleton.tsx';
import { type Remark, countWords, sortRemarks } from './remarks.ts';

const MARKS: Readonly<Record<Remark['severity'], MarkName>> = { error: 'fail', warning: 'advice', note: 'trace' };

/** Below the text: what would be refused and what is probably not meant; a press goes to the line. */
export function Remarks({ remarks, onGo }: { remarks: readonly Remark[] | undefined; onGo: (remark: Remark) => void }) {
  return (
    <section aria-labelledby="remarks" className="border-t border-line">
      <header className="flex min-h-8 items-center gap-2 px-4 py-1.5">
        <h2 id="remarks" className="text-14 font-title">
          Lint
        </h2>
        <output className="text-12 text-ink-3">{remarks ? countWords(remarks) : <Skeleton className="w-32" />}</output>
      </header>
      <ul className="max-h-[min(14rem,22dvh)] overflow-y-auto">
        {sortRemarks(remarks ?? []).map((remark) => (
          <li key={remark.id} className="border-t border-line">
            <button
              type="button"
              onClick={() => onGo(remark)}
              className="ring-focus flex w-full gap-2.5 px-4 py-2 text-left hover:bg-hover"
            >
              <Mark name={MARKS[remark.severity]} label={remark.severity} className="mt-1" />
              <span className="min-w-0">
                <span className="block text-13 wrap-anywhere">
                  {remark.line !== undefined && <span className="font-label">Line {remark.line}: </span>}
                  {visibleText(remark.message)}
                </span>
                {remark.why !== '' && <span className="block text-12 wrap-anywhere text-ink-3">{visibleText(remark.why)}</span>}
                <span className="sr-only">, rule {remark.rule}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
