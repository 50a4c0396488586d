import type { ComponentProps } from 'react';
import type { Environment } from '#lib/api/common.ts';
import { cx } from './cx.ts';

export type Tone = 'neutral' | 'accent' | 'fwd' | 'drop' | 'audit' | 'redir' | 'error';

const TONES: Record<Tone, string> = {
  neutral: 'bg-hover text-ink-2',
  accent: 'bg-accent-tint text-accent-text',
  fwd: 'bg-fwd-tint text-fwd-text',
  drop: 'bg-drop-tint text-drop-text',
  audit: 'bg-audit-tint text-audit-text',
  redir: 'bg-redir-tint text-redir-text',
  error: 'bg-error-tint text-error-text',
};

/** A small labelled fact, 22 high. A tone of meaning needs its mark inside. */
export function Chip({ tone = 'neutral', className, ...rest }: { tone?: Tone } & ComponentProps<'span'>) {
  return (
    <span
      className={cx(
        'inline-flex h-5.5 max-w-full items-center gap-1.5 rounded-sm px-2 text-12 font-label whitespace-nowrap',
        TONES[tone],
        className,
      )}
      {...rest}
    />
  );
}

/** The environment, told by weight and never by hue: DEV outline, TST tint, PRD solid. */
export function EnvironmentTag({ environment }: { environment: Environment }) {
  return (
    <span
      className={cx(
        'inline-flex h-4.5 shrink-0 items-center rounded-sm border px-1.5 text-12 font-title',
        environment === 'DEV' && 'border-control-line text-ink-2',
        environment === 'TST' && 'border-line-strong bg-hover text-ink',
        environment === 'PRD' && 'border-solid bg-solid text-on-solid',
      )}
    >
      {environment}
    </span>
  );
}

/** Says that a cluster is played by the built-in demo relay. */
export function DemoTag() {
  return (
    <span className="inline-flex h-4.5 shrink-0 items-center rounded-sm border border-dashed border-control-line px-1.5 text-12 font-label text-ink-2">
      Demo
    </span>
  );
}
