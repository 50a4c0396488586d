'use client';
import type { ReactNode } from 'react';
import type { Problem } from '#lib/api/common.ts';
import { Button } from './Button.tsx';
import { CopyButton } from './CopyButton.tsx';
import { cx } from './cx.ts';
import { Mark } from './Mark.tsx';
import { Time } from './Time.tsx';

/** The three faces of a view that has no fresh data to show; the fourth, loading, is `Skeleton.tsx`. */

/** Nothing to show: why, and the one command or button that fills it. */
export function Empty({ title, children, action, className }: FaceProps) {
  return (
    <div className={cx('flex flex-col items-start gap-2 p-4', className)}>
      <p className="text-13 font-title">{title}</p>
      {children !== undefined && <div className="max-w-prose text-13 text-ink-2">{children}</div>}
      {action !== undefined && <div className="mt-1 flex flex-wrap gap-2">{action}</div>}
    </div>
  );
}
interface FaceProps {
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
}

/** It failed: what, since when, try again, the request id to copy. A refusal (403) says what is missing instead. */
export function Failed({ problem, since, onRetry, className }: FailedProps) {
  const refused = problem.status === 403;
  // Some problems have nothing to add to their title.
  const more = problem.detail !== undefined && bare(problem.detail) !== bare(problem.title) ? problem.detail : '';
  return (
    <div role="alert" className={cx('flex flex-col items-start gap-2 p-4', className)}>
      <p className="flex items-center gap-2 text-13 font-title">
        <Mark name={refused ? 'advice' : 'error'} />
        {refused ? 'You may not see this' : sentence(problem.title)}
      </p>
      <p className="max-w-prose text-13 wrap-anywhere text-ink-2">
        {refused ? (problem.detail ?? 'Your roles do not include it. An administrator can grant them.') : more}
        {since !== undefined && (
          <>
            {' '}
            Since <Time at={since} />.
          </>
        )}
      </p>
      <div className="mt-1 flex flex-wrap gap-2">
        {onRetry && !refused && <Button onClick={onRetry}>Try again</Button>}
        {problem.requestId !== undefined && (
          <CopyButton text={problem.requestId} label="Copy request id">
            <span className="font-mono text-12">{problem.requestId}</span>
          </CopyButton>
        )}
      </div>
    </div>
  );
}
interface FailedProps {
  problem: Problem;
  /** Unix milliseconds of the last answer that was good. */
  since?: number | undefined;
  onRetry?: (() => void) | undefined;
  className?: string;
}

/** What is shown is old: as of when, and what is being done about it. */
export function Stale({ asOf, problem, className }: { asOf: number; problem?: Problem | undefined; className?: string }) {
  return (
    <output className={cx('flex items-center gap-2 px-4 py-2 text-12 text-ink-2', className)}>
      <Mark name="stale" />
      <span>
        As of <Time at={asOf} />. {problem !== undefined && `${sentence(problem.title)}. `}Trying again.
      </span>
    </output>
  );
}

const bare = (text: string) => text.toLowerCase().replace(/[.\s]+$/, '');

const sentence = (title: string) => title.charAt(0).toUpperCase() + title.slice(1);
