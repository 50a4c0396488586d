import type { ReactNode } from 'react';
import { markShape } from '#components/ui/Mark.tsx';
import { cx } from '#components/ui/cx.ts';
import type { ReachState } from './reach-view.ts';

const ring = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.5 } as const;

/** Each state has a shape of its own; the colour repeats it. */
const DRAWN: Readonly<Record<ReachState, { tone: string; shape: ReactNode }>> = {
  used: { tone: 'text-fwd-text', shape: <circle cx="6" cy="6" r="4" fill="currentColor" /> },
  unused: { tone: 'text-fwd-text', shape: <circle cx="6" cy="6" r="3.6" {...ring} strokeDasharray="2 1.6" /> },
  conditional: {
    tone: 'text-redir-text',
    shape: (
      <>
        <circle cx="6" cy="6" r="4.6" {...ring} />
        <circle cx="6" cy="6" r="1.8" fill="currentColor" />
      </>
    ),
  },
  'denied-tried': { tone: 'text-drop-text', shape: markShape('dropped') },
  'denied-used': { tone: 'text-audit-text', shape: markShape('advice') },
  unknown: { tone: 'text-trace-text', shape: markShape('unknown') },
  denied: { tone: 'text-ink-3', shape: <circle cx="6" cy="6" r="0.9" fill="currentColor" /> },
  'not-judged': { tone: 'text-line-strong', shape: <path d="M3.5 6h5" {...ring} /> },
};

export function ReachMark({ state, size = 12, className }: { state: ReachState; size?: number; className?: string }) {
  const { tone, shape } = DRAWN[state];
  return (
    <svg viewBox="0 0 12 12" width={size} height={size} aria-hidden="true" className={cx('shrink-0', tone, className)}>
      {shape}
    </svg>
  );
}
