'use client';
import type { ReactNode } from 'react';
import { cx } from '#components/ui/cx.ts';
import { Failed, Stale } from '#components/ui/Faces.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import type { ApiState } from './use-api.ts';

/** The right face for what was asked: skeleton, failure, or the content, grey and with a word about its age when newer answers fail. */
export function Loaded<T>({ state, skeleton, children }: LoadedProps<T>) {
  const { data, error, staleSince, changing, reload } = state;
  if (data === undefined) return error ? <Failed problem={error} onRetry={reload} /> : (skeleton ?? <SkeletonRows />);
  return (
    <>
      {staleSince !== undefined && <Stale asOf={staleSince} problem={error} />}
      <div className={cx('contents', (staleSince !== undefined || changing) && '*:stale')}>{children(data)}</div>
    </>
  );
}
interface LoadedProps<T> {
  state: ApiState<T>;
  /** In the layout of what is to come; rows of a table unless given. */
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}
