import { cx } from '#components/ui/cx.ts';

const FILLED = { none: 0, low: 1, medium: 2, high: 3 } as const;
export type ShownLevel = keyof typeof FILLED;

/** How much: three bars, as many filled as the level, and its word. Ink only: hues belong to verdicts. */
export function LevelWord({ level, className }: { level: ShownLevel; className?: string }) {
  return (
    <span className={cx('inline-flex items-center gap-1.5 whitespace-nowrap', level === 'none' && 'text-ink-3', className)}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" className="shrink-0 text-ink-2">
        {[0, 1, 2].map((bar) => (
          <rect
            key={bar}
            x={bar * 4 + 0.5}
            y={7.5 - bar * 3}
            width="3"
            height={4 + bar * 3}
            fill={bar < FILLED[level] ? 'currentColor' : 'none'}
            stroke="currentColor"
            strokeWidth="0.8"
          />
        ))}
      </svg>
      {level}
    </span>
  );
}
