import type { ReactNode } from 'react';
import { cx } from '#components/ui/cx.ts';
import { BACKGROUND, type ChartTone, STROKE } from './tones.ts';

/** What the lines of a chart are. */
export const Legend = ({ children }: { children: ReactNode }) => (
  <ul className="flex flex-wrap items-center gap-x-3 gap-y-1 text-12 text-ink-2">{children}</ul>
);

/** One entry: a line, a filled area, or the dashed line of the period compared with. */
export function LegendItem({
  look,
  tone = 'trace',
  children,
}: {
  look: 'line' | 'area' | 'before';
  tone?: ChartTone;
  children: ReactNode;
}) {
  return (
    <li className="flex items-center gap-1.5 whitespace-nowrap">
      {look === 'area' ? (
        <span aria-hidden="true" className={cx('h-2.5 w-3.5 rounded-sm opacity-40', BACKGROUND[tone])} />
      ) : (
        <svg width="16" height="4" aria-hidden="true">
          <line
            x1="0"
            x2="16"
            y1="2"
            y2="2"
            strokeWidth={look === 'line' ? 2 : 1.4}
            strokeDasharray={look === 'before' ? '3 2.5' : undefined}
            className={look === 'before' ? 'stroke-before' : STROKE[tone]}
          />
        </svg>
      )}
      {children}
    </li>
  );
}
