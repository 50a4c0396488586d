import type { ReactNode } from 'react';
import { type MarkName, markShape } from '#components/ui/Mark.tsx';
import { pillText } from './drawn-line.ts';
import { SHARE_PILL } from './measures.ts';
import type { Point } from './model.ts';
import type { LineLook, LookMark, LookTone } from './overlays.ts';

export const LOOK_STROKE: Readonly<Record<LookTone, string>> = {
  fwd: 'stroke-fwd-fill',
  drop: 'stroke-drop-fill',
  audit: 'stroke-audit-fill',
  redir: 'stroke-redir-fill',
  error: 'stroke-error-fill',
  trace: 'stroke-trace-fill',
  ink: 'stroke-ink',
};
const MARK_TEXT: Readonly<Record<LookMark, string>> = {
  dropped: 'text-drop-text',
  audit: 'text-audit-text',
  error: 'text-error-text',
  encrypted: 'text-fwd-text',
  plaintext: 'text-drop-text',
  'same-node': 'text-trace-text',
  unknown: 'text-trace-text',
  pass: 'text-fwd-text',
  new: 'text-ink',
  gone: 'text-ink',
  changed: 'text-ink',
};

const stroke = {
  fill: 'none',
  stroke: 'currentColor',
  strokeWidth: 1.6,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const;
const CHANGE: Readonly<Record<string, ReactNode>> = {
  new: <path d="M6 2v8M2 6h8" {...stroke} />,
  gone: <path d="M2 6h8" {...stroke} />,
  changed: <path d="M3.5 9V3M1.5 5l2-2 2 2M8.5 3v6M6.5 7l2 2 2-2" {...stroke} strokeWidth={1.3} />,
};
const shapeOf = (mark: LookMark): ReactNode => CHANGE[mark] ?? markShape(mark as MarkName);

/** The mark in the middle of a line: in a circle, or with its share in a pill. */
export function Glyph({ look, at }: { look: LineLook; at: Point }) {
  const { mark, pill } = look;
  if (mark === undefined) return null;
  const tone = MARK_TEXT[mark];
  if (pill === undefined) {
    return (
      <g transform={`translate(${at.x} ${at.y})`} className={tone}>
        <circle r="8" className="fill-surface" stroke="currentColor" strokeWidth="1.2" />
        <g transform="translate(-4.5 -4.5) scale(0.75)">{shapeOf(mark)}</g>
      </g>
    );
  }
  const text = pillText(pill);
  const width = SHARE_PILL.widthOf(text);
  return (
    <g transform={`translate(${at.x} ${at.y})`} className={tone}>
      <rect
        x={-width / 2}
        y="-9"
        width={width}
        height="18"
        rx="9"
        className="fill-surface"
        stroke="currentColor"
        strokeWidth="1.2"
      />
      <g transform={`translate(${5 - width / 2} -4.5) scale(0.75)`}>{shapeOf(mark)}</g>
      <text x={16.5 - width / 2} y="4.2" className="fill-current text-12">
        {text}
      </text>
    </g>
  );
}

/** The mark alone, for legends and tables. */
export function LookMarkIcon({ mark }: { mark: LookMark }) {
  return (
    <svg viewBox="0 0 12 12" width={12} height={12} aria-hidden="true" className={MARK_TEXT[mark]}>
      {shapeOf(mark)}
    </svg>
  );
}
