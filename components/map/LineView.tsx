import { cx } from '#components/ui/cx.ts';
import { type DrawnLine, labelSize } from './drawn-line.ts';
import { Glyph, LOOK_STROKE } from './Glyph.tsx';

export type LineState = 'plain' | 'selected' | 'dimmed' | 'hovered';

const DASH = { solid: undefined, dashed: '6 4', dotted: '1.5 4' } as const;

/** One line: halo when selected, one stroke or two, head, mark; the label only on hover and selection. */
export function LineView({ drawn, state }: { drawn: DrawnLine; state: LineState }) {
  const { look, paths, head, spine, width, mark, label, labelAt } = drawn;
  const active = state === 'selected' || state === 'hovered';
  // While something is selected the rest goes back; drops and audits less, so that they stay in sight.
  const opacity = state === 'dimmed' ? (look.loud ? 0.75 : 0.3) : state === 'plain' && look.tone === 'trace' ? 0.8 : 1;
  return (
    <g opacity={opacity} className={cx('fill-none', LOOK_STROKE[look.tone])} strokeLinejoin="round">
      {state === 'selected' && (
        <path d={spine} className="stroke-accent" strokeWidth={width + 11} strokeOpacity="0.2" strokeLinecap="round" />
      )}
      {paths.map((path) => (
        <path
          key={path}
          d={path}
          strokeWidth={active ? width + 0.4 : width}
          strokeDasharray={DASH[look.dash]}
          strokeLinecap={look.dash === 'dotted' ? 'round' : 'butt'}
        />
      ))}
      <path d={head} strokeWidth={Math.max(width, 1.4)} strokeLinecap="round" />
      <g stroke="none">
        {active ? (
          <Label text={label} x={labelAt.x} y={labelAt.y} filled={state === 'selected'} />
        ) : (
          <Glyph look={look} at={mark} />
        )}
      </g>
    </g>
  );
}

function Label({ text, x, y, filled }: { text: string; x: number; y: number; filled: boolean }) {
  const { width, height } = labelSize(text);
  return (
    <g transform={`translate(${x} ${y})`}>
      <rect
        x={-width / 2}
        y={-height / 2}
        width={width}
        height={height}
        rx={4}
        className={filled ? 'fill-accent' : 'fill-surface stroke-line-strong'}
      />
      <text textAnchor="middle" y={4.2} className={cx('font-mono text-12', filled ? 'fill-on-accent' : 'fill-ink')}>
        {text}
      </text>
    </g>
  );
}
