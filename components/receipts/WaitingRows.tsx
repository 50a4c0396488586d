import { exact } from '#components/ui/format.ts';

/** Rows that are newer than those shown wait behind this, so that nothing moves under the pointer. `more`: there are more than those counted. */
export function WaitingRows({ rows: { waiting, more = false, release } }: WaitingRowsProps) {
  if (waiting === 0) return null;
  const show = () => {
    document.getElementById('content')?.scrollTo({ top: 0 });
    release();
  };
  return (
    <button
      type="button"
      onClick={show}
      className="ring-focus sticky top-0 z-10 flex h-9 w-full items-center justify-center gap-2 border-b border-line bg-accent-tint px-4 text-12 font-label text-accent-text md:h-7"
    >
      <span className="num">
        {exact(waiting)}
        {more && ' or more'}
      </span>{' '}
      new, waiting while you read
    </button>
  );
}

interface WaitingRowsProps {
  rows: { readonly waiting: number; readonly more?: boolean; readonly release: () => void };
}
