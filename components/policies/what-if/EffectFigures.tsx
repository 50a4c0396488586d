import type { WhatIfReport } from '#lib/api/what-if.ts';
import { Mark, type MarkName } from '#components/ui/Mark.tsx';
import { exact } from '#components/ui/format.ts';
import { cx } from '#components/ui/cx.ts';
import { unchangedWords } from './effect-words.ts';

/** The four figures: every tuple is in exactly one of them. */
export function EffectFigures({ report }: { report: WhatIfReport }) {
  return (
    <dl className="grid grid-cols-2 border-b border-line xl:grid-cols-4">
      <Figure mark="dropped" tone="text-drop-text" name="Newly denied" {...report.newlyDenied} />
      <Figure mark="forwarded" tone="text-fwd-text" name="Newly allowed" {...report.newlyAllowed} />
      <Figure mark="unknown" tone="text-ink-2" name="Unknown" {...report.unknown} />
      <Figure name="Unchanged" {...report.unchanged} below={unchangedWords(report)} />
    </dl>
  );
}

function Figure({ mark, tone, name, tuples, flows, below }: FigureProps) {
  return (
    <div className="flex min-h-22.5 flex-col justify-center border-line px-4 py-3 not-last:border-r max-xl:nth-2:border-r-0 max-xl:nth-[-n+2]:border-b">
      <dt className={cx('flex items-center gap-2 text-13', tone)}>
        {mark !== undefined && <Mark name={mark} />}
        {name}
      </dt>
      <dd className="flex items-baseline gap-2">
        <span className="text-20 font-title">{exact(tuples)}</span>
        <span className="text-12 text-ink-3">{tuples === 1 ? 'tuple' : 'tuples'}</span>
      </dd>
      <dd className="text-12 text-ink-3">{below ?? `${exact(flows)} flows`}</dd>
    </div>
  );
}
interface FigureProps {
  mark?: MarkName;
  tone?: string;
  name: string;
  tuples: number;
  flows: number;
  /** In place of the count of flows. */
  below?: string;
}
