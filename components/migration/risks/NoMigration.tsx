'use client';
import type { Problem } from '#lib/api/common.ts';
import { useConsole } from '#components/live/use-console.ts';
import { ButtonLink } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Empty, Failed } from '#components/ui/Faces.tsx';

/** What stands where a migration has nothing to show: none has begun for this cluster, or reading it failed. */
export function NoMigration({ title, problem, onRetry }: { title: string; problem: Problem; onRetry: () => void }) {
  const { hrefOf } = useConsole();
  return (
    <Card flush title={title}>
      {problem.status === 404 ? (
        <Empty title="No migration has begun" action={<ButtonLink href={hrefOf('migration')}>Open the plan</ButtonLink>}>
          This cluster belongs to none yet. An administrator begins one on the page of the plan.
        </Empty>
      ) : (
        <Failed problem={problem} onRetry={onRetry} />
      )}
    </Card>
  );
}
