import type { ReactNode } from 'react';
import type { Verdict } from '#lib/flow/flow.ts';
import { cx } from './cx.ts';

/** Marks that carry meaning, drawn on a 12 x 12 grid so that they keep one optical size beside words. Colour repeats what the shape says. */
export type MarkName =
  | 'forwarded'
  | 'dropped'
  | 'audit'
  | 'redirected'
  | 'error'
  | 'trace'
  | 'pass'
  | 'fail'
  | 'unknown'
  | 'stale'
  | 'gap'
  | 'advice'
  | 'encrypted'
  | 'plaintext'
  | 'same-node';

const stroke = {
  fill: 'none',
  stroke: 'currentColor',
  strokeWidth: 1.9,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const;
const thin = { ...stroke, strokeWidth: 1.2 } as const;
const cross = <path d="M2.4 2.4 9.6 9.6M9.6 2.4 2.4 9.6" {...stroke} strokeWidth={2.1} />;

const DRAWN: Record<MarkName, { tone: string; shape: ReactNode }> = {
  forwarded: { tone: 'text-fwd-text', shape: <circle cx="6" cy="6" r="4" fill="currentColor" /> },
  dropped: { tone: 'text-drop-text', shape: cross },
  audit: {
    tone: 'text-audit-text',
    shape: (
      <>
        <circle cx="6" cy="6" r="4.2" {...stroke} strokeWidth={1.5} />
        <path d="M6 1.8a4.2 4.2 0 0 0 0 8.4z" fill="currentColor" />
      </>
    ),
  },
  redirected: { tone: 'text-redir-text', shape: <path d="M1.5 2v2.6a2 2 0 0 0 2 2h6.6M7.4 3.6l3 3-3 3" {...stroke} /> },
  error: { tone: 'text-error-text', shape: <path d="M6 1.6 11 10.4H1z" fill="currentColor" /> },
  trace: { tone: 'text-trace-text', shape: <circle cx="6" cy="6" r="3.6" {...stroke} strokeWidth={1.6} /> },
  pass: { tone: 'text-fwd-text', shape: <path d="M1.6 6.4 4.6 9.4 10.4 2.8" {...stroke} /> },
  fail: { tone: 'text-drop-text', shape: cross },
  unknown: {
    tone: 'text-trace-text',
    shape: (
      <>
        <path d="M3.7 4a2.3 2.3 0 1 1 3.5 2c-.8.5-1.2.9-1.2 1.6" {...stroke} strokeWidth={1.5} />
        <circle cx="6" cy="10.3" r="0.95" fill="currentColor" />
      </>
    ),
  },
  stale: {
    tone: 'text-audit-text',
    shape: (
      <>
        <circle cx="6" cy="6" r="4.7" {...stroke} strokeWidth={1.5} />
        <path d="M6 3.4V6.1l1.8 1.2" {...stroke} strokeWidth={1.4} />
      </>
    ),
  },
  gap: {
    tone: 'text-audit-text',
    shape: <circle cx="6" cy="6" r="4.5" {...stroke} strokeLinecap="butt" strokeWidth={2} strokeDasharray="2.3 1.234" />,
  },
  advice: {
    tone: 'text-audit-text',
    shape: (
      <>
        <path d="M6 1.4 11.2 10.6H0.8z" {...stroke} strokeWidth={1.3} />
        <path d="M6 4.6v2.7" {...stroke} strokeWidth={1.3} />
        <circle cx="6" cy="9" r="0.75" fill="currentColor" />
      </>
    ),
  },
  encrypted: {
    tone: 'text-fwd-text',
    shape: <path d="M2.4 5.4h7.2v5.2H2.4zM3.9 5.4V3.5a2.1 2.1 0 0 1 4.2 0v1.9" {...thin} />,
  },
  plaintext: {
    tone: 'text-drop-text',
    shape: <path d="M2.4 5.4h7.2v5.2H2.4zM3.9 5.4V3.3a2.1 2.1 0 0 1 4-.9" {...thin} />,
  },
  'same-node': {
    tone: 'text-trace-text',
    shape: <path d="M1.4 5.6 6 1.6l4.6 4M2.7 4.8v5.6h6.6V4.8M5 10.4V7.5h2v2.9" {...thin} />,
  },
};

/** One mark. Beside its word it is decoration; alone give it a `label`. */
export function Mark({ name, label, className, size = 12 }: MarkProps) {
  const { tone, shape } = DRAWN[name];
  return (
    <svg
      viewBox="0 0 12 12"
      width={size}
      height={size}
      className={cx('shrink-0', tone, className)}
      role={label === undefined ? undefined : 'img'}
      aria-label={label}
      aria-hidden={label === undefined ? true : undefined}
    >
      {shape}
    </svg>
  );
}
interface MarkProps {
  name: MarkName;
  label?: string | undefined;
  className?: string | undefined;
  size?: number;
}

/** How a verdict looks: its mark, and the stem of its colour roles (`fwd` for `--fwd-text`, `--fwd-fill`, `--fwd-tint`). */
export const VERDICT_LOOK: Record<Verdict, { mark: MarkName; role: 'fwd' | 'drop' | 'audit' | 'redir' | 'error' | 'trace' }> = {
  FORWARDED: { mark: 'forwarded', role: 'fwd' },
  DROPPED: { mark: 'dropped', role: 'drop' },
  AUDIT: { mark: 'audit', role: 'audit' },
  REDIRECTED: { mark: 'redirected', role: 'redir' },
  ERROR: { mark: 'error', role: 'error' },
  TRACED: { mark: 'trace', role: 'trace' },
  TRANSLATED: { mark: 'trace', role: 'trace' },
  VERDICT_UNKNOWN: { mark: 'unknown', role: 'trace' },
};

/** The inner shape of a mark for use inside another SVG (a glyph on a map line), in `currentColor`. */
export const markShape = (name: MarkName): ReactNode => DRAWN[name].shape;

/** The mark of a verdict; named by it unless a word stands beside it. */
export function VerdictMark({ verdict, bare = false, size = 12 }: { verdict: Verdict; bare?: boolean; size?: number }) {
  return <Mark name={VERDICT_LOOK[verdict].mark} label={bare ? undefined : verdict} size={size} />;
}

const VERDICT_TONE: Record<(typeof VERDICT_LOOK)[Verdict]['role'], string> = {
  fwd: 'text-fwd-text',
  drop: 'text-drop-text',
  audit: 'text-audit-text',
  redir: 'text-redir-text',
  error: 'text-error-text',
  trace: 'text-trace-text',
};

/** Mark and word of a verdict, in its colour. */
export function VerdictText({ verdict, className }: { verdict: Verdict; className?: string }) {
  const { mark, role } = VERDICT_LOOK[verdict];
  return (
    <span className={cx('inline-flex items-center gap-1.5 whitespace-nowrap', VERDICT_TONE[role], className)}>
      <Mark name={mark} />
      {verdict}
    </span>
  );
}
