'use client';
import type { Problem } from '#lib/api/common.ts';
import { visibleText } from '#lib/flow/text.ts';
import { useConsole } from '#components/live/use-console.ts';
import { ButtonLink } from '#components/ui/Button.tsx';
import { Empty, Failed } from '#components/ui/Faces.tsx';

/** Nothing was judged: because the policies of the cluster are not known, which is no failure and has a remedy, or because it failed. */
export function JudgeFailed({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  const view = useConsole();
  if (problem.type !== '/problems/not-configured') return <Failed problem={problem} onRetry={onRetry} />;
  return (
    <Empty
      title="The policies of this cluster are not known, so nothing can be judged"
      action={<ButtonLink href={view.hrefOf('policies')}>Give the console its objects</ButtonLink>}
    >
      {problem.detail !== undefined && visibleText(problem.detail)}
    </Empty>
  );
}
