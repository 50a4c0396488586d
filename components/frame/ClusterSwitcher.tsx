'use client';
import { ChevronDown, ChevronsUpDown } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { Cluster } from '#lib/api/clusters.ts';
import { buttonClass } from '#components/ui/Button.tsx';
import { DemoTag, EnvironmentTag } from '#components/ui/Chip.tsx';
import { cx } from '#components/ui/cx.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Popover } from '#components/ui/Popover.tsx';

/** Which cluster is looked at, with its environment by weight, and the way to another one. */
export function ClusterSwitcher({
  clusters,
  current,
  page,
}: {
  clusters: readonly Cluster[];
  current: Cluster | undefined;
  page: string;
}) {
  const [open, setOpen] = useState(false);
  const router = useRouter();
  const go = (id: string) => {
    setOpen(false);
    router.push(`/c/${encodeURIComponent(id)}/${page}`);
  };
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      label="Clusters"
      className="min-w-72 p-1"
      trigger={
        <button
          type="button"
          className={cx(
            buttonClass('plain'),
            'min-w-0 shrink border-transparent bg-transparent px-1 md:border-line-strong md:bg-surface md:px-2',
          )}
        >
          <span className="sr-only">Cluster: </span>
          {current ? (
            <>
              <EnvironmentTag environment={current.environment} />
              <span className="truncate text-14 md:text-13">{current.name}</span>
              {current.demo && <DemoTag />}
            </>
          ) : (
            'Choose a cluster'
          )}
          <ChevronsUpDown size={14} aria-hidden="true" className="hidden text-ink-3 md:block" />
          <ChevronDown size={16} aria-hidden="true" className="text-ink-3 md:hidden" />
        </button>
      }
    >
      {clusters.length === 0 && <p className="p-3 text-ink-2">No cluster is set up, or none that you may see.</p>}
      <ul>
        {clusters.map((cluster) => (
          <li key={cluster.id}>
            <button
              type="button"
              aria-current={cluster.id === current?.id ? 'true' : undefined}
              onClick={() => go(cluster.id)}
              className={cx(
                'ring-focus flex w-full items-center gap-2 rounded-sm px-2 py-1.5 text-left hover:bg-hover',
                cluster.id === current?.id && 'bg-hover',
              )}
            >
              <span className="w-10">
                <EnvironmentTag environment={cluster.environment} />
              </span>
              <span className="flex-1 font-label">{cluster.name}</span>
              {cluster.demo && <DemoTag />}
              <span className="flex items-center gap-1 text-12 text-ink-3" title={cluster.stateDetail || undefined}>
                <Mark name={cluster.state === 'live' ? 'pass' : cluster.state === 'failed' ? 'fail' : 'stale'} />
                {cluster.state}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Popover>
  );
}
